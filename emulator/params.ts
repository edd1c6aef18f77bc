/** What a parameter may look like. A kind's parameters are a table of these. */
export type ParamSpec =
  | StringSpec
  | IntegerSpec
  | NumberSpec
  | BooleanSpec
  | DecimalSpec
  | ListSpec
  | ObjectSpec
  | DictionarySpec
  | MapSpec
  | RangeSpec
  | UnbuiltSpec;
export type ParamTable = Readonly<Record<string, ParamSpec>>;

interface Common {
  readonly required?: boolean;
  /** The parameter that may be given in its place: one of the two has to be. It names this one in turn; the handler refuses neither and both. */
  readonly orElse?: string;
  /** The empty string clears the value and arrives as null; elsewhere it is refused. [openapi: empty-string branch] */
  readonly unsettable?: boolean;
}
export interface StringSpec extends Common {
  readonly type: "string";
  readonly enum?: readonly string[];
  readonly maxLength?: number;
}
export interface IntegerSpec extends Common {
  readonly type: "integer";
  readonly min?: number;
  readonly max?: number;
  /** Words taken instead of a number, such as `inf`. */
  readonly words?: readonly string[];
}
/** A non-negative number that may have a fraction; it comes back as a JSON number. */
export interface NumberSpec extends Common {
  readonly type: "number";
}
export interface BooleanSpec extends Common {
  readonly type: "boolean";
}
/** A non-negative decimal number as text, at most `decimals` digits after the point. */
export interface DecimalSpec extends Common {
  readonly type: "decimal";
  readonly decimals: number;
}
export interface ListSpec extends Common {
  readonly type: "list";
  readonly items: ParamSpec;
  readonly minItems?: number;
  readonly maxItems?: number;
}
export interface ObjectSpec extends Common {
  readonly type: "object";
  readonly params: ParamTable;
}
/** Values of one shape by free keys, such as amounts by currency. */
export interface DictionarySpec extends Common {
  readonly type: "dictionary";
  readonly items: ParamSpec;
}
/** Text by free keys, null where a key is to go; metadata is the only one Stripe has, so its limits apply. [docs: Metadata] */
export interface MapSpec extends Common {
  readonly type: "map";
}
/** A time filter: seconds, or a hash of gt, gte, lt, lte. [openapi: range_query_specs] */
export interface RangeSpec extends Common {
  readonly type: "range";
}
/** Stripe takes it and this emulator doesn't imitate it: answered 501, so that no test takes it for heeded. */
export interface UnbuiltSpec extends Common {
  readonly type: "unbuilt";
}

export interface Range {
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
}

type Core<S> = S extends { type: "string"; enum: readonly (infer E)[] }
  ? E
  : S extends { type: "string" | "decimal" }
    ? string
    : S extends { type: "integer"; words: readonly (infer W)[] }
      ? number | W
      : S extends { type: "integer" | "number" }
        ? number
        : S extends { type: "boolean" }
          ? boolean
          : S extends { type: "list"; items: infer I }
            ? ValueOf<I>[]
            : S extends { type: "object"; params: infer P }
              ? ParamsOf<P>
              : S extends { type: "dictionary"; items: infer I }
                ? Readonly<Record<string, ValueOf<I>>>
                : S extends { type: "map" }
                  ? Record<string, string | null>
                  : S extends { type: "range" }
                    ? Range
                    : never;

/** The value a handler gets for a parameter of this shape. */
export type ValueOf<S> = [ParamSpec] extends [S] ? unknown : Core<S> | (S extends { unsettable: true } ? null : never);

/** What a handler gets for a table of parameters: absent ones are absent, cleared ones null. */
export type ParamsOf<T> = {
  readonly [K in keyof T as T[K] extends { required: true } ? K : never]: ValueOf<T[K]>;
} & { readonly [K in keyof T as T[K] extends { required: true } ? never : K]?: ValueOf<T[K]> };

/** Whether a time passes a filter. */
export function inRange(seconds: number, range: Range | undefined): boolean {
  if (range === undefined) return true;
  return (
    (range.gt === undefined || seconds > range.gt) &&
    (range.gte === undefined || seconds >= range.gte) &&
    (range.lt === undefined || seconds < range.lt) &&
    (range.lte === undefined || seconds <= range.lte)
  );
}

/** Validated parameters whose table is not known here. */
export type AnyParams = ParamsOf<ParamTable>;
