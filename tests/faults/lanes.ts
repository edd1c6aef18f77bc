import { type Emulator, type EmulatorOptions, startEmulator } from "../../emulator";
import { type Fault } from "./fault";
import { now } from "./ledger";
import { type Verdict } from "./verdict";

/** An emulator, and who is told of what comes to it. */
export interface Watched {
  emulator: Emulator;
  /** Called as a request that could have made something has been worked off. */
  onWrite: { call: () => void };
}

/** An emulator whose clock stands still. */
export async function watchedEmulator(options: EmulatorOptions = {}): Promise<Watched> {
  const onWrite: Watched["onWrite"] = { call: () => undefined };
  const log: EmulatorOptions["log"] = ({ method }) => {
    if (method !== "GET") onWrite.call();
  };
  return { emulator: await startEmulator({ ...options, now: () => now, log }), onWrite };
}

/** How many ordinary runs may follow until all is well: the second where the first has to ask, or found what was not over. */
const recoveriesAllowed = 2;

/**
 * Ordinary runs until all is well.
 * @param after the fault they follow, and when it came: by `performance.now()`
 */
export async function recover<Run>(
  up: () => Promise<Run>,
  isWell: (run: Run) => boolean,
  after?: { fault: Fault; hitAt: number },
): Promise<Run[]> {
  const { lateMs, hasty } = after?.fault ?? {};
  const early = hasty ? [await up()] : [];
  // What was held back is executed before anybody looks again.
  if (after !== undefined && lateMs !== undefined) await pause(after.hitAt + lateMs + 50 - performance.now());
  const runs: Run[] = [];
  for (let well = false; !well && runs.length < recoveriesAllowed;) {
    const run = await up();
    runs.push(run);
    well = isWell(run);
  }
  return [...early, ...runs];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

/** Works a list off, one item at a time per lane. */
export async function each<Lane, Item>(
  lanes: Lane[],
  items: Item[],
  work: (lane: Lane, item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items];
  await Promise.all(
    lanes.map(async (lane) => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await work(lane, item);
    }),
  );
}

/** The verdict on a case; what stops the harness itself is one too. */
export async function attempt(work: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await work();
  } catch (error) {
    return { problems: [{ harm: "not recovered", text: (error as Error).stack ?? "" }], asked: false };
  }
}
