import { z } from "zod";

/** Id of a Stripe account. */
export const accountId = () => z.string().regex(/^acct_\w+$/, "must be an account id such as acct_1Nv0FGQ9RKHgCVdK");

/** An API version: a date, and in newer ones the name of a release. https://docs.stripe.com/api/versioning */
export const apiVersion = () =>
  z.string().regex(/^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/, "must be an API version such as 2026-08-26.dahlia");

/** A page that customers can see. */
export const webPage = () =>
  z.url({ protocol: /^https?$/, error: "must be a URL that begins with https:// or http://" });
