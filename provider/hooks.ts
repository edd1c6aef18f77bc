import { ruleContextOf } from "./config";
import { type Declaration, type HookContext, type StripeObject } from "./declare";
import { ownerOf, stampOf } from "./identity";
import { newest, write } from "./object-client";
import { type Session } from "./session";

type Values = Record<string, unknown>;

/**
 * What a declaration's hooks can do for a resource.
 * @param inputs of the resource, or what is recorded of it
 * @param id of the object the hook is about, where there is one
 */
export function hooksFor(declaration: Declaration, session: Session, inputs: Values, id?: string): HookContext {
  const { client, replacing } = session;
  const current = session.current.get(String(inputs.__urn));
  const stripeAccount = inputs.stripeAccount as string | undefined;
  const stamp = stampOf(declaration, inputs, ownerOf(inputs, client.config));
  const { pulumi_id: pulumiId, pulumi_stack: stack, pulumi_name: name } = stamp;
  return {
    ...ruleContextOf(client.config),
    get: async (path, params) =>
      (await client.send({ method: "GET", path, params, stripeAccount })).body as StripeObject,
    post: (path, params) => write(client, { path, params, stripeAccount }),
    list: (path, params) => newest(client.list(path, { params, stripeAccount }), client.config.lookupLimit),
    isOurs: ({ metadata }) => metadata?.pulumi_id === pulumiId,
    isNamedAlike: ({ metadata }) => metadata?.pulumi_stack === stack && metadata.pulumi_name === name,
    id,
    replacing: replacing.get(pulumiId),
    replacedBy: id === undefined || current === id ? undefined : current,
    say: (message) => session.say(inputs.__urn, "warning", message),
    spend: (currency, amount) => session.spend(pulumiId, currency, amount),
  };
}
