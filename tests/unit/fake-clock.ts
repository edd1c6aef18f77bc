import { type Clock } from "../../provider/limiter";

/** A clock that stands still but for {@link FakeClock.advance}; wakes whoever is due first. */
export interface FakeClock {
  clock: Clock;
  advance: (ms: number) => Promise<void>;
}

export function fakeClock(start: number): FakeClock {
  let time = start;
  const sleepers: { at: number; wake: () => void }[] = [];
  const clock: Clock = {
    now: () => time,
    sleep: (ms) => new Promise((resolve) => void sleepers.push({ at: time + ms, wake: resolve })),
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    clock,
    advance: async (ms) => {
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
