import { startEmulator, type Emulator } from "../../emulator";
import { declarationOf } from "../../provider/registry";
import { Stack, type StackOptions } from "./engine-model";
import { post } from "./post";

// Several resources in one run of the engine: what the provider learns of one of them protects the others.

const endpoint = { url: "https://example.com/hook", enabledEvents: ["*"] };
const other = { url: "https://example.com/other", enabledEvents: ["*"] };
const order = {
  product: "climsku_offtake_portfolio_2029",
  metricTons: "0.5",
  currency: "usd",
  maxAmountTotal: 100_000,
};

let mine: Emulator;
let theirs: Emulator;
beforeAll(async () => {
  [mine, theirs] = await Promise.all([startEmulator(), startEmulator()]);
});
beforeEach(() => [mine, theirs].forEach((emulator) => emulator.reset()));
afterAll(() => Promise.all([mine.close(), theirs.close()]));

const hook = (name: string, options: StackOptions = {}) =>
  new Stack(declarationOf("WebhookEndpoint"), mine, { name, ...options });
const climateOrder = (name: string, options: StackOptions = {}) =>
  new Stack(declarationOf("climate:Order"), mine, { name, ...options });
/** As if the key were swapped: whatever is asked for in this run is asked of the other account. */
const swapped = () => ({ run: {}, config: { "stripe:apiBase": theirs.url, "stripe:apiKey": theirs.apiKey } });
/** The same resource of the same state, in another run or under another name. */
function continued(stack: Stack, next: Stack): Stack {
  next.state = stack.state;
  return next;
}

describe("a swapped key, with nothing to change of what there is", () => {
  test.each([
    ["what there is", ["old", "new"]],
    ["what is new", ["new", "old"]],
  ])("makes nothing in the other account: %s comes first", async (_first, sequence) => {
    const before = hook("old");
    await before.up(endpoint);
    const options = swapped();
    const steps: Record<string, () => Promise<unknown>> = {
      old: () => continued(before, hook("old", options)).preview(endpoint),
      new: () => hook("new", options).preview(other),
    };
    const preview = (async () => {
      for (const name of sequence) await steps[name]?.();
    })();
    await expect(preview).rejects.toThrow(
      `in account ${mine.accountId}, but the test key acts on account ${theirs.accountId}. Nothing was done`,
    );
    expect(theirs.objects("webhook_endpoint")).toEqual([]);
  });

  test("a resource that is given the settings of another account is refused without a call", async () => {
    const before = hook("old");
    await before.up(endpoint);
    for (const setting of ["accountId", "stripeAccount"]) {
      const config = { [`stripe:${setting}`]: theirs.accountId };
      const calls = mine.requests().length;
      await expect(continued(before, hook("old", { config })).preview(endpoint)).rejects.toThrow(
        new RegExp(`in account ${mine.accountId}, but ${setting === "accountId" ? "stripe:" : ""}${setting} is`),
      );
      expect(mine.requests()).toHaveLength(calls);
    }
  });

  test("resources of two accounts under one key are told of without a call", async () => {
    const here = hook("here");
    await here.up(endpoint);
    const there = hook("there", swapped());
    await there.up(other);
    const run = {};
    await continued(here, hook("here", { run })).preview(endpoint);
    await expect(continued(there, hook("there", { run })).preview(other)).rejects.toThrow(
      `others with the same settings are in ${mine.accountId}`,
    );
  });

  test("a live object is no test object, unchanged as well", async () => {
    const before = hook("old");
    await before.up(endpoint);
    if (before.state !== undefined) before.state.outputs.livemode = true;
    await expect(before.preview(endpoint)).rejects.toThrow(/is in live mode, but the key is a test key/);
  });
});

describe("a key that may not tell its account", () => {
  const accountId = () => ({ "stripe:accountId": mine.accountId });
  const silence = (emulator: Emulator) =>
    emulator.fail({ path: "/v1/account", times: Infinity, with: 403, body: { error: { message: "no permission" } } });

  test("is not known by an id of one's own that another account has as well", async () => {
    const product = (options: StackOptions = {}) => new Stack(declarationOf("Product"), mine, options);
    const before = product();
    await before.up({ productId: "gold", name: "Gold" });
    theirs.passTime(60);
    await post(theirs, "/v1/products", { id: "gold", name: "Theirs" });
    silence(theirs);
    const { config, run } = swapped();
    const after = continued(before, product({ run, config: { ...config, ...accountId() } }));
    await expect(after.up({ productId: "gold", name: "Golden" })).rejects.toThrow("may not read its own account");
    expect(theirs.objects("product")).toMatchObject([{ name: "Theirs" }]);
  });

  test("is known by the object, also where nothing differs and only the last step failed", async () => {
    await climateOrder("order").up(order);
    const lost = climateOrder("order", { config: accountId() });
    const capped = { ...order, maxAmountTotal: 1 };
    await expect(lost.up(capped)).rejects.toThrow("It is bought and recorded");
    silence(mine);
    expect(await lost.up(capped)).toBe("update");
  });
});

describe("one object, one resource", () => {
  test("the old name of a resource, given to a new one in the same run: each has its own object", async () => {
    const before = hook("old");
    await before.up(endpoint);
    const run = {};
    const renamed = continued(before, hook("renamed", { run }));
    await renamed.preview(endpoint);
    const reused = hook("old", { run });
    await reused.up(endpoint);
    await continued(renamed, hook("renamed")).up(endpoint);
    expect(reused.state?.id).not.toBe(renamed.state?.id);
    expect(mine.objects("webhook_endpoint")).toHaveLength(2);
  });

  test("the same, and the new one is seen first: the preview refuses it", async () => {
    const before = hook("old");
    await before.up(endpoint);
    const run = {};
    await hook("old", { run }).preview(endpoint);
    await expect(continued(before, hook("renamed", { run })).preview(endpoint)).rejects.toThrow(
      /which this run gives to a new resource: that would take the object over\. Run pulumi up without the new resource first/,
    );
    expect(mine.objects("webhook_endpoint")).toHaveLength(1);
  });

  test("two resources of a state that have one object are told of", async () => {
    const before = hook("old");
    await before.up(endpoint);
    const run = {};
    await continued(before, hook("old", { run })).preview(endpoint);
    await expect(continued(before, hook("second", { run })).preview(endpoint)).rejects.toThrow(
      /urn:.*::old has the object we_\w+ in state too/,
    );
  });
});

