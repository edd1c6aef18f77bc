import { createKey, newClaim, operationKey, ownerOf, stampOf } from "../../provider/identity";
import { declarationOf } from "../../provider/registry";
import { sampleKind } from "./sample-kind";

const endpoint = declarationOf("WebhookEndpoint");
const order = declarationOf("climate:Order");
const endpointUrn = "urn:pulumi:prod::shop::pulumi-nodejs:dynamic/stripe:WebhookEndpoint::orders";
const orderUrn = "urn:pulumi:prod::shop::pulumi-nodejs:dynamic/stripe/climate:Order::removal";
const id = (inputs: Record<string, unknown>, owner = "", kind = endpoint) =>
  stampOf(kind, { __urn: endpointUrn, ...inputs }, owner).pulumi_id;

describe("the stamp", () => {
  // Objects out there carry these: a release that changes them loses every one.
  test.each([
    ["an endpoint", endpoint, { __urn: endpointUrn }, "", "551e2ca9b7802b3b7c67d316c7aa8d49"],
    ["with an owner", endpoint, { __urn: endpointUrn }, "acme", "17832ca76c0ea495b84e6c96a6b30a14"],
    ["with triggers", endpoint, { __urn: endpointUrn, triggers: ["2"] }, "", "687eec4aeb19b744c62e68c39f99c9fa"],
    ["an order", order, { __urn: orderUrn }, "", "d65ba521c277e033c78e7d5982cff0f2"],
    ["bought again", order, { __urn: orderUrn, repurchase: "2" }, "", "26bbb3b0edd161f9c68e1430b569e9ad"],
    [
      "bought again, with triggers",
      order,
      { __urn: orderUrn, repurchase: "", triggers: [] },
      "",
      "84025a92ae1f6022ceaa03a0c810e9fd",
    ],
  ])("is for ever: %s", (_name, kind, inputs, owner, expected) => {
    expect(stampOf(kind, inputs, owner).pulumi_id).toBe(expected);
  });

  test("is 32 hex digits, and says to people what it belongs to", () => {
    expect(stampOf(endpoint, { __urn: endpointUrn }, "")).toEqual({
      pulumi_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      pulumi_stack: "shop/prod",
      pulumi_name: "orders",
    });
  });

  test("fits into Stripe's metadata however long the names are", () => {
    const urn = `urn:pulumi:${"s".repeat(600)}::${"p".repeat(600)}::t::${"n".repeat(600)}`;
    for (const [key, value] of Object.entries(stampOf(endpoint, { __urn: urn }, ""))) {
      expect(key.length).toBeLessThanOrEqual(40);
      expect(value.length).toBeLessThanOrEqual(500);
    }
  });

  test("a name with colons is read whole", () => {
    const urn = "urn:pulumi:prod::shop::my:component$pulumi-nodejs:dynamic/stripe:WebhookEndpoint::a:b";
    expect(stampOf(endpoint, { __urn: urn }, "")).toMatchObject({ pulumi_name: "a:b", pulumi_stack: "shop/prod" });
  });

  test("everything that asks for another object makes another stamp", () => {
    const ids = [
      id({}),
      id({}, "acme"),
      id({}, "acme2"),
      id({ triggers: [] }),
      id({ triggers: [""] }),
      id({ triggers: ["a"] }),
      id({ triggers: ["a", "b"] }),
      id({ triggers: ["a,b"] }),
      id({ __urn: endpointUrn + "2" }),
      id({ __urn: endpointUrn.replace("prod", "test") }),
      id({ again: "" }, "", sampleKind),
      id({ again: "0" }, "", sampleKind),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("nothing else does", () => {
    expect(id({ url: "https://example.com", disabled: false, metadata: { a: "0" }, __provider: "p" })).toBe(id({}));
    expect(id({ stripeAccount: "acct_1" })).toBe(id({}));
  });

  test("the owner is the setting, else the organization the program sent", () => {
    expect(ownerOf({ __owner: "acme" }, { owner: "" })).toBe("acme");
    expect(ownerOf({ __owner: "other" }, { owner: "acme" })).toBe("acme");
    expect(ownerOf({}, { owner: "" })).toBe("");
    expect(id({}, "acme")).not.toBe(id({}));
  });
});

describe("the key of a create", () => {
  const path = "/v1/webhook_endpoints";
  const body = { url: "https://example.com", metadata: { pulumi_id: "x", tier: "0" }, connect: false };
  const make = (change: { account?: string; id?: string; generation?: number; path?: string; body?: object } = {}) =>
    createKey(
      change.account ?? "acct_1",
      change.id ?? "id",
      change.generation ?? 0,
      change.path ?? path,
      (change.body ?? body) as never,
    );

  test("is for ever: an update of this package in the middle of a crash makes no second object", () => {
    expect(make()).toBe("a4155f8d66db4b7386d16bb6f25d7326383e2fec3e38e7b2aad581a30d57c2a5");
    expect(make({ generation: 1 })).toBe("bcdd17514ba7261b8c752dfa04bbc747a1e6d5d36e2c607923bd6e4e05b92317");
  });

  test("is short enough for Stripe, and tells nothing", () => {
    expect(make()).toMatch(/^[0-9a-f]{64}$/);
  });

  test("depends on everything that makes another request", () => {
    const keys = [
      make(),
      make({ account: "acct_2" }),
      make({ account: "" }),
      make({ id: "other" }),
      make({ generation: 1 }),
      make({ path: "/v1/climate/orders" }),
      make({ body: { ...body, connect: true } }),
      make({ body: { ...body, metadata: { pulumi_id: "x", tier: "" } } }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("what isn't sent makes no difference", () => {
    expect(make({ body: { ...body, description: undefined, list: [] } })).toBe(make());
  });
});

test("updates, cancels and claims get a fresh key each", () => {
  const keys = Array.from({ length: 100 }, operationKey);
  expect(new Set(keys).size).toBe(100);
  expect(keys.every((one) => /^[0-9a-f]{32}$/.test(one))).toBe(true);
  const claims = Array.from({ length: 100 }, newClaim);
  expect(new Set(claims).size).toBe(100);
});
