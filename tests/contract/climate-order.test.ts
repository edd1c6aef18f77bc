import { startEmulator, type Emulator } from "../../emulator";
import { readConfig } from "../../provider/config";
import { climateOrder } from "../../provider/resources/climate/order";
import { type Clock } from "../../provider/limiter";
import { openSession } from "../../provider/session";
import { unknownValue } from "../../provider/unknown";
import { Stack, type Step } from "./engine-model";
import { post } from "./post";

/** Waits take no time, so that patience can end within a test. */
const clock: Clock = { now: () => Date.now(), sleep: async () => undefined };
const path = "/v1/climate/orders";
const order = { product: "climsku_offtake_portfolio_2029", metricTons: "0.5", currency: "usd" };

let emulator: Emulator;
let time = Date.now();
beforeAll(async () => {
  emulator = await startEmulator({ balance: { usd: 10_000_000, eur: 10_000_000 }, now: () => time });
});
beforeEach(() => {
  time = Date.now();
  emulator.reset();
});
afterAll(() => emulator.close());

const newStack = (config: Record<string, string> = {}) =>
  new Stack(climateOrder as never, emulator, { clock, config: { "stripe:timeoutSeconds": "1", ...config } });
const orders = () => emulator.objects("climate.order");
const purchases = () => emulator.requests().filter((request) => request.method === "POST" && request.path === path);

/** From 28,325 to 50,000 for half a ton, after the price was read and before the order is bought. */
function raisePriceAtPurchase(): void {
  emulator.fail({
    method: "POST",
    path,
    times: 1,
    when: () => {
      const usd = { amount_fees: 1000, amount_subtotal: 99_000, amount_total: 100_000 };
      emulator.edit("climate.product", order.product, { current_prices_per_metric_ton: { usd } });
      return false;
    },
    with: 500,
  });
}

