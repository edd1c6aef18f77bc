import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import type { DataSourceName } from "../provider/registry";
import type * as Reader from "./reader";
import type { FunctionOptions } from "./reader";

export type { FunctionOptions } from "./reader";

/** Makes a function that reads one object by its id. */
export function getter<Args extends { id: string }, Result>(token: string, source: DataSourceName) {
  return async (args: Args, opts: FunctionOptions = {}): Promise<Result> =>
    (mocked()
      ? await (pulumi.runtime.invoke(token, args) as Promise<unknown>)
      : await reader().readOne(source, args.id, opts)) as Result;
}

/** Makes a function that reads the one object there is. */
export function singleton<Result>(token: string, source: DataSourceName) {
  return async (_args: object = {}, opts: FunctionOptions = {}): Promise<Result> =>
    (mocked()
      ? await (pulumi.runtime.invoke(token, {}) as Promise<unknown>)
      : await reader().readOne(source, undefined, opts)) as Result;
}

/** Makes a function that reads the one answer to its arguments. */
export function query<Args extends object, Result>(token: string, source: DataSourceName) {
  return async (args?: Args, opts: FunctionOptions = {}): Promise<Result> =>
    (mocked()
      ? await (pulumi.runtime.invoke(token, args ?? {}) as Promise<unknown>)
      : await reader().readQuery(source, args ?? {}, opts)) as Result;
}

/** Makes a function that reads a whole list. */
export function lister<Result>(token: string, source: DataSourceName) {
  return async (_args: object = {}, opts: FunctionOptions = {}): Promise<Result[]> =>
    mocked()
      ? ((await (pulumi.runtime.invoke(token, {}) as Promise<unknown>)) as { data: Result[] }).data
      : ((await reader().readAll(source, opts)) as Result[]);
}

/** The twin of a function that takes and returns Outputs. */
export function outputOf<Args, Result>(read: (args: Args, opts?: FunctionOptions) => Promise<Result>) {
  return (args?: { [K in keyof Args]: pulumi.Input<Args[K]> }, opts?: FunctionOptions): pulumi.Output<Result> => {
    const known = pulumi.output(args ?? {}) as unknown as pulumi.Output<Args>;
    return known.apply<Result>((values) => read(values, opts));
  };
}

/** Under `pulumi.runtime.setMocks` nothing is asked of Stripe. */
function mocked(): boolean {
  return pulumi.runtime.getMonitor() instanceof MockMonitor;
}

/** Loaded when a function is first called: most programs call none. */
function reader(): typeof Reader {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("./reader") as typeof Reader;
}
