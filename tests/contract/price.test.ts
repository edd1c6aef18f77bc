import { startEmulator, type Emulator } from "../../emulator";
import { type Clock } from "../../provider/limiter";
import { price } from "../../provider/resources/price";
import { Stack } from "./engine-model";
import { post as postTo } from "./post";

type Values = Record<string, unknown>;

const clock: Clock = { now: () => time, sleep: async () => undefined };
const monthly = {
  product: "gold",
  currency: "usd",
  unitAmount: 1000,
  recurring: { interval: "month" },
  lookupKey: "gold-monthly",
};

let emulator: Emulator;
let time = Date.now();
beforeAll(async () => {
  emulator = await startEmulator({ now: () => time });
});
beforeEach(async () => {
  time = Date.now();
  emulator.reset();
  await post("/v1/products", { id: "gold", name: "Gold plan" });
});
afterAll(() => emulator.close());

const post = (path: string, params: Record<string, unknown>) => postTo(emulator, path, params);

const newStack = (name?: string, config?: Record<string, string>) =>
  new Stack(price as never, emulator, { clock, name, config });
const prices = () => emulator.objects("price");
const one = (id: unknown) => prices().find((object) => object.id === id);
const other = () => post("/v1/prices", { product: "gold", currency: "usd", unit_amount: 5 });
const product = () => emulator.objects("product")[0];

describe("a changed amount", () => {
  test("makes a new price, which takes over the lookup key and the product's default, and archives the old one", async () => {
    const stack = newStack();
    await stack.up(monthly);
    const old = stack.state?.id;
    await post("/v1/products/gold", { default_price: old });
    expect(await stack.preview({ ...monthly, unitAmount: 1200 })).toBe("replace");
    expect(await stack.up({ ...monthly, unitAmount: 1200 })).toBe("replace");
    expect(one(old)).toMatchObject({ active: false, lookup_key: null });
    expect(one(stack.state?.id)).toMatchObject({ active: true, lookup_key: "gold-monthly", unit_amount: 1200 });
    expect(product()).toMatchObject({ default_price: stack.state?.id });
    expect(stack.messages).toEqual([
      `product gold has the default price ${stack.state?.id} now, in place of ${old}`,
      expect.stringContaining(`price ${old} is archived`),
    ]);
    await stack.refresh();
    expect(await stack.up({ ...monthly, unitAmount: 1200 })).toBe("same");
  });

  test("leaves a default price that isn't the old one alone, and an old price on sale where onDelete says so", async () => {
    const theirs = await other();
    await post("/v1/products/gold", { default_price: theirs.id });
    const stack = newStack();
    await stack.up({ ...monthly, onDelete: "retain" });
    const old = stack.state?.id;
    await stack.up({ ...monthly, onDelete: "retain", unitAmount: 0 });
    expect(one(old)).toMatchObject({ active: true, lookup_key: null });
    expect(product()).toMatchObject({ default_price: theirs.id });
    expect(stack.messages.join()).toContain(`price ${old} stays on sale, as onDelete says`);
  });

  test("takes the product's default over also from a price that stays on sale, and fails where it can't", async () => {
    const stack = newStack();
    await stack.up({ ...monthly, onDelete: "retain" });
    const old = stack.state?.id;
    await post("/v1/products/gold", { default_price: old });
    const error = { type: "invalid_request_error", message: "no permission" };
    emulator.fail({ method: "POST", path: "/v1/products/:id", times: 2, with: 403, body: { error } });
    const changed = { ...monthly, onDelete: "retain", unitAmount: 0 };
    await expect(stack.up(changed)).rejects.toThrow(
      new RegExp(`price ${old} stays on sale, as onDelete says[^]*no permission`),
    );
    expect(product()).toMatchObject({ default_price: old });
    await stack.up(changed);
    expect(product()).toMatchObject({ default_price: stack.state?.id });
    expect(one(old)).toMatchObject({ active: true });
  });

  test("there and back again within a day: each time a price of its own, and one on sale", async () => {
    const stack = newStack();
    const ids = new Set<unknown>();
    for (const unitAmount of [1000, 0, 1000, 0]) {
      await stack.up({ ...monthly, unitAmount });
      ids.add(stack.state?.id);
      expect(prices().filter(({ active }) => active)).toMatchObject([
        { id: stack.state?.id, unit_amount: unitAmount, lookup_key: "gold-monthly" },
      ]);
    }
    expect(ids.size).toBe(4);
  });

  test("names active payment links and portal configurations that still hold the old price", async () => {
    const stack = newStack();
    await stack.up(monthly);
    const old = String(stack.state?.id);
    const link = await post("/v1/payment_links", { line_items: [{ price: old, quantity: 1 }] });
    const portal = await post("/v1/billing_portal/configurations", {
      features: {
        subscription_update: {
          enabled: true,
          default_allowed_updates: ["price"],
          products: [{ product: "gold", prices: [old] }],
        },
      },
    });
    await stack.up({ ...monthly, unitAmount: 1200 });
    expect(stack.messages.join("\n")).toMatch(
      new RegExp(`payment link ${String(link.id)} is active and still names price ${old}`),
    );
    expect(stack.messages.join("\n")).toContain(
      `portal configuration ${String(portal.id)} is active and still offers price ${old}`,
    );
    expect(one(old)).toMatchObject({ active: false });
  });

  test("what the key may not look at is said, and fails nothing", async () => {
    const stack = newStack();
    await stack.up(monthly);
    for (const path of ["/v1/payment_links", "/v1/billing_portal/configurations", "/v1/products/:id"]) {
      const error = { type: "invalid_request_error", message: "no permission" };
      emulator.fail({ method: "GET", path, times: Infinity, with: 403, body: { error } });
    }
    expect(await stack.up({ ...monthly, unitAmount: 1200 })).toBe("replace");
    expect(stack.messages.join("\n")).toMatch(/payment links could not be looked at: no permission/);
  });
});

