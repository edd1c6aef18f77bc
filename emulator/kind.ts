import { type Outside } from "./destination";
import { type Lifecycles } from "./lifecycle";
import { type EmulatorSettings } from "./settings";
import { type AnyParams, type ParamTable, type ParamsOf } from "./params";
import { type Account, type StripeObject } from "./store";

/** The request a handler works for, and the emulated world around it. */
export interface Call {
  readonly account: Account;
  readonly settings: EmulatorSettings;
  /** Unix seconds on the emulator's clock. */
  readonly now: number;
  readonly livemode: boolean;
  /** Null where Stripe itself acts, not a request. */
  readonly requestId: string | null;
  readonly idempotencyKey: string | null;
  readonly lifecycles: Lifecycles;
  readonly outside: Outside;
  /** How many receivers an event of this type is to be sent to. */
  readonly receivers: (type: string) => number;
  /** Hands an event that was recorded to whoever delivers it. */
  readonly tell: (event: StripeObject) => void;
  /** Hands an event to whoever delivers it to this one receiver, whatever types that wants. */
  readonly ping: (event: StripeObject, receiver: string) => void;
}

/** Makes a record of validated parameters; whatever it changes besides, it changes last, after all it may refuse. */
export interface Creation<R extends StripeObject, P extends ParamTable> {
  readonly params: P;
  build(call: Call, params: ParamsOf<P>): R;
  /** Event type that tells of it. */
  readonly event?: string;
}

/** Turns one stored record into the next. Metadata is merged beforehand by the shared route. */
export interface Change<R extends StripeObject, P extends ParamTable> {
  readonly params: P;
  apply(call: Call, record: R, params: ParamsOf<P>): R;
  readonly event?: string;
  /** Event type where it depends on what changed; not asked where there is an `event`. */
  tells?(before: R, after: R): string | undefined;
}

/** A route of a kind that none of the standard verbs covers. */
export interface Extra {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly params: ParamTable;
  /** Whether the emulator has it as it was started. Default: yes. */
  available?(settings: EmulatorSettings): boolean;
  handle(call: Call, path: Readonly<Record<string, string>>, params: AnyParams): StripeObject | SingletonObject;
}

/** What belongs to an object and is listed below it. */
export interface Sublist<R extends StripeObject> {
  /** Kind of what is listed: its noun, its permission, what `expand` may name. */
  readonly items: Kind;
  of(call: Call, record: R): readonly StripeObject[];
}

/** Where an object is shown: the answer to its creation, to a read or a change, a list, an event. */
export type Moment = "created" | "read" | "listed" | "told";

/** An answer without an id, such as the balance. */
export interface SingletonObject {
  readonly object: string;
  readonly [field: string]: unknown;
}

/** What Stripe did to an object by itself: the record after it, undefined if it is gone, and the events that tell of it. */
export interface Edited<R extends StripeObject> {
  readonly record: R | undefined;
  readonly events: readonly string[];
}

/** A step in an object's life that no request asks for: Stripe, time or a person takes it. */
export interface Step<R extends StripeObject> {
  /** Whether a record stands where this step begins. */
  from(record: R): boolean;
  /** `details` are fields of the record, for what the step leaves open. */
  take(call: Call, record: R, details: Readonly<Record<string, unknown>>): Edited<R>;
  /** Stripe takes it by itself so many seconds after the object came to where it begins. */
  readonly afterSeconds?: number;
}

/** Where and how an object gets events. */
export interface Reception {
  readonly url: string;
  readonly secret: string;
  readonly status: "enabled" | "disabled";
  /** Event types, `*` for all. */
  readonly events: readonly string[];
  /** The payload it gets events of its own types in; a ping is thin in any case. */
  readonly payload: "snapshot" | "thin";
  /** Version that snapshots are rendered with; null: the event's own. */
  readonly apiVersion: string | null;
  /** Whose events: those of the account that registered it, or of the accounts connected to it. */
  readonly from: readonly ("own" | "connected")[];
}

/**
 * Everything the emulator knows of one kind of object. Shared code asks only for what stands here.
 *
 * A record becomes what is shown in this order: `present` for the moment, then without what is `hidden`, then with null for
 * what is `includable` and not asked for. Where `expand` names a hidden field, it is put back from the record that `complete`
 * has filled in. `secrets` changes no answer: the page alone masks by it, after all of this.
 */
export interface KindDeclaration<
  R extends StripeObject,
  C extends ParamTable,
  U extends ParamTable,
  A extends ParamTable,
  L extends ParamTable,
