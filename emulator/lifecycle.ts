import { recordEvent } from "./events";
import { type Call, type Edited, type Kind, presentRecord } from "./kind";
import { type Account, type StripeObject } from "./store";

/** A step that objects of a kind take without being told to, once they stand where it begins. */
export interface AutoStep {
  /** Name of the step: `processing`, `verified`, `delivered`, … */
  readonly to: string;
  /** Taken when the object was retrieved by id so many times since; the next retrieval shows it. 0: the first. */
  readonly afterReads?: number;
  /** Taken when so many seconds passed on the emulator's clock; what is seen next shows it, times included. */
  readonly afterSeconds?: number;
  /** What the step leaves open, as for `advance`. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** By kind: the steps each of its objects takes, one after the other. */
export type AutoAdvance = Readonly<Record<string, readonly AutoStep[]>>;

/** How far one object is. */
export interface Progress {
  /** Steps of the script it has taken. */
  taken: number;
  /** Retrievals since it stood where the next one begins. */
  reads: number;
  /** When it came to where each step begins that waits for time. */
  readonly since: Map<string, number>;
}

interface Due {
  readonly kind: Kind;
  readonly record: StripeObject;
  readonly to: string;
  readonly at: number;
  readonly scripted: AutoStep | undefined;
}

/** Takes the steps in the lives of objects: when asked to, when read often enough, when their time has come. */
export class Lifecycles {
  readonly #watched: readonly Kind[];
  readonly #scripts: AutoAdvance;
  readonly #progress = new WeakMap<Account, Map<string, Progress>>();

  /** Throws a TypeError for a script no object could follow. */
  constructor(kinds: readonly Kind[], scripts: AutoAdvance) {
    for (const [name, script] of Object.entries(scripts)) checkScript(kinds, name, script);
    this.#scripts = scripts;
    this.#watched = kinds.filter(
      ({ name, steps = {} }) =>
        Object.hasOwn(scripts, name) || Object.values(steps).some(({ afterSeconds }) => afterSeconds !== undefined),
    );
  }

  /** Takes every step whose time has come, in the order of their times, and notes where the others begin to wait. */
  pass(call: Call): void {
    for (;;) {
      const due = this.#watched
        .flatMap((kind) =>
          call.account
            .collection(kind.name)
            .oldestFirst()
            .flatMap((record) => this.#dues(call, kind, record)),
        )
        .filter(({ at }) => at <= call.now)
        .reduce<Due | undefined>(
          (first, other) => (first === undefined || other.at < first.at ? other : first),
          undefined,
        );
      if (due === undefined) return;
      const then = { ...call, now: due.at, requestId: null, idempotencyKey: null };
      takeStep(then, due.kind, due.record, due.to, due.scripted?.details ?? {});
      this.#moved(call, due.kind, due.record.id, due.scripted !== undefined);
      this.#note(then, due.kind, due.record.id);
    }
  }

  /** Counts a retrieval, after the steps that earlier ones have earned. */
  read(call: Call, kind: Kind, id: string): void {
    if (!Object.hasOwn(this.#scripts, kind.name)) return;
    for (;;) {
      const record = call.account.collection(kind.name).get(id);
      const progress = this.#of(call, kind, id);
      const next = this.#scripts[kind.name]?.[progress.taken];
      if (record === undefined || next?.afterReads === undefined || kind.steps?.[next.to]?.from(record) !== true)
        return;
      if (progress.reads < next.afterReads) {
        progress.reads += 1;
        return;
      }
      takeStep({ ...call, requestId: null, idempotencyKey: null }, kind, record, next.to, next.details ?? {});
      this.#moved(call, kind, id, true);
    }
  }

  #dues(call: Call, kind: Kind, record: StripeObject): Due[] {
    const { since, taken } = this.#of(call, kind, record.id);
    const scripted = this.#scripts[kind.name]?.[taken];
    const dues: Due[] = [];
    const wait = (key: string, to: string, seconds: number | undefined, script?: AutoStep): void => {
      if (seconds === undefined) return;
      if (kind.steps?.[to]?.from(record) !== true) {
        since.delete(key);
        return;
      }
      const start = since.get(key) ?? call.now;
      since.set(key, start);
      dues.push({ kind, record, to, at: start + seconds, scripted: script });
    };
    for (const [to, step] of Object.entries(kind.steps ?? {})) wait(to, to, step.afterSeconds);
    if (scripted !== undefined) wait(`${taken} ${scripted.to}`, scripted.to, scripted.afterSeconds, scripted);
    return dues;
  }

  /** Notes from when on the object waits for its next steps. */
  #note(call: Call, kind: Kind, id: string): void {
    const record = call.account.collection(kind.name).get(id);
    if (record !== undefined) this.#dues(call, kind, record);
  }

  #moved(call: Call, kind: Kind, id: string, scripted: boolean): void {
    const progress = this.#of(call, kind, id);
    progress.reads = 0;
    if (scripted) progress.taken += 1;
  }

