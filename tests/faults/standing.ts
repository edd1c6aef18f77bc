import { z } from "zod";
import { type Declaration, unwrap } from "../../provider/declare";
import { type Values } from "./host";

/** How an object stands at Stripe; `gone` is one that Stripe no longer has. */
export type Standing = "alive" | "archived" | "canceled" | "redacted" | "gone";

/** An object that was made: what it was asked to be, and how it has to stand at the end. */
export interface Left {
  args: Values;
  standing: Standing;
}

/**
 * How Stripe's own object tells where it stands: by `redaction`, `status`, `active`.
 * https://docs.stripe.com/api/identity/verification_sessions/redact, https://docs.stripe.com/api/climate/order/cancel,
 * https://docs.stripe.com/api/prices/update, https://docs.stripe.com/api/customer_portal/configurations/update
 */
export function standingOf(object: Values | undefined): Standing {
  if (object === undefined) return "gone";
  if (object.redaction !== undefined && object.redaction !== null) return "redacted";
  if (object.status === "canceled") return "canceled";
  return object.active === false ? "archived" : "alive";
}

/** What each word for an ending has to come to at Stripe: those of declarations, and those of `onDelete`. */
const endings: Record<string, Standing> = {
  delete: "gone",
  forget: "alive",
  archive: "archived",
  deactivate: "archived",
  cancel: "canceled",
  redact: "redacted",
  retain: "alive",
};

/**
 * What Stripe makes beside an object, by the argument that asks for it. It stays; and a product that has a price can't be deleted,
 * only archived: https://docs.stripe.com/api/products/delete
 */
const beside: Record<string, string> = { defaultPriceData: "price" };

export function kindsBeside(args: Values): string[] {
  return Object.entries(beside).flatMap(([name, kind]) => (args[name] === undefined ? [] : [kind]));
}

/** The object of a resource that is declared so. */
export function declared({ states }: Declaration, args: Values): Left {
  const place = states === undefined ? undefined : args[states.field];
  const isPlace = place === "canceled" || place === "redacted";
  return { args, standing: isPlace ? place : args.active === false ? "archived" : "alive" };
}

/** The object of a resource that was declared so before it was ended. */
export function ended(declaration: Declaration, args: Values): Left {
  const { ends, name } = declaration;
  const { onDelete: policy = policiesOf(declaration)[0] } = args;
  const word = ends.by === "action" ? (policy as string) : ends.by;
  const standing = endings[word];
  if (standing === undefined) throw new Error(`${name}: how an object stands that ended by ${word} is not known`);
  if (standing === "alive") return declared(declaration, args);
  return { args, standing: standing === "gone" && kindsBeside(args).length > 0 ? "archived" : standing };
}

/** What `onDelete` of the kind can be; the first where it is left out. */
export function policiesOf({ inputs }: Declaration): string[] {
  const { onDelete } = inputs;
  const schema = onDelete === undefined ? undefined : unwrap(onDelete).schema;
  return schema instanceof z.ZodEnum ? schema.options.map(String) : [];
}
