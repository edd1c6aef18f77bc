import { createHmac } from "node:crypto";

/**
 * The `Stripe-Signature` header of a delivered event.
 * [docs: Verify webhook signatures manually: `t` and the payload, joined by a dot, under the endpoint's secret; scheme v1]
 * @param seconds Unix seconds of this attempt; receivers refuse what is older than five minutes
 */
export function signatureHeader(secret: string, seconds: number, payload: string): string {
  const signature = createHmac("sha256", secret).update(`${seconds}.${payload}`).digest("hex");
  return `t=${seconds},v1=${signature}`;
}
