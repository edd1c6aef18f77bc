import { type Declaration, type End } from "../../provider/declare";

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
      return sayChoice(declaration);
  }
}

/** What deleting does is chosen from what is recorded and the object: it is told for every choice the inputs offer. */
function sayChoice(declaration: Declaration): { short: string; long: string } {
  const usual = chosen(declaration, {});
  const others = declaration.inputFields.flatMap(({ name, local, schema }) => {
    const def = (schema as unknown as { def: { type: string; entries?: Record<string, unknown> } }).def;
    const options = local && def.type === "enum" ? Object.values(def.entries ?? {}) : [];
    return options.flatMap((option) => {
      const words = chosen(declaration, { [name]: option });
      return words === undefined || words === usual ? [] : `with \`${name}: ${JSON.stringify(option)}\` it is ${words}`;
    });
  });
  const short = [usual ?? "ended as far as Stripe allows it", ...others].join("; ");
  const allowed = usual === undefined ? "" : ", as far as Stripe allows it";
  const lenient = "lenient" in declaration.ends && declaration.ends.lenient;
  return {
    short,
    long:
      `When the resource is deleted, the object is ${[`${usual ?? "ended as far as Stripe allows it"}${allowed}`, ...others].join("; ")}. ` +
      (lenient
        ? "A refusal by Stripe is said and fails nothing: the object stays as it is."
        : "Where it can't be ended, the run fails, says what remains, and keeps the resource."),
  };
}

/** What is done with an object of which nothing is known but what it is; undefined where that isn't enough to tell. */
function chosen(declaration: Declaration, recorded: Values): string | undefined {
  if (declaration.ends.by !== "action") return undefined;
  try {
    return sayEnd(declaration.ends.choose(recorded, { id: "", object: declaration.object }));
  } catch {
    return undefined;
  }
}

function sayEnd(end: End | undefined): string | undefined {
  if (end === undefined || "refuse" in end) return undefined;
  if ("leave" in end) return "left as it is at Stripe";
  return "update" in end ? `updated: ${params(end.update)}` : `ended by Stripe's \`${end.action}\``;
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
      ? "Stripe never deletes such an object: where it has none of this id, the run fails and nothing is forgotten."
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
    ...(revive ? [`One that had ended and is taken over is brought back: ${params(revive)}.`] : []),
  ];
}
