import { type Attempt, retryDelay, retryLimits } from "../../provider/retry";

const answer = (status: number, shouldRetry?: string, replayed = false): Attempt => ({
  kind: "answer",
  status,
  shouldRetry,
  replayed,
});

describe("whether the same request is sent again", () => {
  test.each<[name: string, outcome: Attempt, again: boolean]>([
    ["no answer", { kind: "no-answer" }, true],
    ["a broken proxy", { kind: "garbled", status: 502 }, true],
    ["a web page with status 200", { kind: "garbled", status: 200 }, false],
    ["a web page with status 404", { kind: "garbled", status: 404 }, false],
    ["400", answer(400), false],
    ["401", answer(401), false],
    ["402", answer(402), false],
    ["403", answer(403), false],
    ["404", answer(404), false],
    ["409: a key in use", answer(409), true],
    ["424", answer(424), false],
    ["429: a limit or lock_timeout", answer(429), true],
    ["500", answer(500), true],
    ["503", answer(503), true],
    ["400 that Stripe wants again", answer(400, "true"), true],
    ["429 that Stripe doesn't want again", answer(429, "false"), false],
    ["500 that Stripe doesn't want again", answer(500, "false"), false],
    ["a header that says nothing", answer(500, ""), true],
    ["a stored 500 stays what it is", answer(500, undefined, true), false],
    ["a stored 500, whatever the header says", answer(500, "true", true), false],
    ["a stored 409", answer(409, undefined, true), false],
  ])("%s", (_name, outcome, again) => {
    expect(retryDelay(outcome, 1, 0) !== undefined).toBe(again);
  });
});

describe("how long it waits", () => {
  test.each([
    [1, 0, 250],
    [1, 1, 500],
    [2, 0, 500],
    [2, 1, 1000],
    [3, 0, 1000],
    [3, 1, 2000],
  ])("after attempt %d, with luck %d: %d ms", (attempt, random, delay) => {
    expect(retryDelay({ kind: "no-answer" }, attempt, random)).toBe(delay);
  });

  test("never longer than the limit", () => {
    const limits = { ...retryLimits, maxAttempts: 100 };
    expect(retryDelay({ kind: "no-answer" }, 50, 1, limits)).toBe(5000);
    expect(retryDelay({ kind: "no-answer" }, 5, 1, limits)).toBe(5000);
  });

  test("patience ends, even where Stripe asks to go on", () => {
    expect(retryDelay(answer(500, "true"), retryLimits.maxAttempts, 0)).toBeUndefined();
    expect(retryDelay(answer(500, "true"), retryLimits.maxAttempts - 1, 0)).toBeDefined();
  });

  test("all waits together fit into the 10 s that pipelines leave after SIGINT", () => {
    let sum = 0;
    for (let attempt = 1; ; attempt++) {
      const delay = retryDelay({ kind: "no-answer" }, attempt, 1);
      if (delay === undefined) break;
      sum += delay;
    }
    expect(sum).toBeLessThanOrEqual(5000);
  });
});
