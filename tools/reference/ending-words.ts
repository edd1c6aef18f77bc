import { type Declaration, type Ending } from "../../provider/declare";

type Values = Record<string, unknown>;

/** How an object ends: in a few words, and in sentences. */
export function sayEnding(declaration: Declaration): { short: string; long: string } {
  const { ends } = declaration;
  switch (ends.by) {
    case "delete": {
      const deleted = "Deleting the resource deletes the object at Stripe.";
      if (ends.otherwise === undefined) return { short: "deleted", long: deleted };
      const instead = params(ends.otherwise.update);
      return {
        short: `deleted; where Stripe refuses that, updated: ${instead}`,
        long: `${deleted} Where Stripe refuses that, the object is updated instead: ${instead}.`,
      };
    }
    case "forget":
      return {
        short: "forgotten; it stays at Stripe",
        long: `Deleting the resource asks nothing of Stripe, and says: "${ends.remains(recordedExample(declaration))}".`,
      };
    case "action":
      return sayChoice(ends);
  }
}

function sayChoice({ words }: Ending & { by: "action" }): { short: string; long: string } {
  const otherwise = "Where it can't be ended, the run fails, says what remains, and keeps the resource.";
  return { short: words, long: `When the resource is deleted, the object is ${words}. ${otherwise}` };
}

function params(values: Values): string {
  return Object.entries(values)
    .map(([name, value]) => `\`${name}\` becomes \`${JSON.stringify(value)}\``)
    .join(", ");
}

/** Recorded values, where a text that only Stripe knows is named in its place. */
function recordedExample({ samples, outputs }: Declaration): Values {
  const texts = Object.entries(outputs).filter(([, schema]) => schema.safeParse("").success);
  return { ...samples.full, ...Object.fromEntries(texts.map(([name]) => [name, `_${name}_`])) };
}

/** What else follows from a declaration for the life of its objects. */
export function sayLife({ missing, createOnce, spends, states, isRedacted, revive }: Declaration): string[] {
  return [
    missing === "error"
      ? "Stripe's API never deletes such an object: where it has none of this id, the run fails and nothing is forgotten."
      : missing === "kept"
        ? "Stripe forgets such an object after a time: what is recorded stays, and nothing is made again."
        : "Where Stripe has no such object any more, `pulumi refresh` drops it from state, and the next `pulumi up` makes another.",
    ...(createOnce ? ["Stripe has no update of it: what Stripe was told at creation stays as it is."] : []),
    ...(spends
      ? [
          `It costs money and is ${spends.done} once: before it is, an earlier one is looked for. Only a new \`${spends.askAgain}\` ` +
            "asks for another one.",
          spends.advances
            ? "Where the outcome is not known, the run stops, and a later one looks again before it asks again."
            : `Where the outcome is not known, this run stops, and so does every later one until there is a new \`${spends.askAgain}\`.`,
        ]
      : []),
    ...(states
      ? [
          `\`${states.field}\` asks for a place in its life, which starts at \`${states.first}\`: ` +
            `${Object.entries(states.moves)
              .map(([state, { action }]) => `\`${state}\` by Stripe's \`${action}\``)
              .join(", ")}. That can't be undone.`,
        ]
      : []),
    ...(isRedacted
      ? [
          "Once it is redacted it is known by its id only: nothing of it is compared or updated, and nothing personal stays in state.",
        ]
      : []),
    ...(revive ? [`One that this resource ended and is taken over again is brought back: ${params(revive)}.`] : []),
  ];
}
