import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { StripeClient } from "../provider/client";
import { readConfig } from "../provider/config";
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
  const { path, shape } = dataSourceOf(source);
  const object = id === undefined ? path : `${path}/${encodeURIComponent(id)}`;
  const { body } = await (await connect(opts)).send({ method: "GET", path: object, ...opts });
  return fromWire(z.object(shape), body);
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

export async function readAll(source: DataSourceName, opts: FunctionOptions): Promise<unknown[]> {
  const { path, shape } = dataSourceOf(source);
  const results: unknown[] = [];
  for await (const object of (await connect(opts)).list(path, opts)) results.push(fromWire(z.object(shape), object));
  return results;
}
