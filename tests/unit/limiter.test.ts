import { type Clock, isLoopback, Limiter, type Pass, type Rates, ratesOf } from "../../provider/limiter";
import { fakeClock } from "./fake-clock";

/** The same rate from start to end, for all. */
const steady = (max: number): Rates => ({ account: { start: max, max }, endpoint: { start: max, max } });
const create = "POST /v1/things";

/** When each of many calls that all want to go at once may go, in ms after the start. */
async function times(rates: Rates, calls: number, overMs: number, answer: (pass: Pass) => void = () => undefined) {
  const start = 1_000_000;
  const { clock, advance } = fakeClock(start);
  const limiter = new Limiter(rates, clock);
  const at: number[] = [];
  for (let call = 0; call < calls; call++) {
    void limiter.acquire(null, create).then((pass) => {
      at.push(clock.now() - start);
      answer(pass);
    });
  }
  await advance(overMs);
  return at;
}

test("a few calls go at once", async () => {
  expect(await times(steady(10), 5, 0)).toEqual([0, 0, 0, 0, 0]);
});

test.each([1, 2, 10, 25])("no second holds more than %d calls, wherever it begins", async (perSecond) => {
  const at = await times(steady(perSecond), perSecond * 4, 60_000);
  expect(at).toHaveLength(perSecond * 4);
  for (const begin of at) {
    expect(at.filter((ms) => ms >= begin && ms < begin + 1000).length).toBeLessThanOrEqual(perSecond);
  }
  expect(at.at(-1)).toBe(3000);
});

test("over a long time the rate holds", async () => {
  const at = await times(steady(10), 500, 10_000);
  // One second's worth of burst on top, no more.
  expect(at.length).toBeLessThanOrEqual(110);
  expect(at.length).toBeGreaterThanOrEqual(100);
});

test("a pause earns one second's worth and no more", async () => {
  const { clock, advance } = fakeClock(0);
  const limiter = new Limiter(steady(10), clock);
  await advance(3_600_000);
  let gone = 0;
  for (let call = 0; call < 100; call++) void limiter.acquire(null, create).then(() => gone++);
  await advance(0);
  expect(gone).toBe(10);
});

