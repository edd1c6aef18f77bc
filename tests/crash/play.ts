import { unwrapped } from "../e2e/workspace";
import { type Values } from "../faults/host";
import { recover } from "../faults/lanes";
import { comparable, type Ledger, wrongSecrets } from "../faults/ledger";
import { type Crash } from "./draw";
import { type EngineRun } from "../faults/engine-run";
import { type Lane } from "./lane";
import { watchFor } from "./moment";
import { declarationOfType, type Version } from "./program";

/** What one `pulumi` command came to. */
export interface Step {
  /** Null where a signal ended it. */
  code: number | null;
  output: string;
  hung: boolean;
}

/** All that became of a crash; of a run without one where `crashed` is left out. */
export interface Outcome {
  crashed?: Step & { at: string | undefined };
  /** The ordinary runs that followed. */
  ups: Step[];
  again: Step;
  /** Requests of the first of them. */
  requests: number;
  ledger: Ledger;
  state: StateEntry[];
  /** What the engine would still have to end, or to look into. */
  unfinished: string[];
  wrongSecrets: string[];
  /** Whether every process of the crashed run ended by itself. */
  quiet: boolean;
}

export interface StateEntry {
  id: string;
  /** Its inputs and outputs, without what differs from run to run. */
  text: string;
}

/** A host ends itself within 20 s after its engine, where the machine has nothing else to do. */
const quietWithinMs = 40_000;

/** Runs the version, without a crash. */
export async function playClean(lane: Lane, version: Version): Promise<Outcome> {
  const before = lane.emulator.requests().length;
  const up = await stepOf(lane.up(version));
  const requests = lane.emulator.requests().length - before;
  return { ...(await ending(lane, version, [up])), requests };
}

/** @param requests of such a run, in all */
export async function playCrash(lane: Lane, crash: Crash, requests: number): Promise<Outcome> {
  const run = lane.up(crash.version, { checkpoints: crash.checkpoints });
  let at: string | undefined;
  let striking: Promise<void> = Promise.resolve();
  const callOff = watchFor(lane, crash.moment, requests, (what) => {
    at = what;
    striking = (async () => crash.method.strike({ run, processes: (text) => lane.processes(text) }))();
    striking.catch(() => undefined);
  });
  const crashed = await stepOf(run);
  callOff();
  await striking;
  const endedAt = performance.now();
  await stepOf(lane.cancel());
  const ups = await recover(
    () => stepOf(lane.up(crash.version)),
    ({ code }) => code === 0,
  );
  const outcome = await ending(lane, crash.version, ups);
  const quiet = await lane.isQuiet(Math.max(1_000, endedAt + quietWithinMs - performance.now()));
  lane.endLeftovers();
  return { ...outcome, crashed: { ...crashed, at }, quiet };
}

async function ending(lane: Lane, version: Version, ups: Step[]): Promise<Outcome> {
  const again = await stepOf(lane.up(version, { expectNoChanges: true }));
  const { resources, pending_operations: pending = [] } = await lane.deployment();
  const ours = resources.filter(({ type }) => type.startsWith("pulumi-nodejs:"));
  return {
    ups,
    again,
    requests: 0,
    ledger: lane.books.ledger(),
    state: ours.map(({ urn, id, inputs, outputs }) => ({
      id,
      text: `${urn} ${comparable({ inputs, outputs })}`,
    })),
    unfinished: [
      ...ours.filter((one) => one.delete === true).map(({ urn }) => `to be deleted: ${urn}`),
      // That a create was cut short the engine remembers until `pulumi refresh --clear-pending-creates`, whatever became of it.
      ...pending.filter(({ type }) => type !== "creating").map(({ type, resource }) => `${type}: ${resource.urn}`),
    ],
    wrongSecrets: ours.flatMap(({ type, urn, id, outputs }) =>
      wrongSecrets(lane.emulator, declarationOfType(type), { id, outputs: unwrapped(outputs) as Values }).map(
        (name) => `${name} of ${urn}`,
      ),
    ),
    quiet: true,
  };
}

async function stepOf(run: EngineRun): Promise<Step> {
  const code = await run.ended;
  return { code, output: run.output, hung: run.hung };
}