> {
  /** `object` of its answers; also its name in the library and its collection. */
  readonly name: string;
  /** What Stripe's "No such …" calls it. */
  readonly noun: string;
  /** Collection path, such as `/v1/webhook_endpoints`. */
  readonly path: string;
  /** Placeholder of the id in paths, and `param` of a 404. [openapi] */
  readonly idParam: string;
  /** Stem of the restricted-key permissions: `<stem>_read`, `<stem>_write`. [docs.stripe.com/keys/restricted-api-keys] */
  readonly permission: string;
  /** Fields that `expand` may replace by the object they name, with the name of that kind. */
  readonly expandable?: Readonly<Record<string, string>>;
  /**
   * Fields, nested ones dotted, that are kept and shown only when `expand` names them. [docs: Expanding responses]
   * One below another hidden field needs a path of its own.
   */
  readonly hidden?: readonly string[];
  /**
   * Fields, nested ones dotted, that are null in answers unless `include` names them, and where it may. [docs:
   * Include-dependent response values, v2 only]
   */
  readonly includable?: Readonly<Record<string, readonly Moment[]>>;
  /** Names, nested ones dotted, whose values in its objects and parameters no page shows: secrets, personal data. */
  readonly secrets?: readonly string[];
  /** Fields that may be missing from a record and yet be edited. */
  readonly optionalFields?: readonly string[];
  readonly create?: Creation<R, C>;
  readonly retrieve?: boolean;
  readonly list?: {
    readonly params: L;
    /** Refuses filters that make no sense. */
    check?(call: Call, params: ParamsOf<L>): void;
    keep?(record: R, params: ParamsOf<L>): boolean;
  };
  readonly update?: Change<R, U>;
  /** DELETE answers the id, and later reads 404. [openapi] */
  readonly remove?: { readonly event?: string; check?(call: Call, record: R): void };
  /** POST routes below the id, such as `cancel`. */
  readonly actions?: Readonly<Record<string, Change<R, A>>>;
  readonly extras?: readonly Extra[];
  /** GET routes below the id that list what belongs to the object, in its own order. */
  readonly sublists?: Readonly<Record<string, Sublist<R>>>;
  /** How an object of this kind gets events; undefined where it gets none over HTTP. */
  receives?(record: R): Reception | undefined;
  /** Objects every account starts with, oldest first. */
  seed?(call: Call): readonly R[];
  /** The record with hidden fields filled in that are made of other objects. */
  complete?(call: Call, record: R): StripeObject;
  /** What is shown of a record, hidden fields apart: where secrets are given away and where not. */
  present?(record: R, moment: Moment): StripeObject;
  /** Steps by the name of where they lead, which is a status where there is one. */
  readonly steps?: Readonly<Record<string, Step<R>>>;
  /** What a read changes, such as secrets made anew. */
  touch?(call: Call, record: R): R;
  /** Completes a change that Stripe makes by itself: money moved, times stamped. */
  edit?(call: Call, before: R, after: R, patch: Readonly<Record<string, unknown>>): Edited<R>;
}

/** A declaration with its own types erased, as the registry and the routes hold it. */
export type Kind = KindDeclaration<StripeObject, ParamTable, ParamTable, ParamTable, ParamTable>;

/** Checks a declaration against its own record and parameter types, then erases them. */
export function defineKind<
  R extends StripeObject,
  const C extends ParamTable = ParamTable,
  const U extends ParamTable = ParamTable,
  const A extends ParamTable = ParamTable,
  const L extends ParamTable = ParamTable,
>(declaration: KindDeclaration<R, C, U, A, L>): Kind {
  return declaration;
}

/** What is shown of a record; @param include what is asked for of what is null otherwise */
export function presentRecord(
  kind: Kind,
  record: StripeObject,
  moment: Moment,
  include: readonly string[] = [],
): StripeObject {
  const shown = withoutHidden(kind.hidden ?? [], kind.present === undefined ? record : kind.present(record, moment));
  return Object.keys(kind.includable ?? {})
    .filter((path) => !include.includes(path))
    .reduce<StripeObject>((object, path) => nullField(object, path.split(".")) as StripeObject, shown);
}

/** What `include` may name at a moment. */
export function includables(kind: Kind, moment: Moment): string[] {
  return Object.entries(kind.includable ?? {}).flatMap(([path, moments]) => (moments.includes(moment) ? [path] : []));
}

function nullField(value: unknown, [field = "", ...below]: readonly string[]): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, field)) return value;
  const inner = (value as Record<string, unknown>)[field];
  return { ...value, [field]: below.length === 0 ? null : nullField(inner, below) };
}

/** The object without the fields that only `expand` shows. */
export function withoutHidden(hidden: readonly string[], object: StripeObject): StripeObject {
  return hidden.reduce<StripeObject>((shown, path) => dropField(shown, path.split(".")) as StripeObject, object);
}

function dropField(value: unknown, [field = "", ...below]: readonly string[]): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, field)) return value;
  const { [field]: inner, ...rest } = value as Record<string, unknown>;
  return below.length === 0 ? rest : { ...value, [field]: dropField(inner, below) };
}