test("calls go in the order they came", async () => {
  const { clock, advance } = fakeClock(1_000_000);
  const limiter = new Limiter(steady(2), clock);
  const order: number[] = [];
  for (let call = 0; call < 10; call++) void limiter.acquire(null, create).then(() => order.push(call));
  await advance(60_000);
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

const slowStart: Rates = { account: { start: 5, max: 20 }, endpoint: { start: 20, max: 20 } };

test("a run starts slowly, climbs while Stripe takes the calls, and stops at the maximum", async () => {
  const at = await times(slowStart, 1000, 60_000, (pass) => pass.taken());
  const inSecond = (second: number) => at.filter((ms) => ms >= second * 1000 && ms < (second + 1) * 1000).length;
  // A second's worth at once, and what comes in during the second.
  expect(inSecond(0)).toBeLessThanOrEqual(11);
  expect(inSecond(5)).toBeGreaterThan(inSecond(1));
  expect(inSecond(5)).toBeLessThan(20);
  for (const second of [30, 31, 32]) expect(inSecond(second)).toBe(20);
});

test("without an answer it doesn't climb", async () => {
  const at = await times(slowStart, 1000, 60_000);
  expect(at.length).toBeLessThanOrEqual(5 + 5 * 60);
});

test("refusals halve the rate down to a call in two seconds, and never stop it", async () => {
  const at = await times(slowStart, 1000, 120_000, (pass) => pass.refused("global-rate"));
  const late = at.filter((ms) => ms >= 60_000);
  expect(late.length).toBeGreaterThanOrEqual(29);
  expect(late.length).toBeLessThanOrEqual(31);
});

test("a volley of refusals halves once", async () => {
  const { clock, advance } = fakeClock(0);
  const limiter = new Limiter(slowStart, clock);
  const passes: Pass[] = [];
  const more = (calls: number) => {
    for (let call = 0; call < calls; call++) void limiter.acquire(null, create).then((pass) => void passes.push(pass));
  };
  more(5);
  await advance(0);
  passes.forEach((pass) => pass.refused(undefined));
  more(100);
  await advance(10_000);
  // 2.5 a second; halved five times it would be a call in two seconds.
  expect(passes.length - 5).toBe(25);
});

/** How many calls of each go in the ten seconds after one was refused. */
async function afterRefusal(reason: string | undefined) {
  const { clock, advance } = fakeClock(0);
  const limiter = new Limiter(steady(4), clock);
  const gone = { same: 0, other: 0 };
  void limiter.acquire(null, create).then((pass) => pass.refused(reason));
  await advance(60_000);
  for (let call = 0; call < 100; call++) {
    void limiter.acquire(null, create).then(() => gone.same++);
    void limiter.acquire(null, "GET /v1/things").then(() => gone.other++);
  }
  await advance(10_000);
  return gone;
}

test.each(["endpoint-rate", "endpoint-concurrency", "resource-specific"])(
  "%s slows that endpoint down and no other",
  async (reason) => {
    const { same, other } = await afterRefusal(reason);
    expect(same).toBe(22);
    // The account's rate is the same as before, and what the slow endpoint leaves of it is the other's.
    expect(same + other).toBe(44);
  },
);

test.each(["global-rate", "global-concurrency", undefined, "new-reason"])("%s slows all down", async (reason) => {
  const { same, other } = await afterRefusal(reason);
  expect(same + other).toBe(22);
});

test("a full endpoint holds up no call to another one", async () => {
  const { clock, advance } = fakeClock(0);
  const limiter = new Limiter({ account: { start: 100, max: 100 }, endpoint: { start: 1, max: 1 } }, clock);
  const order: string[] = [];
  for (const endpoint of ["a", "a", "a", "b"]) void limiter.acquire(null, endpoint).then(() => order.push(endpoint));
  await advance(0);
  expect(order).toEqual(["a", "b"]);
  await advance(2_000);
  expect(order).toEqual(["a", "b", "a", "a"]);
});

test("a connected account has buckets of its own, and counts in those of the key's own account", async () => {
  const { clock, advance } = fakeClock(0);
  const limiter = new Limiter(steady(10), clock);
  const gone: Record<string, number> = { own: 0, acct_a: 0, acct_b: 0 };
  for (let call = 0; call < 8; call++) void limiter.acquire("acct_a", create).then(() => gone.acct_a!++);
  for (let call = 0; call < 8; call++) void limiter.acquire("acct_b", create).then(() => gone.acct_b!++);
  await advance(0);
  expect(gone).toEqual({ own: 0, acct_a: 8, acct_b: 2 });
});

test("a refusal of one connected account's endpoint leaves another's alone", async () => {
  const { clock, advance } = fakeClock(0);
  const limiter = new Limiter({ account: { start: 1000, max: 1000 }, endpoint: { start: 10, max: 10 } }, clock);
  void limiter.acquire("acct_a", create).then((pass) => pass.refused("endpoint-rate"));
  await advance(60_000);
  const gone = { a: 0, b: 0 };
  for (let call = 0; call < 20; call++) void limiter.acquire("acct_a", create).then(() => gone.a++);
  for (let call = 0; call < 20; call++) void limiter.acquire("acct_b", create).then(() => gone.b++);
  await advance(0);
  expect(gone).toEqual({ a: 5, b: 10 });
});

describe("clocks that can't be trusted", () => {
  test.each<[string, () => Clock]>([
    ["stands still", () => ({ now: () => 5, sleep: async () => undefined })],
    [
      "goes backwards",
      () => {
        let time = 1e12;
        return { now: () => (time -= 3_600_000), sleep: async () => undefined };
      },
    ],
  ])("one that %s doesn't stop the run", async (_name, make) => {
    const limiter = new Limiter(steady(2), make());
    const waits: number[] = [];
    for (let call = 0; call < 20; call++) waits.push(await limiter.acquire(null, create).then(() => call));
    expect(waits).toHaveLength(20);
  });
});

test("the time that calls waited is told", async () => {
  const { clock, advance } = fakeClock(0);
  const waited: number[] = [];
  const limiter = new Limiter(steady(1), clock, (ms) => waited.push(ms));
  for (let call = 0; call < 3; call++) void limiter.acquire(null, create);
  await advance(10_000);
  expect(waited).toEqual([1000, 2000]);
});

describe("where a run starts", () => {
  const of = (
    livemode: boolean,
    maxRequestsPerSecond: number,
    rateIsGiven = false,
    apiBase = "https://api.stripe.com",
  ) => ratesOf({ livemode, maxRequestsPerSecond, rateIsGiven, apiBase });

  test("at a quarter of what Stripe publishes for the account, at half of it for an endpoint", () => {
    expect(of(false, 20)).toEqual({ account: { start: 6.25, max: 20 }, endpoint: { start: 12.5, max: 20 } });
    expect(of(true, 25)).toEqual({ account: { start: 25, max: 25 }, endpoint: { start: 12.5, max: 25 } });
  });

  test("never above the maximum; a rate that is set is where the account starts", () => {
    expect(of(false, 2)).toEqual({ account: { start: 2, max: 2 }, endpoint: { start: 2, max: 2 } });
    expect(of(true, 80, true)).toEqual({ account: { start: 80, max: 80 }, endpoint: { start: 12.5, max: 80 } });
    expect(of(false, 3, true)).toEqual({ account: { start: 3, max: 3 }, endpoint: { start: 3, max: 3 } });
  });

  test("at the maximum on loopback", () => {
    expect(of(false, 20, false, "http://127.0.0.1:9999")).toEqual(steady(20));
  });

  test.each([
    ["http://localhost", true],
    ["http://localhost:1", true],
    ["https://127.0.0.1/x", true],
    ["http://[::1]:80", true],
    ["https://localhost.example.com", false],
    ["https://127.0.0.1.example.com", false],
    ["https://api.stripe.com", false],
  ])("%s is loopback: %s", (base, loopback) => {
    expect(isLoopback(base)).toBe(loopback);
  });
});
