import { type Answer } from "./client";
import { refuseAdoption, remember, untold } from "./adoption";
import { isDiscreet, type Declaration, type HookContext, type StripeObject } from "./declare";
import { inDoubt, isStored, leavesDoubt } from "./doubt";
import { ConnectionError, InputError, ProviderError, StripeError } from "./errors";
import { createKey, endedClaim, isStamped, newClaim, ownerOf, type Stamp, stampOf } from "./identity";
import { newest, ObjectClient } from "./object-client";
import { buildOutputs } from "./outputs";
import { canonical, compare, isWhole } from "./plan";
import { heldObject, type Session } from "./session";
import { type Params, readField, toWire } from "./wire";

type Values = Record<string, unknown>;

/**
 * How many keys one create has. The first is used in every run; where Stripe's stored answer to it is of no use (the object it
 * tells of was deleted, or it is a failure), the next generation of the key asks anew.
 */
const maxGenerations = 5;

/** Runs before each attempt; what it returns is sent as well. */
export type Before = () => Promise<Params | void>;

/** The object a resource got, and the mark left on it where it wasn't made by this very call. */
export interface Made {
  object: StripeObject;
  /** An earlier run, or an earlier attempt, made it. */
  found?: true;
  claim?: string;
}

/**
 * Makes one object, exactly once: whatever died before, an object that an earlier run made for this resource is found,
 * by the stored answer to its create or by its stamp, and taken instead of making a second.
 */
export class Creation {
  private readonly stamp: Stamp;
  private readonly stamped: boolean;
  private readonly objects: ObjectClient;
  private readonly body: Params;

  constructor(
    private readonly declaration: Declaration,
    private readonly session: Session,
    private readonly account: string | undefined,
    private readonly inputs: Values,
    private readonly hooks: HookContext,
  ) {
    this.stamp = stampOf(declaration, inputs, ownerOf(inputs, session.client.config));
    this.stamped = isStamped(declaration, session.client.config.ownership);
    this.objects = new ObjectClient(session.client, declaration, inputs);
    this.body = this.createBody();
  }

  /**
   * What would stop the create, told in preview: an object of this resource that has ended, and what `before` finds.
   * @param before asks Stripe, and changes nothing there
   */
  async preflight(before: () => Promise<unknown>): Promise<void> {
    if (this.adopted !== undefined) {
      const object = await this.adoptable(this.adopted);
      const text = `${object.id} is taken over; nothing is created${this.changesOf(object)}`;
      return this.session.say(this.inputs.__urn, "info", text);
    }
    if ((await this.lookUp("fresh")) === undefined) await before();
  }

  /** @param before runs just before each attempt to create, and not at all where an object is found */
  async run(before: Before | undefined): Promise<Made> {
    const { spends, title } = this.declaration;
    if (this.adopted !== undefined) return this.take(await this.adoptable(this.adopted), "was there before");
    const found = await this.lookUp(spends ? "fresh" : "once");
    if (found !== undefined) return this.takeFound(found);
    for (let generation = 0; generation < maxGenerations; generation++) {
      const made = await this.attempt(generation, before);
      if (made !== undefined) return made;
    }
    throw new ProviderError(
      "no_generation_left",
      `Stripe keeps answering from its store for this ${title}, and none of the ${maxGenerations} stored answers is usable. ` +
        `Change ${spends?.askAgain ?? "triggers"} to ask for a new one, or run again after 24 hours`,
    );
  }

  /** What taking an object over changes of it, for the preview. */
  private changesOf(object: StripeObject): string {
    const outputs = buildOutputs(this.declaration, this.inputs, object);
    const { changed } = compare(this.declaration, outputs, this.inputs);
    const changes = this.declaration.inputFields
      .filter(({ name }) => changed.includes(name))
      .map((field) => {
        const { name } = field;
        const value = (of: Values) => JSON.stringify(of[name]) ?? "nothing";
        return isDiscreet(field) ? name : `${name} ${value(outputs)} => ${value(this.inputs)}`;
      });
    return changes.length === 0 ? "" : `. Changed there: ${changes.join(", ")}`;
  }

  /** The id of the object to take over, where there is one. */
  private get adopted(): string | undefined {
    return this.inputs.adopt as string | undefined;
  }