describe("a changed amount, interrupted", () => {
  const changed = { ...monthly, unitAmount: 1200 };

  async function begun(): Promise<{ stack: Stack; old: string }> {
    const stack = newStack();
    await stack.up(monthly);
    const old = String(stack.state?.id);
    await post("/v1/products/gold", { default_price: old });
    return { stack, old };
  }

  function expectFinished(stack: Stack, old: string): void {
    expect(prices()).toHaveLength(2);
    expect(one(old)).toMatchObject({ active: false, lookup_key: null });
    expect(one(stack.state?.id)).toMatchObject({ active: true, lookup_key: "gold-monthly", unit_amount: 1200 });
    expect(product()).toMatchObject({ default_price: stack.state?.id });
  }

  test.each([
    ["within a day", 0],
    ["after it", 25 * 3_600_000],
  ])("after the new price was made, %s: the next run takes it and finishes", async (_when, later) => {
    const { stack, old } = await begun();
    const before = stack.state;
    // The archiving of the old price fails; the engine died before it wrote of the new one.
    emulator.fail({ method: "POST", path: "/v1/prices/:price", times: 4, with: "cut-before" });
    await expect(stack.up(changed)).rejects.toThrow();
    stack.state = before;
    time += later;
    expect(await stack.up(changed)).toBe("replace");
    expectFinished(stack, old);
  });

  test("between the two: another process is asked to end the old one, and finds its successor", async () => {
    const { stack, old } = await begun();
    const before = stack.state;
    // The default can't be moved, neither at once nor before the old price ends.
    emulator.fail({ method: "GET", path: "/v1/products/:id", times: 8, with: "cut-before" });
    await expect(stack.up(changed)).rejects.toThrow();
    expect(product()).toMatchObject({ default_price: old });
    const made = stack.state;
    stack.state = before;
    await stack.destroy();
    stack.state = made;
    expectFinished(stack, old);
  });

  test("a lost answer to the create is no second price", async () => {
    const { stack, old } = await begun();
    emulator.fail({ method: "POST", path: "/v1/prices", times: 1, with: "cut-after-commit" });
    await stack.up(changed);
    expectFinished(stack, old);
  });
});

