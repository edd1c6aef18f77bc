/** Marks in a name or description of what `stripe trigger` and our own `trigger` leave behind. */
const marks = ["(created by Stripe CLI)", "Sample of stripe-as-code"];

/** Whether an object was made to bring an event about, and is no part of the configuration. */
export function isFixture({ name, description }: Readonly<Record<string, unknown>>): boolean {
  const text = `${String(name)} ${String(description)}`;
  return marks.some((mark) => text.includes(mark));
}
