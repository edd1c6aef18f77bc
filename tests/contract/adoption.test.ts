import { startEmulator, type Emulator } from "../../emulator";
import { type Clock } from "../../provider/limiter";
import { declarationOf, type KindName, kindNames } from "../../provider/registry";
import { Stack } from "./engine-model";
import { post as postTo } from "./post";

type Values = Record<string, unknown>;

const clock: Clock = { now: () => Date.now(), sleep: async () => undefined };

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ balance: { usd: 100_000_000 } });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const post = (path: string, params: Record<string, unknown>) => postTo(emulator, path, params);

describe.each(kindNames)("%s", (kind) => {
  const declaration = declarationOf(kind);
  const { samples, object, outputFields, createOnce } = declaration;
  const { minimal, full } = samples as { minimal: Values; full: Values };
  /** What Stripe tells only once has to be given. */
  const told = Object.fromEntries(
    outputFields.flatMap(({ onlyOnCreate }) => (onlyOnCreate ? [[onlyOnCreate.known, "whsec_known"]] : [])),
  );
  const newStack = (name: string, config?: Record<string, string>) =>
    new Stack(declaration, emulator, { clock, name, config });
  beforeEach(async () => {
    for (const { path, params } of samples.needs ?? []) await post(path, params);
  });

  /** An object that no stack has a stamp on. */
  async function made(args: Values): Promise<string> {
    const other = newStack("other", { "stripe:ownership": "none" });
    await other.up(args);
    return String(other.state?.id);
  }

  test.each([
    ["minimal", minimal],
    ["full", full],
  ])("sample %s: an object that is there is taken over; nothing is made", async (_sample, args) => {
    const id = await made(args);
    const before = emulator.objects(object).length;
    const stack = newStack("mine");
    const adopting = { ...args, ...told, adopt: id };
    expect(await stack.preview(adopting)).toBe("create");
    expect(stack.messages).toEqual([`${id} is taken over; nothing is created`]);
    expect(await stack.up(adopting)).toBe("create");
    expect(stack.state?.id).toBe(id);
    expect(emulator.objects(object)).toHaveLength(before);
    await stack.refresh();
    expect(await stack.up(adopting)).toBe("same");
    expect(await stack.up({ ...args, ...told })).toBe("same");
    await stack.refresh();
    expect(await stack.up({ ...args, ...told })).toBe("same");
    await expect(stack.preview({ ...args, ...told, adopt: "x_other" })).rejects.toThrow(
      `adopt: names x_other, but this resource is ${id} already`,
    );
    await expect(stack.preview({ ...adopting, triggers: ["again"] })).rejects.toThrow(
      "triggers: asks for a new object, while adopt names the present one",
    );
  });

  test("what doesn't exist is told in preview", async () => {
    await expect(newStack("mine").preview({ ...minimal, ...told, adopt: "x_none" })).rejects.toThrow(
      `adopt: ${declaration.title} x_none does not exist in account ${emulator.accountId}. Nothing was made`,
    );
  });

  // Without an update there is no stamp to find, and none to leave.
  if (createOnce) return;

  test("another stack's object is refused, naming its owner; adoptFrom takes it, and that stack leaves it alone", async () => {
    const owner = new Stack(declaration, emulator, { clock, name: "theirs", stack: "production" });
    await owner.up(full);
    const id = String(owner.state?.id);
    const stack = newStack("mine");
    for (const refused of [{ adopt: id }, { adopt: id, adoptFrom: "contract/test" }]) {
      await expect(stack.up({ ...full, ...told, ...refused })).rejects.toThrow(
        `adopt: ${id} is managed as "theirs" in the stack contract/production. Nothing was changed. To take it from there, set ` +
          'adoptFrom: "contract/production"',
      );
    }
    expect(stack.state).toBeUndefined();
    await stack.up({ ...full, ...told, adopt: id, adoptFrom: "contract/production" });
    expect(stack.state?.id).toBe(id);
    await owner.up({ ...full, metadata: { changed: "there" } });
    expect(owner.messages.join()).toMatch(
      /is managed by another stack since it was taken over .* take it out of this program/,
    );
    // Once it has seen that, it writes no more.
    await owner.refresh();
    await expect(owner.up({ ...full, metadata: { changed: "again" } })).rejects.toThrow(
      `${id} was taken over from this resource, by contract/test: nothing of it is changed`,
    );
    await stack.up({ ...full, ...told, metadata: { changed: "here" } });
    expect(stack.messages.join()).not.toMatch(/is managed by another stack/);
    await owner.destroy();
    expect(owner.messages.join()).toMatch(/is forgotten here and left as it is at Stripe/);
    await stack.refresh();
    expect(await stack.up({ ...full, ...told, metadata: { changed: "here" } })).toBe("same");
  });

  test("another resource of the same stack keeps its object, also with adoptFrom", async () => {
    const twin = newStack("twin");
    await twin.up(minimal);
    await expect(
      newStack("mine").up({ ...minimal, ...told, adopt: twin.state?.id, adoptFrom: "contract/test" }),
    ).rejects.toThrow(
      /is managed as "twin" in this stack\. Nothing was changed\. To rename a resource give it the option aliases/,
    );
  });
});

