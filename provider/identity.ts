import { createHash, randomBytes } from "node:crypto";
import { type Declaration } from "./declare";
import { canonical } from "./plan";
import { encodeForm, type Params } from "./wire";

type Values = Record<string, unknown>;

/** What marks an object as one resource's own, in Stripe's metadata. `pulumi_id` alone is matched; the rest is to read. */
export interface Stamp extends Record<string, string> {
  pulumi_id: string;
  pulumi_stack: string;
  pulumi_name: string;
}

/**
 * The stamp of a resource: its URN, the owner that tells equal stacks in different backends apart, and the inputs that
 * ask for a new object on purpose (`triggers`, `repurchase`).
 */
export function stampOf(declaration: Declaration, inputs: Values, owner: string): Stamp {
  const urn = String(inputs.__urn);
  const [, , stack = "", project = ""] = urn.split(":").filter((part) => part !== "");
  const asked = declaration.inputFields
    .filter((field) => field.identity && inputs[field.name] !== undefined)
    .map((field) => [field.name, canonical(field, inputs[field.name])]);
  return {
    pulumi_id: hash([urn, owner, ...asked]).slice(0, 32),
    pulumi_stack: `${project}/${stack}`.slice(0, 500),
    pulumi_name: urn.slice(urn.lastIndexOf("::") + 2).slice(0, 500),
  };
}

/** `stripe:owner`; where it isn't set, the Pulumi organization that the program sent. */
export function ownerOf(inputs: Values, config: { owner: string }): string {
  return config.owner === "" ? ((inputs.__owner as string | undefined) ?? "") : config.owner;
}

/** Whether objects of this kind are stamped: the settings may forbid it, and not every kind has metadata. */
export function isStamped(declaration: Declaration, ownership: "stamp" | "none"): boolean {
  return ownership === "stamp" && declaration.inputFields.some((field) => field.metadata);
}

/**
 * The key of a create: the same over retries and runs, so that a create whose answer was lost is answered again instead
 * of carried out again. Stripe keeps it for at least 24 hours (docs.stripe.com/api/idempotent_requests).
 */
export function createKey(account: string, pulumiId: string, generation: number, path: string, body: Params): string {
  return hash([account, pulumiId, generation, path, encodeForm(body)]);
}

/** The key of an update, a cancel or an archive: new for each, kept over its own retries only. */
export function operationKey(): string {
  return randomBytes(16).toString("hex");
}

/** Marks that this state, and no other, took an object over. */
export function newClaim(): string {
  return randomBytes(8).toString("hex");
}

/** The claim on an object that its own resource ended without deleting it: nobody else's, and free to be taken again. */
export const endedClaim = "ended";

function hash(parts: unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
