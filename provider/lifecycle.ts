import { modeName, ruleContextOf } from "./config";
import { Creation } from "./creation";
import { type Declaration, type Ending, type HookContext, type StripeObject } from "./declare";
import { InputError, isMissing, PartialObjectError, ProviderError } from "./errors";
import { isStamped, ownerOf, stampOf } from "./identity";
import { ObjectClient } from "./object-client";
import { buildOutputs, declaredIn } from "./outputs";
import { compare, planChange } from "./plan";
import { type Session } from "./session";
import { hasUnknown } from "./unknown";
import { type Params } from "./wire";

type Values = Record<string, unknown>;

/** The life of one kind, as its declaration says: the same code for every kind. */
export class Lifecycle {
  constructor(
    private readonly declaration: Declaration,
    private readonly session: Session,
  ) {}

  /**
   * Asks Stripe nothing where there is nothing to do; else the account is verified, so that a preview tells a wrong key.
   * @throws InputError where a change is refused.
   */
  async diff(id: string, olds: Values, news: Values): Promise<{ changes: boolean; replaces: string[] }> {
    const plan = planChange(this.declaration, olds, news);
    if (plan.findings.length > 0) throw new InputError(plan.findings);
    const failed = olds.__doubt !== undefined || (this.declaration.verdict?.({ ...olds, ...news }) ?? []).length > 0;
    const changes = plan.changed.length > 0 || this.moved(olds, news) || failed;
    if (changes) await this.verify(olds, olds);
    if (plan.replaces.length > 0) this.session.replacing.set(this.stamp(news).pulumi_id, id);
    return { changes, replaces: plan.replaces };
  }

  /** Before anything is planned for a new resource: that the key acts on the right account, and what would stop the create. */
  async verifyNew(inputs: Values): Promise<void> {
    if (hasUnknown(inputs.stripeAccount)) return;
    const account = await this.verify(inputs, undefined);
    const { beforeCreate } = this.declaration;
    if (beforeCreate === undefined || hasUnknown(inputs)) return;
    const hooks = this.hooks(inputs);
    await new Creation(this.declaration, this.session, account, inputs).preflight(() => beforeCreate(inputs, hooks));
  }

  async create(inputs: Values): Promise<{ id: string; outputs: Values }> {
    const account = await this.verify(inputs, undefined);
    const creation = new Creation(this.declaration, this.session, account, inputs);
    const { beforeCreate, afterCreate } = this.declaration;
    const hooks = this.hooks(inputs);
    const made = await creation.run(beforeCreate && (() => beforeCreate(inputs, hooks))).catch((error: unknown) => {
      throw this.rememberDoubt(inputs, account, error);
    });
    const { object, claim, found } = made;
    this.session.handedOut.add(object.id);
    const declared = { ...inputs, ...this.hidden(inputs, account), __claim: claim };
    let outputs = buildOutputs(this.declaration, declared, object);
    const reasons = afterCreate?.(inputs, object, hooks, found === true) ?? [];
    // What Stripe takes on update only, and what an object that was found has to catch up on.
    const { params } = compare(this.declaration, outputs, inputs);
    if (Object.keys(params).length > 0) {
      try {
        const updated = await this.objects(inputs).post(object.id, params);
        outputs = buildOutputs(this.declaration, declared, updated, outputs);
      } catch (error) {
        reasons.push(`${object.id} was created, but not brought up to date: ${text(error)}`);
      }
    }
    this.finish(object.id, inputs, outputs, reasons);
    return { id: object.id, outputs };
  }

  /**
   * What may never be sent twice has no later run that could know: Stripe forgets the key after a day. So the doubt itself is
   * kept in state, and fails every run until another object is asked for.
   */
  private rememberDoubt(inputs: Values, account: string | undefined, error: unknown): unknown {
    const { spends } = this.declaration;
    if (spends === undefined || spends.advances || !ProviderError.is(error) || error.code !== "in_doubt") return error;
    const outputs = { ...inputs, ...this.hidden(inputs, account), __doubt: error.message };
    return new PartialObjectError(`in_doubt_${this.stamp(inputs).pulumi_id}`, outputs, [error.message]);
  }