test.each<[kind: KindName, there: Values, declared: Values, texts: RegExp[]]>([
  [
    "WebhookEndpoint",
    { apiVersion: "2026-08-26.dahlia" },
    { apiVersion: "2025-03-31.basil", onSecretLost: "leave-empty" },
    [/apiVersion: differs from we_\w+ and can't be changed: "2026-08-26.dahlia" there, "2025-03-31.basil" here/],
  ],
  [
    "Price",
    { unitAmount: 0 },
    { unitAmount: 5, recurring: { interval: "year" } },
    [
      /unitAmount: differs from price_\w+ .*: 0 there, 5 here/,
      /recurring: .*: nothing there, \{"interval":"year"\} here/,
    ],
  ],
  ["climate:Order", { metricTons: "0.5" }, { metricTons: "0.05" }, [/metricTons: .*: "0.5" there, "0.05" here/]],
  [
    "identity:VerificationSession",
    { clientReferenceId: "one" },
    { clientReferenceId: "other" },
    [/clientReferenceId: .*: "one" there, "other" here/],
  ],
])(
  "%s: create-only values that differ are refused with both, and nothing is taken",
  async (kind, there, declared, texts) => {
    const declaration = declarationOf(kind);
    for (const { path, params } of declaration.samples.needs ?? []) await post(path, params);
    const { minimal } = declaration.samples as { minimal: Values };
    const owner = new Stack(declaration, emulator, { clock, config: { "stripe:ownership": "none" } });
    await owner.up({ ...minimal, ...there });
    const stack = new Stack(declaration, emulator, { clock });
    const failed = stack.up({ ...minimal, ...declared, adopt: owner.state?.id });
    for (const text of texts) await expect(failed).rejects.toThrow(text);
    expect(stack.state).toBeUndefined();
    expect(emulator.objects(declaration.object)[0]?.metadata).not.toHaveProperty("pulumi_id");
  },
);

test("a preview of an adoption tells what it changes there", async () => {
  await post("/v1/products", { id: "gold", name: "Gold" });
  const stack = new Stack(declarationOf("Product"), emulator, { clock });
  await stack.preview({ name: "Gold plan", adopt: "gold" });
  expect(stack.messages).toEqual(['gold is taken over; nothing is created. Changed there: name "Gold" => "Gold plan"']);
});

test("a forced replacement of an adopted object keeps it; an object that has ended isn't adopted", async () => {
  const { id } = await post("/v1/webhook_endpoints", { url: "https://example.com", enabled_events: ["*"] });
  const args = { url: "https://example.com", enabledEvents: ["*"], onSecretLost: "leave-empty", adopt: id };
  const stack = new Stack(declarationOf("WebhookEndpoint"), emulator, { clock });
  await stack.up(args);
  await stack.up(args, { replace: true });
  expect(emulator.objects("webhook_endpoint").map((one) => one.id)).toEqual([id]);
  await stack.destroy();
  expect(emulator.objects("webhook_endpoint")).toEqual([]);
  const order = new Stack(declarationOf("climate:Order"), emulator, { clock });
  const bought = { product: "climsku_biochar_spot", metricTons: "0.05" };
  await order.up(bought);
  const { id: canceled } = order.state ?? {};
  await order.destroy();
  await expect(order.up({ ...bought, adopt: canceled })).rejects.toThrow(`adopt: climate order ${canceled} has ended`);
});
