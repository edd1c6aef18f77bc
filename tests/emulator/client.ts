import Stripe from "stripe";
import { type Emulator } from "../../emulator";

/** An answer as a test looks at it. */
export interface Reply {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
  error: { type?: string; code?: string; message?: string; param?: string; doc_url?: string; request_log_url?: string };
}

/** Sends one request with the emulator's key; `form` goes into the body of a POST as it stands. */
export async function send(
  emulator: Pick<Emulator, "url" | "apiKey">,
  method: string,
  path: string,
  form?: string | Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const body = form === undefined ? undefined : typeof form === "string" ? form : new URLSearchParams(form).toString();
  const response = await fetch(emulator.url + path, {
    method,
    headers: {
      authorization: `Bearer ${emulator.apiKey}`,
      ...(body !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  const parsed = JSON.parse(text) as Record<string, unknown>;
  return {
    status: response.status,
    headers: response.headers,
    body: parsed,
    error: parsed["error"] ?? {},
  };
}

/** The smallest parameters that make a webhook endpoint. */
export const hookForm = { url: "https://example.com/hook", "enabled_events[0]": "charge.failed" };

/** Stripe's own client, speaking to the emulator and retrying nothing. */
export function officialClient(emulator: Emulator): Stripe {
  return new Stripe(emulator.apiKey, {
    host: "127.0.0.1",
    port: emulator.port,
    protocol: "http",
    maxNetworkRetries: 0,
  });
}
