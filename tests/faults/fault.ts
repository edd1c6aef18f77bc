import { type Emulator, type FaultKind, type FaultRule, type FaultSubject } from "../../emulator";

/** How many requests of the run a fault meets. */
type Reach =
  /** The one it is aimed at. */
  | "once"
  /** Every attempt of the one it is aimed at: patience ends. */
  | "attempts"
  /** That one and all that follow. */
  | "rest";

export interface Fault {
  name: string;
  reach: Reach;
  rule: Omit<FaultRule, "times" | "skip" | "when" | "path" | "method"> & { with: FaultKind };
  /** What it can happen to: what Stripe keeps no answer of can't be answered from its store. */
  meets: "all" | "reads" | "writes" | "keyed" | "account";
  /** Stripe made the object and keeps a failure as the answer for good. */
  storesFailure?: true;
  /** From here on the run must write nothing and fail. */
  forbids?: true;
  /** Kills the host as soon as the request has arrived. */
  kills?: true;
  /** Nothing listens any more. */
  refuses?: true;
  /** Seconds the provider waits for an answer. */
  timeoutSeconds?: number;
  /** When all that was held back is executed. */
  lateMs?: number;
  /** The next run does not wait for that. */
  hasty?: true;
  /** Outlasts a patience of half a minute or more: the samples of a push take few of these. */
  slow?: true;
}

const error = (body: object) => ({ body: { error: body } });
const keyInUse = error({
  type: "idempotency_error",
  code: "idempotency_key_in_use",
  message: "There is currently another in-progress request using this Idempotent Key.",
});
const locked = error({
  type: "invalid_request_error",
  code: "lock_timeout",
  message: "This object cannot be accessed right now because another API request is currently accessing it.",
});
const stranger = { body: { id: "acct_1StrangerStranger", object: "account", default_currency: "usd" } };
const page = { body: "<html><body>502 Bad Gateway</body></html>" };

/** The patience of a run with deadlines of one second ends before this. */
const afterPatienceMs = 7_000;

export const faults: Fault[] = [
  { name: "refused", reach: "rest", rule: { with: "cut-before" }, meets: "all", refuses: true },
  { name: "cut before commit", reach: "once", rule: { with: "cut-before" }, meets: "all" },
  { name: "cut after commit", reach: "once", rule: { with: "cut-after-commit" }, meets: "writes" },
  { name: "every answer cut", reach: "attempts", rule: { with: "cut-after-commit" }, meets: "writes" },
  { name: "dark after commit", reach: "rest", rule: { with: "cut-after-commit" }, meets: "writes" },
  {
    name: "500 stored, committed",
    reach: "once",
    rule: { with: 500, stored: true },
    meets: "keyed",
    storesFailure: true,
  },
  {
    name: "500 stored, not committed",
    reach: "once",
    rule: { with: 500, stored: true, committed: false },
    meets: "keyed",
  },
  { name: "500", reach: "once", rule: { with: 500 }, meets: "all" },
  { name: "500 beyond patience", reach: "attempts", rule: { with: 500 }, meets: "all" },
  { name: "400 stored", reach: "once", rule: { with: 400, stored: true }, meets: "keyed" },
  { name: "502 with HTML", reach: "once", rule: { with: 502, ...page }, meets: "all" },
  { name: "502 with HTML beyond patience", reach: "attempts", rule: { with: 502, ...page }, meets: "all" },
  { name: "half a body", reach: "once", rule: { with: "partial-body" }, meets: "all" },
  { name: "no answer in time", reach: "once", rule: { with: "hang" }, meets: "reads", timeoutSeconds: 1 },
  // Never silent for as long as the provider waits, and longer than that all the same.
  { name: "an answer that drips", reach: "once", rule: { with: "drip:300" }, meets: "writes", timeoutSeconds: 1 },
  {
    name: "late commit",
    reach: "once",
    rule: { with: "late:1800" },
    meets: "writes",
    timeoutSeconds: 1,
    lateMs: 1_800,
  },
  {
    name: "commit after patience",
    reach: "once",
    rule: { with: `late:${afterPatienceMs}` },
    meets: "writes",
    timeoutSeconds: 1,
    lateMs: afterPatienceMs,
  },
  {
    name: "run again before the commit",
    reach: "once",
    rule: { with: `late:${afterPatienceMs}` },
    meets: "writes",
    timeoutSeconds: 1,
    lateMs: afterPatienceMs,
    hasty: true,
  },
  { name: "429", reach: "once", rule: { with: 429 }, meets: "all" },
  { name: "429 storm", reach: "rest", rule: { with: 429 }, meets: "all", slow: true },
  { name: "key in use", reach: "once", rule: { with: 409, ...keyInUse }, meets: "keyed" },
  {
    name: "key in use beyond patience",
    reach: "attempts",
    rule: { with: 409, ...keyInUse },
    meets: "keyed",
    slow: true,
  },
  { name: "lock_timeout", reach: "once", rule: { with: 429, ...locked }, meets: "writes" },
  {
    name: "lock_timeout beyond patience",
    reach: "attempts",
    rule: { with: 429, ...locked },
    meets: "writes",
    slow: true,
  },
  // Somebody has swapped the key.
  { name: "another account", reach: "once", rule: { with: 200, ...stranger }, meets: "account", forbids: true },
  { name: "killed before commit", reach: "once", rule: { with: "cut-before" }, meets: "all", kills: true },
  { name: "killed after commit", reach: "once", rule: { with: "hang", stored: true }, meets: "writes", kills: true },
];

/**
 * Whether the fault can happen to a request.
 * @param request method and path
 */
export function canMeet({ meets }: Fault, request: string): boolean {
  const [method, path] = request.split(" ");
  return {
    all: true,
    reads: method === "GET",
    writes: method !== "GET",
    keyed: method === "POST",
    account: path === "/v1/account",
  }[meets];
}

/** About how long a case of the fault lasts, in ms: long ones come first, so that none is left alone at the end. */
export function duration({ slow, lateMs, reach }: Fault): number {
  return slow ? 60_000 : (lateMs ?? (reach === "once" ? 1_000 : 3_000));
}

/** An armed fault: it acts on the requests of one run only. */
export interface Armed {
  /** Requests that came so far. */
  readonly seen: readonly string[];
  /** The request it was aimed at, as it came. */
  readonly hit: string | undefined;
  disarm(): void;
}

/**
 * @param index of the request it is aimed at, from 0
 * @param onHit called as the first request it meets has arrived
 */
export function arm(emulator: Emulator, fault: Fault | undefined, index: number, onHit: () => void): Armed {
  const seen: string[] = [];
  let target: string | undefined;
  let armed = true;
  const meets = ({ method, path }: FaultSubject): boolean => {
    if (!armed) return false;
    const name = `${method} ${path}`;
    const at = seen.push(name) - 1;
    if (fault === undefined || at < index) return false;
    if (at === index) {
      target = name;
      onHit();
      return true;
    }
    return fault.reach === "rest" || (fault.reach === "attempts" && name === target);
  };
  emulator.fail({ ...(fault?.rule ?? { with: "cut-before" }), times: Infinity, when: meets });
  return {
    seen,
    get hit() {
      return target;
    },
    disarm: () => {
      armed = false;
    },
  };
}
