import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import type { DataSourceName } from "../provider/registry";
import type * as Reader from "./reader";
import type { FunctionOptions } from "./reader";

export type { FunctionOptions } from "./reader";

/** A result with what is personal in it as Outputs that Pulumi encrypts wherever they are put. */
export type WithSecrets<Result, Secret extends keyof Result> = [Secret] extends [never]
  ? Result
  : Omit<Result, Secret> & { [Name in Secret]: pulumi.Output<Result[Name]> };

/** Makes a function that reads one object by its id. */
export function getter<Args extends { id: string }, Result extends object, Secret extends keyof Result = never>(
  token: string,
  source: DataSourceName,
) {
  return (args: Args, opts: FunctionOptions = {}) =>
    answer<Result>(token, args, () => reader().readOne(source, args.id, opts)).then((result) =>
      hide<Result, Secret>(source, result),
    );
}

/** Makes a function that reads one object, by its id or by another key of its own. */
export function finder<Args extends { id?: string }, Result>(
  token: string,
  source: DataSourceName,
  key: Exclude<keyof Args, "id"> & string,
) {
  return (args: Args, opts: FunctionOptions = {}) =>
    answer<Result>(token, args, () => reader().readByKey(source, args, key, opts));
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

/** Makes a function that reads a whole list, narrowed down by its arguments. */
export function lister<Result extends object, Args extends object = object, Secret extends keyof Result = never>(
  token: string,
  source: DataSourceName,
) {
  return async (args?: Args, opts: FunctionOptions = {}): Promise<WithSecrets<Result, Secret>[]> => {
    const ask = async () => ({ data: await reader().readAll(source, args ?? {}, opts) });
    const { data } = await answer<{ data: Result[] }>(token, args ?? {}, ask);
    return data.map((result) => hide<Result, Secret>(source, result));
  };
}

/** Under `pulumi.runtime.setMocks` the mock answers, and nothing is asked of Stripe. */
async function answer<Result>(token: string, args: object, ask: () => Promise<unknown>): Promise<Result> {
  const mocked = pulumi.runtime.getMonitor() instanceof MockMonitor;
  return (mocked ? await (pulumi.runtime.invoke(token, args) as Promise<unknown>) : await ask()) as Result;
}

/** The fields that the declaration calls secret are that in the program too. */
function hide<Result extends object, Secret extends keyof Result>(
  source: DataSourceName,
  result: Result,
): WithSecrets<Result, Secret> {
  const values = result as Record<string, unknown>;
  const hidden = reader()
    .secretFields(source)
    .map((name) => [name, pulumi.secret(values[name])]);
  return { ...result, ...Object.fromEntries(hidden) } as WithSecrets<Result, Secret>;
}

/** The twin of a function that takes and returns Outputs. Where a part of the result is secret, all of it is. */
export function outputOf<Args, Result>(read: (args: Args, opts?: FunctionOptions) => Promise<Result>) {
  return (
    args?: { [K in keyof Args]: pulumi.Input<Args[K]> },
    opts?: FunctionOptions,
  ): pulumi.Output<pulumi.Unwrap<Result>> => {
    const known = pulumi.output(args ?? {}) as unknown as pulumi.Output<Args>;
    return known.apply((values) => pulumi.output<Result>(read(values, opts)));
  };
}

/** Loaded when a function is first called: most programs call none. */
function reader(): typeof Reader {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("./reader") as typeof Reader;
}
