import { type Emulator, startEmulator } from "../../emulator";
import { readConfig } from "../../provider/config";
import { type Difference, type Drift } from "../../provider/drift";
import { Lifecycle } from "../../provider/lifecycle";
import { declarationOf, kindNames } from "../../provider/registry";
import { openSession } from "../../provider/session";
import { toWire } from "../../provider/wire";
import { Stack } from "./engine-model";
import { post } from "./post";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

/** As `stripe-as-code drift` looks at it, in a run of its own. */
function drift(stack: Stack): Promise<Drift> {
  const given: Record<string, string> = { apiKey: emulator.apiKey, apiBase: emulator.url, readOnly: "true" };
  const session = openSession(readConfig({ config: (name) => given[name], env: {} }), () => undefined);
  const { id = "", outputs = {} } = stack.state ?? {};
  return new Lifecycle(stack.declaration, session).drift(id, outputs);
}

async function made(kind: (typeof kindNames)[number], sample: "minimal" | "full"): Promise<Stack> {
  const declaration = declarationOf(kind);
  for (const { path, params } of declaration.samples.needs ?? []) await post(emulator, path, params);
  const stack = new Stack(declaration, emulator);
  await stack.up(declaration.samples[sample]);
  return stack;
}

const roots = (differences: Difference[]) => [...new Set(differences.map(({ field }) => field.split(/[.[]/)[0]))];

describe.each(kindNames)("%s", (kind) => {
  const declaration = declarationOf(kind);
  const { full, update } = declaration.samples;

  test.each(["minimal", "full"] as const)("as it was made (%s), nothing differs", async (sample) => {
    expect(await drift(await made(kind, sample))).toEqual({ status: "unchanged", differences: [] });
  });

  // What isn't declared is Stripe's.
  const edited = declaration.inputFields.filter(({ name, local }) => name in update && name in full && local !== true);
  for (const field of declaration.createOnce === true ? [] : edited) {
    const { name } = field;
    test(`an edit of ${name} is told, and nothing else; refreshed, it is what the next run changes back`, async () => {
      const stack = await made(kind, "full");
      const value = (update as Record<string, unknown>)[name];
      const isNothing = value === undefined || (Array.isArray(value) && value.length === 0);
      const { id = "" } = stack.state ?? {};
      await post(emulator, `${declaration.api.path}/${id}`, {
        [field.param]: isNothing ? "" : toWire(field.schema, value),
      });
      const found = await drift(stack);
      expect(found.status).toBe("changed");
      const { differences } = found as Extract<Drift, { differences: unknown }>;
      expect(roots(differences)).toEqual([name]);
      for (const { code, live } of differences) expect(code).not.toEqual(live);
      await stack.refresh();
      expect(await stack.up(full)).toBe("update");
      expect(await drift(stack)).toEqual({ status: "unchanged", differences: [] });
    });
  }

  // Where there is no update there is no stamp of the one who took it.
  if (declaration.createOnce !== true) {
    test("taken over by another stack, it is that stack's", async () => {
      const stack = await made(kind, "minimal");
      const [id, told] = [stack.state?.id, { signingSecret: "whsec_known" }];
      const known = declaration.inputFields.some(({ name }) => name in told) ? told : {};
      const other = new Stack(declaration, emulator, { name: "theirs", stack: "other" });
      await other.up({ ...declaration.samples.minimal, ...known, adopt: id, adoptFrom: "contract/test" });
      expect(await drift(stack)).toMatchObject({ status: "foreign-owned", detail: "contract/other" });
      expect(await drift(other)).toEqual({ status: "unchanged", differences: [] });
    });
  }

  if (declaration.ends.by === "delete") {
    test("deleted, it is gone", async () => {
      const stack = await made(kind, "minimal");
      await fetch(`${emulator.url}${declaration.api.path}/${stack.state?.id}`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${emulator.apiKey}` },
      });
      expect(await drift(stack)).toEqual({ status: "gone" });
    });
  }
});

test.each(["Product", "Price", "billingPortal:Configuration"] as const)(
  "an archived %s is there, and archived, unless the code says so",
  async (kind) => {
    const stack = await made(kind, "minimal");
    await post(emulator, `${stack.declaration.api.path}/${stack.state?.id}`, { active: false });
    expect(await drift(stack)).toEqual({ status: "archived", differences: [] });
    await stack.refresh();
    expect(stack.state).toBeDefined();
    await stack.up({ ...stack.declaration.samples.minimal, active: false });
    expect(await drift(stack)).toEqual({ status: "unchanged", differences: [] });
  },
);

test("a canceled order and session are told of with what they are", async () => {
  const order = await made("climate:Order", "minimal");
  await post(emulator, `/v1/climate/orders/${order.state?.id}/cancel`, {});
  expect(await drift(order)).toMatchObject({ status: "archived", detail: "canceled" });
  const session = await made("identity:VerificationSession", "minimal");
  await post(emulator, `/v1/identity/verification_sessions/${session.state?.id}/cancel`, {});
  expect(await drift(session)).toMatchObject({ status: "archived", detail: "canceled" });
});

test("what comes about by itself is no drift", async () => {
  const session = await made("identity:VerificationSession", "full");
  for (const to of ["processing", "verified"]) {
    emulator.advance("identity.verification_session", session.state?.id ?? "", to);
  }
  expect(await drift(session)).toEqual({ status: "unchanged", differences: [] });
  const order = await made("climate:Order", "full");
  emulator.advance("climate.order", order.state?.id ?? "", "delivered");
  expect(await drift(order)).toEqual({ status: "unchanged", differences: [] });
});

// What `drift` advises for what is archived (cli/drift-advice.ts).
const thatCanBeOff = kindNames.filter((kind) => declarationOf(kind).inputFields.some(({ name }) => name === "active"));
test.each(thatCanBeOff)(
  "an archived %s comes back once the code says active: true, and a refresh was made before",
  async (kind) => {
    const stack = await made(kind, "minimal");
    const { id = "" } = stack.state ?? {};
    const { object, samples } = stack.declaration;
    const live = () => emulator.objects(object).find((one) => one.id === id);
    const archive = async () => {
      emulator.edit(object, id, { active: false });
      expect((await drift(stack)).status).toBe("archived");
      await stack.refresh();
    };
    await archive();
    // Nothing that is declared differs.
    await stack.up(samples.minimal);
    expect(live()).toMatchObject({ active: false });
    await stack.up({ ...samples.minimal, active: true });
    expect(live()).toMatchObject({ active: true });
    await archive();
    await stack.up({ ...samples.minimal, active: true });
    expect([stack.state?.id, live()]).toMatchObject([id, { active: true }]);
    expect(await drift(stack)).toEqual({ status: "unchanged", differences: [] });
  },
);
