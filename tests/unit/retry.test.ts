import { type Outcome, isRateLimit, patience, retryDelay, type RetryReason, retryReason } from "../../provider/retry";

type Answer = Extract<Outcome, { kind: "answer" }>;
const answer = (status: number, more: Partial<Answer> = {}): Outcome => ({
  kind: "answer",
  status,
  shouldRetry: undefined,
  replayed: false,
  ...more,
});
const [yes, no, replayed] = [{ shouldRetry: "true" }, { shouldRetry: "false" }, { replayed: true }];

describe("why the same request is sent again", () => {
  test.each<[name: string, outcome: Outcome, reason: RetryReason | undefined]>([
    ["no answer", { kind: "no-answer" }, "failure"],
    ["a broken proxy", { kind: "garbled", status: 502 }, "failure"],
    ["a web page with status 200", { kind: "garbled", status: 200 }, undefined],
    ["a web page with status 404", { kind: "garbled", status: 404 }, undefined],
    ["400", answer(400), undefined],
    ["401", answer(401), undefined],
    ["402", answer(402), undefined],
    ["403", answer(403), undefined],
    ["404", answer(404), undefined],
    ["424", answer(424), undefined],
    ["409 of any kind", answer(409), "failure"],
    ["a key in use", answer(409, { code: "idempotency_key_in_use" }), "key-in-use"],
    ["429 that gives no reason", answer(429), "rate"],
    ["429 rate_limit", answer(429, { code: "rate_limit" }), "rate"],
    ["429 with the header alone", answer(429, { limitedBy: "endpoint-rate" }), "rate"],
    ["429 lock_timeout", answer(429, { code: "lock_timeout" }), "lock"],
    ["lock_timeout with the header", answer(429, { code: "lock_timeout", limitedBy: "global-concurrency" }), "rate"],
    ["400 rate_limit", answer(400, { code: "rate_limit" }), "rate"],
    ["500", answer(500), "failure"],
    ["503", answer(503), "failure"],
    ["400 that Stripe wants again", answer(400, yes), "asked"],
    ["429 that Stripe doesn't want again", answer(429, no), undefined],
    ["a lock that Stripe doesn't want again", answer(429, { code: "lock_timeout", ...no }), undefined],
    ["a key in use that Stripe doesn't want again", answer(409, { code: "idempotency_key_in_use", ...no }), undefined],
    ["500 that Stripe doesn't want again", answer(500, no), undefined],
    ["500 that Stripe wants again", answer(500, yes), "failure"],
    ["429 that Stripe wants again", answer(429, yes), "rate"],
    ["a header that says nothing", answer(500, { shouldRetry: "" }), "failure"],
    ["a stored 500 stays what it is", answer(500, replayed), undefined],
    ["a stored 500, whatever the header says", answer(500, { ...replayed, ...yes }), undefined],
    ["a stored 409", answer(409, replayed), undefined],
    ["a stored 429", answer(429, replayed), undefined],
  ])("%s", (_name, outcome, reason) => {
    expect(retryReason(outcome)).toBe(reason);
  });
});

test("the limiter slows down also for what isn't sent again, and never for a lock, a stored answer or no answer", () => {
  expect(isRateLimit(answer(429, no))).toBe(true);
  expect(isRateLimit(answer(429, { code: "lock_timeout" }))).toBe(false);
  expect(isRateLimit(answer(429, replayed))).toBe(false);
  expect(isRateLimit(answer(503))).toBe(false);
  expect(isRateLimit({ kind: "no-answer" })).toBe(false);
  expect(isRateLimit({ kind: "garbled", status: 429 })).toBe(false);
});

/** All delays where every attempt ends with the same reason, and takes no time. */
function delays(reason: RetryReason, random: number, attemptMs = 0): number[] {
  const found: number[] = [];
  let spentMs = 0;
  for (let attempts = 1; ; attempts++) {
    spentMs += attemptMs;
    const delay = retryDelay(reason, { attempts, reasons: { [reason]: attempts }, spentMs, random });
    if (delay === undefined) return found;
    found.push(delay);
    spentMs += delay;
  }
}
const sum = (all: number[]) => all.reduce((total, one) => total + one, 0);

describe("how long it waits", () => {
  test("doubling from half a second, spread over half of it", () => {
    expect(delays("failure", 0)).toEqual([250, 500, 1000]);
    expect(delays("failure", 1)).toEqual([500, 1000, 2000]);
    expect(delays("asked", 1)).toEqual([500, 1000, 2000]);
  });

  test("never longer than the limit", () => {
    expect(Math.max(...delays("rate", 1))).toBe(10_000);
    expect(Math.max(...delays("lock", 1))).toBe(5_000);
    expect(Math.max(...delays("key-in-use", 1))).toBe(5_000);
  });

  test("a failure's waits all together fit into the 10 s that pipelines leave after SIGINT", () => {
    expect(sum(delays("failure", 1))).toBeLessThanOrEqual(5000);
  });

  test.each<[RetryReason, number]>([
    ["rate", 120_000],
    ["lock", 30_000],
    ["key-in-use", 30_000],
  ])("%s outlasts more than four attempts, and ends in time", (reason, maxMs) => {
    for (const random of [0, 0.5, 1]) {
      const all = delays(reason, random);
      expect(all.length).toBeGreaterThan(4);
      expect(sum(all)).toBeLessThanOrEqual(maxMs);
      expect(sum(all)).toBeGreaterThan(maxMs - 10_000);
    }
  });

  test("timeouts of 80 s aren't sat out four times", () => {
    expect(delays("failure", 1, 80_000)).toHaveLength(1);
  });

  test("what was refused doesn't use up the attempts of what failed", () => {
    const progress = { spentMs: 60_000, random: 0 };
    expect(retryDelay("failure", { ...progress, attempts: 12, reasons: { rate: 11, failure: 1 } })).toBe(2500);
    const reasons = { rate: 11, failure: patience.failure.maxAttempts };
    expect(retryDelay("failure", { ...progress, attempts: 15, reasons })).toBeUndefined();
  });

  test("what stands is not sent again", () => {
    expect(retryDelay(undefined, { attempts: 1, reasons: {}, spentMs: 0, random: 0 })).toBeUndefined();
  });
});
