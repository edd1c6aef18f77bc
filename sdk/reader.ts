import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { StripeClient } from "../provider/client";
import { readConfig } from "../provider/config";
import { secretsOf } from "../provider/declare";
import { StripeError } from "../provider/errors";
import { AccountGuard } from "../provider/guard";
import { type DataSourceName, dataSourceOf } from "../provider/registry";
import type { SettingName } from "../provider/setting-names";
import { fromWire, type Params, toWire } from "../provider/wire";
import type { Provider } from "./provider";

/** Options of a function. */
export interface FunctionOptions {
  /** Connect: the account to read from, instead of the key's own. */
  stripeAccount?: string;
  /** The account to read from, where a program has several. */
  provider?: Provider;
}

type Connection = { client: StripeClient; guard: AccountGuard };

/** One client for each account of the program, set up as the provider's is, and as sure of its account. */
const connections = new Map<Provider | undefined, Promise<Connection>>();

async function connect({ stripeAccount, provider }: FunctionOptions): Promise<StripeClient> {
  let connection = connections.get(provider);
  if (connection === undefined) connections.set(provider, (connection = open(provider)));
  const { client, guard } = await connection;
  await guard.verify(stripeAccount, undefined);
  return client;
}

async function open(provider: Provider | undefined): Promise<Connection> {
  const config = new pulumi.Config("stripe");
  const settings = provider && (await valueOf(provider.settings));
  const read = readConfig({
    config: (name) => (settings === undefined ? config.get(name) : settings[name as SettingName]),
    env: process.env,
  });
  const client = new StripeClient(read);
  return { client, guard: new AccountGuard(client) };
}

/** @throws in a preview where the value isn't known yet: waiting for it would never end */
async function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  // Left out of the published types.
  const { isKnown } = output as unknown as { isKnown: Promise<boolean> };
  if (!(await isKnown))
    throw new Error("a setting of the provider is not known yet in this preview: give it a value that is");
  return new Promise((resolve) => void output.apply((value) => resolve(value)));
}

export async function readOne(source: DataSourceName, id: string | undefined, opts: FunctionOptions): Promise<unknown> {
  const { path, shape, expand } = dataSourceOf(source);
  const object = id === undefined ? path : `${path}/${encodeURIComponent(id)}`;
  const { body } = await (
    await connect(opts)
  ).send({ method: "GET", path: object, params: { expand }, stripeAccount: opts.stripeAccount });
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
  if (found === undefined) {
    throw new pulumi.RunError(
      `${dataSourceOf(source).path}: there is none with the ${key} "${value}" in this account and mode`,
    );
  }
  return found;
}

/** Asks at the older path where Stripe doesn't know the newer one. */
export async function readQuery(source: DataSourceName, args: object, opts: FunctionOptions): Promise<unknown> {
  const { path, olderPath, shape, params = {} } = dataSourceOf(source);
  const client = await connect(opts);
  const query = toWire(z.object(params), args) as Params;
  const ask = (at: string) =>
    client.send({ method: "GET", path: at, params: query, stripeAccount: opts.stripeAccount });
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
  for await (const object of client.list(path, { stripeAccount: opts.stripeAccount, params }))
    results.push(fromWire(z.object(shape), object));
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