describe("there and back again", () => {
  test.each<[string, Values]>([
    ["retained", { onDelete: "retain" }],
    ["not on sale", { active: false }],
  ])("%s: the price that is found takes its lookup key back", async (_how, extra) => {
    const stack = newStack();
    for (const unitAmount of [1000, 1200, 1000]) {
      await stack.up({ ...monthly, ...extra, unitAmount });
      expect(one(stack.state?.id)).toMatchObject({ unit_amount: unitAmount, lookup_key: "gold-monthly" });
      expect(await stack.up({ ...monthly, ...extra, unitAmount })).toBe("same");
    }
  });

  test("rolled back after the old price could not be archived: one on sale, with the key and the default", async () => {
    const stack = newStack();
    await stack.up(monthly);
    const old = stack.state;
    await post("/v1/products/gold", { default_price: old?.id });
    emulator.fail({ method: "POST", path: "/v1/prices/:price", times: 4, with: "cut-before" });
    await expect(stack.up({ ...monthly, unitAmount: 1200 })).rejects.toThrow();
    await stack.up(monthly);
    expect(stack.state?.id).toBe(old?.id);
    // The engine ends what was replaced before, too: it is in use again.
    expect(prices().filter(({ active }) => active)).toMatchObject([{ id: old?.id, lookup_key: "gold-monthly" }]);
    expect(product()).toMatchObject({ default_price: old?.id });
  });

  test("a lookup key that an archived price of this resource has is taken back in place", async () => {
    const stack = newStack();
    await stack.up({ ...monthly, lookupKey: "a" });
    await stack.up({ ...monthly, lookupKey: "b", unitAmount: 1200 });
    expect(await stack.up({ ...monthly, lookupKey: "a", unitAmount: 1200 })).toBe("update");
    expect(one(stack.state?.id)).toMatchObject({ lookup_key: "a" });
  });
});

describe("a price that is found is taken only if all of it is as declared", () => {
  const base = { product: "gold", currency: "usd" };
  const tiered = { ...base, billingScheme: "tiered", tiersMode: "volume", recurring: { interval: "month" } };
  test.each<[string, Values, Values]>([
    ["an interval count", { ...monthly, recurring: { interval: "month", intervalCount: 3 } }, monthly],
    ["recurring", { ...base, unitAmount: 5, recurring: { interval: "month" } }, { ...base, unitAmount: 5 }],
    [
      "a divided quantity",
      { ...base, unitAmount: 5, transformQuantity: { divideBy: 10, round: "up" } },
      { ...base, unitAmount: 5 },
    ],
    [
      "a flat amount",
      { ...tiered, tiers: [{ upTo: "inf", unitAmount: 10, flatAmount: 500 }] },
      { ...tiered, tiers: [{ upTo: "inf", unitAmount: 10 }] },
    ],
    [
      "another currency",
      { ...base, unitAmount: 5, currencyOptions: { eur: { unitAmount: 1 } } },
      { ...base, unitAmount: 5 },
    ],
  ])("%s that was taken out of the program makes another price", async (_what, before, after) => {
    await newStack().up(before);
    const stack = newStack();
    await stack.up(after);
    expect(prices()).toHaveLength(2);
    await stack.refresh();
    expect(await stack.up(after)).toBe("same");
    expect(stack.messages.join()).toMatch(/carries the stamp of this resource but differs in/);
  });

  test.each<[string, Values, Values]>([
    ["defaults", monthly, { ...monthly, recurring: { interval: "month", intervalCount: 1, usageType: "licensed" } }],
    [
      "another spelling",
      { ...tiered, tiers: [{ upTo: "inf", unitAmount: 5 }] },
      { ...tiered, tiers: [{ upTo: "inf", unitAmountDecimal: "5.0" }] },
    ],
  ])("%s are no difference, neither to what is found nor in place", async (_what, before, after) => {
    const first = newStack();
    await first.up(before);
    expect(await first.preview(after)).toBe("same");
    const stack = newStack();
    await stack.up(after);
    expect(stack.state?.id).toBe(first.state?.id);
    await stack.refresh();
    expect(await stack.up(after)).toBe("same");
    expect(await stack.up(before)).toBe("same");
  });
});

