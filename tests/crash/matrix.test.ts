import { type CaseResult, failures, summary } from "../faults/report";
import { crashes } from "./draw";
import { runCrashes } from "./matrix";
import { methods } from "./method";

jest.setTimeout(1_800_000);

/** Set by `npm run matrix -- --crash`. Each push plays the same crashes, so that one fails only for what it changed. */
const { seed = "1", only } = JSON.parse(process.env.CRASH_MATRIX ?? "{}") as { seed?: string; only?: string };

// Processes are found in /proc.
(process.platform === "linux" ? describe : describe.skip)("pulumi up, crashed", () => {
  let results: CaseResult[] = [];

  beforeAll(async () => {
    results = await runCrashes({ seed, keep: (name) => only === undefined || name.includes(only) });
  });

  afterAll(() => {
    const played = results.filter(({ name }) => !name.startsWith("no crash"));
    process.stderr.write(`${summary(["crash matrix", "crashes"], played, seed)}\n`);
  });

  test.each(["no crash", ...methods.map(({ name }) => name)])("%s: the next run ends well", (method) => {
    const of = results.filter(({ name }) => name.split(" / ").includes(method));
    expect(failures(of, `--crash --seed ${seed} `)).toEqual([]);
    if (only === undefined) expect(of.length).toBeGreaterThan(0);
  });

  test("as many as there should be", () => {
    if (only === undefined) expect(results).toHaveLength(crashes + 2);
  });
});
