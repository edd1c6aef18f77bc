import { type ConfigureRequest } from "@pulumi/pulumi/dynamic";
import { startEmulator, type Emulator } from "../../emulator";
import { type HookContext } from "../../provider/declare";
import { InputError, PartialObjectError, ProviderError } from "../../provider/errors";
import { type Clock } from "../../provider/limiter";
import { handler } from "../../provider";
import { declarationOf } from "../../provider/registry";
import { Handler } from "../../provider/runtime";
import { openSession, type Session } from "../../provider/session";

type Values = Record<string, unknown>;

const endpoint = declarationOf("WebhookEndpoint");
const urn = "urn:pulumi:test::unit::pulumi-nodejs:dynamic/stripe:WebhookEndpoint::hook";
const hidden = { __urn: urn, __provider: "the handler's text" };
const args = { url: "https://example.com", enabledEvents: ["*"], ...hidden };
const clock: Clock = { now: () => Date.now(), sleep: async () => undefined };
const planted = "sk_test_PLANTED0KEY";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ apiKey: planted });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

function request(settings: Record<string, string> = {}): ConfigureRequest {
  const config: Record<string, string> = { "stripe:apiKey": planted, "stripe:apiBase": emulator.url, ...settings };
  return { config: { get: (key) => config[key], require: (key) => config[key] ?? "" } };
}

const open = (config: Parameters<typeof openSession>[0]) => openSession(config, () => undefined, clock);

async function configured(settings?: Record<string, string>): Promise<Handler> {
  const made = new Handler(endpoint, open);
  await made.configure(request(settings));
  return made;
}

/** A handler whose session is this one. */
async function withSession(change: (session: Session) => Partial<Session>, declaration = endpoint): Promise<Handler> {
  const made = new Handler(declaration, (config) => {
    const session = open(config);
    return { ...session, ...change(session) };
  });
  await made.configure(request());
  return made;
}

interface Thrown extends Error {
  code?: string;
  id?: string;
  properties?: Values;
  reasons?: string[];
}

async function thrownBy(work: Promise<unknown>): Promise<Thrown> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason as Thrown,
  );
  if (error === undefined) throw new Error("nothing was thrown");
  return error;
}

test("a handler has every method the host looks for, bound or not", () => {
  for (const kind of ["WebhookEndpoint", "climate:Order"] as const) {
    const made = handler(kind) as unknown as Values;
    for (const name of ["configure", "check", "diff", "create", "read", "update", "delete"]) {
      expect(typeof made[name]).toBe("function");
    }
  }
});

test("methods work when the host calls them off the object", async () => {
  const { check, diff, create } = await configured();
  expect((await check({}, args)).failures).toEqual([]);
  const { id, outs } = await create(args);
  expect(await diff(id, outs as Values, args)).toEqual({ changes: false, replaces: [] });
  // By another process: what a process handed out it never ends itself.
  const { delete: remove } = await configured();
  await remove(id, outs as Values);
  expect(emulator.objects("webhook_endpoint")).toEqual([]);
});

describe("while configure is running", () => {
  test("methods wait, and share its one session", async () => {
    let opened = 0;
    let release = () => undefined as void;
    const ready = new Promise<void>((resolve) => (release = resolve));
    const made = new Handler(endpoint, (config) => {
      opened++;
      const session = open(config);
      const { client } = session;
      const send = client.send.bind(client);
      client.send = async (call) => ready.then(() => send(call));
      return session;
    });
    const configuring = made.configure(request());
    const done: string[] = [];
    const creating = made.create(args).then(({ id }) => done.push(id));
    const checking = made.check(args, args).then(() => done.push("check"));
    await Promise.all([configuring, checking]);
    expect(done).toEqual(["check"]);
    release();
    await creating;
    expect(done).toEqual(["check", emulator.objects("webhook_endpoint")[0]?.id]);
    expect(opened).toBe(1);
  });

  test("a method called before configure was says so, and sends nothing", async () => {
    const made = new Handler(endpoint, open);
    const error = await thrownBy(made.create(args));
    expect(error.message).toContain("the provider was not configured");
    expect(emulator.requests()).toEqual([]);
  });
});

