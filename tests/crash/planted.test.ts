import { defects, withPlanted } from "../faults/planted";
import { type CaseResult } from "../faults/report";
import { type Crash } from "./draw";
import { runCrashes } from "./matrix";
import { methods } from "./method";

jest.setTimeout(300_000);

// The harness itself: what nobody would notice here, nobody would notice in the provider.

/** All is made, and nothing of it in state. */
const crash: Crash = {
  name: "everything is lost",
  version: "old",
  method: methods.find(({ name }) => name === "all killed at once") ?? fail(),
  checkpoints: false,
  moment: { request: 0.95, fate: "done" },
};

(process.platform === "linux" ? describe : describe.skip)("planted in the provider", () => {
  const sets = [["a random key for creates"], ["a random key for creates", "no look-up by stamp"]];
  let caught: CaseResult[][] = [];

  beforeAll(async () => {
    caught = await Promise.all(
      sets.map((names) => {
        const planted = defects.filter(({ name }) => names.includes(name));
        return withPlanted(planted, (packageFolder) => runCrashes([crash], { packageFolder, lanes: 1 }));
      }),
    );
  });

  test("a webhook secret that can't be recalled is caught", () => {
    expect(problems(caught[0])).toMatch(/not recovered: [^]*Stripe told its secret only then/);
  });

  test("a second object for a resource is caught", () => {
    expect(problems(caught[1])).toMatch(/duplicate: \d+ objects were made in place of/);
  });
});

/** Of the crash alone: without one nothing is noticed. */
function problems(results: CaseResult[] = []): string {
  expect(results.find(({ name }) => name.startsWith("no crash"))?.verdict.problems).toEqual([]);
  const of = results.find(({ name }) => name === crash.name);
  return of?.verdict.problems.map(({ harm, text }) => `${harm}: ${text}`).join("\n") ?? "";
}

function fail(): never {
  throw new Error("there is no such method");
}
