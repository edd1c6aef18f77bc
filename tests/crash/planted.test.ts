import { defects, withPlanted } from "../faults/planted";
import { type CaseResult } from "../faults/report";
import { type Crash } from "./draw";
import { runCrashes } from "./matrix";
import { methods } from "./method";
import { type Version } from "./program";

jest.setTimeout(300_000);

// The harness itself: what nobody would notice here, nobody would notice in the provider.

/** All is made, and nothing of it in state. */
const crash: Crash = {
  name: "everything is lost",
  version: "old",
  method: methods.find(({ name }) => name === "all killed at once") ?? fail("there is no such method"),
  checkpoints: false,
  moment: { request: 0.95, fate: "done" },
};

(process.platform === "linux" ? describe : describe.skip)("planted in the provider", () => {
  const runs: { planted: string[]; crashes: Crash[]; versions: Version[] }[] = [
    { planted: ["a random key for creates"], crashes: [crash], versions: ["old"] },
    { planted: ["a random key for creates", "no look-up by stamp"], crashes: [crash], versions: ["old"] },
    { planted: ["a create sent twice"], crashes: [], versions: ["old"] },
    { planted: ["nothing is ended"], crashes: [], versions: ["old", "new"] },
  ];
  let results: CaseResult[][] = [];

  beforeAll(async () => {
    results = await Promise.all(
      runs.map(({ planted, crashes, versions }) =>
        withPlanted(
          defects.filter(({ name }) => planted.includes(name)),
          (packageFolder) => runCrashes(crashes, { packageFolder, versions, lanes: 1 }),
        ),
      ),
    );
  });

  test("a webhook secret that can't be recalled is caught", () => {
    expect(problems(results[0], "no crash / old")).toBe("");
    expect(problems(results[0], crash.name)).toMatch(/not recovered: [^]*Stripe told its secret only then/);
  });

  test("a second object for a resource is caught", () => {
    expect(problems(results[1], "no crash / old")).toBe("");
    expect(problems(results[1], crash.name)).toMatch(/duplicate: \d+ objects were made in place of/);
  });

  test("a second object is caught without a crash too", () => {
    expect(problems(results[2], "no crash / old")).toMatch(/duplicate: \d+ objects were made in place of/);
  });

  test("what is never ended is caught without a crash too", () => {
    expect(problems(results[3], "no crash / old")).toBe("");
    expect(problems(results[3], "no crash / new")).toMatch(/orphan: at Stripe\n {2}there: .*alive/);
  });
});

function problems(results: CaseResult[] = [], name: string): string {
  const of = results.find((result) => result.name === name) ?? fail(`nothing of ${name}`);
  return of.verdict.problems.map(({ harm, text }) => `${harm}: ${text}`).join("\n");
}

function fail(what: string): never {
  throw new Error(what);
}