  /** Undefined where the object is gone. */
  async read(id: string, recorded: Values): Promise<{ inputs: Values; outputs: Values } | undefined> {
    const account = await this.verify(recorded, recorded);
    const object = await this.objects(recorded).get(id);
    if (object === undefined) {
      // The engine takes a `.get` of nothing for an object without properties.
      const neverRead = recorded.__get !== undefined && recorded.__account === undefined;
      if (neverRead) throw this.missing(id, account);
      if (this.declaration.missing === "kept") {
        return { inputs: declaredIn(this.declaration, recorded), outputs: recorded };
      }
      this.believeGone(id, account);
      return undefined;
    }
    if (recorded.__get === undefined && this.isClaimedElsewhere(object, recorded)) {
      const text = `${id} was taken over by another state than this one, which will not end it when the resource is deleted`;
      this.session.say(recorded.__urn, "warning", text);
    }
    const declared = declaredIn(this.declaration, recorded);
    const outputs = buildOutputs(this.declaration, { ...declared, __account: account }, object, recorded);
    return { inputs: declaredIn(this.declaration, outputs), outputs };
  }

  async update(id: string, olds: Values, news: Values): Promise<Values> {
    const account = await this.verify(news, olds);
    if (typeof olds.__doubt === "string") throw new PartialObjectError(id, olds, [olds.__doubt]);
    const { params, findings } = planChange(this.declaration, olds, news);
    if (findings.length > 0) throw new InputError(findings);
    if (this.moved(olds, news)) params.metadata = { ...(params.metadata as Params | undefined), ...this.stamp(news) };
    const declared = { ...news, ...this.hidden(news, account) };
    let outputs: Values;
    if (Object.keys(params).length === 0) {
      // Only what is ours alone has changed: nothing to tell Stripe, and what it told before still holds.
      const local = this.declaration.inputFields.filter((field) => field.local).map((field) => field.name);
      outputs = { ...olds, ...Object.fromEntries([...local, "__urn"].map((name) => [name, news[name]])) };
    } else {
      const updated = await this.objects(news)
        .post(id, params)
        .catch((error: unknown) => {
          if (!isMissing(error)) throw error;
          throw new ProviderError("missing", `${text(error)}\n  To do: run pulumi refresh, which drops what is gone`);
        });
      outputs = buildOutputs(this.declaration, declared, updated, olds);
    }
    for (const { name, onlyOnCreate } of this.declaration.outputFields) {
      const given = onlyOnCreate && news[onlyOnCreate.known];
      if (given !== undefined && given !== olds[onlyOnCreate?.known ?? ""]) outputs[name] = given;
    }
    this.finish(id, news, outputs, []);
    return outputs;
  }

  async delete(id: string, recorded: Values): Promise<void> {
    const { ends } = this.declaration;
    if (ends.by === "forget") return this.session.say(recorded.__urn, "info", ends.remains(recorded));
    const account = await this.verify(recorded, recorded);
    if (this.session.handedOut.has(id)) return this.notReplaced(id, recorded);
    const object = await this.objects(recorded).get(id);
    if (object === undefined) return this.believeGone(id, account);
    if (this.isClaimedElsewhere(object, recorded)) {
      const text =
        `${id} was taken over by a later state than this one, by its pulumi_claim: it is forgotten here and left as it is at ` +
        "Stripe. If this resource was to be replaced, change triggers; if nothing else manages the object, end it by hand";
      return this.session.say(recorded.__urn, "warning", text);
    }
    if (ends.by === "delete") {
      await this.objects(recorded).delete(id);
      this.session.deleted.add(id);
      return;
    }
    if (this.declaration.isEnded?.(object)) return;
    if (!ends.when(recorded)) return this.session.say(recorded.__urn, "warning", ends.retained(object));
    return this.endByAction(ends, object, recorded);
  }

  private async endByAction(ends: Ending & { by: "action" }, object: StripeObject, recorded: Values): Promise<void> {
    const refused = ends.refused(object);
    if (refused !== undefined) throw new ProviderError("not_ended", refused);
    const objects = this.objects(recorded);
    const failure = await objects.post(object.id, {}, ends.action).then(
      () => undefined,
      (error: unknown) => error,
    );
    // Whatever was answered: what is said of money is what Stripe says of the object now.
    const after = await objects.get(object.id);
    if (after === undefined || !this.declaration.isEnded?.(after)) {
      throw new ProviderError("not_ended", [ends.failed(object), ...(failure ? [text(failure)] : [])].join("\n"));
    }
    this.session.say(recorded.__urn, "info", ends.done(after));
  }

  private objects(inputs: Values): ObjectClient {
    return new ObjectClient(this.session.client, this.declaration, accountInput(inputs));
  }

  /** @param recorded the outputs of an object that exists */
  private verify(inputs: Values, recorded: Values | undefined): Promise<string | undefined> {
    const { livemode } = this.session.client.config;
    if (typeof recorded?.livemode === "boolean" && recorded.livemode !== livemode) {
      throw new ProviderError(
        "wrong_mode",
        `this resource is in ${modeName(recorded.livemode)} mode, but the key is a ${modeName(livemode)} key. Nothing was done and ` +
          "nothing is forgotten. Use a key of that mode",
      );
    }
    return this.session.guard.verify(accountInput(inputs), recorded?.__account);
  }

