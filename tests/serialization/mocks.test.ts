import * as pulumi from "@pulumi/pulumi";
import { type MockCallArgs, MockMonitor, type MockResourceArgs } from "@pulumi/pulumi/runtime/mocks";
import { kindNames } from "../../provider/registry";
import * as stripe from "../../sdk";
import { providerText } from "../../provider/provider-text";

/** How tests of a program see this package: `pulumi.runtime.setMocks`, and nothing is asked of Stripe. */
const made: MockResourceArgs[] = [];
const called: MockCallArgs[] = [];
/** Names of secret outputs the engine was told of, by resource. */
const secretOutputs: Record<string, string[]> = {};

const product = {
  id: "climsku_x",
  created: 0,
  currentPricesPerMetricTon: { usd: { amountFees: 0, amountSubtotal: 1, amountTotal: 1 } },
  livemode: false,
  metricTonsAvailable: "0",
  name: "",
  suppliers: [],
};

beforeAll(async () => {
  for (const name of ["registerResource", "readResource"] as const) {
    const prototype = MockMonitor.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
    const original = prototype[name];
    jest.spyOn(prototype, name).mockImplementation(function (this: unknown, ...args: unknown[]) {
      const request = args[0] as { getName(): string; getAdditionalsecretoutputsList(): string[] };
      secretOutputs[request.getName()] = request.getAdditionalsecretoutputsList();
      return original?.apply(this, args);
    });
  }
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        made.push(args);
        return {
          id: args.id === undefined || args.id === "" ? `${args.name}_id` : args.id,
          state: { ...(args.inputs as object), status: "enabled", created: 0 },
        };
      },
      call: (args) => {
        called.push(args);
        return args.token.endsWith("s") ? { data: [product] } : { ...product, id: (args.inputs as { id: string }).id };
      },
    },
    "shop",
    "prod",
  );
});
beforeEach(() => {
  made.length = called.length = 0;
});

const valueOf = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => void output.apply(resolve));
const inputsOf = (name: string) => made.find((args) => args.name === name)?.inputs as Record<string, unknown>;

const args = { url: "https://example.com", enabledEvents: ["*"] };
const classes = {
  WebhookEndpoint: {
    type: "pulumi-nodejs:dynamic/stripe:WebhookEndpoint",
    of: stripe.WebhookEndpoint,
    make: (name: string) => new stripe.WebhookEndpoint(name, args),
  },
  Product: {
    type: "pulumi-nodejs:dynamic/stripe:Product",
    of: stripe.Product,
    make: (name: string) => new stripe.Product(name, { name: "x" }),
  },
  Price: {
    type: "pulumi-nodejs:dynamic/stripe:Price",
    of: stripe.Price,
    make: (name: string) => new stripe.Price(name, { product: "prod_x", currency: "usd", unitAmount: 0 }),
  },
  "billingPortal:Configuration": {
    type: "pulumi-nodejs:dynamic/stripe/billingPortal:Configuration",
    of: stripe.billingPortal.Configuration,
    make: (name: string) =>
      new stripe.billingPortal.Configuration(name, { features: { invoiceHistory: { enabled: true } } }),
  },
  "climate:Order": {
    type: "pulumi-nodejs:dynamic/stripe/climate:Order",
    of: stripe.climate.Order,
    make: (name: string) => new stripe.climate.Order(name, { product: "climsku_x", metricTons: "0.5" }),
  },
  "identity:VerificationSession": {
    type: "pulumi-nodejs:dynamic/stripe/identity:VerificationSession",
    of: stripe.identity.VerificationSession,
    make: (name: string) =>
      new stripe.identity.VerificationSession(name, { type: "document", providedDetails: { email: "x@example.com" } }),
  },
  "crypto:OnrampSession": {
    type: "pulumi-nodejs:dynamic/stripe/crypto:OnrampSession",
    of: stripe.crypto.OnrampSession,
    make: (name: string) => new stripe.crypto.OnrampSession(name, { kycDetails: { first_name: "x" } }),
  },
  "forwarding:Request": {
    type: "pulumi-nodejs:dynamic/stripe/forwarding:Request",
    of: stripe.forwarding.Request,
    make: (name: string) =>
      new stripe.forwarding.Request(name, {
        url: "https://example.com",
        paymentMethod: "pm_x",
        replacements: ["card_number"],
        request: { body: "{}" },
      }),
  },
};

test("every kind is tested here", () => {
  expect(Object.keys(classes)).toEqual(kindNames);
});

