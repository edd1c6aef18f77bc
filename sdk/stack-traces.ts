/**
 * What Pulumi's SDK does with stack traces is most of what a resource costs a program: it takes one down for every promise it makes,
 * four a property, and looks each frame up in source maps (bench/, the processor time of a no-op up). No trace that anybody is shown
 * is touched here.
 */

type Present = (this: void, error: Error, frames: NodeJS.CallSite[]) => unknown;

/** Traces of promises are shown where a program hangs and this asks for them, and nowhere else. */
const reportsLeaks = () => process.env.PULUMI_DEBUG_PROMISE_LEAKS !== undefined;

/** Does work of Pulumi's that makes many promises and nothing else. */
export function withoutTraces<T>(work: () => T): T {
  if (reportsLeaks()) return work();
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * Pulumi records the whole stack of every resource in state, most of it frames of Node and of Pulumi itself. While a resource
 * registers, frames below the program's own are cut: they cost state bytes and a look-up each.
 * @returns what undoes it
 */
export function keepProgramFrames(): () => void {
  skipPromises();
  const present = presentation();
  if (present === undefined) return () => undefined;
  Error.prepareStackTrace = (error, frames) => {
    const last = frames.findLastIndex((frame) => !/^node:|[\\/]node_modules[\\/]/.test(frame.getFileName() ?? "node:"));
    return present(error, last < 0 ? frames : frames.slice(0, last + 1));
  };
  return () => {
    Error.prepareStackTrace = present;
  };
}

/** What writes a trace; undefined where that is V8 itself, which looks nothing up. */
function presentation(): Present | undefined {
  return (Error as { prepareStackTrace?: Present }).prepareStackTrace;
}

/** On what skips them, also that of another copy of this package. */
const skips = Symbol.for("stripe-as-code skips the traces of promises");

/** From the first resource on, the traces of promises, those that Pulumi makes later on too, are not written. */
function skipPromises(): void {
  const present = presentation();
  if (present === undefined || skips in present || reportsLeaks()) return;
  const skipping: Present = (error, frames) =>
    frames[0]?.getFunctionName() === "debuggablePromise" ? "" : present(error, frames);
  Error.prepareStackTrace = Object.assign(skipping, { [skips]: true });
}
