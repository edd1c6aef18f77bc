import { z } from "zod";
import {
  clearable,
  computed,
  decimal,
  defineResource,
  fixed,
  identity,
  local,
  metadata,
  secret,
  set,
  updateOnly,
  writeOnly,
  type Declaration,
  type Field,
} from "../../provider/declare";

/** A made-up kind with a field for every fact, so that shared code is tested apart from what Stripe has today. */
export const sampleKind = defineResource({
  kind: "Sample",
  namespace: "test",
  object: "test.sample",
  api: { path: "/v1/test/samples", source: "none" },
  inputs: {
    name: z.string(),
    count: z.int().optional(),
    active: z.boolean().optional(),
    note: clearable(z.string()).optional(),
    tags: set(z.array(z.string())).optional(),
    steps: z.array(z.object({ stepName: z.string(), maxCount: z.number().optional() })).optional(),
    tons: fixed(decimal(computed(z.string()))).optional(),
    region: fixed(z.string()).optional(),
    sent: writeOnly(z.string()).optional(),
    off: updateOnly(z.boolean(), { default: false, reads: (object) => object.status === "off" }).optional(),
    owner: clearable(z.object({ fullName: z.string(), age: z.number().optional() })).optional(),
    known: secret(local(z.string().regex(/^shh_\S+$/, "must be a secret, which starts with shh_"))).optional(),
    policy: local(z.enum(["fail", "leave-empty"])).optional(),
    again: identity(local(z.string())).optional(),
    metadata: metadata().optional(),
  },
  outputs: {
    secret: secret(z.string(), { onlyOnCreate: { known: "known", policy: "policy" } }),
    status: z.string(),
    total: z.number(),
    livemode: z.boolean(),
    endedAt: z.number().optional(),
  },
  ends: { by: "delete" },
  rules: [
    {
      fields: ["count", "active"],
      check: ({ count, active }) =>
        count === 0 && active === false ? [{ path: "count", message: "must not be 0 while active is false" }] : [],
    },
  ],
  samples: { minimal: { name: "" }, full: { name: "full" }, update: {}, replace: [], invalid: [] },
}) as unknown as Declaration;

export function fieldOf(name: string): Field {
  const field = sampleKind.inputFields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`no field ${name}`);
  return field;
}