test("an order that was renamed and is replaced by force, deleted first: it is neither canceled nor bought again", async () => {
  const before = climateOrder("old");
  await before.up(order);
  const renamed = continued(before, climateOrder("renamed"));
  await renamed.up(order);
  const run = {};
  const again = climateOrder("renamed", { run });
  // The engine checks the replacement while it plans, deletes, and only then creates.
  await again.preview(order);
  const old = continued(renamed, climateOrder("renamed", { run }));
  await old.destroy();
  await again.up(order);
  expect(mine.objects("climate.order")).toMatchObject([{ id: renamed.state?.id, status: "confirmed" }]);
  expect(again.state?.id).toBe(renamed.state?.id);
  expect(again.messages.join()).toMatch(/was not replaced and not ended.*change repurchase/);
});

test("an order that this run has ended is not bought again in it", async () => {
  const run = {};
  const stack = climateOrder("order", { run });
  await stack.up(order);
  const ended = continued(stack, climateOrder("order"));
  await ended.destroy();
  await expect(climateOrder("order", { run }).up(order)).rejects.toThrow(/is canceled\. Nothing was bought/);
  expect(mine.objects("climate.order")).toHaveLength(1);
});

describe("one object in state twice", () => {
  test("the second holder leaves the program: the order is neither canceled nor forgotten by the first", async () => {
    const before = climateOrder("first");
    await before.up(order);
    const run = {};
    const second = climateOrder("second", { run });
    second.state = before.state && {
      ...before.state,
      outputs: { ...before.state.outputs, __urn: String(before.state.outputs.__urn).replace(/first$/, "second") },
    };
    expect(await continued(before, climateOrder("first", { run })).preview(order)).toBe("same");
    await second.destroy();
    expect(mine.objects("climate.order")).toMatchObject([{ status: "confirmed" }]);
  });

  test("the dependents of what is deleted first are compared once under the name they had: a rename goes on", async () => {
    const before = hook("old");
    await before.up(endpoint);
    const run = {};
    const unknown = { ...endpoint, metadata: { product: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" } };
    await continued(before, hook("old", { run })).preview(unknown);
    expect(await continued(before, hook("renamed", { run })).up(endpoint)).toBe("update");
  });

  test("an own id in two connected accounts is two objects, also where the key can't tell its account", async () => {
    const accounts = ["acct_connectedone", "acct_connectedtwo"];
    const platform = await startEmulator({ connectedAccounts: accounts });
    try {
      const error = { message: "no permission" };
      platform.fail({ path: "/v1/account", times: Infinity, with: 403, body: { error } });
      const product = (stripeAccount: string, options: StackOptions = {}) =>
        new Stack(declarationOf("Product"), platform, { name: stripeAccount, ...options });
      const run = {};
      for (const stripeAccount of accounts) {
        const args = { productId: "gold", name: "Gold", stripeAccount };
        const before = product(stripeAccount);
        await before.up(args);
        expect(await continued(before, product(stripeAccount, { run })).preview(args)).toBe("same");
      }
    } finally {
      await platform.close();
    }
  });
});

describe("a forwarding request", () => {
  const request = {
    url: "https://api.checkout.com/payments",
    paymentMethod: "pm_card",
    replacements: ["card_number"],
    request: { body: '{"number":""}' },
  };
  const forwarding = (name: string, options: StackOptions = {}) =>
    new Stack(declarationOf("forwarding:Request"), mine, { name, ...options });

  test("that was renamed is warned of in every run, also after a change that Stripe isn't told", async () => {
    const before = forwarding("old");
    await before.up(request);
    let stack = continued(before, forwarding("renamed"));
    for (const args of [request, { ...request, failOnStatus: ["5xx"] }, { ...request, failOnStatus: ["5xx"] }]) {
      stack = continued(stack, forwarding("renamed"));
      await stack.up(args);
      expect(stack.messages.join()).toMatch(/under another name/);
    }
    const run = {};
    await forwarding("old", { run }).preview(request);
    await expect(continued(stack, forwarding("renamed", { run })).preview(request)).rejects.toThrow(
      /Give the new resource triggers/,
    );
  });

  test("in doubt proves no account: a restricted key of another one buys nothing", async () => {
    const config = { "stripe:accountId": mine.accountId };
    const clock = { now: () => Date.now(), sleep: () => Promise.resolve() };
    const doubtful = forwarding("charge", { config, clock });
    mine.fail({ method: "POST", path: "/v1/forwarding/requests", times: Infinity, with: "cut-before" });
    await expect(doubtful.up(request)).rejects.toThrow();
    expect(doubtful.state?.id).toMatch(/^in_doubt_/);
    theirs.fail({ path: "/v1/account", times: Infinity, with: 403, body: { error: { message: "no permission" } } });
    const { config: other, run } = swapped();
    const options = { run, clock, config: { ...config, ...other } };
    await expect(continued(doubtful, forwarding("charge", options)).preview(request)).rejects.toThrow();
    await expect(climateOrder("order", options).up(order)).rejects.toThrow("may not read its own account");
    expect(theirs.objects("climate.order")).toEqual([]);
  });
});