  /**
   * The object that is to be taken over; nothing is changed yet.
   * @throws where it isn't there, is another's, can't become what is declared, or what it was told only once can't be known
   */
  private async adoptable(id: string): Promise<StripeObject> {
    const object = await this.objects.get(id);
    if (object === undefined || this.isEnded(object)) {
      const standing = object === undefined ? "does not exist" : "has ended";
      const text = `${this.declaration.title} ${id} ${standing} in account ${this.account ?? "(unknown)"}`;
      throw new InputError([{ path: "adopt", message: `${text}. Nothing was made` }]);
    }
    const findings = refuseAdoption(this.declaration, this.inputs, this.stamp, object);
    if (findings.length > 0) throw new InputError(findings);
    return object;
  }

  /** Undefined where the stored answer is of no use and the next generation may try. */
  private async attempt(generation: number, before?: Before): Promise<Made | undefined> {
    try {
      const answer = await this.sendCreate(generation, this.body, before);
      return answer.replayed ? await this.takeReplay(answer) : { object: answer.body as StripeObject };
    } catch (error) {
      if (!leavesDoubt(error)) throw error;
      const found = await this.lookUp("fresh").catch((unseen: unknown) => {
        const isUnseen = unseen instanceof StripeError || unseen instanceof ConnectionError;
        throw isUnseen ? inDoubt(error, this.declaration, unseen) : unseen;
      });
      if (found !== undefined) return this.takeFound(found);
      if (isStored(error, this.declaration)) return undefined;
      throw inDoubt(error, this.declaration);
    }
  }

  /** A stored answer tells what once was: the object is read before it is believed in. */
  private async takeReplay(answer: Answer): Promise<Made | undefined> {
    const stored = answer.body as StripeObject;
    const live = await this.objects.get(stored.id);
    if (live === undefined || !this.isOurs(live) || this.isEnded(live)) {
      if (this.declaration.spends)
        throw this.alreadyDone(stored, "was made for this resource before, and is no longer as it was");
      return undefined;
    }
    // What an attempt of this very call made is as new as a first answer.
    return this.take(answer.attempts > 1 ? { ...stored, ...live } : this.remember(stored, live));
  }

  private remember(stored: StripeObject, live: StripeObject): StripeObject {
    const warn = (message: string) => this.session.say(this.inputs.__urn, "warning", message);
    return remember(this.declaration, this.inputs, { stored, live }, warn);
  }

  /**
   * Takes an object found by its stamp. What Stripe tells at creation only can still be learnt from the stored answer to its
   * create, or else from the inputs.
   * @throws ProviderError where it can't be known: nothing is taken, so that no state without it comes to be
   */
  private async takeFound(found: StripeObject): Promise<Made> {
    const toldOnce = this.declaration.outputFields.some(({ onlyOnCreate }) => onlyOnCreate !== undefined);
    const recalled = toldOnce ? await this.recall(found) : undefined;
    if (recalled !== undefined) return this.take(recalled);
    const [lost] = untold(this.declaration, this.inputs);
    if (lost !== undefined) {
      throw new ProviderError(
        "secret_lost",
        `${this.declaration.title} ${found.id} was made for this resource before, and Stripe told its ${lost.name} only then. ` +
          "Nothing was done. If it was declared otherwise then, take the change back and run pulumi up: for a day Stripe repeats " +
          `what it told. Else give ${lost.known}; or change triggers to get a new object, and delete ${found.id} yourself; or ` +
          `set ${lost.policy}: "leave-empty"`,
      );
    }
    for (const field of this.declaration.inputFields) {
      if (!field.fixed || !field.writeOnly || field.matches || this.declaration.createOnce) continue;
      if (this.inputs[field.name] === undefined && !toldOnce) continue;
      const text = `Stripe does not tell ${field.name} of ${found.id}, which was made by an earlier run: see that it is as declared`;
      this.session.say(this.inputs.__urn, "warning", text);
    }
    return this.take(found);
  }

