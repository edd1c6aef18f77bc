import { type CaseResult, failures, summary } from "../faults/report";
import { mustMatch, settings } from "../faults/sample";
import { drawCrashes } from "./draw";
import { runCrashes } from "./matrix";
import { methods } from "./method";

jest.setTimeout(1_800_000);

const { seed, only = "" } = settings;
const drawn = drawCrashes(seed);
mustMatch(drawn.map(({ name }) => name));
const crashes = drawn.filter(({ name }) => name.includes(only));

test("each way down comes up three times at least, with checkpoints and without, and no moment twice", () => {
  const count = (all: string[]) => all.map((one) => all.filter((other) => other === one).length);
  const pairs = drawn.map(({ method, checkpoints }) => `${method.name} ${checkpoints}`);
  expect(drawn).toHaveLength(50);
  expect(new Set(pairs).size).toBe(methods.length * 2);
  expect(Math.min(...count(pairs))).toBeGreaterThanOrEqual(3);
  const inside = drawn.flatMap(({ version, moment }) => ("request" in moment ? `${version} ${moment.request}` : []));
  expect(Math.max(...count(inside))).toBe(1);
});

// Processes are found in /proc.
(process.platform === "linux" ? describe : describe.skip)("pulumi up, crashed", () => {
  let results: CaseResult[] = [];
  const of = (part: string) => results.filter(({ name }) => name.split(" / ").includes(part));

  beforeAll(async () => {
    results = await runCrashes(crashes);
  });

  afterAll(() => {
    const played = results.filter(({ name }) => !name.startsWith("no crash"));
    process.stderr.write(`${summary(["crash matrix", "crashes"], played, seed)}\n`);
  });

  test("without a crash all is well", () => {
    expect(of("no crash").length).toBeGreaterThan(0);
    expect(failures(of("no crash"))).toEqual([]);
  });

  test.each(methods)("$name: the next run ends well", ({ name }) => {
    expect(failures(of(name), `--crash --seed ${seed} `)).toEqual([]);
    expect(of(name)).toHaveLength(crashes.filter(({ method }) => method.name === name).length);
  });
});