describe.each(kindNames)("%s", (kind) => {
  const { type, of, make } = classes[kind];

  test("registers its type token, text and identity, and no key", async () => {
    const resource = make(`made ${kind}`);
    const urn = await valueOf(resource.urn);
    expect(urn).toBe(`urn:pulumi:prod::shop::${type}::made ${kind}`);
    expect(await valueOf(resource.id)).toBe(`made ${kind}_id`);
    expect(made.filter(({ name }) => name === `made ${kind}`).map((one) => one.type)).toEqual([type]);
    expect(inputsOf(`made ${kind}`)).toMatchObject({ __provider: providerText(kind), __urn: urn });
  });

  test("get reads, and declares nothing", async () => {
    const resource = of.get(`got ${kind}`, "x_1");
    expect(await valueOf(resource.id)).toBe("x_1");
    expect(made.filter(({ name }) => name === `got ${kind}`)).toMatchObject([{ type, id: "x_1" }]);
    expect(inputsOf(`got ${kind}`)).toEqual({
      __get: true,
      __provider: providerText(kind),
      __urn: `urn:pulumi:prod::shop::${type}::got ${kind}`,
    });
  });

  test("tells its own instances, by its type token", () => {
    expect(of.__pulumiType).toBe(type);
    expect(of.isInstance(make("one"))).toBe(true);
    expect(of.isInstance(of.get("two", "x_1"))).toBe(true);
    const others = Object.entries(classes).filter(([name]) => name !== kind);
    for (const [name, other] of others) expect(of.isInstance(other.make(`other ${name}`))).toBe(false);
    for (const value of [undefined, null, 0, false, "", {}, { __pulumiType: type }]) {
      expect(of.isInstance(value)).toBe(false);
    }
  });
});

describe("properties", () => {
  test("every input and output is an Output, also one that has no value", async () => {
    const resource = new stripe.WebhookEndpoint("outputs", { ...args, disabled: false, description: "" });
    expect(await valueOf(resource.disabled)).toBe(false);
    expect(await valueOf(resource.description)).toBe("");
    expect(await valueOf(resource.created)).toBe(0);
    expect(await valueOf(resource.status)).toBe("enabled");
    expect(pulumi.Output.isInstance(resource.application)).toBe(true);
    expect(await valueOf(resource.application)).toBeUndefined();
  });

  test("falsy values are sent, undefined ones aren't", async () => {
    const resource = new stripe.WebhookEndpoint("falsy", {
      ...args,
      disabled: false,
      description: "",
      metadata: {},
      triggers: [],
      connect: undefined,
    });
    await valueOf(resource.urn);
    expect(inputsOf("falsy")).toMatchObject({ disabled: false, description: "", metadata: {}, triggers: [] });
    expect(inputsOf("falsy")).not.toHaveProperty("connect");
  });

  test("the identity of a child names its parent", async () => {
    const parent = new pulumi.ComponentResource("my:Component", "parent");
    const child = new stripe.WebhookEndpoint("child", args, { parent });
    const urn = await valueOf(child.urn);
    expect(inputsOf("child").__urn).toBe(urn);
    expect(urn).toContain("my:Component$pulumi-nodejs:dynamic/stripe:WebhookEndpoint::child");
  });
});

describe("secrets", () => {
  test("the engine is told to encrypt what Stripe tells once, whatever the program says", async () => {
    await valueOf(new stripe.WebhookEndpoint("plain", args).urn);
    await valueOf(stripe.WebhookEndpoint.get("read", "we_1").urn);
    await valueOf(new stripe.WebhookEndpoint("more", args, { additionalSecretOutputs: ["url"] }).urn);
    expect(secretOutputs.plain).toEqual(["secret"]);
    expect(secretOutputs.read).toEqual(["secret"]);
    expect(secretOutputs.more?.sort()).toEqual(["secret", "url"]);
  });

  test("a secret input is one from the first moment, also one that is empty", async () => {
    for (const signingSecret of ["whsec_x", ""]) {
      const name = `given ${signingSecret}`;
      const resource = new stripe.WebhookEndpoint(name, { ...args, signingSecret });
      expect(await pulumi.isSecret(resource.signingSecret)).toBe(true);
      expect(secretOutputs[name]?.sort()).toEqual(["secret", "signingSecret"]);
    }
  });

  test("nothing else is", async () => {
    const resource = new stripe.WebhookEndpoint("open", args);
    expect(await pulumi.isSecret(resource.url)).toBe(false);
    expect(await pulumi.isSecret(resource.status)).toBe(false);
  });
});

describe("functions", () => {
  test("getProduct and its twin call the mock", async () => {
    expect(await stripe.climate.getProduct({ id: "climsku_a" })).toEqual({ ...product, id: "climsku_a" });
    const twin = stripe.climate.getProductOutput({ id: pulumi.output("climsku_b") });
    expect(await valueOf(twin)).toEqual({ ...product, id: "climsku_b" });
    expect(called.map(({ token, inputs }) => [token, inputs as unknown])).toEqual([
      ["stripe:climate/getProduct", { id: "climsku_a" }],
      ["stripe:climate/getProduct", { id: "climsku_b" }],
    ]);
  });

  test.each([
    ["getProducts", stripe.climate.getProducts, stripe.climate.getProductsOutput],
    ["getSuppliers", stripe.climate.getSuppliers, stripe.climate.getSuppliersOutput],
  ] as const)("%s and its twin call the mock", async (name, read, twin) => {
    expect(await read()).toEqual([product]);
    expect(await valueOf(twin() as pulumi.Output<unknown>)).toEqual([product]);
    expect(called.map(({ token }) => token)).toEqual([`stripe:climate/${name}`, `stripe:climate/${name}`]);
  });

  test("getSupplier calls the mock", async () => {
    await stripe.climate.getSupplier({ id: "climsup_a" });
    expect(called.map(({ token }) => token)).toEqual(["stripe:climate/getSupplier"]);
  });
});

