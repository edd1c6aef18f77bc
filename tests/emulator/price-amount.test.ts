import { startEmulator, type Emulator } from "../../emulator";
import { send } from "./client";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
beforeEach(async () => {
  emulator.reset();
  await send(emulator, "POST", "/v1/products", { id: "tea", name: "Tea" });
});
afterAll(() => emulator.close());

const priced = (more: Record<string, string>) =>
  send(emulator, "POST", "/v1/prices", { product: "tea", currency: "usd", ...more });
const tiered = {
  billing_scheme: "tiered",
  tiers_mode: "graduated",
  "recurring[interval]": "month",
  "tiers[0][up_to]": "5",
  "tiers[0][unit_amount]": "0",
  "tiers[1][up_to]": "inf",
  "tiers[1][unit_amount_decimal]": "0.25",
  "tiers[1][flat_amount]": "10",
};

test.each([
  [{ unit_amount_decimal: "0.5" }, { unit_amount: null, unit_amount_decimal: "0.5" }],
  [{ unit_amount_decimal: "12.50" }, { unit_amount: null, unit_amount_decimal: "12.5" }],
  [{ unit_amount_decimal: "7.00" }, { unit_amount: 7, unit_amount_decimal: "7" }],
  [{ unit_amount_decimal: "0.000000000001" }, { unit_amount: null, unit_amount_decimal: "0.000000000001" }],
  [
    { "custom_unit_amount[enabled]": "true", "custom_unit_amount[minimum]": "0" },
    { custom_unit_amount: { maximum: null, minimum: 0, preset: null }, unit_amount: null, unit_amount_decimal: null },
  ],
  [
    { unit_amount: "1", "recurring[interval]": "week", "recurring[interval_count]": "2" },
    {
      type: "recurring",
      recurring: {
        interval: "week",
        interval_count: 2,
        meter: null,
        trial_period_days: null,
        usage_type: "licensed",
      },
    },
  ],
  [
    {
      unit_amount: "1",
      "recurring[interval]": "month",
      "recurring[usage_type]": "metered",
      "recurring[meter]": "mtr_1",
    },
    { recurring: { usage_type: "metered", meter: "mtr_1" } },
  ],
  [
    { unit_amount: "1", "transform_quantity[divide_by]": "5", "transform_quantity[round]": "up" },
    { transform_quantity: { divide_by: 5, round: "up" } },
  ],
  [
    { unit_amount: "1", currency: "JPY", active: "false" },
    { currency: "jpy", active: false },
  ],
])("%j is shown as it is kept", async (form, expected) => {
  expect((await priced(form as Record<string, string>)).body).toMatchObject(expected);
});

const without = (...fields: string[]) =>
  Object.fromEntries(Object.entries(tiered).filter(([name]) => !fields.includes(name)));

