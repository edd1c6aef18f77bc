import { type DeliveryAttempt, nextAttempt, type Outcome, type OwedDelivery } from "./delivery";
import { Courier } from "./courier";
import { OwedQueue } from "./owed";
import { renderThinEvent, type ThinEvent, thinEventName } from "./behaviour/thin-event";
import { eventKind, type EventRecord, renderEvent } from "./events";
import { MissingHere } from "./missing";
import { Newest } from "./newest";
import { type Receiver, receiversFor, receiversOf } from "./receivers";
import { isOf } from "./scope";
import { signatureHeader } from "./signature";
import { type World } from "./world";

/** What is still to be delivered at one moment. */
export interface DeliveryContents {
  readonly owed: readonly OwedDelivery[];
  /** By event: endpoints that didn't take it so far. */
  readonly undelivered: ReadonlyMap<string, ReadonlySet<string>>;
}

const attemptCapacity = 1000;

/** The longest a timer of Node can wait. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Hands every recorded event to the receivers registered for it, and tries again what fails. Stripe promises no
 * order; here each endpoint gets one event at a time, the longest due first, so that what happens can be repeated.
 */
export class Deliveries {
  readonly #world: World;
  readonly #courier: Courier;
  readonly #attempts = new Newest<DeliveryAttempt>(attemptCapacity);
  readonly #owed = new OwedQueue();
  #undelivered = new Map<string, Set<string>>();
  /** Endpoints that are being posted to; what they get stays owed until it is settled. */
  #busy = new Set<string>();
  /** Aborted where whatever is under way must not count any more. */
  #era = new AbortController();
  #soon: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];

