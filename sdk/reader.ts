import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { StripeClient } from "../provider/client";
import { readConfig } from "../provider/config";
import { secretsOf } from "../provider/declare";
import { StripeError } from "../provider/errors";
import { AccountGuard } from "../provider/guard";
import { type DataSourceName, dataSourceOf } from "../provider/registry";
import { fromWire, type Params, toWire } from "../provider/wire";

/** Options of a function. */
export interface FunctionOptions {
  /** Connect: the account to read from, instead of the key's own. */
  stripeAccount?: string;
}

let shared: { client: StripeClient; guard: AccountGuard } | undefined;

/** One client for the whole program, set up as the provider's is, and as sure of its account. */
async function connect({ stripeAccount }: FunctionOptions): Promise<StripeClient> {
  if (shared === undefined) {
    const settings = new pulumi.Config("stripe");
    const client = new StripeClient(readConfig({ config: (name) => settings.get(name), env: process.env }));
    shared = { client, guard: new AccountGuard(client) };
  }
  await shared.guard.verify(stripeAccount, undefined);
  return shared.client;
}

export async function readOne(source: DataSourceName, id: string | undefined, opts: FunctionOptions): Promise<unknown> {
  const { path, shape, expand } = dataSourceOf(source);
  const object = id === undefined ? path : `${path}/${encodeURIComponent(id)}`;
  const { body } = await (await connect(opts)).send({ method: "GET", path: object, params: { expand }, ...opts });
  return fromWire(z.object(shape), body);
}

/** Reads by `id`, or by the one object a list narrowed down to `key` has. */
export async function readByKey(
  source: DataSourceName,
  args: { id?: string },
  key: string,
  opts: FunctionOptions,
): Promise<unknown> {
  const { id, [key]: value } = args as Record<string, string | undefined>;
  if ((id === undefined) === (value === undefined)) throw new Error(`give id or ${key}, one of both`);
  if (id !== undefined) return readOne(source, id, opts);
  const [found] = await readAll(source, { [`${key}s`]: [value] }, opts);
  if (found === undefined) throw new Error(`${dataSourceOf(source).path}: there is none with the ${key} "${value}"`);
  return found;
}

/** Asks at the older path where Stripe doesn't know the newer one. */
export async function readQuery(source: DataSourceName, args: object, opts: FunctionOptions): Promise<unknown> {
  const { path, olderPath, shape, params = {} } = dataSourceOf(source);
  const client = await connect(opts);
  const query = toWire(z.object(params), args) as Params;
  const ask = (at: string) => client.send({ method: "GET", path: at, params: query, ...opts });
  const { body } = await ask(path).catch((error: unknown) => {
    if (olderPath !== undefined && error instanceof StripeError && error.status === 404) return ask(olderPath);
    throw error;
  });
  return fromWire(z.object(shape), body);
}

/** Every object of a list, newest first, narrowed down by `args`. */
export async function readAll(source: DataSourceName, args: object, opts: FunctionOptions): Promise<unknown[]> {
  const { path, shape, params: known = {}, expand } = dataSourceOf(source);
  const unknown = Object.keys(args).filter((name) => !(name in known));
  if (unknown.length > 0) throw new Error(`${path}: ${unknown.join(", ")} can't be asked for; ${namesOf(known)}`);
  const filter = toWire(z.object(known), args) as Params;
  const params = { ...filter, expand: expand?.map((field) => `data.${field}`) };
  const client = await connect(opts);
  const results: unknown[] = [];
  for await (const object of client.list(path, { ...opts, params })) results.push(fromWire(z.object(shape), object));
  return results;
}

function namesOf(params: object): string {
  const names = Object.keys(params);
  return names.length === 0 ? "it takes no arguments" : `it takes ${names.join(", ")}`;
}

/** Names of the fields that are personal. */
export function secretFields(source: DataSourceName): string[] {
  return secretsOf(dataSourceOf(source).shape);
}
