import { type Answer } from "./client";
import { pinnedApiVersion } from "./config";
import { Creation } from "./creation";
import { type Declaration, type HookContext, type StripeObject } from "./declare";
import { ProviderError, StripeError, InputError } from "./errors";
import { isStamped, operationKey, stampOf } from "./identity";
import { buildOutputs, declaredIn } from "./outputs";
import { planChange } from "./plan";
import { type Session } from "./session";
import { type Params } from "./wire";

type Values = Record<string, unknown>;

/** An object was made, but the resource failed: it stays in state, with what is known of it. */
export class PartialObjectError extends ProviderError {
  constructor(
    readonly id: string,
    readonly properties: Values,
    readonly reasons: string[],
  ) {
    super("partly_done", reasons.join("\n"));
  }
}

/** The life of one kind, as its declaration says: the same code for every kind. */
export class Lifecycle {
  constructor(
    private readonly declaration: Declaration,
    private readonly session: Session,
  ) {}

  /** @throws InputError where a change is refused. */
  diff(id: string, olds: Values, news: Values): { changes: boolean; replaces: string[] } {
    const plan = planChange(this.declaration, olds, news);
    if (plan.findings.length > 0) throw new InputError(plan.findings);
    if (plan.replaces.length > 0) this.session.replacing.set(this.stamp(news).pulumi_id, id);
    return { changes: plan.changed.length > 0 || this.moved(olds, news), replaces: plan.replaces };
  }

  async create(inputs: Values): Promise<{ id: string; outputs: Values }> {
    const account = await this.verify(inputs, undefined);
    const creation = new Creation(this.declaration, this.session, account, inputs);
    const { object, claim } = await creation.run(() => this.declaration.beforeCreate?.(inputs, this.hooks(inputs)));
    this.session.handedOut.add(object.id);
    const declared = { ...inputs, __account: account, __claim: claim };
    let outputs = buildOutputs(this.declaration, declared, object);
    const reasons = this.declaration.afterCreate?.(inputs, object) ?? [];
    // What Stripe takes on update only, and what an object that was found has to catch up on.
    const { params } = planChange({ ...this.declaration, refuse: undefined }, outputs, inputs);
    if (Object.keys(params).length > 0) {
      try {
        const { body } = await this.post(inputs, this.objectPath(object.id), params);
        outputs = buildOutputs(this.declaration, declared, asObject(body), outputs);
      } catch (error) {
        reasons.push(`${object.id} was created, but not brought up to date: ${text(error)}`);
      }
    }
    this.finish(object.id, inputs, outputs, reasons);
    return { id: object.id, outputs };
  }

  /** Undefined where the object is gone. */
  async read(id: string, recorded: Values): Promise<{ inputs: Values; outputs: Values } | undefined> {
    const account = await this.verify(recorded, recorded.__account);
    const object = await this.get(recorded, id);
    if (object === undefined) {
      if (this.declaration.neverGone) throw this.missing(id, account);
      return undefined;
    }
    const declared = declaredIn(this.declaration, recorded);
    const outputs = buildOutputs(this.declaration, { ...declared, __account: account }, object, recorded);
    return { inputs: declaredIn(this.declaration, outputs), outputs };
  }

