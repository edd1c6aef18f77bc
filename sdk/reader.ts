import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { StripeClient } from "../provider/client";
import { readConfig } from "../provider/config";
import { type DataSourceName, dataSourceOf } from "../provider/registry";
import { fromWire } from "../provider/wire";

/** Options of a function. */
export interface FunctionOptions {
  /** Connect: the account to read from, instead of the key's own. */
  stripeAccount?: string;
}

let client: StripeClient | undefined;

/** One client for the whole program, set up as the provider's is. */
function connect(): StripeClient {
  const settings = new pulumi.Config("stripe");
  return (client ??= new StripeClient(readConfig({ config: (name) => settings.get(name), env: process.env })));
}

export async function readOne(source: DataSourceName, id: string | undefined, opts: FunctionOptions): Promise<unknown> {
  const { path, shape } = dataSourceOf(source);
  const object = id === undefined ? path : `${path}/${encodeURIComponent(id)}`;
  const { body } = await connect().send({ method: "GET", path: object, ...opts });
  return fromWire(z.object(shape), body);
}

export async function readAll(source: DataSourceName, opts: FunctionOptions): Promise<unknown[]> {
  const { path, shape } = dataSourceOf(source);
  const results: unknown[] = [];
  for await (const object of connect().list(path, opts)) results.push(fromWire(z.object(shape), object));
  return results;
}
