import { z } from "zod";
import { type Answer, type ListOptions, type StripeClient } from "./client";
import { type Declaration, type Field, fieldsOf, type Newest, type StripeObject } from "./declare";
import { isMissing, ProviderError } from "./errors";
import { operationKey } from "./identity";
import { type Params } from "./wire";

type Values = Record<string, unknown>;

/** The calls on objects of one kind, for one resource. */
export class ObjectClient {
  /** Connect: the account of the resource, if it names one. */
  readonly stripeAccount: string | undefined;
  private readonly expand: string[];

  /** @param inputs of the resource, or what is recorded of it */
  constructor(
    private readonly client: StripeClient,
    private readonly declaration: Declaration,
    inputs: Values,
  ) {
    this.stripeAccount = inputs.stripeAccount as string | undefined;
    this.expand = expansions([...declaration.inputFields, ...declaration.outputFields], inputs);
  }

  /** Parameters that make Stripe's answer complete. */
  get whole(): Params {
    return this.expand.length > 0 ? { expand: this.expand } : {};
  }

  /** Undefined where Stripe says that there is no such object. */
  async get(id: string): Promise<StripeObject | undefined> {
    try {
      const { stripeAccount, whole: params } = this;
      const { body } = await this.client.send({ method: "GET", path: this.path(id), params, stripeAccount });
      return body.deleted === true ? undefined : (body as StripeObject);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /**
   * The object as it is now, read so that reading changes nothing.
   * @param recorded what is recorded of it
   */
  async find(id: string, recorded: Values): Promise<StripeObject | undefined> {
    const { created } = recorded;
    if (!this.declaration.api.readByList || typeof created !== "number" || recorded.__get !== undefined) {
      return this.get(id);
    }
    for await (const object of this.list({ created })) if (object.id === id) return object;
    return this.get(id);
  }

  /** Objects of the kind, newest first. */
  list(filter: Params): AsyncGenerator<StripeObject> {
    return this.client.list(this.declaration.api.path, this.listing(filter));
  }

  /** A hundred of them. @param after where the page before ended */
  page(after: string | undefined): ReturnType<StripeClient["page"]> {
    return this.client.page(this.declaration.api.path, { ...this.listing({}), after });
  }

  private listing(filter: Params): ListOptions {
    const expand = this.expand.map((field) => `data.${field}`);
    return { params: { ...filter, ...(expand.length > 0 && { expand }) }, stripeAccount: this.stripeAccount };
  }

  /**
   * A write to an object that exists: with a key of its own, so that no stored answer is taken for it.
   * @param action such as `cancel`; an update where left out
   */
  post(id: string, params: Params, action?: string): Promise<StripeObject> {
    return write(this.client, {
      path: action === undefined ? this.path(id) : `${this.path(id)}/${action}`,
      params: { ...params, ...this.whole },
      stripeAccount: this.stripeAccount,
    });
  }

  /** Deletes it, or finds it deleted. */
  async delete(id: string): Promise<void> {
    const { stripeAccount } = this;
    await this.client.send({ method: "DELETE", path: this.path(id), stripeAccount }).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }

  private path(id: string): string {
    return `${this.declaration.api.path}/${encodeURIComponent(id)}`;
  }
}

/** Reads a list up to a limit. */
export async function newest(list: AsyncGenerator<StripeObject>, limit: number): Promise<Newest> {
  const objects: StripeObject[] = [];
  for await (const object of list) {
    if (objects.length >= limit) return { objects, cutShort: true };
    objects.push(object);
  }
  return { objects, cutShort: false };
}

/** What Stripe has to be asked to show of an object, such as `features.subscription_update.products`. */
export function expansions(fields: Field[], inputs: Values): string[] {
  return fields.flatMap((field) => {
    if (field.expanded?.(inputs)) return [field.param];
    if (!(field.schema instanceof z.ZodObject)) return [];
    return expansions(fieldsOf(field.schema.shape), inputs).map((inner) => `${field.param}.${inner}`);
  });
}

/** A POST under a key of its own. @throws ProviderError where Stripe carried nothing out */
export async function write(
  client: StripeClient,
  call: { path: string; params: Params; stripeAccount: string | undefined },
): Promise<StripeObject> {
  const answer: Answer = await client.send({ method: "POST", ...call, idempotencyKey: operationKey() });
  if (answer.replayed && answer.attempts === 1) {
    const text = `POST ${call.path}: Stripe answered a first attempt from its store; nothing was changed`;
    throw new ProviderError("replayed", text);
  }
  return answer.body as StripeObject;
}
