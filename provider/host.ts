import { connect } from "node:net";

/**
 * The dynamic host this process is, where it is one: a process of the engine's, shared with the handlers of every other
 * package that has dynamic resources.
 */

/** `host:port` of the engine, which the host gets as its first argument; undefined anywhere else. */
export function engineAddress(argument: string | undefined): string | undefined {
  return argument !== undefined && /^[\w.-]+:\d+$/.test(argument) ? argument : undefined;
}

/** Handlers of ours that are running. */
let running = 0;

/** Counts the work as running until it has ended. */
export async function whileRunning<T>(work: () => Promise<T>): Promise<T> {
  running++;
  try {
    return await work();
  } finally {
    running--;
  }
}

/** What the loop of a host that has nothing to do is kept alive by: the server the engine calls, and its own output. */
const idleResources = new Set(["TCPServerWrap", "PipeWrap", "TTYWrap"]);

/**
 * Whether nothing is under way in this process: no handler of ours, and nothing that a handler of another package would
 * wait for, such as a connection, a timer or a file.
 */
function isIdle(): boolean {
  return running === 0 && process.getActiveResourcesInfo().every((kind) => idleResources.has(kind));
}

/** Whether nobody listens there. An answer that takes too long is no refusal. */
function refuses(address: string): Promise<boolean> {
  const [host, port] = [address.slice(0, address.lastIndexOf(":")), Number(address.split(":").at(-1))];
  return new Promise((resolve) => {
    const socket = connect({ host, port }).unref();
    let refused = false;
    socket.setTimeout(2_000, () => socket.destroy());
    socket.once("connect", () => socket.destroy());
    socket.once("error", ({ code }: NodeJS.ErrnoException) => (refused = code === "ECONNREFUSED"));
    // Only when nothing is left of it, or this look itself would count as something that is under way.
    socket.once("close", () => setImmediate(() => resolve(refused)));
  });
}

/** What the watch sees and does; tests bring their own. */
export interface Surroundings {
  isIdle: () => boolean;
  refuses: () => Promise<boolean>;
  end: () => void;
}

/**
 * One look at whether the engine is still there, to be had every few seconds. An engine that is killed leaves its dynamic
 * host behind (measured), holding what it holds. After two looks in a row that find the process idle and the engine's
 * address closed it ends itself; work that is still under way is finished first, whosever it is.
 */
export function engineWatch({ isIdle, refuses, end }: Surroundings): () => Promise<void> {
  let refusals = 0;
  return async () => {
    refusals = isIdle() && (await refuses()) && isIdle() ? refusals + 1 : 0;
    if (refusals === 2) end();
  };
}

const lookEveryMs = 3_000;
let watched = false;

/** Ends this process when the engine is gone. */
export function endWithEngine(address: string): void {
  if (watched) return;
  watched = true;
  // Then nobody reads what is printed either. @pulumi/pulumi prints every error that nobody heard, so that unheard a failure to print
  // is printed, fails, and so on for ever: the process never ends, and grows (measured with @pulumi/pulumi 3.248.0).
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  const look = engineWatch({ isIdle, refuses: () => refuses(address), end: () => process.exit(0) });
  setInterval(() => void look(), lookEveryMs).unref();
}

/**
 * Prints a line when the engine ends this process, if there is one to print. Measured with engine 3.259.0: at the end of a
 * run it sends SIGINT, waits up to 5 s for the process to end, and shows under the stack what was printed until then.
 */
export function sayAtEnd(line: () => string | undefined): void {
  process.once("SIGINT", () => {
    const text = line();
    // The signal has then its usual effect, unless somebody else in this process listens for it.
    const resume = () => void (process.listenerCount("SIGINT") === 0 && process.kill(process.pid, "SIGINT"));
    if (text === undefined) resume();
    else process.stdout.write(`${text}\n`, resume);
  });
}
