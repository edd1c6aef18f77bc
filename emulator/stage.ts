import { type Emulator } from "./emulator";
import { type Stage } from "./fixture";

/** Plays triggers on a running emulator; its requests go the way of all others, faults and log included. */
export function stageOf(
  emulator: Pick<Emulator, "url" | "apiKey" | "advance">,
  options: { readonly account?: string; readonly apiKey?: string },
): Stage {
  const { url } = emulator;
  const { apiKey = emulator.apiKey } = options;
  return {
    async request(method, path, form) {
      const inQuery = method !== "POST" && form !== "";
      const response = await fetch(`${url}${path}${inQuery ? `?${form}` : ""}`, {
        method,
        headers: {
          Authorization: `Bearer ${apiKey}`,
          "User-Agent": "stripe-as-code trigger",
          ...(options.account !== undefined && { "Stripe-Account": options.account }),
          ...(method === "POST" && { "Content-Type": "application/x-www-form-urlencoded" }),
        },
        ...(method === "POST" && { body: form }),
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
      const answer = (await response.json()) as Readonly<Record<string, unknown>>;
      const { message } = (answer["error"] ?? {}) as { message?: string };
      if (!response.ok) throw new Error(`trigger: ${method} ${path}: ${message ?? String(response.status)}`);
      return answer;
    },
    advance: async (kind, id, to, details) => emulator.advance(kind, id, to, details, options),
  };
}

/** A fault may keep an answer back for ever. */
const requestTimeoutMs = 10_000;