describe("check", () => {
  test("gives back the inputs, and failures without a property", async () => {
    const made = await configured();
    const { inputs, failures = [] } = await made.check({}, { ...hidden, url: "x", enabledEvents: [], disabled: 0 });
    expect(inputs).toEqual({ ...hidden, url: "x", enabledEvents: [], disabled: 0 });
    expect(failures.length).toBe(3);
    for (const { property, reason } of failures) {
      expect(property).toBe("");
      expect(reason).toMatch(/^(url|enabledEvents|disabled): /);
    }
  });

  test("wrong settings fail every resource, beside what is wrong with its inputs", async () => {
    const made = await configured({ "stripe:apiKey": "pk_PLANTED", "stripe:timeoutSeconds": "0" });
    const { failures = [] } = await made.check({}, { ...args, url: "x" });
    expect(failures.map(({ reason }) => reason.slice(0, reason.indexOf(": ")))).toEqual([
      "stripe:apiKey",
      "stripe:timeoutSeconds",
      "url",
    ]);
    expect(JSON.stringify(failures)).not.toContain("PLANTED");
    expect(failures.every(({ property }) => property === "")).toBe(true);
  });

  test("asks Stripe for the account of a new resource, and for nothing where there is one or the inputs are wrong", async () => {
    await (await configured()).check(args, args);
    await (await configured()).check({}, { ...args, url: "x" });
    expect(emulator.requests()).toEqual([]);
    await (await configured()).check({}, args);
    expect(emulator.requests().map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /v1/account"]);
  });
});

describe("what is thrown", () => {
  const everything = (error: Thrown) => [error.stack, String(error), error.message, JSON.stringify(error)].join("\n");

  test("names the action, the kind and the resource, and Stripe's reason; no key, no stack", async () => {
    emulator.fail({ method: "POST", path: "/v1/webhook_endpoints", times: 1, with: 400 });
    const error = await thrownBy((await configured()).create(args));
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toMatch(/^create webhook endpoint "hook": /);
    expect(error.message).toContain("POST /v1/webhook_endpoints");
    expect(String(error)).toBe('create webhook endpoint "hook"');
    expect(error.stack).not.toMatch(/\bat .*[\\/]|\.ts:|\.js:/);
    expect(everything(error)).not.toContain("PLANTED");
    expect(error.code).toBe("stripe_refused");
    expect(error.id).toBeUndefined();
  });

  test("by a key that Stripe refuses: the key isn't in it", async () => {
    const error = await thrownBy((await configured({ "stripe:apiKey": "sk_test_PLANTED0OTHER" })).create(args));
    expect(error.message).toContain("set a valid key");
    expect(everything(error)).not.toContain("PLANTED");
  });

  test.each<[name: string, reason: unknown, message: string]>([
    ["a text", "no", "no"],
    ["nothing", undefined, "undefined"],
    ["null", null, "null"],
    ["0", 0, "0"],
    ["false", false, "false"],
    ["an error of our own", new ProviderError("x", "no"), "no"],
    ["findings", new InputError([{ path: "url", message: "no" }]), "url: no"],
    ["a TypeError", new TypeError("no"), "no"],
  ])("is always an Error with a message: %s", async (_name, reason, message) => {
    const broken = { verify: jest.fn().mockRejectedValue(reason) } as unknown as Session["guard"];
    const made = await withSession(() => ({ guard: broken }));
    for (const [action, work] of [
      ["create", () => made.create(args)],
      ["read", () => made.read("we_1", args)],
      ["update", () => made.update("we_1", args, { ...args, disabled: true })],
      ["delete", () => made.delete("we_1", args)],
    ] as const) {
      const error = await thrownBy(work());
      expect(error).toBeInstanceOf(Error);
      expect(error.message).toBe(`${action} webhook endpoint "hook": ${message}`);
      expect(error.stack).not.toContain("TypeError");
    }
  });

  test("a resource without a URN has no name, and that is all", async () => {
    const error = await thrownBy((await configured()).delete("we_1", { __account: "acct_other" }));
    expect(error.message).toMatch(/^delete webhook endpoint : /);
  });
});

test("what is said on the row of a resource quotes no secret of it", async () => {
  const said: string[] = [];
  const afterCreate = (inputs: Values, _object: unknown, { say }: HookContext): string[] => {
    say(`made with ${String(inputs.signingSecret)}`);
    return [];
  };
  const say: Session["say"] = (_urn, _severity, message) => said.push(message);
  const made = await withSession(() => ({ say }), { ...endpoint, afterCreate });
  await made.create({ ...args, signingSecret: "whsec_PLANTED" });
  expect(said).toEqual(["made with [secret]"]);
});

describe("a half-made object", () => {
  const properties = { url: "x", gone: undefined, total: NaN, made: new Date(0), off: false, count: 0, text: "" };

  test("is kept: id, plain properties with the handler's text, reasons", async () => {
    const partial = new PartialObjectError("we_1", properties, ["first", "second"]);
    const broken = { verify: () => Promise.reject(partial) } as unknown as Session["guard"];
    const error = await thrownBy((await withSession(() => ({ guard: broken }))).create(args));
    expect(error).toMatchObject({ id: "we_1", reasons: ["first", "second"], code: "partly_done" });
    expect(error.properties).toStrictEqual({
      url: "x",
      total: "NaN",
      made: "1970-01-01T00:00:00.000Z",
      off: false,
      count: 0,
      text: "",
      __provider: hidden.__provider,
    });
  });

  test("by update too, with the text of the new inputs", async () => {
    const partial = new PartialObjectError("we_1", {}, ["why"]);
    const broken = { verify: () => Promise.reject(partial) } as unknown as Session["guard"];
    const made = await withSession(() => ({ guard: broken }));
    const error = await thrownBy(made.update("we_1", { __provider: "old" }, args));
    expect(error.properties).toEqual({ __provider: hidden.__provider });
  });

  test("really: created, but not brought up to date", async () => {
    emulator.fail({ method: "POST", path: "/v1/webhook_endpoints/:id", times: 4, with: 503 });
    const error = await thrownBy((await configured()).create({ ...args, disabled: true }));
    const [made] = emulator.objects("webhook_endpoint");
    expect(error.id).toBe(made?.id);
    expect(error.properties).toMatchObject({
      ...hidden,
      url: args.url,
      secret: expect.stringMatching(/^whsec_/) as string,
    });
    expect(error.reasons).toEqual([expect.stringContaining("was created, but not brought up to date: ") as string]);
    expect(JSON.stringify(error.properties)).toBe(JSON.stringify(JSON.parse(JSON.stringify(error.properties))));
    expect(error.reasons?.join()).not.toMatch(/whsec_|PLANTED/);
    expect(error.message).not.toMatch(/whsec_|PLANTED/);
  });
});

describe("what is given back", () => {
  test("by read: nothing at all where the object is gone", async () => {
    expect(await (await configured()).read("we_gone", { ...args })).toEqual({});
  });

  test("by read: id and properties, and inputs where they are other ones, which the host's Struct can carry", async () => {
    const made = await configured();
    const { id, outs } = await made.create({ ...args, disabled: false, description: "x", metadata: { tier: "0" } });
    expect(await made.read(id, outs)).toStrictEqual({ id, props: outs });
    const found = await made.read(id, { ...(outs as Values), description: "y", disabled: true });
    expect(found.id).toBe(id);
    expect(found.inputs).toEqual({
      url: args.url,
      enabledEvents: ["*"],
      disabled: false,
      description: "x",
      metadata: { tier: "0" },
      __urn: urn,
      __refreshed: "description,disabled",
    });
    expect(found.props).toEqual({ ...(outs as Values), __refreshed: "description,disabled" });
    expect(found).toStrictEqual(JSON.parse(JSON.stringify(found)));
  });

  test("by update: all outputs, the secret told once among them", async () => {
    const made = await configured();
    const { id, outs } = await made.create(args);
    const { outs: after } = await made.update(id, outs as Values, { ...args, disabled: true });
    expect(after).toMatchObject({ ...(outs as Values), disabled: true, status: "disabled" });
  });
});

test("settings that can't be used, such as a proxy that is none, fail the check and never throw", async () => {
  const unusable = new Handler(endpoint, () => {
    throw new TypeError("Invalid URL");
  });
  await unusable.configure(request());
  const { failures } = await unusable.check({}, args);
  expect(failures).toEqual([{ property: "", reason: "stripe: the settings can't be used: Invalid URL" }]);
});

describe("which operation a call belongs to", () => {
  const told = () =>
    emulator.requests().map(({ method, path, headers }) => [method, path, headers["pulumi-operation"]]);

  test("is told to an emulator, over everything the operation waits for", async () => {
    const made = await configured();
    await made.check({}, args);
    const { id, outs } = await made.create(args);
    await made.read(id, outs);
    const operations = told();
    expect(operations[0]).toEqual(["GET", "/v1/account", `check ${urn}`]);
    expect(operations).toContainEqual(["POST", "/v1/webhook_endpoints", `create ${urn}`]);
    expect(operations.at(-1)?.[2]).toBe(`read ${urn}`);
    expect(operations.every(([, , operation]) => operation !== undefined)).toBe(true);
  });

  test("operations at the same time keep their names, whatever letters those have", async () => {
    const made = await configured();
    const named = (name: string) => ({ ...args, url: `https://example.com/${encodeURI(name)}`, __urn: urn + name });
    await Promise.all(["ä b\n", "one%"].map((name) => made.create(named(name))));
    const posts = emulator.requests().filter(({ method }) => method === "POST");
    expect(
      posts.map(({ params, headers }) => [params["url"], decodeURI(String(headers["pulumi-operation"]))]).sort(),
    ).toEqual(["one%", "ä b\n"].map((name) => [named(name).url, `create ${urn}${name}`]).sort());
  });
});
