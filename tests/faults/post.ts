import { type Emulator } from "../../emulator";
import { type Params, encodeForm } from "../../provider/wire";

/** What somebody else makes at Stripe before anything begins. */
export async function post(emulator: Emulator, path: string, params: Params): Promise<void> {
  const { ok } = await fetch(`${emulator.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${emulator.apiKey}`, "content-type": "application/x-www-form-urlencoded" },
    body: encodeForm(params),
  });
  if (!ok) throw new Error(`POST ${path}: what a sample needs could not be made`);
}
