import { type Emulator } from "../../emulator";

/** An answer of v2 as a test looks at it. */
export interface ReplyV2 {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
  error: { code?: string; message?: string; type?: string };
}

/** Sends one request of v2; `body` goes out as JSON, a text as it stands. */
export async function sendV2(
  emulator: Pick<Emulator, "url" | "apiKey">,
  method: string,
  path: string,
  body?: object | string,
  headers: Record<string, string> = {},
): Promise<ReplyV2> {
  const response = await fetch(emulator.url + path, {
    method,
    headers: {
      authorization: `Bearer ${emulator.apiKey}`,
      "stripe-version": "2026-10-28.endive",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const parsed = JSON.parse(await response.text()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body: parsed, error: parsed["error"] ?? {} };
}
