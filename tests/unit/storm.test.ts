import { Limiter, type Pass } from "../../provider/limiter";
import { Attempts } from "../../provider/attempts";
import { patience } from "../../provider/retry";
import { fakeClock } from "./fake-clock";

const refusal = { kind: "answer", status: 429, shouldRetry: undefined, replayed: false } as const;
const rate = { start: 20, max: 20 };

/** Calls that take turns in one account where Stripe refuses all; when each gives up, in ms. */
async function storm(calls: number, answer = (pass: Pass): number | undefined => pass.refused("global-rate")) {
  const { clock, advance } = fakeClock(0);
  const limiter = new Limiter({ account: rate, endpoint: rate }, clock);
  const ends: number[] = [];
  const call = async () => {
    const attempts = new Attempts(clock);
    for (;;) {
      const pass = await limiter.acquire(null, "POST /v1/things");
      attempts.begin();
      const stormMs = answer(pass);
      const delay = stormMs === undefined ? undefined : attempts.delay(refusal, { random: 0.5, stormMs });
      if (delay === undefined) return void ends.push(clock.now());
      await clock.sleep(delay);
    }
  };
  for (let count = 0; count < calls; count++) void call();
  await advance(3_600_000);
  return { ends, limiter, clock, advance };
}

test("many calls are patient together, not one after the other", async () => {
  const { ends } = await storm(30);
  expect(ends).toHaveLength(30);
  expect(Math.min(...ends)).toBeGreaterThan(patience.rate.maxMs - 30_000);
  // At one call in two seconds each has its last turn.
  expect(Math.max(...ends)).toBeLessThan(patience.rate.maxMs + 30 * 2_000);
});

test("as long as Stripe takes some, each has a patience of its own", async () => {
  let turn = 0;
  const { ends } = await storm(60, (pass) => {
    turn += 1;
    if (turn % 12 > 0) return pass.refused("global-rate");
    pass.taken();
    return undefined;
  });
  expect(ends).toHaveLength(60);
  expect(Math.max(...ends)).toBeGreaterThan(patience.rate.maxMs);
});

test("a refusal of long ago is no storm", async () => {
  const { limiter, advance } = await storm(0);
  (await limiter.acquire(null, "GET /v1/things")).refused(undefined);
  await advance(10 * 60_000);
  expect((await limiter.acquire(null, "GET /v1/things")).refused(undefined)).toBe(0);
});

test("an endpoint's storm is not the account's", async () => {
  const { limiter, advance } = await storm(0);
  const refuse = async (reason: string) => (await limiter.acquire(null, "POST /v1/things")).refused(reason);
  await refuse("endpoint-rate");
  await advance(5_000);
  expect(await refuse("endpoint-rate")).toBe(5_000);
  expect(await refuse("global-rate")).toBe(0);
});
