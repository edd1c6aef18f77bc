import fc from "fast-check";
import { Bucket } from "../../provider/bucket";
import { Limiter } from "../../provider/limiter";
import { fakeClock } from "../unit/fake-clock";

const rate = fc.record({ start: fc.double({ min: 0.5, max: 50, noNaN: true }), max: fc.integer({ min: 1, max: 50 }) });

type Event = "go" | "taken" | "refused";
const events = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 20_000 })),
    event: fc.constantFrom<Event>("go", "go", "go", "taken", "refused"),
    /** Which of the calls that went is answered. */
    which: fc.nat(),
  }),
  { maxLength: 60 },
);

test("a bucket: no window holds more calls than its rate over that time, and a second's worth", () => {
  fc.assert(
    fc.property(rate, events, (limits, all) => {
      const bucket = new Bucket(limits);
      const gone: { at: number; taken: number; rate: number; before: number }[] = [];
      let now = 1_000;
      /** Calls the rate has allowed since the start. */
      let allowed = 0;
      const pass = (ms: number) => {
        allowed += (ms / 1000) * bucket.perSecond;
        now += ms;
      };
      for (const { afterMs, event, which } of all) {
        pass(afterMs);
        const call = gone[which % Math.max(1, gone.length)];
        if (event === "taken" && call !== undefined) bucket.recover(call.taken, now);
        else if (event === "refused" && call !== undefined) bucket.halve(call.taken, now);
        else if (event === "go") {
          pass(bucket.waitMs(now));
          // What was waited for is there.
          expect(bucket.waitMs(now)).toBe(0);
          gone.push({ at: now, rate: bucket.perSecond, before: allowed, taken: bucket.take(now) });
        }
        expect(bucket.perSecond).toBeLessThanOrEqual(limits.max);
        expect(bucket.perSecond).toBeGreaterThanOrEqual(Math.min(0.5, limits.max));
      }
      gone.forEach((first, from) =>
        gone.slice(from).forEach((last, more) => {
          const calls = more + 1;
          expect(calls).toBeLessThanOrEqual(Math.max(1, first.rate) + (last.before - first.before) + 1e-6);
          if (last.at < first.at + 1000) expect(calls).toBeLessThanOrEqual(limits.max);
        }),
      );
    }),
  );
});

const calls = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 })),
    account: fc.constantFrom(null, "acct_a", "acct_b"),
    endpoint: fc.constantFrom("GET /v1/a", "POST /v1/a", "POST /v1/b"),
    answer: fc.constantFrom("taken", "taken", "global-rate", "endpoint-rate", "none"),
    answerAfterMs: fc.integer({ min: 0, max: 2_000 }),
  }),
  { maxLength: 40 },
);
const rates = fc.record({ account: rate, endpoint: rate });

test("the limiter: every call goes, in the order of its endpoint, and no second holds more than any maximum", async () => {
  await fc.assert(
    fc.asyncProperty(rates, calls, async (limits, all) => {
      const { clock, advance } = fakeClock(0);
      const limiter = new Limiter(limits, clock);
      const gone: { at: number; key: string; account: string | null; index: number }[] = [];
      for (const [index, { afterMs, account, endpoint, answer, answerAfterMs }] of all.entries()) {
        if (afterMs > 0) await advance(afterMs);
        void limiter.acquire(account, endpoint).then(async (pass) => {
          gone.push({ at: clock.now(), key: `${account} ${endpoint}`, account, index });
          await clock.sleep(answerAfterMs);
          if (answer === "taken") pass.taken();
          else if (answer !== "none") pass.refused(answer);
        });
      }
      // The slowest rate is a call in two seconds, for the account and for each of its endpoints.
      await advance(all.length * 2_000 * 2 + 10_000);
      expect(gone.map(({ index }) => index).sort((a, b) => a - b)).toEqual(all.map((_call, index) => index));

      const busiest = (some: { at: number }[]) =>
        Math.max(0, ...some.map(({ at }) => some.filter((one) => one.at >= at && one.at < at + 1000).length));
      expect(busiest(gone)).toBeLessThanOrEqual(limits.account.max);
      for (const key of new Set(gone.map((one) => one.key))) {
        const same = gone.filter((one) => one.key === key);
        expect(busiest(same)).toBeLessThanOrEqual(limits.endpoint.max);
        expect(same.map(({ index }) => index)).toEqual(same.map(({ index }) => index).sort((a, b) => a - b));
      }
    }),
    { numRuns: 60 },
  );
});
