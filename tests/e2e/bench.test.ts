import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { declarationOf, kindNames } from "../../provider/registry";
import { repository } from "./exported-project";

jest.setTimeout(300_000);

interface Calls {
  reads: number;
  writes: number;
  refused: number;
}

interface Figures {
  contestants: Record<string, { steps: Record<string, { calls: Calls }>; state?: number }>;
  targets: { what: string; met: boolean }[];
}

const calls = (writes: number, reads: number): { calls: Calls } => ({ calls: { writes, reads, refused: 0 } });

// Its times mean nothing on a machine that does other things; calls and bytes are exact anywhere.
test("the bench runs, and its calls and bytes are what is promised", async () => {
  const n = 20;
  const main = join(repository, "bench", "main.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [main, "--quick", "--n", String(n), "--json"]);
  const { contestants, targets } = JSON.parse(stdout) as Figures;
  const ours = {
    // For the account, and what a lost state may have left.
    create: calls(n, 2),
    "no-op up": calls(0, 0),
    // For the account; a page of the list where there is something to compare or to end.
    update: calls(n, 1),
    refresh: calls(0, 2),
    destroy: calls(n, 2),
  };
  // The account, and a page of each kind that unmanaged objects are looked for of.
  const looked = kindNames.filter((kind) => declarationOf(kind).transient !== true);
  expect(contestants.ours?.steps).toMatchObject({ ...ours, drift: calls(0, 1 + looked.length) });
  expect(contestants["ours, fast mode"]?.steps).toMatchObject(ours);
  expect(contestants.naive?.steps).toMatchObject({
    create: calls(n, 0),
    "no-op up": calls(0, 0),
    update: calls(n, 0),
    refresh: calls(0, n),
    destroy: calls(n, 0),
  });
  const bytes = (name: string) => contestants[name]?.state ?? NaN;
  expect(bytes("ours") / n).toBeLessThan(1_500);
  expect(bytes("ours") / bytes("naive")).toBeLessThan(0.25);
  const exact = targets.filter(({ what }) => /calls|writes|state/.test(what));
  expect(exact.filter(({ met }) => !met)).toEqual([]);
  expect(exact.length).toBeGreaterThanOrEqual(7);
});
