import { Bookkeeper } from "./bookkeeper";
import { type Run, sentBy, Stack } from "./engine-model";
import { type Armed, arm, type Fault } from "./fault";
import { type Host, type Provider } from "./host";
import { recover, type Watched } from "./lanes";
import { comparable, type Ledger, wrongSecrets } from "./ledger";
import { Line } from "./line";
import { disown, type Task } from "./operation";
import { post } from "./post";

/** What a case needs around it: an emulator of its own, and hosts. */
export interface Lane extends Watched {
  /** The host that most runs share. */
  shared: Host;
  /** A host that may be killed. */
  mortal(): Promise<Host>;
  /** Tells sessions of this lane apart. */
  runs: number;
}

/** All that became of a case. */
export interface Outcome {
  /** Stripe requests of the run that the fault was aimed at. */
  requests: readonly string[];
  /** The request that the fault met, if it came. */
  hit: string | undefined;
  /** Whether the resource was in state after the run that the fault was aimed at. */
  known: boolean;
  /** The faulted run, and the ordinary ones that followed. */
  faulted: Run;
  recoveries: Run[];
  /** An `up` after all that, and whether a refresh changed anything. */
  again: Run;
  refreshed: Run;
  drift: string | undefined;
  ledger: Ledger;
  state: { id: string; text: string } | undefined;
  unfinished: boolean;
  /** Secrets in state that aren't Stripe's, by name. */
  wrongSecrets: string[];
}

/** Runs an operation on an empty account, with a fault at one of its requests or without any, and all that follows. */
export async function play(
  lane: Lane,
  { declaration, operation, resource }: Task,
  fault?: { fault: Fault; index: number },
): Promise<Outcome> {
  const { emulator } = lane;
  emulator.reset();
  for (const { path, params } of declaration.samples.needs ?? []) await post(emulator, path, params);
  const books = new Bookkeeper(emulator);
  lane.onWrite.call = () => books.look();
  const sent = sentBy(declaration, resource);
  let next: { host: Host; base: string; timeoutSeconds: number | undefined } | undefined;
  const stack = new Stack(sent, () => {
    const { host, base, timeoutSeconds } = next ?? { host: lane.shared, base: emulator.url, timeoutSeconds: undefined };
    lane.runs += 1;
    return open(lane, host, base, sent, timeoutSeconds);
  });
  for (const earlier of operation.before) await mustRun(stack.up(earlier));
  if (operation.losesState) stack.loseState();
  if (operation.longAgo) emulator.passTime(25 * 3600);
  const [there] = emulator.objects(declaration.object);
  const adopted = operation.adopts && there !== undefined ? disown(emulator, declaration, there.id) : {};
  const declared = operation.goal && { ...operation.goal, ...adopted };

  const line = fault?.fault.refuses ? await Line.open(emulator.port) : undefined;
  const mortal = fault?.fault.kills ? await lane.mortal() : undefined;
  next = {
    host: mortal ?? lane.shared,
    base: line?.url ?? emulator.url,
    timeoutSeconds: fault?.fault.timeoutSeconds,
  };
  let hitAt = 0;
  const armed: Armed = arm(emulator, fault?.fault, fault?.index ?? 0, () => {
    hitAt = performance.now();
    line?.end();
    if (fault?.fault.kills) mortal?.kill();
  });
  const faulted = operation.refresh
    ? await stack.refresh()
    : await stack.up(declared, {
        replace: operation.forced === true,
        interrupted: operation.interrupted === true,
      });
  armed.disarm();
  line?.end();
  mortal?.kill();
  await mortal?.ended;
  next = undefined;
  const goal = operation.givenUp === undefined ? declared : undefined;
  const known = stack.state !== undefined;
  const recoveries = await recover(
    () => stack.up(goal),
    ({ error }) => error === undefined,
    fault && armed.hit !== undefined ? { fault: fault.fault, hitAt } : undefined,
  );
  const again = await stack.up(goal);
  const before = stack.state;
  const refreshed = await stack.refresh();
  const after = stack.state;
  const drift =
    JSON.stringify(before) === JSON.stringify(after)
      ? undefined
      : `${JSON.stringify(before)} became ${JSON.stringify(after)}`;
  const ledger = books.ledger();
  return {
    requests: armed.seen,
    hit: armed.hit,
    known,
    faulted,
    recoveries,
    again,
    refreshed,
    drift,
    ledger,
    state: after && { id: after.id, text: comparable({ inputs: after.inputs, outputs: after.outputs }) },
    unfinished: stack.isUnfinished,
    wrongSecrets: after === undefined ? [] : wrongSecrets(emulator, declaration, after),
  };
}

function open(
  lane: Lane,
  host: Host,
  base: string,
  sent: (args: Record<string, unknown>) => Record<string, unknown>,
  timeoutSeconds: number | undefined,
): Promise<Provider> {
  const config: Record<string, string> = {
    "stripe:apiKey": lane.emulator.apiKey,
    "stripe:apiBase": base,
    // Beyond what any case could send, and different each time: sessions are told apart by their settings.
    "stripe:maxRequestsPerSecond": String(10_000 + lane.runs),
    ...(timeoutSeconds !== undefined && { "stripe:timeoutSeconds": String(timeoutSeconds) }),
  };
  return host.open(config, String(sent({}).__provider), `${lane.emulator.port}-${lane.runs}`);
}

async function mustRun(running: Promise<Run>): Promise<void> {
  const { error } = await running;
  if (error !== undefined) throw new Error(`what stands before the operation failed: ${error}`);
}