  /**
   * The whole object with the stored answer to its create, where Stripe still has that: it keeps answers for at least 24
   * hours (docs.stripe.com/api/idempotent_requests). Whether a key is known is asked first with a request that can make
   * nothing, as Stripe refuses its parameter: a known key answers "other parameters", and only then the create is repeated.
   */
  private async recall(found: StripeObject): Promise<StripeObject | undefined> {
    for (let generation = 0; generation < maxGenerations; generation++) {
      if (!(await this.isKeyKnown(generation))) return undefined;
      const answer = await this.sendCreate(generation).catch((error: unknown) => {
        // The stored answer is a refusal: the object was made with a later key.
        if (error instanceof StripeError && error.request.replayed) return undefined;
        throw error;
      });
      if (answer?.replayed === false && answer.body.id !== found.id) {
        const made = String(answer.body.id);
        throw new ProviderError(
          "made_another",
          `Stripe forgot its answer meanwhile and made ${made}: delete it, and run again`,
        );
      }
      if (answer?.body.id === found.id) return this.remember(answer.body as StripeObject, found);
    }
    return undefined;
  }

  private async isKeyKnown(generation: number): Promise<boolean> {
    try {
      await this.sendCreate(generation, { pulumi_probe: "true" });
    } catch (error) {
      // Only a refusal of what was sent is an answer: a limit or a missing permission says nothing of the key.
      if (error instanceof StripeError && error.status === 400) return error.error.type === "idempotency_error";
      throw error;
    }
    return false;
  }

  /** @param params what is sent under the key of this create, in place of its own body */
  private sendCreate(generation: number, params = this.body, beforeAttempt?: Before): Promise<Answer> {
    const { path } = this.declaration.api;
    return this.session.client.send({
      method: "POST",
      path,
      params,
      idempotencyKey: this.key(generation),
      stripeAccount: this.objects.stripeAccount,
      beforeAttempt,
    });
  }

  /**
   * What costs money has the same key whatever its body: a purchase that is still on its way when the program is edited then
   * meets Stripe's refusal of other parameters, and not a second sale.
   */
  private key(generation: number): string {
    const { api, spends } = this.declaration;
    return createKey(this.account ?? "", this.stamp.pulumi_id, generation, api.path, spends ? {} : this.body);
  }

  /** Leaves our stamp and a mark on an object this call didn't make, so that no other state, nor an old one of ours, ends it. */
  private async take(object: StripeObject, how = "was made for this resource by an earlier run"): Promise<Made> {
    const { createOnce, inputFields, isRedacted, refuseTaking, revive = {}, asNew = {} } = this.declaration;
    const refused = await refuseTaking?.(this.inputs, object, this.hooks);
    if (refused !== undefined) throw new ProviderError("not_taken", refused);
    if (!this.stamped || createOnce || isRedacted?.(object)) return { object, found: true };
    const claim = newClaim();
    const endedByUs = object.metadata?.pulumi_claim === endedClaim;
    const declared = inputFields.filter(({ name }) => this.inputs[name] !== undefined).map(({ param }) => param);
    const undeclared = Object.entries(endedByUs ? revive : {}).filter(([param]) => !declared.includes(param));
    const claimed = await this.objects.post(object.id, {
      ...Object.fromEntries(undeclared),
      ...(endedByUs && asNew),
      metadata: { ...this.stamp, pulumi_claim: claim },
    });
    this.session.say(this.inputs.__urn, "info", `${object.id} ${how} and is taken over; nothing was created`);
    return { object: { ...object, ...claimed }, found: true, claim };
  }

  /**
   * The object that carries this resource's stamp.
   * @param freshness `once` is content with what the kind's first look-up of this run saw
   */
  private async lookUp(freshness: "once" | "fresh"): Promise<StripeObject | undefined> {
    if (!this.stamped) return undefined;
    const candidates = (await this.candidates(freshness)).filter((object) => this.isOurs(object));
    const alive = candidates.filter((object) => !this.isEnded(object));
    const ended = candidates.find((object) => this.isEnded(object));
    const usable = alive.find((object) => this.differences(object).length === 0);
    if (usable !== undefined) {
      this.tellLeftOver(alive.filter((object) => object !== usable));
      return usable;
    }
    const [other] = alive;
    if (other !== undefined) this.tellApart(other);
    if (ended !== undefined && this.declaration.spends) {
      throw this.alreadyDone(
        ended,
        `was ${this.declaration.spends.done} for this resource and is ${String(ended.status)}`,
      );
    }
    return undefined;
  }

