import { type Emulator, startEmulator } from "../../emulator";
import { type Clock } from "../../provider/limiter";
import { price } from "../../provider/resources/price";
import { arm, type Fault } from "../faults/fault";
import { Stack } from "./engine-model";
import { post } from "./post";

/**
 * A price that is its product's default is replaced, and runs fail: the default got lost where the run that ended the old price
 * had not made the new one itself, and could not know it by its stamp, which `triggers` and another name change.
 */

const clock: Clock = { now: () => Date.now(), sleep: async () => undefined };
const before = { product: "gold", currency: "usd", unitAmount: 1000, lookupKey: "gold" };
/** The new price gets another stamp. */
const after = { ...before, triggers: ["again"] };

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

test.each<[string, Pick<Fault, "reach"> & { stored?: true }]>([
  ["and all that follow", { reach: "rest" }],
  ["and those to the same path, executed all the same", { reach: "attempts", stored: true }],
])(
  "the default goes to the new price whichever request of two runs fails, %s",
  async (_how, { reach, ...executed }) => {
    // Which is not sent again, so that no patience has to end.
    const rule = { with: 500, headers: { "Stripe-Should-Retry": "false" }, ...executed };
    const fault: Fault = { name: "", reach, rule, meets: "all" };
    const stack = new Stack(price as never, emulator, { clock });
    await post(emulator, "/v1/products", { id: "gold", name: "Gold plan" });
    await stack.up(before);
    const old = stack.state;
    await post(emulator, "/v1/products/gold", { default_price: old?.id });
    const account = emulator.snapshot();

    /** Whether the run came to that request. */
    async function fail(index: number): Promise<boolean> {
      const armed = arm(emulator, fault, index, () => undefined);
      await stack.up(after).catch(() => undefined);
      armed.disarm();
      return armed.hit !== undefined;
    }

    let pairs = 0;
    const wrong: string[] = [];
    for (let first = 0, more = true; more; first++) {
      for (let second = 0; ; second++) {
        emulator.restore(account);
        stack.state = old;
        more = await fail(first);
        if (!more || !(await fail(second))) break;
        pairs++;
        await stack.up(after);
        const [product] = emulator.objects("product");
        const onSale = emulator.objects("price").filter(({ active }) => active);
        const ids = [String(product?.default_price), ...onSale.map(({ id }) => id)];
        if (ids.length !== 2 || ids.some((id) => id !== stack.state?.id || id === old?.id)) {
          wrong.push(`request ${first}, then ${second}: default and on sale ${ids.join(", ")}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(pairs).toBeGreaterThan(50);
  },
  60_000,
);

test("the default goes to the new price also where the resource got another name before the old one ended", async () => {
  await post(emulator, "/v1/products", { id: "gold", name: "Gold plan" });
  const stack = new Stack(price as never, emulator, { clock, name: "gold" });
  await stack.up(before);
  const old = stack.state?.id;
  await post(emulator, "/v1/products/gold", { default_price: old });
  emulator.fail({ path: "/v1/products/:id", times: Infinity, with: 400 });
  await expect(stack.up(after)).rejects.toThrow("could not be archived");
  emulator.restore(emulator.snapshot());
  const renamed = new Stack(price as never, emulator, { clock, name: "golden" });
  renamed.state = stack.state;
  await renamed.up(after);
  expect(renamed.state?.id).not.toBe(old);
  expect(emulator.objects("product")).toMatchObject([{ default_price: renamed.state?.id }]);
  expect(emulator.objects("price").filter(({ active }) => active)).toMatchObject([{ id: renamed.state?.id }]);
});
