import { triggerMark } from "../emulator/fixture";

/** Stands in the description of what Stripe's own `trigger` leaves behind (github.com/stripe/stripe-cli, pkg/fixtures). */
const stripesMark = "(created by Stripe CLI)";

/** Whether an object was made to bring an event about, and is no part of the configuration. */
export function isFixture({ description, metadata }: Readonly<Record<string, unknown>>): boolean {
  const marks = metadata as Readonly<Record<string, unknown>> | undefined;
  return marks?.[triggerMark.key] === triggerMark.value || String(description).includes(stripesMark);
}
