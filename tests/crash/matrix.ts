import { each, attempt } from "../faults/lanes";
import { type CaseResult } from "../faults/report";
import { type Crash } from "./draw";
import { Lane } from "./lane";
import { judge } from "./oracle";
import { type Outcome, playClean, playCrash } from "./play";
import { booksAfter, type Version } from "./program";

export interface CrashOptions {
  /** Of the package; the repository where left out. */
  packageFolder?: string;
  /** Crashes at a time. */
  lanes?: number;
  /** Versions to run without a crash, in their order; those that the crashes need where left out. */
  versions?: Version[];
}

/** Plays crashes of the real engine and all that follows each; versions without a crash are cases too. */
export async function runCrashes(
  crashes: Crash[],
  { packageFolder, lanes = 3, versions = versionsOf(crashes) }: CrashOptions = {},
): Promise<CaseResult[]> {
  const open: Lane[] = [];
  try {
    const chains = chained(crashes);
    while (open.length < Math.max(1, Math.min(lanes, chains.length))) open.push(await Lane.open(packageFolder));
    const [first] = open;
    if (first === undefined) return [];
    const clean = new Map<Version, Outcome>();
    for (const version of versions) clean.set(version, await playClean(first, version));
    const results: CaseResult[] = [...clean].map(([version, outcome]) => ({
      name: `no crash / ${version}`,
      verdict: judge(outcome, outcome, booksAfter(version)),
    }));
    await each(open, chains, async (lane, chain) => {
      results.push(...(await playChain(lane, chain, clean)));
    });
    return results;
  } finally {
    await Promise.all(open.map((lane) => lane.close()));
  }
}

/** The new version goes on from what a crash of the old one left; where there is none, or it did harm, from a run without a crash. */
async function playChain(lane: Lane, chain: Crash[], clean: Map<Version, Outcome>): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  lane.reset();
  let stands = false;
  for (const crash of chain) {
    if (crash.version === "new" && !stands) {
      lane.reset();
      await playClean(lane, "old");
    }
    const verdict = await attempt(async () => {
      const same = clean.get(crash.version);
      if (same === undefined) throw new Error(`nothing to compare ${crash.version} with`);
      return judge(await playCrash(lane, crash, same.requests), same, booksAfter(crash.version));
    });
    lane.endLeftovers();
    stands = verdict.problems.length === 0;
    results.push({ name: crash.name, verdict });
  }
  return results;
}

/** A new version is played right after the old one before it. */
function chained(crashes: Crash[]): Crash[][] {
  const chains: Crash[][] = [];
  for (const crash of crashes) {
    const last = chains.at(-1);
    if (crash.version === "new" && last?.length === 1 && last[0]?.version === "old") last.push(crash);
    else chains.push([crash]);
  }
  return chains;
}

function versionsOf(crashes: Crash[]): Version[] {
  return crashes.some(({ version }) => version === "new") ? ["old", "new"] : ["old"];
}
