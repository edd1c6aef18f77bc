import { isDiscreet, type Declaration, type Finding, type StripeObject } from "./declare";
import { type Stamp } from "./identity";
import { settle } from "./outputs";
import { sameValue } from "./plan";
import { hasUnknown } from "./unknown";

type Values = Record<string, unknown>;

/** Why a resource can't take over an object that is there. Pure. */
export function refuseAdoption(
  declaration: Declaration,
  inputs: Values,
  stamp: Stamp,
  object: StripeObject,
): Finding[] {
  return [
    ...ownedByOthers(inputs, stamp, object),
    ...unlike(declaration, inputs, object),
    ...untold(declaration, inputs).map(({ name, known, policy }) => ({
      path: known,
      message: `is needed to adopt ${object.id}: Stripe told its ${name} only when it was made. Give it, or set ${policy}: "leave-empty"`,
    })),
  ];
}

/**
 * Why a resource that has its object can't be told to adopt one: the engine would end the object it has.
 * @param id of the object it has
 * @param replaces names of the inputs that ask for a new object
 */
export function refuseLaterAdoption(
  { spends }: Declaration,
  id: string,
  { adopt }: Values,
  replaces: string[],
): Finding[] {
  if (typeof adopt !== "string" || hasUnknown(adopt)) return [];
  if (adopt !== id) {
    const message = `names ${adopt}, but this resource is ${id} already. Take adopt out, or declare another resource for it`;
    return [{ path: "adopt", message }];
  }
  // What would buy or send another one is not advised.
  const advice = spends
    ? `undo it; adopt has to go only where another one is to be ${spends.done} on purpose`
    : "take adopt out first";
  const message = `asks for a new object, while adopt names the present one: ${advice}`;
  return replaces.map((path) => ({ path, message }));
}

/** Outputs that can't be known of an object made before, and the inputs that tell them or what to do without. */
export function untold(
  { outputFields }: Declaration,
  inputs: Values,
): { name: string; known: string; policy: string }[] {
  return outputFields.flatMap(({ name, onlyOnCreate }) => {
    if (onlyOnCreate === undefined) return [];
    const { known, policy } = onlyOnCreate;
    return inputs[known] === undefined && inputs[policy] !== "leave-empty" ? [{ name, known, policy }] : [];
  });
}

function ownedByOthers({ adoptFrom }: Values, stamp: Stamp, { id, metadata = {} }: StripeObject): Finding[] {
  const { pulumi_id: owner, pulumi_stack: stack = "", pulumi_name: name = "" } = metadata;
  if (owner === undefined || owner === stamp.pulumi_id) return [];
  const refuse = (where: string, advice: string): Finding[] => [
    { path: "adopt", message: `${id} is managed as "${name}" in ${where}. Nothing was changed. ${advice}` },
  ];
  if (stack === stamp.pulumi_stack) {
    return refuse("this stack", "To rename a resource give it the option aliases; two resources can't share an object");
  }
  if (stack === adoptFrom) return [];
  return refuse(
    `the stack ${stack}`,
    `To take it from there, set adoptFrom: "${stack}", and take it out of that stack`,
  );
}

/** What Stripe takes at creation only, and is not as declared. */
function unlike({ inputFields }: Declaration, inputs: Values, object: StripeObject): Finding[] {
  return inputFields.flatMap((field) => {
    const declared = inputs[field.name];
    if (!field.fixed || field.local || declared === undefined || hasUnknown(declared)) return [];
    // What is never returned can't be compared; a declaration may know another way to tell.
    const live = field.writeOnly ? declared : settle(field, declared, object);
    if (sameValue(field, declared, live) && field.matches?.(declared, object) !== false) return [];
    const values = isDiscreet(field)
      ? ""
      : `: ${JSON.stringify(live) ?? "nothing"} there, ${JSON.stringify(declared)} here`;
    const message = `differs from ${object.id} and can't be changed${values}. Declare what it is, or make a new one without adopt`;
    return [{ path: field.name, message }];
  });
}

/**
 * An object that an earlier run made, with what Stripe told only then. What the inputs give of that goes before: it is known
 * since, and what was told may hold no more.
 * @param stored Stripe's answer to its create
 * @param warn tells what nobody can know
 */
export function remember(
  { outputFields }: Declaration,
  inputs: Values,
  { stored, live }: { stored: StripeObject; live: StripeObject },
  warn: (message: string) => void,
): StripeObject {
  const object: StripeObject = { ...stored, ...live };
  const made = typeof live.created === "number" ? ` on ${new Date(live.created * 1000).toISOString()}` : "";
  for (const { name, param, onlyOnCreate } of outputFields) {
    if (onlyOnCreate === undefined || stored[param] === undefined) continue;
    const { known } = onlyOnCreate;
    if (inputs[known] === undefined) {
      warn(
        `${name} of ${live.id} is the one that Stripe told when it was made${made}: whether it was rolled in the Dashboard since, ` +
          `the API doesn't tell. If it was, give ${known}`,
      );
      continue;
    }
    if (inputs[known] !== stored[param]) {
      warn(`${name} of ${live.id} is ${known} as declared, and not the one that Stripe told when it was made${made}`);
    }
    delete object[param];
  }
  return object;
}
