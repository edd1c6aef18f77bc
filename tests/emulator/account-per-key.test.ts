import { startEmulator, type Emulator } from "../../emulator";
import { hookForm, send } from "./client";

// Tests that run side by side against one emulator: each has a key, and with it an account, of its own.

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ accountPerKey: true });
});
afterAll(() => emulator.close());

const as = (apiKey: string) => ({
  apiKey,
  get url() {
    return emulator.url;
  },
});
const [one, two] = [as("sk_test_worker0001"), as("sk_test_worker0002")];
const names = async (who: typeof one) =>
  ((await send(who, "GET", "/v1/products")).body.data as { name: string }[]).map(({ name }) => name);

test("each key has an account of its own: objects, idempotency keys, requests, faults, reset", async () => {
  const key = { "idempotency-key": "same" };
  await send(one, "POST", "/v1/products", { name: "One" }, key);
  await send(two, "POST", "/v1/products", { name: "Two" }, key);
  expect([await names(one), await names(two), await names(emulator)]).toEqual([["One"], ["Two"], []]);
  const account = async (who: typeof one) => (await send(who, "GET", "/v1/account")).body.id;
  expect(new Set([await account(one), await account(two), emulator.accountId]).size).toBe(3);
  expect(await account(one)).toBe(await account(one));

  const control = (who: typeof one, path: string, body: unknown) =>
    send(who, "POST", `/_emulator/${path}`, JSON.stringify(body));
  await control(one, "fail", { path: "/v1/products", with: 500, times: 2 });
  expect((await send(two, "GET", "/v1/products")).status).toBe(200);
  expect((await send(one, "GET", "/v1/products")).status).toBe(500);
  const requests = (await send(two, "GET", "/_emulator/requests")).body.data as { account: string }[];
  expect(new Set(requests.map((request) => request.account))).toEqual(new Set([await account(two)]));
  expect((await control(two, "trigger", { event: "product.created" })).status).toBe(200);
  expect([(await names(two)).length, await names(emulator)]).toEqual([2, []]);
  await control(one, "reset", {});
  expect([await names(one), await names(two)]).toEqual([[], [expect.any(String), "Two"]]);
});

test.each(["objects?kind=product", "inspect/objects?kind=product"])(
  "%s is asked before anything else: there is nothing, but there is an account",
  async (path) => {
    const fresh = as(`sk_test_fresh${path.replace(/\W/g, "")}`);
    const { status, body } = await send(fresh, "GET", `/_emulator/${path}`);
    expect([status, body.data]).toEqual([200, []]);
  },
);

test("a snapshot brings back the accounts there were, and none that came later", async () => {
  const [early, late] = [as("sk_test_early00001"), as("sk_test_later00001")];
  await send(early, "POST", "/v1/products", { name: "Early" });
  const snapshot = emulator.snapshot();
  await send(early, "POST", "/v1/products", { name: "More" });
  const first = await send(late, "POST", "/v1/products", { name: "Late" }, { "idempotency-key": "same" });
  emulator.restore(snapshot);
  expect([await names(early), await names(late)]).toEqual([["Early"], []]);
  const again = await send(late, "POST", "/v1/products", { name: "Late" }, { "idempotency-key": "same" });
  expect([again.status, again.body.id === first.body.id]).toEqual([200, false]);
});

test("the account of another key is out of reach", async () => {
  const mine = String((await send(one, "GET", "/v1/account")).body.id);
  expect((await send(two, "GET", "/v1/products", undefined, { "stripe-account": mine })).status).toBe(403);
  expect((await send(two, "GET", `/_emulator/objects?kind=product&account=${mine}`)).status).toBe(404);
});

test.each(["sk_live_worker0001", "pk_test_worker0001", "sk_test_x", "rk_test_worker0001"])(
  "%s is no such key",
  async (key) => {
    expect((await send(as(key), "POST", "/v1/webhook_endpoints", hookForm)).status).toBe(401);
  },
);
