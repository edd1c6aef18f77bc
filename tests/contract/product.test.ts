import { startEmulator, type Emulator } from "../../emulator";
import { type Clock } from "../../provider/limiter";
import { product } from "../../provider/resources/product";
import { Stack } from "./engine-model";
import { post as postTo } from "./post";

const clock: Clock = { now: () => Date.now(), sleep: async () => undefined };
const gold = { name: "Gold plan" };
const withPrice = { ...gold, defaultPriceData: { currency: "usd", unitAmount: 0 } };

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const post = (path: string, params: Record<string, unknown>) => postTo(emulator, path, params);

const newStack = (name?: string) => new Stack(product as never, emulator, { clock, name });
const products = () => emulator.objects("product");
const prices = () => emulator.objects("price");

test("a product without prices is deleted, one with prices is archived, and the run says so", async () => {
  const bare = newStack("bare");
  await bare.up(gold);
  await bare.destroy();
  expect(products()).toEqual([]);
  const priced = newStack("priced");
  await priced.up(withPrice);
  const id = priced.state?.id;
  await priced.destroy();
  expect(products()).toMatchObject([{ id, active: false }]);
  expect(priced.messages).toEqual([
    expect.stringMatching(`product ${id} is not deleted by Stripe: it is archived.* one or more user-created prices`),
  ]);
});

test("one that was archived when it ended is sold again when it is declared again", async () => {
  const stack = newStack();
  await stack.up(withPrice);
  const id = stack.state?.id;
  await stack.destroy();
  await stack.up(withPrice);
  expect(stack.state?.id).toBe(id);
  expect(products()).toMatchObject([{ id, active: true }]);
  expect(prices()).toHaveLength(1);
  await stack.destroy();
  await stack.up({ ...withPrice, active: false });
  expect(products()).toMatchObject([{ id, active: false }]);
});

test("one that was made at another default price is neither taken nor made again", async () => {
  const stack = newStack();
  await stack.up({ ...gold, defaultPriceData: { currency: "usd", unitAmount: 5 } });
  const { id } = stack.state ?? {};
  await stack.destroy();
  const dearer = { ...gold, defaultPriceData: { currency: "usd", unitAmount: 500 } };
  await expect(stack.up(dearer)).rejects.toThrow(
    `product ${id} was made for this resource before, and its default price price_`,
  );
  expect(products()).toMatchObject([{ id, active: false }]);
  // Neither is one whose create was lost.
  emulator.reset();
  emulator.fail({ method: "POST", path: "/v1/products", times: 1, with: "cut-after-commit" });
  await newStack("lost").up(withPrice);
  await expect(newStack("lost").up(dearer)).rejects.toThrow("is not what defaultPriceData says");
  expect(products()).toHaveLength(1);
  const spelled = { currency: "usd", unitAmountDecimal: "0.0", taxBehavior: "unspecified" };
  await newStack("lost").up({ ...gold, defaultPriceData: spelled });
  expect(products()).toHaveLength(1);
});

test("one that somebody archived by hand is not put on sale by a run that lost its state", async () => {
  await newStack().up(gold);
  emulator.edit("product", String(products()[0]?.id), { active: false });
  const lost = newStack();
  await lost.up(gold);
  expect(products()).toMatchObject([{ id: lost.state?.id, active: false }]);
});

test("archived by hand is drift only where it is declared", async () => {
  const stack = newStack();
  await stack.up(gold);
  emulator.edit("product", String(stack.state?.id), { active: false });
  await stack.refresh();
  expect(await stack.preview(gold)).toBe("same");
  expect(await stack.up({ ...gold, active: true })).toBe("update");
  expect(products()).toMatchObject([{ active: true }]);
});

test("a default price shows, is left alone where it isn't declared, and can be set to one made elsewhere", async () => {
  const stack = newStack();
  await stack.up(withPrice);
  const [{ id: first } = { id: "" }] = prices();
  expect(stack.state?.outputs.defaultPrice).toBe(first);
  expect(await stack.up(gold)).toBe("same");
  const { id: other } = await post("/v1/prices", { product: stack.state?.id, currency: "usd", unit_amount: 5 });
  expect(await stack.up({ ...gold, defaultPrice: other })).toBe("update");
  expect(products()).toMatchObject([{ default_price: other }]);
  expect(await stack.up(gold)).toBe("same");
  expect(products()).toMatchObject([{ default_price: other }]);
});

test("the data of a default price can't be changed, and may go once the product is made", async () => {
  const stack = newStack();
  await stack.up(withPrice);
  await expect(stack.preview({ ...gold, defaultPriceData: { currency: "usd", unitAmount: 5 } })).rejects.toThrow(
    "defaultPriceData: is used when the product is made, and can't be changed: declare a stripe.Price",
  );
  expect(await stack.up(gold)).toBe("same");
});

describe("an id of one's own", () => {
  test("is Stripe's id, and finds the product whatever the look-up limit", async () => {
    await newStack().up({ ...gold, productId: "gold" });
    await newStack("newer").up(gold);
    const lost = new Stack(product as never, emulator, { clock, config: { "stripe:lookupLimit": "1" } });
    await lost.up({ ...gold, productId: "gold" });
    expect(lost.state?.id).toBe("gold");
    expect(lost.state?.outputs.productId).toBe("gold");
    expect(products()).toHaveLength(2);
  });

  test("that another program's product has is refused by Stripe, and that one is left alone", async () => {
    await post("/v1/products", { id: "gold", name: "Theirs" });
    const stack = newStack();
    await expect(stack.up({ ...gold, productId: "gold" })).rejects.toThrow(/Product already exists[^]*To do: /);
    expect(products()).toMatchObject([{ name: "Theirs", metadata: {} }]);
    expect(stack.state).toBeUndefined();
  });

  test("can't be kept by a new product", async () => {
    const stack = newStack();
    await stack.up({ ...gold, productId: "gold" });
    for (const change of [{ type: "good" }, { triggers: ["again"] }]) {
      await expect(stack.preview({ ...gold, productId: "gold", ...change })).rejects.toThrow(
        "asks for a new product, which can't have the same productId: change that too",
      );
    }
    expect(await stack.up({ ...gold, productId: "golden", type: "good" })).toBe("replace");
    expect(products().map(({ id }) => id)).toEqual(["golden"]);
  });

  test("with characters that mean something in a path", async () => {
    const stack = newStack();
    await stack.up({ ...gold, productId: "gold/plan 0?" });
    await stack.refresh();
    await stack.up({ name: "Golden", productId: "gold/plan 0?" });
    expect(products()).toMatchObject([{ id: "gold/plan 0?", name: "Golden" }]);
    await stack.destroy();
    expect(products()).toEqual([]);
  });
});