describe("a lookup key", () => {
  test("that another price has is an error naming it; nothing is made and nothing taken", async () => {
    const theirs = await post("/v1/prices", {
      product: "gold",
      currency: "usd",
      unit_amount: 5,
      lookup_key: "gold-monthly",
    });
    await expect(newStack().up(monthly)).rejects.toThrow(
      `lookupKey: price ${String(theirs.id)} of product gold has "gold-monthly" already, and is not of this resource. Nothing was changed`,
    );
    expect(prices()).toMatchObject([{ id: theirs.id, lookup_key: "gold-monthly" }]);
  });

  test("that a price on sale has is left to it, though that has the same name: by triggers it has another stamp", async () => {
    const stack = newStack();
    await stack.up(monthly);
    await expect(newStack().up({ ...monthly, triggers: ["again"] })).rejects.toThrow(
      /, which is managed as "subject" in the stack contract\/test, has "gold-monthly" already, and is not of this resource/,
    );
    expect(prices()).toMatchObject([{ id: stack.state?.id, lookup_key: "gold-monthly" }]);
  });

  test("of a price that ended is taken back by its resource", async () => {
    const stack = newStack();
    await stack.up(monthly);
    const old = stack.state?.id;
    await stack.destroy();
    expect(one(old)).toMatchObject({ active: false, lookup_key: "gold-monthly" });
    await stack.up(monthly);
    expect(one(stack.state?.id)).toMatchObject({ active: true, lookup_key: "gold-monthly" });
    expect(one(old)).toMatchObject({ active: false, lookup_key: null });
  });

  test("finds a price beyond the look-up limit after the state was lost", async () => {
    const limited = { "stripe:lookupLimit": "1" };
    const stack = newStack(undefined, limited);
    await stack.up(monthly);
    await newStack("newer").up({ product: "gold", currency: "usd", unitAmount: 0 });
    time += 25 * 3_600_000;
    const lost = newStack(undefined, limited);
    await lost.up(monthly);
    expect(lost.state?.id).toBe(stack.state?.id);
    expect(prices()).toHaveLength(2);
  });

  test("changed in place to one that is another price's is refused", async () => {
    await post("/v1/prices", { product: "gold", currency: "usd", unit_amount: 5, lookup_key: "theirs" });
    const stack = newStack();
    await stack.up(monthly);
    await expect(stack.up({ ...monthly, lookupKey: "theirs" })).rejects.toThrow(
      /lookupKey: price price_\w+ of product gold has "theirs"/,
    );
    expect(await stack.up({ ...monthly, lookupKey: "mine" })).toBe("update");
  });
});

describe("ending", () => {
  test("a default price: its product has none afterwards, and the run says so", async () => {
    const stack = newStack();
    await stack.up(monthly);
    const id = stack.state?.id;
    await post("/v1/products/gold", { default_price: id });
    await stack.destroy();
    expect(one(id)).toMatchObject({ active: false });
    expect(product()).toMatchObject({ default_price: null });
    expect(stack.messages.join()).toContain(`product gold has no default price any more: it was ${id}`);
  });

  test("an archiving that Stripe refuses keeps the price in state", async () => {
    const stack = newStack();
    await stack.up(monthly);
    const error = { type: "invalid_request_error", message: "not now" };
    emulator.fail({ method: "POST", path: "/v1/prices/:price", times: 1, with: 400, body: { error } });
    await expect(stack.destroy()).rejects.toThrow(/could not be archived and stays on sale[^]*not now/);
    expect(stack.state).toBeDefined();
    await stack.destroy();
    expect(prices()).toMatchObject([{ active: false }]);
  });

  test.each<[string, (stack: Stack) => Promise<unknown>]>([
    ["another default", async () => post("/v1/products/gold", { default_price: (await other()).id })],
    ["onDelete: retain", (stack) => stack.up({ ...monthly, onDelete: "retain" })],
  ])("a default price that Stripe doesn't let go fails every run, until it has: %s", async (_way, out) => {
    const stack = newStack();
    await stack.up(monthly);
    const id = stack.state?.id;
    await post("/v1/products/gold", { default_price: id });
    emulator.fail({
      method: "POST",
      path: "/v1/products/:id",
      times: Infinity,
      with: 400,
      body: { error: { type: "invalid_request_error", message: "default_price can't be cleared" } },
      when: ({ params }) => params.default_price === "",
    });
    for (let run = 0; run < 2; run++) {
      await expect(stack.destroy()).rejects.toThrow(
        new RegExp(
          `price ${id} could not be archived and stays on sale[^]*default price of product gold[^]*another one in the Dashboard` +
            "[^]*archived because it is the default price[^]*can't be cleared",
        ),
      );
      expect(one(id)).toMatchObject({ active: true });
    }
    await out(stack);
    await stack.destroy();
    expect(stack.state).toBeUndefined();
  });
});

