import { type Clock, Limiter } from "../../provider/limiter";

/** A clock that stands still but for sleep; wakes whoever is due first. */
function fakeClock(start: number) {
  let time = start;
  const sleepers: { at: number; wake: () => void }[] = [];
  const clock: Clock = {
    now: () => time,
    sleep: (ms) => new Promise((resolve) => void sleepers.push({ at: time + ms, wake: resolve })),
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    clock,
    advance: async (ms: number) => {
      const end = time + ms;
      await settle();
      for (;;) {
        sleepers.sort((one, other) => one.at - other.at);
        const [next] = sleepers;
        if (next === undefined || next.at > end) break;
        sleepers.shift();
        time = next.at;
        next.wake();
        await settle();
      }
      time = end;
    },
  };
}

/** When each of many calls that all want to go at once may go, in ms after the start. */
async function times(perSecond: number, calls: number, overMs: number): Promise<number[]> {
  const start = 1_000_000;
  const { clock, advance } = fakeClock(start);
  const limiter = new Limiter(perSecond, clock);
  const at: number[] = [];
  for (let call = 0; call < calls; call++) void limiter.acquire().then(() => at.push(clock.now() - start));
  await advance(overMs);
  return at;
}

test("a few calls go at once", async () => {
  expect(await times(10, 5, 0)).toEqual([0, 0, 0, 0, 0]);
});

test.each([1, 2, 10, 25])("no second holds more than %d calls, wherever it begins", async (perSecond) => {
  const at = await times(perSecond, perSecond * 4, 60_000);
  expect(at).toHaveLength(perSecond * 4);
  for (const begin of at) {
    expect(at.filter((ms) => ms >= begin && ms < begin + 1000).length).toBeLessThanOrEqual(perSecond);
  }
  expect(at.at(-1)).toBe(3000);
});

test("over a long time the rate holds", async () => {
  const at = await times(10, 500, 10_000);
  // One second's worth of burst on top, no more.
  expect(at.length).toBeLessThanOrEqual(110);
  expect(at.length).toBeGreaterThanOrEqual(100);
});

test("a pause earns one second's worth and no more", async () => {
  const { clock, advance } = fakeClock(0);
  const limiter = new Limiter(10, clock);
  await advance(3_600_000);
  let gone = 0;
  for (let call = 0; call < 100; call++) void limiter.acquire().then(() => gone++);
  await advance(0);
  expect(gone).toBeLessThanOrEqual(10);
});

test("calls go in the order they came", async () => {
  const { clock, advance } = fakeClock(1_000_000);
  const limiter = new Limiter(2, clock);
  const order: number[] = [];
  for (let call = 0; call < 10; call++) void limiter.acquire().then(() => order.push(call));
  await advance(60_000);
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});