test.each([
  [{}, undefined, /^Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set\.$/],
  [
    { unit_amount: "1", unit_amount_decimal: "1" },
    "unit_amount",
    /only specify one .* unit_amount, unit_amount_decimal/,
  ],
  [{ unit_amount: "1", "custom_unit_amount[enabled]": "true" }, "custom_unit_amount", /only specify one/],
  [{ "custom_unit_amount[enabled]": "false" }, "custom_unit_amount[enabled]", /true/],
  [
    { "custom_unit_amount[enabled]": "true", "custom_unit_amount[minimum]": "5", "custom_unit_amount[maximum]": "4" },
    "custom_unit_amount",
    /minimum/,
  ],
  [{ "custom_unit_amount[enabled]": "true", "recurring[interval]": "day" }, "custom_unit_amount", /one_time/],
  [{ unit_amount: "-1" }, "unit_amount", /greater than or equal to 0/],
  [{ unit_amount: "1.5" }, "unit_amount", /integer/],
  [{ unit_amount_decimal: "0.0000000000001" }, "unit_amount_decimal", /12 decimal places/],
  [{ unit_amount_decimal: "1e2" }, "unit_amount_decimal", /decimal/],
  [{ unit_amount: "1", currency: "doubloon" }, "currency", /^Invalid currency: doubloon\. Stripe currently supports/],
  [
    { unit_amount: "1", "recurring[interval]": "month", "recurring[interval_count]": "37" },
    "recurring[interval_count]",
    /monthly .* 36/,
  ],
  [
    { unit_amount: "1", "recurring[interval]": "month", "recurring[interval_count]": "0" },
    "recurring[interval_count]",
    /1/,
  ],
  [{ unit_amount: "1", "recurring[usage_type]": "licensed" }, "recurring[interval]", /Missing required/],
  [
    { unit_amount: "1", "recurring[interval]": "month", "recurring[usage_type]": "metered" },
    undefined,
    /backed by meters/,
  ],
  [{ unit_amount: "1", "recurring[interval]": "month", "recurring[meter]": "mtr_1" }, "recurring[meter]", /metered/],
  [
    { ...without("recurring[interval]") },
    "interval",
    /^Prices with `type=one_time` are not supported with tiered billing\.$/,
  ],
  [{ ...without("tiers_mode") }, "tiers_mode", /tiers_mode/],
  [{ unit_amount: "1", tiers_mode: "volume" }, "tiers_mode", /tiers_mode/],
  [{ ...without("billing_scheme", "tiers_mode") }, "tiers", /billing_scheme/],
  [{ ...tiered, unit_amount: "0" }, "unit_amount", /tiers/],
  [
    { ...tiered, "transform_quantity[divide_by]": "2", "transform_quantity[round]": "up" },
    "tiers",
    /transform_quantity/,
  ],
  [{ ...tiered, "tiers[1][up_to]": "9" }, "tiers[1][up_to]", /last tier/],
  [{ ...tiered, "tiers[0][up_to]": "inf" }, "tiers[0][up_to]", /last tier/],
  [{ ...tiered, "tiers[0][up_to]": "many" }, "tiers[0][up_to]", /Invalid integer/],
  [
    {
      ...tiered,
      "tiers[1][up_to]": "5",
      "tiers[1][flat_amount]": "0",
      "tiers[2][up_to]": "inf",
      "tiers[2][unit_amount]": "1",
    },
    "tiers[1][up_to]",
    /ascending/,
  ],
  [{ ...without("tiers[0][unit_amount]") }, "tiers[0]", /missing an amount/],
  [{ ...tiered, "tiers[0][unit_amount_decimal]": "0" }, "tiers[0][unit_amount]", /only specify one/],
  [{ ...tiered, "tiers[0][colour]": "red" }, "tiers[0][colour]", /unknown/],
  [
    { unit_amount: "1", "currency_options[usd][unit_amount]": "1" },
    "currency_options[usd]",
    /matches the top-level currency/,
  ],
  [{ unit_amount: "1", "currency_options[xyz][unit_amount]": "1" }, "currency_options[xyz]", /Invalid currency/],
  [{ unit_amount: "1", "currency_options[eur][amount]": "1" }, "currency_options[eur][amount]", /unknown/],
  [{ unit_amount: "1", "currency_options[eur][tax_behavior]": "inclusive" }, undefined, /require an `unit_amount`/],
  [{ unit_amount: "1", lookup_key: "x".repeat(201) }, "lookup_key", /200/],
  [{ unit_amount: "1", lookup_key: "" }, "lookup_key", /cannot be unset/],
  [{ unit_amount: "1", product: "none" }, "product", /^No such product: 'none'$/],
  [{ unit_amount: "1", "product_data[name]": "x" }, "product", /product, product_data/],
])("%j is refused", async (form, param, message) => {
  const { status, error } = await priced(form);
  expect([status, error.type, error.param]).toEqual([400, "invalid_request_error", param]);
  expect(error.message).toMatch(message);
  expect(emulator.objects("price")).toEqual([]);
  expect(emulator.objects("event")).toHaveLength(1);
});
