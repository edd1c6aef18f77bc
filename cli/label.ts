import { type Declaration, isDiscreet, type StripeObject } from "../provider/declare";

const fields = ["lookup_key", "nickname", "name", "url"];

/** What people call an object; undefined where it has no name of its own, or none that everybody may read. */
export function labelOf({ inputFields }: Declaration, object: StripeObject): string | undefined {
  // What only Stripe says, such as the page of a session, is no name.
  const names = fields.filter((name) => inputFields.some((field) => field.param === name && !isDiscreet(field)));
  const label = names.map((name) => object[name]).find((value) => typeof value === "string" && value !== "");
  return label === undefined ? undefined : addressOf(label as string);
}

/** Scheme, host and path of a URL: user, password, query and fragment may be secret. Any other text as it is. */
export function addressOf(text: string): string {
  return text.replace(/^(https?:\/\/)(?:[^/?#]*@)?([^?#]*)[^]*/i, "$1$2");
}
