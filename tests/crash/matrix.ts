import { each, attempt } from "../faults/lanes";
import { type CaseResult } from "../faults/report";
import { type Crash, drawCrashes } from "./draw";
import { Lane } from "./lane";
import { judge } from "./oracle";
import { type Outcome, playClean, playCrash } from "./play";
import { type Version } from "./program";

export interface CrashOptions {
  seed: string;
  /** Crashes to play, given their names. */
  keep: (name: string) => boolean;
  /** Of the package; the repository where left out. */
  packageFolder?: string;
  /** Crashes at a time. */
  lanes?: number;
}

/** Plays crashes of the real engine, and all that follows each. */
export async function runCrashes({ seed, keep, packageFolder, lanes = 3 }: CrashOptions): Promise<CaseResult[]> {
  const open: Lane[] = [];
  try {
    const pairs = pairsOf(drawCrashes(seed)).filter((pair) => pair.some(({ name }) => keep(name)));
    while (open.length < Math.min(lanes, pairs.length)) open.push(await Lane.open(packageFolder));
    const [first] = open;
    if (first === undefined) return [];
    first.reset();
    const clean = { old: await playClean(first, "old"), new: await playClean(first, "new") };
    const results: CaseResult[] = Object.entries(clean).map(([version, outcome]) => ({
      name: `no crash / ${version}`,
      verdict: judge(outcome, outcome),
    }));
    await each(open, pairs, async (lane, pair) => {
      results.push(...(await playPair(lane, pair, clean, keep)));
    });
    return results;
  } finally {
    await Promise.all(open.map((lane) => lane.close()));
  }
}

/** A version, and the one that comes after it: where a crash is left out, or did harm, the next begins with a run without one. */
async function playPair(
  lane: Lane,
  pair: Crash[],
  clean: Record<Version, Outcome>,
  keep: (name: string) => boolean,
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  lane.reset();
  for (const crash of pair) {
    if (!keep(crash.name)) {
      await playClean(lane, crash.version);
      continue;
    }
    const verdict = await attempt(async () =>
      judge(await playCrash(lane, crash, clean[crash.version].requests), clean[crash.version]),
    );
    results.push({ name: crash.name, verdict });
    if (verdict.problems.length > 0 && crash !== pair.at(-1)) {
      lane.endLeftovers();
      lane.reset();
      await playClean(lane, crash.version);
    }
  }
  lane.endLeftovers();
  return results;
}

function pairsOf(crashes: Crash[]): Crash[][] {
  return crashes.flatMap((_, index) => (index % 2 === 0 ? [crashes.slice(index, index + 2)] : []));
}
