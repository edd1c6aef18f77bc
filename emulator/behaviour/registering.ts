import { isIP } from "node:net";
import { Refusal } from "../errors";
import { type Call } from "../kind";

/** Kinds that receive events; one limit holds for all of them together. [issue wp-proudcity#2862; unconfirmed] */
const receiving = ["webhook_endpoint", "v2.core.event_destination"];

/** Refuses one more than the account may have, without a code, as the live API does. [3rd: live texts, of v1] */
export function refuseBeyondLimit({ account, settings, livemode }: Call): void {
  const limit = settings.maxWebhookEndpoints;
  const present = receiving.reduce((sum, kind) => sum + account.collection(kind).size, 0);
  if (present < limit) return;
  throw new Refusal(`You have reached the maximum of ${limit} ${livemode ? "live" : "test"} webhook endpoints.`);
}

/**
 * Refuses what Stripe can't or won't post to. https everywhere, http in test mode only; localhost and private hosts are
 * not publicly accessible. [docs: webhooks; node; 3rd] Code `url_invalid` and all texts but the last are unconfirmed.
 */
export function refuseUrl(call: Call, text: string, param: string): void {
  const refuse = (reason: string): Refusal => new Refusal(`Invalid URL: ${reason}`, { code: "url_invalid", param });
  if (!URL.canParse(text) || !/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    throw refuse("An explicit scheme (such as https) must be provided.");
  }
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refuse("URL must begin with https or http.");
  if (url.protocol === "http:" && call.livemode) throw refuse("URL must begin with https in live mode.");
  if (!call.settings.allowLocalUrls && isLocalHost(url.hostname)) {
    throw refuse("URL must be publicly accessible.");
  }
}

const privateIpv4 = /^(?:0|10|127)\.|^169\.254\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\./;

function isLocalHost(hostname: string): boolean {
  const host = hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();
  if (isIP(host) === 4) return privateIpv4.test(host);
  if (isIP(host) === 6) return /^(?:::1?$|f[cd]|fe[89ab]|::ffff:)/.test(host);
  return !host.includes(".") || /\.(?:localhost|local)$/.test(host);
}
