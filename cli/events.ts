import { setTimeout as wait } from "node:timers/promises";
import { type Api, ApiError } from "./api";

/** An event as Stripe lists it. */
export interface StripeEvent {
  readonly id: string;
  readonly type: string;
  readonly created: number;
  readonly [field: string]: unknown;
}

interface Watch {
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** Called once, when every later event will be seen. */
  readonly ready: () => unknown;
  /** Told of each pause that is longer than usual. */
  readonly warn: (text: string) => unknown;
}

/** Between two looks: Stripe's limit is shared with the account's payments. */
const pauseMs = { stripe: 2_000, loopback: 200 } as const;
const longestPauseMs = 30_000;
const pageSize = 100;

/** Every event that comes from now on, oldest first, until the signal. Stripe keeps events for 30 days. */
export async function* watchEvents(api: Api, { signal, ready, warn }: Watch): AsyncGenerator<StripeEvent> {
  const usualMs: number = api.isLoopback ? pauseMs.loopback : pauseMs.stripe;
  let pause = usualMs;
  let cursor: string | undefined;
  let started = false;
  try {
    for (;;) {
      let fresh: StripeEvent[] = [];
      try {
        if (started) fresh = await eventsAfter(api, cursor, signal);
        else cursor = (await page(api, { limit: "1" }, signal)).data[0]?.id;
        if (!started) ready();
        started = true;
        pause = usualMs;
      } catch (error) {
        if (!(error instanceof ApiError) || !started) throw error;
        if (error.code === "resource_missing" && cursor !== undefined) {
          // The last event seen is gone, by a reset or its age: all that is there came after it.
          cursor = undefined;
          continue;
        }
        if (error.status !== 429 && error.status !== 0 && error.status < 500) throw error;
        pause = Math.min(pause * 2, longestPauseMs);
        warn(`${error.message} Looking again in ${Math.ceil(pause / 1000)} s.`);
      }
      cursor = fresh.at(-1)?.id ?? cursor;
      yield* fresh;
      if (fresh.length === 0) await wait(pause, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Oldest first: all of the list, or one page next to the cursor. */
async function eventsAfter(api: Api, cursor: string | undefined, signal: AbortSignal): Promise<StripeEvent[]> {
  const limit = String(pageSize);
  if (cursor !== undefined) return (await page(api, { limit, ending_before: cursor }, signal)).data.reverse();
  const events: StripeEvent[] = [];
  for (;;) {
    const after = events.at(-1)?.id;
    const { data, more } = await page(api, { limit, ...(after !== undefined && { starting_after: after }) }, signal);
    events.push(...data);
    if (!more || data.length === 0) return events.reverse();
  }
}

async function page(
  api: Api,
  params: Record<string, string>,
  signal: AbortSignal,
): Promise<{ data: StripeEvent[]; more: boolean }> {
  const form = new URLSearchParams(params).toString();
  const { body } = await api.send({ method: "GET", path: "/v1/events", form, signal });
  return { data: body["data"] as StripeEvent[], more: body["has_more"] === true };
}
