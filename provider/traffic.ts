/** What the calls of a run came to. */
export interface Traffic {
  /** Requests sent, those that were sent again included. */
  calls: number;
  /** Those of them that could have changed something. */
  writes: number;
  retries: number;
  /** Refused by Stripe for the rate of calls. */
  refusals: number;
  /** Milliseconds that calls waited for their turn or before they were sent again, all added up. */
  waitedMs: number;
}

export function noTraffic(): Traffic {
  return { calls: 0, writes: 0, retries: 0, refusals: 0, waitedMs: 0 };
}

/** The line a run ends with; undefined where nothing was asked of Stripe. */
export function describeTraffic({ calls, retries, refusals, waitedMs }: Traffic): string | undefined {
  if (calls === 0) return undefined;
  const one = calls === 1 ? "1 call" : `${calls} calls`;
  return `Stripe: ${one}, ${retries} retried, ${refusals} refused for their rate; all waits added up: ${(waitedMs / 1000).toFixed(1)} s`;
}