  /** @throws ProviderError where an object that isn't found is no proof that it was deleted. */
  private believeGone(id: string, account: string | undefined): void {
    if (this.declaration.missing === "error" || account === undefined) throw this.missing(id, account);
  }

  private stamp(inputs: Values) {
    return stampOf(this.declaration, inputs, this.owner(inputs));
  }

  private owner(inputs: Values): string {
    return ownerOf(inputs, this.session.client.config);
  }

  /** Hidden outputs of an object that was written. */
  private hidden(inputs: Values, account: string | undefined): Values {
    const owner = this.owner(inputs);
    return { __account: account, __owner: owner === "" ? undefined : owner };
  }

  /**
   * A claim is left by whoever took an object over, and its stamp follows the resource: the state that holds another claim,
   * or the identity the object had before, is an old one.
   */
  private isClaimedElsewhere(object: StripeObject, recorded: Values): boolean {
    const claim = object.metadata?.pulumi_claim;
    if (claim !== undefined && claim !== recorded.__claim) return true;
    if (!isStamped(this.declaration, this.session.client.config.ownership)) return false;
    const owner = (recorded.__owner as string | undefined) ?? "";
    const id = object.metadata?.pulumi_id;
    return id !== undefined && id !== stampOf(this.declaration, recorded, owner).pulumi_id;
  }

  /** An alias, a renamed stack, another owner or `pulumi state move` gave the resource another URN: its stamp is rewritten in place. */
  private moved(olds: Values, news: Values): boolean {
    const { createOnce } = this.declaration;
    const stamped = isStamped(this.declaration, this.session.client.config.ownership);
    if (!stamped || createOnce || olds.__urn === undefined) return false;
    return olds.__urn !== news.__urn || (olds.__owner ?? "") !== this.owner(news);
  }

  /** @throws PartialObjectError where the object exists but something about it is not as declared. */
  private finish(id: string, inputs: Values, outputs: Values, reasons: string[]): void {
    const verdict = this.declaration.verdict?.(outputs) ?? [];
    const all = [...reasons, ...this.recoverSecrets(id, inputs, outputs), ...verdict];
    if (all.length > 0) throw new PartialObjectError(id, outputs, all);
  }

  /** Fills in what Stripe tells at creation only, where it wasn't told; the reasons why it can't be. */
  private recoverSecrets(id: string, inputs: Values, outputs: Values): string[] {
    return this.declaration.outputFields.flatMap(({ name, onlyOnCreate }) => {
      if (onlyOnCreate === undefined || (outputs[name] !== undefined && outputs[name] !== "")) return [];
      const { known, policy } = onlyOnCreate;
      if (inputs[known] !== undefined) {
        outputs[name] = inputs[known];
        return [];
      }
      if (inputs[policy] === "leave-empty") {
        outputs[name] = "";
        this.session.say(inputs.__urn, "warning", `${name} of ${id} is not known and stays empty, as ${policy} says`);
        return [];
      }
      return [
        `${this.declaration.title} ${id} was made by an earlier run whose state was lost, and Stripe told its ${name} only ` +
          `then. Give ${known}, change triggers to get a new object, or set ${policy}: "leave-empty"`,
      ];
    });
  }

  private missing(id: string, account: string | undefined): ProviderError {
    const mode = modeName(this.session.client.config.livemode);
    const text = `${this.declaration.title} ${id} does not exist in account ${account ?? "(unknown)"} in ${mode} mode.`;
    return new ProviderError(
      "missing",
      this.declaration.missing === "error"
        ? `${text} Stripe never deletes this kind, so the key is for another account or mode, or the state is of another ` +
            "one. Nothing was forgotten; pulumi state delete forgets it on purpose"
        : `${text} Nothing was forgotten. Check the id, and that the key is for the right account and mode` +
            (account === undefined ? "; give the key the permission to read its account" : ""),
    );
  }

  private notReplaced(id: string, recorded: Values): void {
    this.session.say(
      recorded.__urn,
      "warning",
      `${id} was not replaced and not ended, as it is in use by this resource. To replace it on purpose, change triggers`,
    );
  }

  private hooks(inputs: Values): HookContext {
    const { client } = this.session;
    return {
      ...ruleContextOf(client.config),
      get: async (path) => (await client.send({ method: "GET", path, stripeAccount: accountInput(inputs) })).body,
      spend: (currency, amount) => this.session.spend(this.stamp(inputs).pulumi_id, currency, amount),
    };
  }
}

function accountInput(inputs: Values): string | undefined {
  return inputs.stripeAccount as string | undefined;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