test("two children of one component don't wait for each other", async () => {
  const parent = new pulumi.ComponentResource("my:group:Group", "group");
  const children = ["first", "second"].map((name) => new stripe.Product(name, { name: "x" }, { parent }));
  expect(await valueOf(pulumi.all(children.map(({ id }) => id)))).toEqual(["first_id", "second_id"]);
  expect(inputsOf("second").__urn).toBe(await valueOf(children[1]?.urn ?? pulumi.output("")));
});

test("a misspelled setting stops the program, as it would be ignored", () => {
  jest.isolateModules(() => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const fresh = require("@pulumi/pulumi") as typeof pulumi;
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const again = require("../../sdk") as typeof stripe;
    fresh.runtime.setAllConfig({ "stripe:readonly": "true" });
    expect(() => new again.WebhookEndpoint("x", args)).toThrow(
      "stripe:readonly is no setting; did you mean stripe:readOnly?",
    );
  });
});

test("what costs money is protected in live mode, unless the program says otherwise", () => {
  const order = { product: "climsku_x", metricTons: "1" };
  const isProtected = (resource: unknown) => (resource as { __protect?: boolean }).__protect;
  expect(isProtected(new stripe.climate.Order("test", order))).toBeUndefined();
  process.env.STRIPE_MODE = "live";
  try {
    expect(isProtected(new stripe.climate.Order("live", order))).toBe(true);
    expect(isProtected(new stripe.climate.Order("given-up", order, { protect: false }))).toBe(false);
    expect(isProtected(new stripe.WebhookEndpoint("free", args))).toBeUndefined();
  } finally {
    delete process.env.STRIPE_MODE;
  }
});

test("an order is protected too where its live provider comes from a component, or the mode is known only later", () => {
  const order = { product: "climsku_x", metricTons: "1" };
  const isProtected = (resource: unknown) => (resource as { __protect?: boolean }).__protect;
  const orderUnder = (mode: pulumi.Input<"test" | "live">) => {
    const name = `under-${String(made.length)}`;
    const provider = new stripe.Provider(name, { apiKey: "sk_test_x", mode });
    const parent = new pulumi.ComponentResource("test:index:Shop", name, {}, { providers: [provider] });
    return new stripe.climate.Order(name, order, { parent });
  };
  expect(isProtected(orderUnder("test"))).toBeUndefined();
  expect(isProtected(orderUnder("live"))).toBe(true);
  expect(isProtected(orderUnder(pulumi.output("test" as const)))).toBe(true);
});

describe("adoption", () => {
  test("the resource option import is the argument adopt", async () => {
    const resource = new stripe.Product("imported", { name: "x" }, { import: "prod_x" });
    await valueOf(resource.id);
    expect(inputsOf("imported")).toMatchObject({ adopt: "prod_x" });
    expect(made.find(({ name }) => name === "imported")?.id).toBe("");
  });

  test("both of them with different ids are refused", () => {
    expect(() => new stripe.Product("x", { name: "x", adopt: "prod_y" }, { import: "prod_x" })).toThrow(
      "the option import and the argument adopt name different objects",
    );
  });
});

describe("a provider of one's own", () => {
  test("gets its settings as text under their config names, the key as a secret, and what the config has besides", async () => {
    pulumi.runtime.setAllConfig({ "stripe:mode": "test", "stripe:lookupLimit": "7" });
    const provider = new stripe.Provider("eu", {
      apiKey: "sk_test_x",
      lookupLimit: 0,
      maxSpend: { usd: 0 },
      readOnly: false,
    });
    await valueOf(provider.urn);
    pulumi.runtime.setAllConfig({});
    expect(inputsOf("eu")).toEqual({
      "stripe:apiKey": expect.objectContaining({ value: "sk_test_x" }) as object,
      "stripe:lookupLimit": "0",
      "stripe:maxSpend": '{"usd":0}',
      "stripe:mode": "test",
      "stripe:readOnly": "false",
    });
    expect(await (provider.settings as unknown as { isSecret: Promise<boolean> }).isSecret).toBe(true);
  });

  test("refuses what is no setting", () => {
    expect(() => new stripe.Provider("x", { apikey: "x" } as never)).toThrow("apikey is no setting; it has apiKey");
  });
});

test("what is read only is as secret as what is managed", async () => {
  await valueOf(stripe.identity.VerificationSession.get("read session", "vs_1").id);
  await valueOf(stripe.forwarding.Request.get("read request", "fwdreq_1").id);
  expect(secretOutputs["read session"]).toEqual(
    expect.arrayContaining(["providedDetails", "clientSecret", "verifiedOutputs"]),
  );
  expect(secretOutputs["read request"]).toEqual(
    expect.arrayContaining(["paymentMethod", "request", "responseDetails"]),
  );
});
