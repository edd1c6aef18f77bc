import { kindNames } from "../../provider/registry";
import { type MatrixResult, runMatrix } from "./matrix";
import { failures, summary } from "./report";
import { mustMatch, sampleOf, settings } from "./sample";

jest.setTimeout(3_600_000);

const { full, seed, only } = settings;

let matrix: MatrixResult | undefined;

beforeAll(async () => {
  const sampled = sampleOf(seed);
  matrix = await runMatrix({ keep: (name) => (only === undefined ? full || sampled(name) : name.includes(only)) });
});

afterAll(() => {
  if (matrix !== undefined) process.stderr.write(`${summary(["fault matrix", "cases"], matrix.results, seed)}\n`);
});

test.each(kindNames)("%s: whatever fails, and wherever, ends well", (kind) => {
  const results = matrix?.results.filter(({ name }) => name.startsWith(`${kind} / `)) ?? [];
  expect(failures(results, `--seed ${seed} `)).toEqual([]);
  expect(results.length).toBeGreaterThan(0);
});

test("something was tested", () => {
  mustMatch(matrix?.results.map(({ name }) => name) ?? []);
});

test("no host outlives the matrix", () => {
  expect(matrix?.processes.left).toBe(0);
});
