import { triggerMark } from "../emulator/fixture";
import { type StripeObject } from "../provider/declare";

/** Stands in the description of what Stripe's own `trigger` leaves behind (github.com/stripe/stripe-cli, pkg/fixtures). */
const stripesMark = "(created by Stripe CLI)";

/** Ids of what was made to bring an event about, and of what belongs to it: no part of the configuration. */
export function fixturesAmong(objects: StripeObject[]): Set<string> {
  const fixtures = new Set(objects.filter(isFixture).map(({ id }) => id));
  for (const { id, product } of objects) if (typeof product === "string" && fixtures.has(product)) fixtures.add(id);
  return fixtures;
}

function isFixture({ description, metadata }: StripeObject): boolean {
  return metadata?.[triggerMark.key] === triggerMark.value || String(description).includes(stripesMark);
}