  /** Where the newest objects are not all of them, the declaration may know a shorter way to ours. */
  private async candidates(freshness: "once" | "fresh"): Promise<StripeObject[]> {
    const { declaration } = this;
    const route = declaration.route?.(this.inputs, this.stamp.pulumi_id);
    if (route === undefined || freshness === "once") {
      const { objects, cutShort } = await this.session.stamps.of(declaration, this.inputs, freshness);
      if (!cutShort) return objects;
      if (route === undefined) {
        this.session.stamps.tellCutShort(declaration);
        return objects;
      }
    }
    if ("id" in route) {
      const object = await this.objects.get(route.id);
      return object === undefined ? [] : [object];
    }
    const { objects } = await newest(this.objects.list(route.filter), Infinity);
    // It may have been made under another name, or with another key: the list alone would tell.
    if (freshness === "once" && !objects.some((object) => this.isOurs(object))) {
      this.session.stamps.tellCutShort(declaration);
    }
    return objects;
  }

  private isEnded(object: StripeObject): boolean {
    return this.declaration.isEnded?.(object, this.inputs) === true;
  }

  /** An object of ours that can't become what is declared. */
  private tellApart(object: StripeObject): void {
    const unlike = `carries the stamp of this resource but differs in ${this.differences(object).join(", ")}`;
    if (this.declaration.spends) throw this.alreadyDone(object, unlike);
    const text = `${this.declaration.title} ${object.id} ${unlike}, which can't be changed: it is left alone, and a new one is made`;
    this.session.say(this.inputs.__urn, "warning", text);
  }

  /** What a replacement did not come to ending before the state was lost: nobody else would ever tell of it. */
  private tellLeftOver(objects: StripeObject[]): void {
    if (this.declaration.ends.by === "forget") return;
    const left = objects.filter(({ metadata }) => metadata?.pulumi_claim !== endedClaim).map(({ id }) => id);
    if (left.length === 0) return;
    const text = `${left.join(", ")} at Stripe carries the stamp of this resource too: end it yourself if nothing needs it`;
    this.session.say(this.inputs.__urn, "warning", text);
  }

  private alreadyDone({ id }: StripeObject, why: string): ProviderError {
    const { spends, title } = this.declaration;
    return new ProviderError(
      "already_done",
      `${title} ${id} ${why}. Nothing was ${spends?.done}. Declare what it is, or set ${spends?.askAgain} to a new text to ` +
        "ask for another one on purpose",
    );
  }

  /** Names of the inputs that the object can't be brought to: Stripe takes them at creation only, and it has others. */
  private differences(object: StripeObject): string[] {
    const { inputFields, createOnce, isRedacted } = this.declaration;
    const unlike = inputFields.filter((field) => {
      const declared = this.inputs[field.name];
      if (declared !== undefined && field.matches?.(declared, object) === false) return true;
      if (field.local || createOnce || isRedacted?.(object)) return false;
      const live = readField(field, object, declared);
      return field.fixed
        ? !isWhole(field, live, declared)
        : field.frozen?.(live, declared) === true && !(field.computed && declared === undefined);
    });
    return unlike.map((field) => field.name);
  }

  private isOurs(object: StripeObject): boolean {
    const { replacing, deleted, holders } = this.session;
    const urn = String(this.inputs.__urn);
    return (
      (!this.stamped || object.metadata?.pulumi_id === this.stamp.pulumi_id) &&
      object.id !== replacing.get(this.stamp.pulumi_id) &&
      (holders.get(heldObject(this.account, this.inputs, object.id)) ?? urn) === urn &&
      // What was paid for is not bought again because it was just ended: that takes another identity.
      (this.declaration.spends !== undefined || !deleted.has(object.id))
    );
  }

  private createBody(): Params {
    const body: Params = { ...this.objects.whole };
    for (const field of this.declaration.inputFields) {
      const declared = this.inputs[field.name];
      const value = declared ?? (field.reference && this.stamped ? this.stamp.pulumi_id : undefined);
      if (field.local || field.updateOnly || value === undefined) continue;
      body[field.param] = toWire(field.schema, canonical(field, value));
    }
    if (this.stamped) body.metadata = { ...(body.metadata as Params | undefined), ...this.stamp };
    return body;
  }
}
