import { type Declaration, isDiscreet, type StripeObject } from "../provider/declare";

const fields = ["lookup_key", "nickname", "name", "url"];

/** What people call an object; undefined where it has no name of its own, or none that everybody may read. */
export function labelOf({ inputFields }: Declaration, object: StripeObject): string | undefined {
  // What only Stripe says, such as the page of a session, is no name.
  const names = fields.filter((name) => inputFields.some((field) => field.param === name && !isDiscreet(field)));
  return names.map((name) => object[name]).find((value): value is string => typeof value === "string" && value !== "");
}
