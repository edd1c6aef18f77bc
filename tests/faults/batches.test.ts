import { runBatches } from "./batch/batches";
import { failures, summary } from "./report";

jest.setTimeout(3_600_000);

const { seed = "1", only } = JSON.parse(process.env.FAULT_MATRIX ?? "{}") as { seed?: string; only?: string };

test("on the real engine, several resources at once, whatever fails at each of them ends well", async () => {
  const results = await runBatches(seed, (name) => only === undefined || name.includes(only));
  process.stderr.write(`${summary({ results }, seed)}\n`);
  expect(failures(results)).toEqual([]);
  expect(results.length).toBeGreaterThan(0);
});