  /** How far the objects of an account are. */
  progressOf(account: Account): [string, Progress][] {
    return [...(this.#progress.get(account) ?? [])];
  }

  resume(account: Account, progress: readonly (readonly [string, Progress])[]): void {
    this.#progress.set(account, new Map(progress));
  }

  #of(call: Call, kind: Kind, id: string): Progress {
    const all = this.#progress.get(call.account) ?? new Map<string, Progress>();
    this.#progress.set(call.account, all);
    const key = `${kind.name} ${id}`;
    const progress = all.get(key) ?? { taken: 0, reads: 0, since: new Map() };
    all.set(key, progress);
    return progress;
  }
}

function checkScript(kinds: readonly Kind[], name: string, script: readonly AutoStep[]): void {
  const steps = kinds.find((kind) => kind.name === name)?.steps;
  if (steps === undefined) throw new TypeError(`autoAdvance: there is no kind '${name}' with steps to take`);
  for (const { to, afterReads, afterSeconds } of script) {
    if (!Object.hasOwn(steps, to)) throw new TypeError(unknownStep("autoAdvance", name, to, steps));
    const counts = [afterReads, afterSeconds].filter((count) => count !== undefined);
    if (counts.length === 0 || counts.some((count) => !Number.isInteger(count) || count < 0)) {
      throw new TypeError(`autoAdvance: the step to '${to}' needs afterReads or afterSeconds, whole numbers from 0 on`);
    }
  }
}

function unknownStep(what: string, kind: string, to: string, steps: object): string {
  return `${what}: ${kind} has no step to '${to}'; it has ${Object.keys(steps).join(", ")}`;
}

/** Takes one step. Throws an Error for one the kind doesn't have, or that doesn't begin where the object stands. */
export function takeStep(
  call: Call,
  kind: Kind,
  record: StripeObject,
  to: string,
  details: Readonly<Record<string, unknown>>,
): StripeObject {
  const { steps = {} } = kind;
  const step = Object.hasOwn(steps, to) ? steps[to] : undefined;
  if (step === undefined) throw new Error(unknownStep("advance", kind.name, to, steps));
  if (!step.from(record)) {
    const status = typeof record["status"] === "string" ? `, which is ${record["status"]},` : "";
    throw new Error(`advance: ${kind.name} '${record.id}'${status} can't go to '${to}' from where it stands`);
  }
  checkFields("advance", kind, record, details);
  return storeEdited(call, kind, record, step.take(call, record, structuredClone(details)));
}

/** Throws an Error for a field that objects of the kind don't have. */
export function checkFields(what: string, kind: Kind, record: StripeObject, fields: object): void {
  for (const field of Object.keys(fields)) {
    if (!Object.hasOwn(record, field) && kind.optionalFields?.includes(field) !== true) {
      throw new Error(`${what}: ${kind.name} has no field '${field}'`);
    }
  }
}

/** Stores what happened to an object and tells of it. Returns it as lists show it, or last showed it. */
export function storeEdited(
  call: Call,
  kind: Kind,
  before: StripeObject,
  { record, events }: Edited<StripeObject>,
): StripeObject {
  const records = call.account.collection(kind.name);
  if (record === undefined) records.remove(before.id);
  else records.put(record);
  const after = record ?? before;
  for (const type of events) {
    recordEvent(call, type, presentRecord(kind, after, "told"), presentRecord(kind, before, "told"));
  }
  return presentRecord(kind, after, "listed");
}