describe("buying", () => {
  test("checks the price first, and refuses more than maxAmountTotal", async () => {
    await expect(newStack().up({ ...order, maxAmountTotal: 1 })).rejects.toThrow(
      /maxAmountTotal: the order would cost about \d+ usd .*with fees, more than the 1 allowed\. Nothing was bought/,
    );
    expect(purchases()).toEqual([]);
  });

  test("a cap of exactly the price is enough", async () => {
    const stack = newStack();
    await stack.up(order);
    const total = Number(stack.state?.outputs.amountTotal);
    await expect(newStack().up({ ...order, repurchase: "2", maxAmountTotal: total - 1 })).rejects.toThrow(
      "maxAmountTotal",
    );
    await newStack().up({ ...order, repurchase: "2", maxAmountTotal: total });
    expect(orders()).toHaveLength(2);
  });

  test("names a product that doesn't exist, and buys nothing", async () => {
    await expect(newStack().up({ ...order, product: "climsku_none" })).rejects.toThrow(
      /product: No such climate product: 'climsku_none'/,
    );
    expect(purchases()).toEqual([]);
  });

  test("names the currencies a product is sold in", async () => {
    await expect(newStack().up({ ...order, currency: "xts" })).rejects.toThrow(
      /currency: .* has no price in xts; it is sold in .*usd/,
    );
    expect(purchases()).toEqual([]);
  });

  test("a price that rose in between is recorded, and fails the resource with the way out", async () => {
    const stack = newStack();
    raisePriceAtPurchase();
    await expect(stack.up({ ...order, maxAmountTotal: 30_000 })).rejects.toThrow(
      /cost 50000 usd .*, more than maxAmountTotal \d+\. It is bought and recorded, and can be canceled until \d{4}-/,
    );
    expect(stack.state).toMatchObject({ id: orders()[0]?.id, outputs: { amountTotal: 50_000 } });
  });

  test.each([
    ["a price above the cap", { maxAmountTotal: 1 }, {}, /more than the 1 allowed/],
    ["a product that doesn't exist", { product: "climsku_none" }, {}, /No such climate product/],
    ["more than maxSpend", {}, { "stripe:maxSpend": '{"usd": 1}' }, /stripe:maxSpend allows 1 usd/],
  ])("%s is told in preview", async (_name, change, config: Record<string, string>, message) => {
    await expect(newStack(config).preview({ ...order, ...change })).rejects.toThrow(message);
    expect(emulator.requests().every(({ method }) => method === "GET")).toBe(true);
  });

  test("an order that was canceled is told in preview, and bought again with a new repurchase", async () => {
    const stack = newStack();
    await stack.up(order);
    await stack.destroy();
    await expect(stack.preview(order)).rejects.toThrow(
      /is canceled\. Nothing was bought\..* set repurchase to a new text/,
    );
    expect(await stack.preview({ ...order, repurchase: "2" })).toBe("create");
  });

  test("maxSpend holds over the orders of a run", async () => {
    await expect(newStack({ "stripe:maxSpend": '{"usd": 10}' }).up(order)).rejects.toThrow(
      /stripe:maxSpend allows 10 usd .*in a run; with this order it would be \d+\. Nothing was bought/,
    );
    expect(purchases()).toEqual([]);
  });

  test("each part of the price is rounded up by itself, as it may be when it is paid", async () => {
    const tiny = { ...order, product: "climsku_direct_air_2030", metricTons: "0.01" };
    const stack = newStack();
    await stack.up(tiny);
    const total = Number(stack.state?.outputs.amountTotal);
    await expect(newStack().up({ ...tiny, repurchase: "2", maxAmountTotal: total - 1 })).rejects.toThrow(
      "Nothing was bought",
    );
    expect(orders()).toHaveLength(1);
  });

  test("maxSpend counts what was paid, and fails the order that came out above it", async () => {
    raisePriceAtPurchase();
    const stack = newStack({ "stripe:maxSpend": '{"usd": 30000}' });
    await expect(stack.up({ ...order, maxAmountTotal: 60_000 })).rejects.toThrow(
      /cost 50000 usd .*: stripe:maxSpend allows 30000 usd .*in a run; with this order it would be 50000\. It is bought/,
    );
    expect(stack.state?.outputs.amountTotal).toBe(50_000);
  });

  test("the price is read again before a retry: a dearer order ends in doubt instead of being bought", async () => {
    raisePriceAtPurchase();
    emulator.fail({ method: "POST", path, times: 1, with: "cut-before" });
    await expect(newStack().up({ ...order, maxAmountTotal: 30_000 })).rejects.toThrow("It is not known whether");
    expect(orders()).toEqual([]);
  });

  test("too little balance is refused; once topped up the same program buys one", async () => {
    emulator.setBalance("usd", 0);
    const stack = newStack();
    await expect(stack.up(order)).rejects.toThrow(/To do: top up the Stripe balance/);
    emulator.setBalance("usd", 10_000_000);
    expect(await stack.up(order)).toBe("create");
    expect(orders()).toHaveLength(1);
  });

  test("readOnly sends nothing that writes", async () => {
    await expect(newStack({ "stripe:readOnly": "true" }).up(order)).rejects.toThrow("stripe:readOnly: is set");
    expect(orders()).toEqual([]);
  });
});

