import { type Declaration, type End, type Ending, type StripeObject } from "./declare";
import { messageOf, ProviderError, StripeError } from "./errors";
import { hooksFor } from "./hooks";
import { endedClaim, isStamped } from "./identity";
import { ObjectClient } from "./object-client";
import { type Session } from "./session";
import { type Params } from "./wire";

type Values = Record<string, unknown>;

/** Ends one object as its declaration says: deleted, archived, canceled or left, and what that means is said. */
export class Ender {
  private readonly objects: ObjectClient;

  /** @param recorded what is recorded of the object */
  constructor(
    private readonly declaration: Declaration,
    private readonly session: Session,
    private readonly recorded: Values,
  ) {
    this.objects = new ObjectClient(session.client, declaration, recorded);
  }

  /** @throws ProviderError where it can't be ended; it stays as it is, and so does the resource */
  async end(object: StripeObject): Promise<void> {
    const { ends } = this.declaration;
    if (ends.by === "delete") await this.remove(ends, object);
    if (ends.by === "action") await this.act(ends, object);
  }

  private async remove({ otherwise }: Ending & { by: "delete" }, { id }: StripeObject): Promise<void> {
    try {
      await this.objects.delete(id);
    } catch (error) {
      if (otherwise === undefined || !(error instanceof StripeError) || error.status !== 400) throw error;
      const ended = await this.objects.post(id, { ...otherwise.update, ...this.endedMark() });
      this.say(`${otherwise.done(ended)}. Stripe: ${error.reason}`);
    }
    this.session.deleted.add(id);
  }

  /** Marks what is ended but not deleted, where its own resource, and no other, may bring it back. */
  private endedMark(): Params {
    const { ownership } = this.session.client.config;
    return this.declaration.revive && isStamped(this.declaration, ownership)
      ? { metadata: { pulumi_claim: endedClaim } }
      : {};
  }

  private async act(ends: Ending & { by: "action" }, object: StripeObject): Promise<void> {
    const end = ends.choose(this.recorded, object);
    if (end === undefined) return;
    if ("refuse" in end) throw new ProviderError("not_ended", end.refuse);
    const refused = await this.prepare(ends, object);
    if ("leave" in end) {
      // What it leaves behind goes on naming it: nobody else would see to that later.
      if (refused !== undefined) throw new ProviderError("not_ended", `${end.leave}\n${refused.message}`);
      return this.say(end.leave);
    }
    let failure: unknown;
    let after: StripeObject | undefined;
    try {
      after = await this.ask(end, object.id);
    } catch (error) {
      failure = error;
    }
    // Whatever else was answered: what is said of money is what Stripe says of the object now.
    if (after === undefined || !end.reached(after)) after = await this.objects.find(object.id, this.recorded);
    if (after !== undefined && end.reached(after)) {
      this.session.deleted.add(object.id);
      if (refused !== undefined) this.say(refused.message);
      return this.say(ends.done(after), "info");
    }
    const reasons = [failure, refused].filter((error) => error !== undefined).map(messageOf);
    throw new ProviderError("not_ended", [ends.failed(object), ...reasons].join("\n"));
  }

  /** Puts right what has to be before the end; what Stripe refuses of it is returned, as the end may do without. */
  private async prepare(ends: Ending & { by: "action" }, object: StripeObject): Promise<StripeError | undefined> {
    try {
      await ends.before?.(this.recorded, object, hooksFor(this.declaration, this.session, this.recorded, object.id));
      return undefined;
    } catch (error) {
      if (error instanceof StripeError && [400, 403, 404].includes(error.status)) return error;
      throw error;
    }
  }

  private ask(end: End & ({ action: string } | { update: Params }), id: string): Promise<StripeObject> {
    return "action" in end
      ? this.objects.post(id, {}, end.action)
      : this.objects.post(id, { ...end.update, ...this.endedMark() });
  }

  private say(message: string, severity: "info" | "warning" = "warning"): void {
    this.session.say(this.recorded.__urn, severity, message);
  }
}
