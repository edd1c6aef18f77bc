/** Tests are transpiled only; types are checked by `npm run check`. */
const project = (name, extra = {}) => ({
  displayName: name,
  testEnvironment: "node",
  testMatch: [`<rootDir>/tests/${name}/**/*.test.ts`],
  transform: { "^.+\\.ts$": ["ts-jest", { tsconfig: "<rootDir>/tsconfig.json", diagnostics: false }] },
  ...extra,
});

/** Whatever an emulator answers in these is judged by what Stripe publishes. */
const judged = {
  globalSetup: "<rootDir>/tests/judges/setup.ts",
  globalTeardown: "<rootDir>/tests/judges/teardown.ts",
  setupFilesAfterEnv: ["<rootDir>/tests/judges/watch.ts"],
};

module.exports = {
  projects: [
    ...["unit", "types", "serialization", "faults", "crash", "leaks"].map((name) => project(name)),
    ...["emulator", "contract", "judges", "browser", "e2e"].map((name) => project(name, judged)),
    project("property", { setupFiles: ["<rootDir>/tests/property/setup.ts"] }),
  ],
};
