import { type Answer, type StripeClient } from "./client";
import { type Declaration, type StripeObject } from "./declare";
import { isMissing, ProviderError } from "./errors";
import { operationKey } from "./identity";
import { type Params } from "./wire";

/** The calls on objects of one kind in one account. */
export class ObjectClient {
  constructor(
    private readonly client: StripeClient,
    private readonly declaration: Declaration,
    /** Connect: the account of the resource, if it names one. */
    readonly stripeAccount: string | undefined,
  ) {}

  /** Undefined where Stripe says that there is no such object. */
  async get(id: string): Promise<StripeObject | undefined> {
    try {
      const { stripeAccount } = this;
      const { body } = await this.client.send({ method: "GET", path: this.path(id), stripeAccount });
      return body.deleted === true ? undefined : (body as StripeObject);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /**
   * A write to an object that exists: with a key of its own, so that no stored answer is taken for it.
   * @param action such as `cancel`; an update where left out
   */
  async post(id: string, params: Params, action?: string): Promise<StripeObject> {
    const path = action === undefined ? this.path(id) : `${this.path(id)}/${action}`;
    const { stripeAccount } = this;
    const call = { method: "POST", path, params, idempotencyKey: operationKey(), stripeAccount } as const;
    const answer: Answer = await this.client.send(call);
    if (answer.replayed && answer.attempts === 1) {
      throw new ProviderError(
        "replayed",
        `POST ${path}: Stripe answered a first attempt from its store; nothing was changed`,
      );
    }
    return answer.body as StripeObject;
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