describe("in doubt", () => {
  test.each([
    ["a 500 that Stripe keeps, bought", { with: 500, stored: true, committed: true }],
    ["an answer that is cut, bought", { with: "cut-after-commit" }],
    ["an answer that never ends, bought", { with: "partial-body" }],
  ] as const)("%s: the order is found by its stamp", async (_name, fault) => {
    emulator.fail({ method: "POST", path, times: Infinity, ...fault });
    const stack = newStack();
    await stack.up(order);
    expect(orders()).toHaveLength(1);
    expect(stack.state?.id).toBe(orders()[0]?.id);
  });

  test("a kept 500 that bought nothing stops the run; a later run looks again and buys one", async () => {
    emulator.fail({ method: "POST", path, times: 1, with: 500, stored: true, committed: false });
    const stack = newStack();
    await expect(stack.up(order)).rejects.toThrow(/looking for it found nothing\. Nothing is bought again in this run/);
    expect(orders()).toEqual([]);
    expect(await stack.up(order)).toBe("create");
    expect(orders()).toHaveLength(1);
  });

  test("no connection: nothing is known, nothing is bought twice", async () => {
    emulator.fail({ method: "POST", path, times: Infinity, with: "cut-before" });
    const stack = newStack();
    await expect(stack.up(order)).rejects.toThrow(/It is not known whether the climate order was made/);
    expect(stack.state).toBeUndefined();
  });

  test.each([
    ["spelled otherwise", { metricTons: "0.50" }, "create"],
    ["edited", { beneficiary: { publicName: "Rocket Rides" } }, "in doubt"],
  ])("on its way from a killed run, and the program %s: no second order", async (_name, change, outcome) => {
    // What the killed run sent has reached Stripe, which lists it later: a proxy holds the first purchase back.
    const held: Record<string, string>[] = [];
    emulator.fail({
      method: "POST",
      path,
      times: 4,
      when: ({ idempotencyKey, params }) =>
        held.push({ key: idempotencyKey ?? "", tons: String(params.metric_tons) }) > 0,
      with: "cut-before",
    });
    await expect(newStack().up(order)).rejects.toThrow("It is not known whether");
    await newStack().up(order);
    const bought = purchases().at(-1);
    expect(new Set(held.map(({ key }) => key))).toEqual(new Set([bought?.idempotencyKey]));
    const again = newStack().up({ ...order, ...change });
    await (outcome === "create" ? again : again.catch(() => undefined));
    expect(purchases().at(-1)?.idempotencyKey).toBe(bought?.idempotencyKey);
    expect(orders()).toHaveLength(1);
  });

  test("a key in use means that the first purchase still runs: nothing is bought with another key", async () => {
    const error = { type: "idempotency_error", code: "idempotency_key_in_use", message: "in use" };
    emulator.fail({ method: "POST", path, times: Infinity, with: 409, body: { error } });
    await expect(newStack().up(order)).rejects.toThrow(
      /To do: an earlier request is still running[^]*Nothing is bought again/,
    );
    expect(new Set(purchases().map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  });

  test("asked for with other values by an earlier run: says so and buys nothing", async () => {
    emulator.setBalance("usd", 0);
    await expect(newStack().up(order)).rejects.toThrow();
    emulator.setBalance("usd", 10_000_000);
    await expect(newStack().up({ ...order, metricTons: "0.4" })).rejects.toThrow(
      /An earlier run asked for it with other values\. Undo the change, or, .* set repurchase/,
    );
    await newStack().up({ ...order, metricTons: "0.4", repurchase: "smaller" });
    expect(orders()).toHaveLength(1);
  });

  test("state lost, order bought with other values: says so and buys nothing", async () => {
    await newStack().up(order);
    await expect(newStack().up({ ...order, metricTons: "0.6" })).rejects.toThrow(
      /carries the stamp of this resource but differs in metricTons\. Nothing was bought/,
    );
    expect(orders()).toHaveLength(1);
  });

  test("state lost, order bought for another amount: says so and takes nothing", async () => {
    const other = { product: order.product, currency: order.currency };
    await newStack().up({ ...other, amount: 2000 });
    await expect(newStack().up({ ...other, amount: 9000 })).rejects.toThrow(/differs in amount\. Nothing was bought/);
    await newStack().up({ ...other, amount: 2000 });
    expect(orders()).toHaveLength(1);
  });

  test("state lost, order canceled: asks for a new repurchase", async () => {
    const stack = newStack();
    await stack.up(order);
    await stack.destroy();
    await expect(newStack().up(order)).rejects.toThrow(
      /is canceled\. Nothing was bought\. .* set repurchase to a new text/,
    );
    expect(await newStack().up({ ...order, repurchase: "again" })).toBe("create");
    expect(orders()).toHaveLength(2);
  });

  test.each<[string, Record<string, string>, (stack: Stack) => Promise<unknown>]>([
    ["canceled, and nothing is stamped", { "stripe:ownership": "none" }, (stack) => stack.destroy()],
    [
      "its stamp taken off",
      {},
      (stack) => post(emulator, `${path}/${stack.state?.id}`, { metadata: { pulumi_id: "" } }),
    ],
  ])(
    "an order that only the stored answer tells of, %s: neither taken nor bought again",
    async (_how, config, change) => {
      const stack = newStack(config);
      await stack.up(order);
      await change(stack);
      await expect(newStack(config).up(order)).rejects.toThrow(
        "was made for this resource before, and is no longer as it was. Nothing was bought",
      );
      expect(orders()).toHaveLength(1);
    },
  );

  test("state lost: the order is found behind more newer ones than stripe:lookupLimit", async () => {
    const limited = { "stripe:lookupLimit": "1" };
    const stack = newStack(limited);
    await stack.up(order);
    await new Stack(climateOrder as never, emulator, { clock, name: "newer" }).up(order);
    time += 25 * 3_600_000;
    const lost = newStack(limited);
    await lost.up(order);
    expect(lost.state?.id).toBe(stack.state?.id);
    expect(orders()).toHaveLength(2);
  });

  test("state lost: an order that is found was paid before, and counts nothing against maxSpend", async () => {
    const stack = newStack();
    await stack.up(order);
    const lost = newStack({ "stripe:maxSpend": '{"usd": 1}' });
    expect(await lost.up(order)).toBe("create");
    expect(lost.state?.id).toBe(stack.state?.id);
  });
});

describe("changes", () => {
  test.each([
    ["product", { product: "climsku_biochar_spot" }],
    ["metricTons", { metricTons: "0.6" }],
    ["currency", { currency: "eur" }],
    ["triggers", { triggers: ["new"] }],
  ])("%s without repurchase is refused in preview", async (field, change) => {
    const stack = newStack();
    await stack.up(order);
    await expect(stack.preview({ ...order, ...change })).rejects.toThrow(
      new RegExp(`${field}: was changed from .* which would buy a second order`),
    );
    await expect(stack.up({ ...order, ...change })).rejects.toThrow("second order");
    expect(orders()).toHaveLength(1);
  });

  test("tons that mean the same are no change", async () => {
    const stack = newStack();
    await stack.up(order);
    expect(await stack.preview({ ...order, metricTons: "0.50" })).toBe("same");
  });

  test("a value that isn't known yet is never shown as a second purchase", async () => {
    const stack = newStack();
    await stack.up(order);
    expect(await stack.preview({ ...order, product: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" })).toBe("update");
  });

  test("repurchase is refused while the present order would be canceled, and buys once it is retained", async () => {
    const stack = newStack();
    await stack.up(order);
    await expect(stack.preview({ ...order, repurchase: "2" })).rejects.toThrow(
      /repurchase: was changed, but the present order/,
    );
    await stack.up({ ...order, onDelete: "retain" });
    expect(await stack.up({ ...order, onDelete: "retain", repurchase: "2" })).toBe("replace");
    expect(orders().map(({ status }) => status)).toEqual(["confirmed", "confirmed"]);
    expect(stack.messages.join()).toMatch(/was kept as onDelete says: it stays confirmed and paid/);
  });

  test("a changed onDelete or cap is recorded without a call", async () => {
    const stack = newStack();
    await stack.up(order);
    const before = emulator.requests().filter(({ method }) => method === "POST").length;
    expect(await stack.up({ ...order, onDelete: "retain", maxAmountTotal: 99_999 })).toBe("update");
    expect(stack.state?.outputs).toMatchObject({ onDelete: "retain", maxAmountTotal: 99_999 });
    expect(emulator.requests().filter(({ method }) => method === "POST")).toHaveLength(before);
  });
});

describe("what Stripe does", () => {
  test.each([
    ["canceled", { status: "canceled" }, { status: "canceled", cancellationReason: "product_unavailable" }],
    ["delivered", { status: "delivered" }, { status: "delivered" }],
    ["delayed", { delayed_at: 1 }, { delayedAt: 1 }],
    ["substituted", { product: "climsku_biochar_spot", product_substituted_at: 5 }, { productSubstitutedAt: 5 }],
  ])("%s shows as outputs and buys nothing", async (_name, patch, outputs) => {
    const stack = newStack();
    await stack.up(order);
    emulator.edit("climate.order", String(stack.state?.id), patch);
    await stack.refresh();
    expect(stack.state?.outputs).toMatchObject({ product: order.product, ...outputs });
    expect(await stack.up(order)).toBe("same");
    expect(orders()).toHaveLength(1);
  });
});

describe("deleting", () => {
  test("cancels, and says what comes back and what doesn't", async () => {
    const stack = newStack();
    await stack.up(order);
    await stack.destroy();
    expect(orders()[0]?.status).toBe("canceled");
    expect(stack.messages.join()).toMatch(/is canceled: \d+\.\d\d usd comes back, \d+\.\d\d usd of fees does not/);
  });

  test("too late: fails, says what stays paid, and keeps the resource", async () => {
    const stack = newStack();
    await stack.up(order);
    time += 25 * 3600 * 1000;
    await expect(stack.destroy()).rejects.toThrow(
      /could not be canceled and stays paid \(\d+\.\d\d usd\)[^]*onDelete: "retain"/,
    );
    expect(stack.state).toBeDefined();
    await stack.up({ ...order, onDelete: "retain" });
    expect(await stack.destroy()).toBe("delete");
    expect(orders()[0]?.status).toBe("confirmed");
  });

  test("a cancel whose answer was lost is told as what it came to", async () => {
    const stack = newStack();
    await stack.up(order);
    emulator.fail({ method: "POST", path: `${path}/:id/cancel`, times: 1, with: "cut-after-commit" });
    emulator.fail({ method: "POST", path: `${path}/:id/cancel`, times: Infinity, with: 503 });
    await stack.destroy();
    expect(stack.messages.join()).toMatch(/is canceled: \d+\.\d\d usd comes back/);
  });

  test("an order that was kept, and canceled by Stripe, is not said to be paid", async () => {
    const stack = newStack();
    await stack.up({ ...order, onDelete: "retain" });
    emulator.edit("climate.order", String(stack.state?.id), { status: "canceled" });
    await stack.destroy();
    expect(stack.messages).toEqual([]);
  });

  test("an old state never cancels an order that was moved to another resource", async () => {
    const stack = newStack();
    await stack.up(order);
    const moved = new Stack(climateOrder as never, emulator, { clock, name: "moved" });
    moved.state = stack.state;
    await moved.up(order);
    await stack.destroy();
    expect(orders()).toMatchObject([{ status: "confirmed" }]);
    expect(stack.messages.join()).toContain("forgotten here and left as it is at Stripe");
  });

  test("a delivered order is refused without a call", async () => {
    const stack = newStack();
    await stack.up(order);
    emulator.edit("climate.order", String(stack.state?.id), { status: "delivered" });
    await expect(stack.destroy()).rejects.toThrow(/is delivered and can't be canceled: \d+\.\d\d usd stays paid/);
  });
});

describe("live mode", () => {
  const capped = { ...order, maxAmountTotal: 100_000 };
  let live: Emulator;
  beforeAll(async () => {
    live = await startEmulator({ apiKey: "sk_live_51testing", balance: { usd: 10_000_000 } });
  });
  afterAll(() => live.close());

  /** The settings take a live key for no base but Stripe's, so the session gets its base afterwards. */
  function stack(settings: Record<string, string> = {}): Stack {
    const given = { apiKey: live.apiKey, mode: "live", maxSpend: '{"usd": 100000}', ...settings };
    const config = readConfig({ config: (name) => new Map(Object.entries(given)).get(name), env: {} });
    const run = { session: openSession({ ...config, apiBase: live.url }, () => undefined, clock) };
    return new Stack(climateOrder as never, live, { run, config: { "stripe:apiKey": emulator.apiKey } });
  }
  const buy = (args: Record<string, unknown>, settings?: Record<string, string>): Promise<Step> =>
    stack(settings).up(args);

  test("demands a cap, a currency, and a spending limit", async () => {
    await expect(buy({ product: order.product, metricTons: "1" })).rejects.toThrow(
      /maxAmountTotal: is required in live mode.*\ncurrency: is required in live mode/,
    );
    await expect(buy(capped, { maxSpend: "" })).rejects.toThrow("stripe:maxSpend is required in live mode");
    expect(live.objects("climate.order")).toEqual([]);
  });

  test("buys nothing without a stamp", async () => {
    const refusal =
      "stripe:ownership: must be stamp in live mode: without a stamp a climate order could be bought twice";
    const unstamped = stack({ ownership: "none" });
    await expect(unstamped.preview(capped)).rejects.toThrow(refusal);
    // Also where the preview can't know yet what is bought.
    await expect(unstamped.preview({ ...capped, product: unknownValue })).rejects.toThrow(refusal);
    await expect(unstamped.up(capped)).rejects.toThrow(refusal);
    expect(live.objects("climate.order")).toEqual([]);
    expect(await buy(capped)).toBe("create");
  });
});