  async update(id: string, olds: Values, news: Values): Promise<Values> {
    const account = await this.verify(news, olds.__account);
    const { params, findings } = planChange(this.declaration, olds, news);
    if (findings.length > 0) throw new InputError(findings);
    if (this.moved(olds, news)) params.metadata = { ...(params.metadata as Params | undefined), ...this.stamp(news) };
    const declared = { ...news, __account: account };
    let outputs: Values;
    if (Object.keys(params).length === 0) {
      // Only what is ours alone has changed: nothing to tell Stripe, and what it told before still holds.
      outputs = { ...olds, ...Object.fromEntries(this.localNames().map((name) => [name, news[name]])) };
    } else {
      const answer = await this.post(news, this.objectPath(id), params).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
        throw new ProviderError("missing", `${text(error)}\n  To do: run pulumi refresh, which drops what is gone`);
      });
      outputs = buildOutputs(this.declaration, declared, asObject(answer.body), olds);
    }
    this.finish(id, news, outputs, []);
    return outputs;
  }

  async delete(id: string, recorded: Values): Promise<void> {
    const { ends } = this.declaration;
    const account = await this.verify(recorded, recorded.__account);
    if (this.session.handedOut.has(id)) return this.notReplaced(id, recorded);
    const object = await this.get(recorded, id);
    if (object === undefined) {
      if (this.declaration.neverGone) throw this.missing(id, account);
      return;
    }
    const claim = object.metadata?.pulumi_claim;
    if (claim !== undefined && claim !== recorded.__claim) return this.notReplaced(id, recorded);
    if (ends.by === "delete") {
      const call = { method: "DELETE", path: this.objectPath(id), stripeAccount: accountInput(recorded) } as const;
      await this.session.client.send(call).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
      this.session.deleted.add(id);
      return;
    }
    if (!ends.when(recorded)) return this.session.say(recorded.__urn, "warning", ends.retained(object));
    if (this.declaration.isEnded?.(object)) return;
    const refused = ends.refused(object);
    if (refused !== undefined) throw new ProviderError("not_ended", refused);
    try {
      const { body } = await this.post(recorded, `${this.objectPath(id)}/${ends.action}`, {});
      this.session.say(recorded.__urn, "info", ends.done(asObject(body)));
    } catch (error) {
      throw new ProviderError("not_ended", `${ends.failed(object)}\n${text(error)}`);
    }
  }

  private async get(inputs: Values, id: string): Promise<StripeObject | undefined> {
    try {
      const call = { method: "GET", path: this.objectPath(id), stripeAccount: accountInput(inputs) } as const;
      const object = asObject((await this.session.client.send(call)).body);
      return object.deleted === true ? undefined : object;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** A write to an object that exists: a key of its own, so that no stored answer is taken for it. */
  private async post(inputs: Values, path: string, params: Params): Promise<Answer> {
    const answer = await this.session.client.send({
      method: "POST",
      path,
      params,
      idempotencyKey: operationKey(),
      stripeAccount: accountInput(inputs),
    });
    if (answer.replayed && answer.attempts === 1) {
      throw new ProviderError(
        "replayed",
        `POST ${path}: Stripe answered a first attempt from its store; nothing was changed`,
      );
    }
    return answer;
  }

  private verify(inputs: Values, recorded: unknown): Promise<string | undefined> {
    return this.session.guard.verify(accountInput(inputs), recorded);
  }

  private stamp(inputs: Values) {
    return stampOf(this.declaration, inputs, this.session.owner);
  }

  /** An alias, a renamed stack or `pulumi state move` gave the resource another URN: its stamp is rewritten in place. */
  private moved(olds: Values, news: Values): boolean {
    const stamped = isStamped(this.declaration, this.session.client.config.ownership);
    return stamped && olds.__urn !== undefined && olds.__urn !== news.__urn;
  }

  private objectPath(id: string): string {
    return `${this.declaration.api.path}/${encodeURIComponent(id)}`;
  }

  /** @throws PartialObjectError where the object exists but something about it is not as declared. */
  private finish(id: string, inputs: Values, outputs: Values, reasons: string[]): void {
    const all = [...reasons, ...this.recoverSecrets(id, inputs, outputs)];
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

  private localNames(): string[] {
    return ["__urn", ...this.declaration.inputFields.filter((field) => field.local).map((field) => field.name)];
  }

  private missing(id: string, account: string | undefined): ProviderError {
    const mode = this.session.client.config.livemode ? "live" : "test";
    return new ProviderError(
      "missing",
      `${this.declaration.title} ${id} does not exist in account ${account ?? "(unknown)"} in ${mode} mode. Stripe never ` +
        "deletes this kind, so the key is for another account or mode, or the state is of another one. Nothing was " +
        "forgotten; pulumi state delete forgets it on purpose",
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
      livemode: client.config.livemode,
      apiVersion: client.config.apiVersion,
      pinned: client.config.apiVersion === pinnedApiVersion,
      get: async (path, query) =>
        (await client.send({ method: "GET", path, params: query, stripeAccount: accountInput(inputs) })).body,
      reserveSpend: (currency, amount) => this.session.reserveSpend(currency, amount),
      say: (severity, message) => this.session.say(inputs.__urn, severity, message),
    };
  }
}

function asObject(body: Record<string, unknown>): StripeObject {
  return body as StripeObject;
}

function accountInput(inputs: Values): string | undefined {
  return inputs.stripeAccount as string | undefined;
}

function isMissing(error: unknown): boolean {
  return error instanceof StripeError && error.status === 404;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
