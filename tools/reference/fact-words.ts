import { type Field, type FieldFacts } from "../../provider/declare";

export const replaces = "a change replaces";

/** A fact of a field in words; undefined where there is nothing to say. */
const words: {
  [Fact in keyof FieldFacts]?: (value: NonNullable<FieldFacts[Fact]>, field: Field) => string | undefined;
} = {
  fixed: () => replaces,
  identity: () => replaces,
  frozen: () => "some changes are made in place, others replace",
  updateOnly: () => "sent after the create",
  clearable: () => "cleared when removed",
  metadata: (_, { fixed }) => (fixed ? undefined : "merged, compared and cleared key by key"),
  set: () => "order carries no meaning",
  decimal: () => 'a decimal: `"0.50"` and `"0.5"` are the same',
  default: (value) => `\`${JSON.stringify(value)}\` where left out`,
  computed: () => "filled in by Stripe where left out",
  local: () => "never sent to Stripe",
  writeOnly: () => "never read back",
  expanded: () => "asked for with `expand`",
  heldWhile: () => "not told by lists: what was told before is kept",
  secret: () => "encrypted in state",
  onlyOnCreate: ({ known, policy }) =>
    `told at creation only: where it is lost, \`${known}\` gives it, and \`${policy}\` says what to do without`,
  reference: () => "where left out it carries the `pulumi_id` by which the object is found again",
  personal: () => "personal: nothing of it stays in state once the object is redacted",
  param: (value, { name }) => (value.replaceAll("_", "") === name.toLowerCase() ? undefined : `\`${value}\` at Stripe`),
};

/**
 * What follows from the facts of a field. A fact without words here says nothing to a reader, and is passed over.
 * @param text what is written at the field, which isn't said twice
 */
export function sayFacts(field: Field, text: string): string[] {
  const said = Object.entries(words).flatMap(([fact, say]) => {
    const value: unknown = field[fact as keyof FieldFacts];
    // A mark that is false says nothing, but a default that is false does.
    if (value === undefined || (value === false && fact !== "default")) return [];
    return (say as (value: unknown, field: Field) => string | undefined)(value, field) ?? [];
  });
  return [...new Set(said)].filter((phrase) => !text.toLowerCase().includes(phrase.toLowerCase()));
}
