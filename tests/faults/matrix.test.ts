import { kindNames } from "../../provider/registry";
import { type MatrixResult, runMatrix } from "./matrix";
import { failures, summary } from "./report";
import { sampleOf } from "./sample";

jest.setTimeout(3_600_000);

/** Set by `npm run matrix`. Each push takes the same sample, so that one fails only for what it changed; other seeds by hand. */
const {
  full = false,
  seed = "1",
  only,
} = JSON.parse(process.env.FAULT_MATRIX ?? "{}") as {
  full?: boolean;
  seed?: string;
  only?: string;
};

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
  expect(failures(results)).toEqual([]);
  expect(results.length).toBeGreaterThan(0);
});

test("no host outlives the matrix", () => {
  expect(matrix?.processes.left).toBe(0);
});
