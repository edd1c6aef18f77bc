import { validateHeaderName, validateHeaderValue } from "node:http";
import { type Refusal } from "./errors";

/** What goes wrong. A number answers with that HTTP status; the words are about the connection. */
export type FaultKind =
  | number
  /** The connection ends before anything is executed. */
  | "cut-before"
  /** The request is executed and its answer kept under its idempotency key, then the connection ends. */
  | "cut-after-commit"
  /** No answer until the emulator closes; with `stored` the request was executed all the same. */
  | "hang"
  /** Executed at once, answered so many milliseconds later; meanwhile its idempotency key is in use. */
  | `slow:${number}`
  /** Never answered: executed only so many milliseconds later; until then its idempotency key is in use. */
  | `late:${number}`
  /** Executed; half of the JSON arrives under the full Content-Length, then the connection ends. */
  | "partial-body"
  /** Executed; the JSON arrives byte by byte, one each so many milliseconds. */
  | `drip:${number}`;

/** A request as a rule's `when` sees it. */
export interface FaultSubject {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly idempotencyKey?: string;
  /** The account the key belongs to; left out where the key is not known. */
  readonly account?: string;
}

/** A fault to come. Rules are tried in the order they were given; the first that matches and isn't used up acts. */
export interface FaultRule {
  /** Any when left out. */
  readonly method?: string;
  /** Exact, or a template such as `/v1/climate/orders/:id/cancel`; any when left out. */
  readonly path?: string;
  /** Only requests with a key of this account; any when left out. */
  readonly account?: string;
  /** A further condition. */
  readonly when?: (request: FaultSubject) => boolean;
  /** Matching requests let through first. Default 0. */
  readonly skip?: number;
  /** Requests it meets; `Infinity` for all. Default 1. */
  readonly times?: number;
  readonly with: FaultKind;
  /**
   * The request had begun to execute: for a 5xx the object is committed and the 5xx is kept under the idempotency key
   * and replayed; for a 4xx the refusal is kept. Default false: nothing executed, nothing kept.
   * [docs: Advanced error handling] Not for 401, 409 and 429, which Stripe never keeps.
   */
  readonly stored?: boolean;
  /** Whether a stored 5xx left its object behind. Default true. */
  readonly committed?: boolean;
  /** Body of a status fault: text as it is, anything else as JSON. Default: Stripe's error shape. */
  readonly body?: unknown;
  /** Further headers of a status fault. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A rule in force, without its function, and how often it still acts; null: always. */
export interface ArmedFault extends Omit<FaultRule, "when" | "times"> {
  readonly skip: number;
  readonly left: number | null;
  /** It has a further condition that only the program knows which armed it. */
  readonly conditional: boolean;
}

interface ArmedRule {
  readonly rule: FaultRule;
  skip: number;
  left: number;
}

const words = ["cut-before", "cut-after-commit", "hang", "partial-body"];
const neverStored = [401, 409, 429];

/** The longest a timer of Node can wait. */
const longestMs = 2 ** 31 - 1;

/** The rules in force. */
export class Faults {
  readonly #rules: ArmedRule[] = [];

  /** Throws a TypeError for a rule that could never act as written. */
  add(rule: FaultRule): void {
    checkRule(rule);
    this.#rules.push({ rule, skip: rule.skip ?? 0, left: rule.times ?? 1 });
  }

  /** Takes back all rules, or those for one account. */
  clear(account?: string): void {
    const kept = account === undefined ? [] : this.#rules.filter(({ rule }) => rule.account !== account);
    this.#rules.splice(0, Infinity, ...kept);
  }

  /** Those that may still act, in the order they are tried. */
  list(): ArmedFault[] {
    return this.#rules
      .filter(({ left }) => left > 0)
      .map(({ rule: { when, times: _times, ...told }, skip, left }) => ({
        ...told,
        skip,
        left: Number.isFinite(left) ? left : null,
        conditional: when !== undefined,
      }));
  }

  /** The rule that meets this request; counts it. */
  take(subject: FaultSubject): FaultRule | undefined {
    for (const armed of this.#rules) {
      if (armed.left <= 0 || !matches(armed.rule, subject)) continue;
      if (armed.skip > 0) {
        armed.skip -= 1;
        continue;
      }
      armed.left -= 1;
      return armed.rule;
    }
    return undefined;
  }
}

const timed = ["slow", "late", "drip"] as const;

/** The word of a fault such as `slow:<ms>`, and its milliseconds; undefined for any other. */
export function readTimed(fault: FaultKind): { word: (typeof timed)[number]; ms: number } | undefined {
  const [, said, ms] = typeof fault === "string" ? (/^(\w+):(\d+(?:\.\d+)?)$/.exec(fault) ?? []) : [];
  const word = timed.find((one) => one === said);
  return word && { word, ms: Number(ms) };
}

function checkRule(rule: FaultRule): void {
  const fault = rule.with;
  if (typeof fault === "number") {
    if (!Number.isInteger(fault) || fault < 200 || fault > 599) {
      throw new TypeError(`fail: "with" must be an HTTP status between 200 and 599, got ${fault}`);
    }
    if (rule.stored === true && neverStored.includes(fault)) {
      throw new TypeError(`fail: Stripe never keeps a ${fault} under an idempotency key; leave "stored" out`);
    }
  } else if (!words.includes(fault) && readTimed(fault) === undefined) {
    const known = [...timed.map((word) => `${word}:<ms>`), ...words].join(", ");
    throw new TypeError(`fail: unknown fault ${JSON.stringify(fault)}; expected a status or one of ${known}`);
  }
  if ((readTimed(fault)?.ms ?? 0) > longestMs) {
    throw new TypeError(`fail: ${String(fault)} is longer than a timer can wait, which is ${longestMs} ms`);
  }
  for (const [name, value] of Object.entries(rule.headers ?? {})) checkHeader(name, value);
  for (const [name, count] of Object.entries({ times: rule.times ?? 1, skip: rule.skip ?? 0 })) {
    if (!(count >= 0) || (Number.isFinite(count) && !Number.isInteger(count))) {
      throw new TypeError(`fail: "${name}" must be a whole number of requests, got ${count}`);
    }
  }
}

/** What Node would refuse to send, or what says how long the answer is, which is not the rule's to say. */
function checkHeader(name: string, value: string): void {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch (error) {
    throw new TypeError(`fail: ${(error as Error).message}`);
  }
  if (/^(?:content-length|transfer-encoding)$/i.test(name)) {
    throw new TypeError(`fail: the header ${name} is the emulator's own; "partial-body" breaks an answer off`);
  }
}

function matches(rule: FaultRule, subject: FaultSubject): boolean {
  if (rule.account !== undefined && rule.account !== subject.account) return false;
  if (rule.method !== undefined && rule.method.toUpperCase() !== subject.method) return false;
  if (rule.path !== undefined && !matchesTemplate(rule.path, subject.path)) return false;
  return rule.when === undefined || rule.when(subject);
}

function matchesTemplate(template: string, path: string): boolean {
  const expected = template.split("/");
  const actual = path.split("/");
  return (
    expected.length === actual.length &&
    expected.every((segment, index) => (segment.startsWith(":") ? actual[index] !== "" : segment === actual[index]))
  );
}

/** What a status says by which a fault rule answers without a body of its own. */
export function usualFailure(status: number): ConstructorParameters<typeof Refusal> {
  if (status === 429) return ["Request rate limit exceeded.", { status, code: "rate_limit" }];
  if (status >= 500) return ["An unknown error occurred.", { status, type: "api_error" }];
  return [`Refused with ${status} by a fault rule.`, { status }];
}
