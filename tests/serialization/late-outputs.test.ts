import * as pulumi from "@pulumi/pulumi";
import * as stripe from "../../sdk";

/** What the engine answers for every resource; a program reads properties of it that it doesn't declare. */
const answered = { description: "as Stripe has it", metadata: { tier: "1" } };

const valueOf = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => void output.apply(resolve));

interface Traits {
  isKnown: Promise<boolean>;
  isSecret: Promise<boolean>;
  resources(): Set<pulumi.Resource>;
}
const traitsOf = (output: unknown) => output as Traits;

class Plain extends pulumi.CustomResource {}

/** A program under mocks, in a preview where that is asked for. */
async function under(preview: boolean): Promise<void> {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ name, inputs }) => ({ id: `${name}_id`, state: { ...(inputs as object), ...answered } }),
      call: () => ({}),
    },
    "shop",
    "prod",
    preview,
  );
}

test("a property that isn't declared is what the engine answers, whenever it is read first", async () => {
  await under(false);
  const product = new stripe.Product("gold", { name: "Gold" });
  const early = product.description;
  await valueOf(product.urn);
  await valueOf(product.created);
  expect(await valueOf(early)).toBe(answered.description);
  expect(await valueOf(product.metadata)).toEqual(answered.metadata);
  expect(await valueOf(product.images)).toBeUndefined();
  expect(product.description).toBe(early);
  expect(product.metadata).toBe(product.metadata);
});

test("it depends on its resource, and is as known and as secret as Pulumi would have it", async () => {
  await under(true);
  const product = new stripe.Product("gold", { name: "Gold" });
  const images = traitsOf(product.images);
  expect([...images.resources()]).toEqual([product]);
  expect(await images.isKnown).toBe(false);
  expect(await images.isSecret).toBe(false);
  await under(false);
  const other = new stripe.Product("silver", { name: "Silver" });
  await valueOf(other.created);
  expect(await traitsOf(other.images).isKnown).toBe(true);
});

test("only what is read is made: what is declared, and what Stripe fills in, is there from the start", () => {
  const product = new stripe.Product("few", { name: "Gold" });
  const isMade = (name: string) => "value" in (Object.getOwnPropertyDescriptor(product, name) ?? {});
  expect(["name", "defaultPrice", "created", "id", "urn"].map(isMade)).toEqual(Array<boolean>(5).fill(true));
  expect(["description", "metadata", "__provider"].map(isMade)).toEqual([false, false, false]);
});

test("a copy of a resource has all of its properties", async () => {
  await under(false);
  const { name, ...rest } = new stripe.Product("copied", { name: "Gold" });
  expect(await valueOf(name)).toBe("Gold");
  expect(await valueOf(rest.description)).toBe(answered.description);
  expect(Object.keys(rest)).toEqual(expect.arrayContaining(["description", "images", "created"]));
});

test("a resource of the same kind, made while another one is, has its properties too", async () => {
  await under(false);
  let twin: stripe.Product | undefined;
  const make: pulumi.ResourceTransformation = ({ name, props, opts }) => {
    if (name === "outer") twin = new stripe.Product("twin", { name: "Silver" });
    return { props: props, opts };
  };
  const outer = new stripe.Product("outer", { name: "Gold" }, { transformations: [make] });
  expect(await valueOf(twin?.description ?? pulumi.output("none"))).toBe(answered.description);
  expect(await valueOf(outer.metadata)).toEqual(answered.metadata);
});

test("what a transformation adds is a property like any other", async () => {
  await under(false);
  const add: pulumi.ResourceTransformation = ({ props, opts }) => ({
    props: { ...(props as object), statementDescriptor: "GOLD" },
    opts,
  });
  const product = new stripe.Product("transformed", { name: "Gold" }, { transformations: [add] });
  expect(await valueOf(product.statementDescriptor)).toBe("GOLD");
});

test("resources of others are made as ever, also amid one of ours", () => {
  let inner: Plain | undefined;
  const make: pulumi.ResourceTransformation = ({ props, opts }) => {
    inner = new Plain("test:index:Plain", "inner", { description: undefined });
    return { props: props, opts };
  };
  new stripe.Product("outer", { name: "Gold" }, { transformations: [make] });
  expect(Object.keys(inner ?? {})).toContain("description");
});

test("a registration that fails leaves Pulumi as it was", () => {
  const { prepareStackTrace, stackTraceLimit } = Error as unknown as Record<string, unknown>;
  const fail: pulumi.ResourceTransformation = () => {
    throw new Error("no");
  };
  expect(() => new stripe.Product("failed", { name: "Gold" }, { transformations: [fail] })).toThrow("no");
  expect(Object.keys(new Plain("test:index:Plain", "after", { description: undefined }))).toContain("description");
  expect((Error as unknown as Record<string, unknown>).prepareStackTrace).toBe(prepareStackTrace);
  expect(Error.stackTraceLimit).toBe(stackTraceLimit);
});

test("the trace of an error says where the program was", () => {
  function programOfMine(): Error {
    new stripe.Product("traced", { name: "Gold" });
    return new Error("mine");
  }
  expect(programOfMine().stack).toContain("programOfMine");
});
