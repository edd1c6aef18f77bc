import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import type { DataSourceName } from "../provider/registry";
import type * as Reader from "./reader";
import type { FunctionOptions } from "./reader";

export type { FunctionOptions } from "./reader";

/** Makes a function that reads one object by its id. */
export function getter<Args extends { id: string }, Result>(token: string, source: DataSourceName) {
  return (args: Args, opts: FunctionOptions = {}) =>
    answer<Result>(token, args, () => reader().readOne(source, args.id, opts));
}

/** Makes a function that reads the one object there is. */
export function singleton<Result>(token: string, source: DataSourceName) {
  return (_args: object = {}, opts: FunctionOptions = {}) =>
    answer<Result>(token, {}, () => reader().readOne(source, undefined, opts));
}

/** Makes a function that reads the one answer to its arguments. */
export function query<Args extends object, Result>(token: string, source: DataSourceName) {
  return (args?: Args, opts: FunctionOptions = {}) =>
    answer<Result>(token, args ?? {}, () => reader().readQuery(source, args ?? {}, opts));
}

/** Makes a function that reads a whole list. */
export function lister<Result>(token: string, source: DataSourceName) {
  return async (_args: object = {}, opts: FunctionOptions = {}): Promise<Result[]> => {
    const ask = async () => ({ data: await reader().readAll(source, opts) });
    return (await answer<{ data: Result[] }>(token, {}, ask)).data;
  };
}

/** Under `pulumi.runtime.setMocks` the mock answers, and nothing is asked of Stripe. */
async function answer<Result>(token: string, args: object, ask: () => Promise<unknown>): Promise<Result> {
  const mocked = pulumi.runtime.getMonitor() instanceof MockMonitor;
  return (mocked ? await (pulumi.runtime.invoke(token, args) as Promise<unknown>) : await ask()) as Result;
}

/** The twin of a function that takes and returns Outputs. */
export function outputOf<Args, Result>(read: (args: Args, opts?: FunctionOptions) => Promise<Result>) {
  return (args?: { [K in keyof Args]: pulumi.Input<Args[K]> }, opts?: FunctionOptions): pulumi.Output<Result> => {
    const known = pulumi.output(args ?? {}) as unknown as pulumi.Output<Args>;
    return known.apply<Result>((values) => read(values, opts));
  };
}

/** Loaded when a function is first called: most programs call none. */
function reader(): typeof Reader {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("./reader") as typeof Reader;
}