  /** @param onAttempt called after each attempt, once it is among `attempts` */
  constructor(
    world: World,
    private readonly onAttempt: () => void = () => undefined,
  ) {
    this.#world = world;
    this.#courier = new Courier(world.settings);
    world.listeners.add((account, event) => this.#owe(account, event as EventRecord));
    world.pinged.add((account, event, receiver) =>
      // One that is disabled gets no ping either: unconfirmed.
      this.#add(account, event as ThinEvent, this.#enabled(account, receiver), false),
    );
  }

  #enabled(account: string, id: string): Receiver[] {
    return receiversFor(this.#world, account).filter((one) => one.id === id && one.status === "enabled");
  }

  attempts(): readonly DeliveryAttempt[] {
    return this.#attempts.list();
  }

  /** Sends what is due by now, once whatever is being answered is answered. */
  pass(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.#sendDue();
    });
  }

  /**
   * Sends an event again, now, to one endpoint or to all it is for. It changes nothing about automatic retries. [docs]
   * Returns the ids of the endpoints. Throws an Error where there is nothing to send, or an endpoint is disabled.
   */
  resend(account: string, eventId: string, endpointId: string | undefined): string[] {
    const event = this.#event(account, eventId);
    if (event === undefined) throw new MissingHere(`resend: the emulator has no event '${eventId}'`);
    const receivers =
      endpointId === undefined
        ? receiversOf(this.#world, account, event.type)
        : receiversFor(this.#world, account).filter(({ id }) => id === endpointId);
    if (endpointId !== undefined && receivers.length === 0) {
      throw new MissingHere(`resend: '${endpointId}' is no webhook endpoint for events of account '${account}'`);
    }
    // What Stripe does with a disabled one is unconfirmed.
    if (receivers.some(({ status }) => status === "disabled")) {
      throw new Error(`resend: webhook endpoint '${String(endpointId)}' is disabled`);
    }
    this.#add(account, event, receivers, true);
    return receivers.map(({ id }) => id);
  }

  /** Resolves once nothing is due or under way. */
  async idle(): Promise<void> {
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** What is under way counts as not sent yet. */
  contents(): DeliveryContents {
    return structuredClone({ owed: this.#owed.list(), undelivered: this.#undelivered });
  }

  restore({ owed, undelivered }: DeliveryContents): void {
    this.#stop();
    this.#owed.clear();
    for (const one of owed) this.#owed.add(one);
    this.#undelivered = new Map([...undelivered].map(([event, endpoints]) => [event, new Set(endpoints)]));
    this.pass();
  }

  /** Forgets what is owed and was tried: all of it, or that of one account. */
  reset(account?: string): void {
    if (account === undefined) this.restore({ owed: [], undelivered: new Map() });
    const isMeant = isOf(account);
    for (const { eventId } of [...this.#owed.list(), ...this.attempts()].filter(isMeant))
      this.#undelivered.delete(eventId);
    this.#owed.clear(isMeant);
    this.#attempts.clear(isMeant);
  }

  async close(): Promise<void> {
    this.#stop();
    this.#owed.clear();
    this.#sendDue();
    await this.#courier.close();
  }

  /** Nothing that is under way or planned is heard of again. */
  #stop(): void {
    this.#era.abort();
    this.#era = new AbortController();
    this.#busy = new Set();
    clearImmediate(this.#soon);
    this.#soon = undefined;
    clearTimeout(this.#timer);
  }

  #owe(account: string, event: EventRecord): void {
    const receivers = receiversOf(this.#world, account, event.type);
    if (receivers.length === 0) return;
    this.#undelivered.set(event.id, new Set(receivers.map(({ id }) => id)));
    this.#add(account, event, receivers, false);
  }

  #add(
    account: string,
    { id: eventId, type: eventType }: EventRecord | ThinEvent,
    receivers: readonly Receiver[],
    resent: boolean,
  ): void {
    const now = this.#world.settings.now();
    for (const { holder, id: endpointId, url } of receivers) {
      const times = { failures: 0, firstAt: now, dueAt: now };
      this.#owed.add({ account, eventId, eventType, holder, endpointId, url, resent, ...times });
    }
    this.pass();
  }

  #sendDue(): void {
    const now = this.#world.settings.now();
    for (let next = this.#next(); next !== undefined && next.dueAt <= now; next = this.#next()) {
      this.#busy.add(next.endpointId);
      void this.#attempt(next);
    }
    this.#wakeAtNext();
    if (this.#isIdle()) for (const wake of this.#waiting.splice(0)) wake();
  }

  #next(): OwedDelivery | undefined {
    return this.#owed.first((endpointId) => !this.#busy.has(endpointId));
  }

  #isIdle(): boolean {
    const first = this.#owed.first();
    return first === undefined || first.dueAt > this.#world.settings.now();
  }

  /**
   * A clock that goes by itself brings retries too; waiting for them keeps no process alive. Whoever is being posted to is
   * looked after once that is settled.
   */
  #wakeAtNext(): void {
    clearTimeout(this.#timer);
    const next = this.#next();
    if (next === undefined) return;
    const wait = next.dueAt - this.#world.settings.now();
    this.#timer = setTimeout(() => this.#sendDue(), Math.min(wait, longestTimerMs)).unref();
  }

  async #attempt(owed: OwedDelivery): Promise<void> {
    const { signal } = this.#era;
    const { account, eventId, endpointId, resent } = owed;
    const at = this.#world.settings.now();
    const begun = performance.now();
    const event = this.#event(account, eventId);
    const endpoint = receiversFor(this.#world, account).find(({ id }) => id === endpointId);
    const outcome = await this.#send(owed, event, endpoint, at);
    if (signal.aborted) return;
    if (!this.#owed.has(owed)) {
      // Its account was reset meanwhile.
      this.#busy.delete(endpointId);
      this.#sendDue();
      return;
    }

    const retryAt =
      outcome.sent && !outcome.delivered && !resent ? nextAttempt(owed, this.#world.settings.livemode) : undefined;
    const earlier = this.attempts().filter((other) => other.eventId === eventId && other.endpointId === endpointId);
    this.#attempts.add({
      account,
      eventId,
      eventType: owed.eventType,
      endpointId,
      url: endpoint?.url ?? owed.url,
      attempt: (earlier.at(-1)?.attempt ?? 0) + 1,
      resent,
      at,
      ...outcome,
      durationMs: Math.round(performance.now() - begun),
      ...(retryAt !== undefined && { nextAttemptAt: retryAt }),
    });
    this.#owed.remove(owed);
    this.onAttempt();
    if (retryAt !== undefined) this.#owed.add({ ...owed, failures: owed.failures + 1, dueAt: retryAt });
    if (outcome.delivered) this.#settle(account, eventId, endpointId);
    this.#busy.delete(endpointId);
    this.#sendDue();
  }

  /** An endpoint that is gone or disabled when its turn comes ends all further retries. [docs: webhooks] */
  async #send(
    owed: OwedDelivery,
    event: EventRecord | ThinEvent | undefined,
    endpoint: Receiver | undefined,
    at: number,
  ): Promise<Outcome> {
    if (event === undefined || endpoint?.status !== "enabled") {
      const what = event === undefined ? "event is gone" : `endpoint is ${endpoint?.status ?? "deleted"}`;
      return { sent: false, delivered: false, error: `not sent: the ${what}` };
    }
    const foreign = owed.account === owed.holder ? undefined : owed.account;
    const payload =
      event.object === thinEventName ? renderThinEvent(event) : renderEvent(event, endpoint.apiVersion, foreign);
    const signature = signatureHeader(endpoint.secret, Math.floor(at / 1000), payload);
    return this.#courier.post(endpoint.url, signature, payload, this.#era.signal);
  }

  #settle(account: string, eventId: string, endpointId: string): void {
    const left = this.#undelivered.get(eventId);
    const event = this.#event(account, eventId);
    if (left?.delete(endpointId) !== true || event === undefined || event.object === thinEventName) return;
    if (left.size === 0) this.#undelivered.delete(eventId);
    this.#world
      .account(account)
      .collection<EventRecord>(eventKind)
      .put({ ...event, pending_webhooks: left.size });
  }

  #event(account: string, id: string): EventRecord | ThinEvent | undefined {
    const from = this.#world.account(account);
    return from.collection<EventRecord>(eventKind).get(id) ?? from.collection<ThinEvent>(thinEventName).get(id);
  }
}
