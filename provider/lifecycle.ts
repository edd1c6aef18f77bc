import { refuseLaterAdoption, untold } from "./adoption";
import { modeName } from "./config";
import { type Before, Creation } from "./creation";
import { type Declaration, type HookContext, type StripeObject } from "./declare";
import { codeOf, differencesOf, type Drift, isAtEnd, namesThatDiffer } from "./drift";
import { Ender } from "./ending";
import { InputError, isMissing, messageOf, PartialObjectError, ProviderError } from "./errors";
import { hooksFor } from "./hooks";
import { endedClaim, isStamped, ownerOf, stampOf } from "./identity";
import { expansions, ObjectClient } from "./object-client";
import { buildOutputs, declaredIn, namesIn, namesOf } from "./outputs";
import { compare, planChange, wantedState } from "./plan";
import { masksFor } from "./secrecy";
import { heldObject, type Session } from "./session";
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
    this.refuseOtherMode(olds);
    this.session.guard.remember(accountInput(olds), olds.__account);
    this.hold(id, olds, news);
    // The name it had is that of what was replaced before it got another one.
    for (const { __urn } of [olds, news]) this.session.current.set(String(__urn), id);
    const plan = planChange(this.declaration, olds, news);
    const findings = [...plan.findings, ...refuseLaterAdoption(this.declaration, id, news, plan.replaces)];
    if (findings.length > 0) throw new InputError(findings);
    if (plan.ignored.length > 0) {
      const text = `${id} is redacted and never changes again; not changed: ${plan.ignored.join(", ")}`;
      this.session.say(news.__urn, "warning", text);
    }
    const { spends, createOnce } = this.declaration;
    if (spends && createOnce && plan.replaces.length === 0 && this.isKnownOtherwise(olds, news)) {
      const text =
        `${id} was ${spends.done} under another name, stack or owner, and its stamp at Stripe can't be changed. Replaced by force, ` +
        `or with its state lost, it would be ${spends.done} again: do neither, or take the change back`;
      this.session.say(news.__urn, "warning", text);
    }
    // An empty secret downstream loses every event: whatever a refresh left in state, it is told of until something is done.
    const lost = untold(this.declaration, news).some(({ name }) => olds[name] === undefined || olds[name] === "");
    const failed =
      lost || olds.__doubt !== undefined || (this.declaration.verdict?.({ ...olds, ...news }) ?? []).length > 0;
    const changes = plan.changed.length > 0 || this.moved(olds, news) || failed;
    if (changes) await this.verify(olds, olds, id);
    if (changes && olds.__takenBy !== undefined && plan.replaces.length === 0) {
      throw new ProviderError(
        "foreign_owned",
        `${id} was taken over from this resource, by ${olds.__takenBy as string}: nothing of it is changed. Take it out of this program. To have ` +
          "it back: pulumi state delete here, then pulumi up with adopt and adoptFrom, and only then take it out of the other program, which " +
          "would end it. Where it was given back, or is gone, pulumi refresh tells",
      );
    }
    if (plan.replaces.length > 0) this.session.replacing.set(this.stamp(news).pulumi_id, id);
    return { changes, replaces: plan.replaces };
  }

  /**
   * One object belongs to one resource.
   * @throws ProviderError where another resource of the state has the same object, or this run gives its old name to a new one
   */
  private hold(id: string, olds: Values, news: Values): void {
    const urn = String(news.__urn);
    const object = heldObject(olds.__account, olds, id);
    const holder = this.session.holders.get(object) ?? urn;
    // Before it deletes what others depend on, the engine compares those with what they were, under the names they had.
    if (!hasUnknown(news)) {
      if (holder !== urn) {
        throw new ProviderError(
          "held_twice",
          `${holder} has the object ${id} in state too. Nothing was done. Take one of the two out of the state with pulumi state ` +
            "delete, which leaves the object as it is",
        );
      }
      this.session.holders.set(object, urn);
    }
    const { createOnce, isRedacted } = this.declaration;
    if (isRedacted?.(olds) || !this.isKnownOtherwise(olds, news)) return;
    if (this.session.newcomers.has(this.recordedStamp(olds).pulumi_id)) {
      throw new ProviderError(
        "name_reused",
        `${id} still carries the name ${String(olds.__urn)} at Stripe, which this run gives to a new resource: that would take the ` +
          `object over. ${createOnce ? "Give the new resource triggers" : "Run pulumi up without the new resource first"}`,
      );
    }
  }

  /** Before anything is planned for a new resource: that the key acts on the right account, and what would stop the create. */
  async verifyNew(inputs: Values): Promise<void> {
    const { missing, spends, states, title } = this.declaration;
    const { checkpoints, livemode, ownership } = this.session.client.config;
    if (isStamped(this.declaration, ownership)) this.session.newcomers.add(this.stamp(inputs).pulumi_id);
    // Every create is checked first, so it is told here alone.
    else if (spends && livemode && inputs.adopt === undefined) {
      const message = `must be stamp in live mode: without a stamp a ${title} could be ${spends.done} twice`;
      throw new InputError([{ path: "stripe:ownership", message }]);
    }
    // Stripe forgets it, and the doubt about one that wasn't answered is in state alone.
    if (spends && missing === "kept" && livemode && !checkpoints && inputs.adopt === undefined) {
      const message = `can't be ${spends.done} in live mode without checkpoints: a killed run could have it ${spends.done} twice`;
      throw new InputError([{ path: "", message: `a ${title} ${message}. Unset PULUMI_SKIP_CHECKPOINTS` }]);
    }
    if (hasUnknown(inputs.stripeAccount)) return;
    const account = await this.verify(inputs, undefined);
    // What only costs a refusal is told by the create itself: asking beforehand would cost calls for every resource.
    const worthAsking = spends ?? (states !== undefined && wantedState(states, inputs) !== states.first);
    const before = this.beforeCreate(inputs);
    const adopts = inputs.adopt !== undefined && !hasUnknown(inputs.adopt);
    if (!adopts && (!worthAsking || before === undefined || hasUnknown(inputs))) return;
    await new Creation(this.declaration, this.session, account, inputs, this.hooks(inputs)).preflight(
      before ?? (async () => undefined),
    );
  }

  /** What runs before each attempt to create: nothing is made in order to be ended. */
  private beforeCreate(inputs: Values): Before | undefined {
    const { beforeCreate, states, title } = this.declaration;
    if (states !== undefined && wantedState(states, inputs) !== states.first) {
      const message = `a new ${title} is ${states.first}: none is made in order to be ${wantedState(states, inputs)}`;
      return () => Promise.reject(new InputError([{ path: states.field, message }]));
    }
    return beforeCreate && (() => beforeCreate(inputs, this.hooks(inputs)));
  }

  async create(inputs: Values): Promise<{ id: string; outputs: Values }> {
    const account = await this.verify(inputs, undefined);
    const hooks = this.hooks(inputs);
    const creation = new Creation(this.declaration, this.session, account, inputs, hooks);
    const made = await creation.run(this.beforeCreate(inputs)).catch((error: unknown) => {
      throw this.rememberDoubt(inputs, account, error);
    });
    const { object, claim, found } = made;
    this.session.handedOut.add(object.id);
    this.session.holders.set(heldObject(account, inputs, object.id), String(inputs.__urn));
    this.session.current.set(String(inputs.__urn), object.id);
    const declared = { ...inputs, ...this.hidden(inputs, account), __claim: claim };
    let outputs = buildOutputs(this.declaration, declared, object);
    const { afterCreate } = this.declaration;
    const reasons = (await afterCreate?.(inputs, object, this.hooks(inputs, object.id), found === true)) ?? [];
    // What Stripe takes on update only, and what an object that was found has to catch up on.
    const { params } = compare(this.declaration, outputs, inputs);
    try {
      const updated = Object.keys(params).length > 0 ? await this.post(object.id, params, outputs, inputs) : object;
      const moved = await this.move(updated, inputs);
      if (moved !== object) outputs = buildOutputs(this.declaration, declared, moved, outputs);
    } catch (error) {
      reasons.push(`${object.id} was created, but not brought up to date: ${messageOf(error)}`);
    }
    this.finish(object.id, inputs, outputs, reasons);
    return { id: object.id, outputs };
  }

  /** Brings an object to the place in its life where it is asked to be. */
  private async move(object: StripeObject, inputs: Values): Promise<StripeObject> {
    const { states } = this.declaration;
    if (states === undefined || states.of(object) === wantedState(states, inputs)) return object;
    const move = states.moves[wantedState(states, inputs)];
    if (move === undefined) return object;
    const refused = move.refused(object);
    if (refused !== undefined) throw new InputError([{ path: states.field, message: refused }]);
    const moved = await this.objects(inputs).post(object.id, {}, move.action);
    this.session.say(inputs.__urn, "warning", move.done(moved));
    return moved;
  }

  /**
   * What may never be sent twice has no later run that could know: Stripe forgets the key after a day. So the doubt itself is
   * kept in state, and fails every run until another object is asked for.
   */
  private rememberDoubt(inputs: Values, account: string | undefined, error: unknown): unknown {
    const { spends } = this.declaration;
    if (spends === undefined || spends.advances || !ProviderError.is(error) || error.code !== "in_doubt") return error;
    // Kept in state in plain text.
    const doubt = masksFor(this.declaration, inputs).message(error.message);
    const outputs = { ...inputs, ...this.hidden(inputs, account), __doubt: doubt };
    return new PartialObjectError(`in_doubt_${this.stamp(inputs).pulumi_id}`, outputs, [doubt]);
  }

  /**
   * Undefined where the object is gone. Inputs are returned where they are not what the state has, and tell (`__refreshed`) what of them no
   * program said; without them those in state hold, which tell what an earlier refresh took over, until the next `pulumi up`.
   */
  async read(id: string, recorded: Values): Promise<{ inputs?: Values; outputs: Values } | undefined> {
    const { account, object } = await this.look(id, recorded);
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
    const outputs = this.reread(recorded, account, object);
    const inputs = declaredIn(this.declaration, outputs);
    if (recorded.__get !== undefined) return { inputs, outputs };
    if (this.isAnothers(object, recorded)) outputs.__takenBy = object.metadata?.pulumi_stack ?? "another stack";
    const before = declaredIn(this.declaration, recorded);
    const taken = [...namesThatDiffer(before, inputs), ...namesIn(recorded.__apart)];
    // A later refresh is given outputs alone, and may have other names to tell.
    const __refreshed = namesOf([...namesIn(recorded.__refreshed), ...taken]);
    if (__refreshed !== undefined) outputs.__refreshed = __refreshed;
    if (taken.length === 0) return inputs.__redacted === undefined ? { outputs } : { inputs, outputs };
    return { inputs: { ...inputs, __refreshed }, outputs };
  }

  /**
   * What a refresh and the run after it would find; nothing is said, and nothing written.
   * @param ignoreChanges paths that the engine is told to ignore
   * @throws ProviderError where it can't be told, as for a resource whose create is in doubt
   */
  async drift(id: string, recorded: Values, ignoreChanges: readonly string[] = []): Promise<Drift> {
    // Its id is none of Stripe's, and every run fails until the doubt is settled.
    if (typeof recorded.__doubt === "string") throw new ProviderError("in_doubt", recorded.__doubt);
    const { account, object } = await this.look(id, recorded);
    if (object === undefined) {
      if (this.declaration.missing === "kept" && account !== undefined) return { status: "unchanged", differences: [] };
      this.believeGone(id, account);
      return { status: "gone" };
    }
    const live = this.reread(recorded, account, object);
    const code = codeOf(this.declaration, recorded, live, ignoreChanges);
    const differences = differencesOf(this.declaration, code, live);
    if (this.isClaimedElsewhere(object, recorded)) {
      return { status: "foreign-owned", differences, detail: object.metadata?.pulumi_stack };
    }
    if (isAtEnd(this.declaration, code, object, ignoreChanges)) {
      const detail = this.declaration.isRedacted?.(object) ? "redacted" : object.status;
      return { status: "archived", differences, ...(typeof detail === "string" && { detail }) };
    }
    return { status: differences.length > 0 ? "changed" : "unchanged", differences };
  }

  /** The object as it is at Stripe, on a verified account; undefined where there is none. */
  private async look(id: string, recorded: Values): Promise<{ account?: string; object?: StripeObject }> {
    const account = await this.verify(recorded, recorded, id);
    const isOnlyRead = recorded.__get !== undefined;
    const object = isOnlyRead
      ? await this.objects(recorded).find(id, recorded)
      : await this.session.snapshots.find(this.declaration, id, recorded);
    return { account, object };
  }

  /** What is recorded of an object, with its values as they are now. */
  private reread(recorded: Values, account: string | undefined, object: StripeObject): Values {
    const declared = declaredIn(this.declaration, recorded);
    return buildOutputs(this.declaration, { ...declared, __account: account }, object, recorded);
  }

  async update(id: string, olds: Values, news: Values): Promise<Values> {
    const account = await this.verify(news, olds, id);
    if (typeof olds.__doubt === "string") throw new PartialObjectError(id, olds, [olds.__doubt]);
    const { params, findings } = planChange(this.declaration, olds, news);
    if (findings.length > 0) throw new InputError(findings);
    if (this.moved(olds, news)) params.metadata = { ...(params.metadata as Params | undefined), ...this.stamp(news) };
    const declared = { ...news, ...this.hidden(news, account) };
    const reasons: string[] = [];
    let outputs: Values;
    const updated = await this.write(id, params, olds, news).catch(explainMissing);
    if (updated === undefined) {
      // Only what is ours alone has changed: nothing to tell Stripe, and what it told before still holds.
      const local = this.declaration.inputFields.filter((field) => field.local).map((field) => field.name);
      // A name that the stamp can't follow is not forgotten: every later run has to know of it.
      const names = this.declaration.createOnce ? local : [...local, "__urn"];
      outputs = { ...olds, ...Object.fromEntries(names.map((name) => [name, news[name]])) };
    } else {
      if (this.isClaimedElsewhere(updated, { ...declared, __claim: olds.__claim })) {
        const text =
          `${id} is managed by another stack since it was taken over from this one, and was changed here all the same: take it ` +
          "out of this program";
        this.session.say(news.__urn, "warning", text);
      }
      outputs = buildOutputs(this.declaration, declared, updated, olds);
      try {
        const moved = await this.move(updated, news);
        if (moved !== updated) outputs = buildOutputs(this.declaration, declared, moved, outputs);
      } catch (error) {
        // What was asked for before stays recorded, so that the next run asks again.
        const { field } = this.declaration.states ?? { field: "" };
        reasons.push(messageOf(error));
        if (olds[field] === undefined) delete outputs[field];
        else outputs[field] = olds[field];
      }
    }
    for (const { name, onlyOnCreate } of this.declaration.outputFields) {
      const given = onlyOnCreate && news[onlyOnCreate.known];
      if (given !== undefined && given !== olds[onlyOnCreate?.known ?? ""]) outputs[name] = given;
    }
    this.finish(id, news, outputs, reasons);
    return outputs;
  }

  /** An update, with what the kind sends along. */
  private async post(id: string, params: Params, recorded: Values, inputs: Values): Promise<StripeObject> {
    const extra = await this.declaration.beforeUpdate?.(params, recorded, this.hooks(inputs, id));
    return this.objects(inputs).post(id, { ...params, ...extra });
  }

  /** The object after an update; as it is where only more has to be known of it; undefined where nothing has to be asked. */
  private async write(id: string, params: Params, olds: Values, news: Values): Promise<StripeObject | undefined> {
    const { inputFields, outputFields, states } = this.declaration;
    if (Object.keys(params).length > 0) return this.post(id, params, olds, news);
    const fields = [...inputFields, ...outputFields];
    const asksMore = expansions(fields, news).join() !== expansions(fields, olds).join();
    const moves = states !== undefined && wantedState(states, olds) !== wantedState(states, news);
    if (!asksMore && !moves) return undefined;
    const object = await this.objects(news).find(id, olds);
    if (object === undefined) throw this.missing(id, olds.__account as string | undefined);
    return object;
  }

  async delete(id: string, recorded: Values): Promise<void> {
    const { ends } = this.declaration;
    if (ends.by === "forget") return this.session.say(recorded.__urn, "info", ends.remains(recorded));
    const account = await this.verify(recorded, recorded, id);
    if (this.session.handedOut.has(id) || this.isMadeAgain(recorded)) return this.notReplaced(id, recorded);
    const holder = this.session.holders.get(heldObject(recorded.__account, recorded, id)) ?? recorded.__urn;
    if (holder !== recorded.__urn) {
      const text = `${id} is forgotten here and left as it is at Stripe: ${String(holder)} has it in state too`;
      return this.session.say(recorded.__urn, "warning", text);
    }
    // Where the end depends on how far the object has come in its life, it is read by itself.
    const object =
      ends.by === "delete"
        ? await this.session.snapshots.findFresh(this.declaration, id, recorded)
        : await this.objects(recorded).find(id, recorded);
    if (object === undefined) return this.believeGone(id, account);
    if (object.metadata?.pulumi_claim === endedClaim) return;
    if (this.isClaimedElsewhere(object, recorded)) {
      const text =
        `${id} was taken over by a later state than this one, by its pulumi_claim: it is forgotten here and left as it is at ` +
        "Stripe. If this resource was to be replaced, change triggers; if nothing else manages the object, end it by hand";
      return this.session.say(recorded.__urn, "warning", text);
    }
    return new Ender(this.declaration, this.session, recorded).end(object);
  }

  private hooks(inputs: Values, id?: string): HookContext {
    return hooksFor(this.declaration, this.session, inputs, id);
  }

  private objects(inputs: Values): ObjectClient {
    return new ObjectClient(this.session.client, this.declaration, inputs);
  }

  /**
   * @param recorded the outputs of an object that exists
   * @param id of that object
   */
  private verify(inputs: Values, recorded: Values | undefined, id = ""): Promise<string | undefined> {
    if (recorded !== undefined) this.refuseOtherMode(recorded);
    const isThere = async () =>
      recorded !== undefined && (await this.session.snapshots.isThere(this.declaration, id, recorded));
    return this.session.guard.verify(accountInput(inputs), recorded?.__account, isThere);
  }

  /** @throws ProviderError where the object is not in the mode of the key */
  private refuseOtherMode(recorded: Values): void {
    const { livemode } = this.session.client.config;
    if (typeof recorded.livemode !== "boolean" || recorded.livemode === livemode) return;
    throw new ProviderError(
      "wrong_mode",
      `this resource is in ${modeName(recorded.livemode)} mode, but the key is a ${modeName(livemode)} key. Nothing was done and ` +
        "nothing is forgotten. Use a key of that mode",
    );
  }

  /** @throws ProviderError where an object that isn't found is no proof that it was deleted. */
  private believeGone(id: string, account: string | undefined): void {
    if (this.declaration.missing === "error" || account === undefined) throw this.missing(id, account);
  }

  private stamp(inputs: Values) {
    return stampOf(this.declaration, inputs, this.owner(inputs));
  }

  /** The stamp as it was left on an object that exists. */
  private recordedStamp(recorded: Values) {
    return stampOf(this.declaration, recorded, (recorded.__owner as string | undefined) ?? "");
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
    return (
      (claim !== undefined && claim !== endedClaim && claim !== recorded.__claim) || this.isAnothers(object, recorded)
    );
  }

  /** It carries the stamp of another resource; a claim alone may be that of a run of this one which died before its state was written. */
  private isAnothers(object: StripeObject, recorded: Values): boolean {
    if (!isStamped(this.declaration, this.session.client.config.ownership)) return false;
    const id = object.metadata?.pulumi_id;
    return id !== undefined && id !== this.recordedStamp(recorded).pulumi_id;
  }

  /** An alias, a renamed stack, another owner or `pulumi state move` gave the resource another URN: its stamp is rewritten in place. */
  private moved(olds: Values, news: Values): boolean {
    const { createOnce, isRedacted } = this.declaration;
    return !createOnce && !isRedacted?.(olds) && this.isKnownOtherwise(olds, news);
  }

  /** Whether the stamp of the object is that of another identity than the resource has now. */
  private isKnownOtherwise(olds: Values, news: Values): boolean {
    const stamped = isStamped(this.declaration, this.session.client.config.ownership);
    if (!stamped || olds.__urn === undefined) return false;
    return olds.__urn !== news.__urn || (olds.__owner ?? "") !== this.owner(news);
  }

  /** @throws PartialObjectError where the object exists but something about it is not as declared. */
  private finish(id: string, inputs: Values, outputs: Values, reasons: string[]): void {
    // What Stripe has otherwise than it was to have: not asked for, as the engine ignores it, or refused.
    outputs.__apart = namesOf(compare(this.declaration, outputs, inputs).changed);
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
      account === undefined ? "account_unknown" : "missing",
      this.declaration.missing === "error"
        ? `${text} Stripe's API never deletes this kind, so the key is for another account or mode, or the state is of another ` +
            "one, or somebody deleted it in the Dashboard. Nothing was forgotten; pulumi state delete forgets it on purpose"
        : `${text} Nothing was forgotten. Check the id, and that the key is for the right account and mode` +
            (account === undefined ? "; give the key the permission to read its account" : ""),
    );
  }

  /** With `deleteBeforeReplace`, what was paid for would be ended by the very run that is then to find it. */
  private isMadeAgain(recorded: Values): boolean {
    return this.declaration.spends !== undefined && this.session.newcomers.has(this.recordedStamp(recorded).pulumi_id);
  }

  private notReplaced(id: string, recorded: Values): void {
    this.session.say(
      recorded.__urn,
      "warning",
      `${id} was not replaced and not ended, as it is in use by this resource. To replace it on purpose, change ` +
        (this.declaration.spends?.askAgain ?? "triggers"),
    );
  }
}

function explainMissing(error: unknown): never {
  if (!isMissing(error)) throw error;
  throw new ProviderError("missing", `${messageOf(error)}\n  To do: run pulumi refresh, which drops what is gone`);
}

function accountInput(inputs: Values): string | undefined {
  return inputs.stripeAccount as string | undefined;
}