describe("the product's default", () => {
  test("never goes to an older price", async () => {
    const stack = newStack();
    await stack.up({ ...monthly, onDelete: "retain" });
    await stack.up({ ...monthly, onDelete: "retain", unitAmount: 1200 });
    const newer = stack.state?.id;
    await post("/v1/products/gold", { default_price: newer });
    const before = stack.state;
    await stack.destroy();
    expect(product()).toMatchObject({ default_price: newer });
    stack.state = before;
    await stack.up({ ...monthly, onDelete: "archive", unitAmount: 1200 });
    await stack.destroy();
    expect(product()).toMatchObject({ default_price: null });
    expect(one(newer)).toMatchObject({ active: false });
  });

  test("never goes to a newer price that has the same name and another stamp", async () => {
    const stack = newStack();
    await stack.up(monthly);
    await post("/v1/products/gold", { default_price: stack.state?.id });
    const namesake = newStack();
    await namesake.up({ ...monthly, lookupKey: "other", triggers: ["again"] });
    await stack.destroy();
    expect(one(namesake.state?.id)).toMatchObject({ active: true });
    expect(product()).toMatchObject({ default_price: null });
  });

  test.each<[string, Values]>([
    ["of another product", { product: "silver" }],
    ["not on sale", { active: false, unitAmount: 5 }],
  ])("doesn't go to a price that is %s: the old one is archived all the same", async (_what, change) => {
    await post("/v1/products", { id: "silver", name: "Silver" });
    const stack = newStack();
    await stack.up(monthly);
    const old = stack.state?.id;
    await post("/v1/products/gold", { default_price: old });
    await stack.up({ ...monthly, ...change });
    expect(one(old)).toMatchObject({ active: false });
    expect(emulator.objects("product").find(({ id }) => id === "gold")).toMatchObject({ default_price: null });
  });

  test.each([429, 409])("is not lost by a %i: the run fails, and the next one finishes", async (status) => {
    const stack = newStack();
    await stack.up(monthly);
    const old = String(stack.state?.id);
    await post("/v1/products/gold", { default_price: old });
    const before = stack.state;
    const error = { code: status === 429 ? "lock_timeout" : "idempotency_key_in_use", message: "busy" };
    let busy = true;
    emulator.fail({
      method: "POST",
      path: "/v1/products/:id",
      times: Infinity,
      with: status,
      body: { error },
      when: () => busy,
    });
    await expect(stack.up({ ...monthly, unitAmount: 1200 })).rejects.toThrow("busy");
    expect(one(old)).toMatchObject({ active: true });
    const { state } = stack;
    stack.state = before;
    busy = false;
    await stack.destroy();
    stack.state = state;
    expect(one(old)).toMatchObject({ active: false });
    expect(product()).toMatchObject({ default_price: state?.id });
  });

  test("moves with the key, before anything else of the run can fail", async () => {
    const stack = newStack();
    await stack.up(monthly);
    await post("/v1/products/gold", { default_price: stack.state?.id });
    emulator.fail({ method: "POST", path: "/v1/prices/:price", times: Infinity, with: 400 });
    await expect(stack.up({ ...monthly, unitAmount: 1200 })).rejects.toThrow("could not be archived");
    expect(product()).toMatchObject({ default_price: stack.state?.id });
  });

  test("that is taken off sale in place is none any more", async () => {
    const stack = newStack();
    await stack.up(monthly);
    await post("/v1/products/gold", { default_price: stack.state?.id });
    expect(await stack.up({ ...monthly, active: false })).toBe("update");
    expect(product()).toMatchObject({ default_price: null });
  });

  test("that a key may not read keeps the price in state where it can't be archived", async () => {
    const stack = newStack();
    await stack.up(monthly);
    await post("/v1/products/gold", { default_price: stack.state?.id });
    emulator.fail({
      method: "GET",
      path: "/v1/products/:id",
      times: Infinity,
      with: 403,
      body: { error: { message: "no permission" } },
    });
    await expect(stack.destroy()).rejects.toThrow(/could not be archived and stays on sale[^]*no permission/);
    expect(stack.state).toBeDefined();
  });
});

