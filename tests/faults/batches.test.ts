import { runBatches } from "./batch/batches";
import { failures, summary } from "./report";
import { isSlow, mustMatch, sampleOf, settings } from "./sample";

jest.setTimeout(3_600_000);

const { full, seed, only } = settings;
const sampled = sampleOf(seed);

test("on the real engine, many resources at once, whatever fails at each of them ends well", async () => {
  // What outlasts a long patience is left to few in a push.
  const keep = (name: string) => full || !isSlow(name) || sampled(name);
  const results = await runBatches(seed, only === undefined ? keep : (name) => name.includes(only));
  process.stderr.write(`${summary(["fault matrix, real engine", "cases"], results, seed)}\n`);
  mustMatch(results.map(({ name }) => name));
  expect(failures(results, `--seed ${seed} `)).toEqual([]);
  expect(results.length).toBeGreaterThan(0);
});
