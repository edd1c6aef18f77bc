import { type Emulator } from "../../emulator";
import { encodeForm, type Params } from "../../provider/wire";

/** What somebody else does at Stripe: a POST that has to succeed. */
export async function post(emulator: Emulator, path: string, params: Params): Promise<Record<string, unknown>> {
  const response = await fetch(`${emulator.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${emulator.apiKey}`, "content-type": "application/x-www-form-urlencoded" },
    body: encodeForm(params),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}
