/** Tests are transpiled only; types are checked by `npm run check`. */
const project = (name, extra = {}) => ({
  displayName: name,
  testEnvironment: "node",
  testMatch: [`<rootDir>/tests/${name}/**/*.test.ts`],
  transform: { "^.+\\.ts$": ["ts-jest", { tsconfig: "<rootDir>/tsconfig.json", diagnostics: false }] },
  ...extra,
});

module.exports = {
  projects: [
    ...[
      "unit",
      "types",
      "emulator",
      "contract",
      "judges",
      "serialization",
      "faults",
      "crash",
      "leaks",
      "browser",
      "e2e",
    ].map((name) => project(name)),
    project("property", { setupFiles: ["<rootDir>/tests/property/setup.ts"] }),
  ],
};