test("an end is asked for by what is recorded: it can't change together with a replacement", async () => {
  const stack = newStack();
  await stack.up(monthly);
  await expect(stack.preview({ ...monthly, onDelete: "retain", unitAmount: 5 })).rejects.toThrow(
    "onDelete: is changed together with unitAmount, which asks for a new object",
  );
});

describe("amounts", () => {
  test.each<[string, Values, Values]>([
    ["nothing", { unitAmount: 0 }, { unitAmountDecimal: "0" }],
    ["an amount as a decimal", { unitAmount: 5 }, { unitAmountDecimal: "5.00" }],
    ["a decimal otherwise spelled", { unitAmountDecimal: "0.50" }, { unitAmountDecimal: "00.5" }],
  ])("%s is the same price", async (_what, before, after) => {
    const stack = newStack();
    await stack.up({ product: "gold", currency: "usd", ...before });
    await stack.refresh();
    expect(await stack.up({ product: "gold", currency: "usd", ...after })).toBe("same");
  });

  test("part of a cent, the buyer's choice, and a quantity that is divided come back as declared", async () => {
    const samples: Values[] = [
      { unitAmountDecimal: "0.5" },
      { customUnitAmount: { enabled: true, minimum: 0, preset: 500 } },
      { unitAmount: 100, transformQuantity: { divideBy: 10, round: "up" } },
    ];
    for (const [index, sample] of samples.entries()) {
      const stack = newStack(`sample-${index}`);
      await stack.up({ product: "gold", currency: "usd", ...sample });
      const { state } = stack;
      await stack.refresh();
      expect(stack.state).toEqual(state);
      expect(await stack.up({ product: "gold", currency: "usd", ...sample })).toBe("same");
    }
  });

  test("another currency is added and changed in place; taken away, it makes a new price", async () => {
    const stack = newStack();
    await stack.up(monthly);
    const { id } = stack.state ?? {};
    expect(await stack.up({ ...monthly, currencyOptions: { eur: { unitAmount: 900 } } })).toBe("update");
    expect(await stack.up({ ...monthly, currencyOptions: { eur: { unitAmount: 0 } } })).toBe("update");
    await stack.refresh();
    expect(await stack.up({ ...monthly, currencyOptions: { eur: { unitAmount: 0 } } })).toBe("same");
    expect(stack.state?.id).toBe(id);
    expect(await stack.up(monthly)).toBe("replace");
  });

  test("tax behavior is settled once; then another one makes a new price", async () => {
    const stack = newStack();
    await stack.up(monthly);
    expect(await stack.up({ ...monthly, taxBehavior: "exclusive" })).toBe("update");
    expect(await stack.up(monthly)).toBe("same");
    expect(await stack.up({ ...monthly, taxBehavior: "inclusive" })).toBe("replace");
  });

  test("a product made with its price is never made again: the next price names it", async () => {
    const rest = { ...monthly, product: undefined };
    const stack = newStack();
    await stack.up({ ...rest, productData: { name: "Silver" } });
    const made = String(stack.state?.outputs.product);
    await expect(stack.preview({ ...rest, unitAmount: 1, productData: { name: "Silver" } })).rejects.toThrow(
      `unitAmount: makes a new price, and productData with it a second product: give product: "${made}" instead`,
    );
    expect(await stack.up({ ...rest, product: made })).toBe("same");
    expect(await stack.up({ ...rest, product: made, unitAmount: 1 })).toBe("replace");
    expect(emulator.objects("product")).toHaveLength(2);
  });
});
