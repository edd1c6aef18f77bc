import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import Stripe from "stripe";
import { startEmulator, type Emulator, type StripeObject } from "../../emulator";
import { apiOf } from "../../emulator/api";
import { resourceCommands } from "../../emulator/commands";
import { eventTypes } from "../../emulator/facts/event-types";
import { isLifeStep } from "../../emulator/fixture";
import { kinds } from "../../emulator/registry";
import { triggers } from "../../emulator/triggers";
import { finish, start } from "../unit/command-line";
import { send } from "./client";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({
    connectedAccounts: ["acct_other"],
    restrictedKeys: { rk_test_narrow: ["product_write"] },
  });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const env = (): NodeJS.ProcessEnv => ({ STRIPE_API_KEY: emulator.apiKey, STRIPE_API_BASE: emulator.url });
const run = (...args: string[]) => finish(args, { env: env() });
const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).out) as StripeObject;
const events = (account?: string) =>
  emulator.objects("event", account === undefined ? {} : { account }).map(({ type }) => type);

async function control(method: string, path: string, body?: object) {
  const response = await fetch(`${emulator.url}/_emulator/${path}`, {
    method,
    headers: { authorization: `Bearer ${emulator.apiKey}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe("the table of commands", () => {
  test("has one command per request, each with a name of its own", () => {
    const names = resourceCommands().map(({ resource, operation }) => [...resource, operation].join(" "));
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining([
        "webhook_endpoints delete",
        "climate orders cancel",
        "identity verification_sessions redact",
        "payment_links list_line_items",
        "billing_portal configurations update",
        "balance retrieve",
        "crypto onramp_sessions create",
      ]),
    );
    for (const { path } of kinds) {
      const has = resourceCommands().some((command) => command.path.startsWith(path));
      expect([path, has]).toEqual([path, apiOf(path).takesForms]);
    }
  });

  test("is told over HTTP, with parameters", async () => {
    const { status, body } = await control("GET", "commands");
    expect(status).toBe(200);
    expect(body["data"]).toEqual(JSON.parse(JSON.stringify(resourceCommands())));
  });
});

test("an object is made, read, changed, listed and ended from the command line", async () => {
  const made = await json("webhook_endpoints", "create", "-d", "url=https://example.com/a", "-d", "enabled_events[]=*");
  const { id } = made;
  expect(made["secret"]).toMatch(/^whsec_/);
  expect(await json("webhook_endpoints", "update", id, "-d", "metadata[a]=1", "-d", "metadata[b]=2")).toMatchObject({
    metadata: { a: "1", b: "2" },
  });
  expect(await json("webhook_endpoints", "update", id, "-d", "metadata[a]=")).toMatchObject({ metadata: { b: "2" } });
  expect((await run("webhook_endpoints", "list")).out).toMatch(
    new RegExp(`^id +status +url .*\n${id} +enabled +https://`),
  );
  expect((await run("webhook_endpoints", "retrieve", id)).out).toMatch(/\nmetadata\.b +2\n/);
  expect(await run("webhook_endpoints", "delete", id)).toMatchObject({ code: 1 });
  expect(emulator.objects("webhook_endpoint")).toHaveLength(1);
  expect(await json("webhook_endpoints", "delete", id, "-c")).toEqual({
    id,
    object: "webhook_endpoint",
    deleted: true,
  });
  expect(emulator.objects("webhook_endpoint")).toEqual([]);
  const gone = await run("webhook_endpoints", "retrieve", id);
  expect(gone.err).toContain(`No such webhook endpoint: '${id}' (HTTP 404, resource_missing, param webhook_endpoint`);
});

test("expansion, a connected account, and an idempotency key reach Stripe", async () => {
  const create = ["products", "create", "-d", "name=a", "-d", "default_price_data[currency]=usd"];
  const whole = await json(...create, "-d", "default_price_data[unit_amount]=5", "-e", "default_price");
  expect(whole["default_price"]).toMatchObject({ object: "price", unit_amount: 5 });
  const other = ["products", "create", "-d", "name=b", "--stripe-account", "acct_other", "-i", "once"];
  expect(await json(...other)).toEqual(await json(...other));
  expect(emulator.objects("product", { account: "acct_other" })).toHaveLength(1);
  expect(emulator.objects("product")).toHaveLength(1);
});

describe("trigger", () => {
  test("has a way to every event of what is emulated", () => {
    const groups = new Set(triggers.map(({ event }) => event.slice(0, event.lastIndexOf("."))));
    const without = eventTypes.filter(
      (type) => groups.has(type.slice(0, type.lastIndexOf("."))) && !triggers.some(({ event }) => event === type),
    );
    // The catalogue gets nothing new, and no request deletes a price.
    expect(without).toEqual(["climate.product.created", "price.deleted"]);
    expect(triggers.filter(({ event }) => !eventTypes.includes(event))).toEqual([]);
  });

  test.each(triggers.map(({ event }) => event))("%s comes, and what it made is marked", async (event) => {
    const { code, out, err } = await run("trigger", event);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain(`Triggered ${event}.`);
    expect(out.includes("\nMade, and deleted again:\n")).toBe(event === "product.deleted");
    expect(events()[0]).toBe(event);
    expect(events().filter((type) => type === event)).toHaveLength(1);

    emulator.reset();
    const { objects } = JSON.parse((await run("trigger", event, "--json")).out) as { objects: StripeObject[] };
    expect(emulator.requests().filter(({ method }) => method === "POST").length).toBeGreaterThanOrEqual(objects.length);
    for (const { object, id } of objects) {
      const there = emulator.objects(object).find((one) => one.id === id);
      // What was deleted or redacted has no metadata any more.
      if (/deleted|redacted/.test(event)) continue;
      expect(there).toMatchObject({ metadata: { created_by: "stripe-as-code trigger" } });
    }
  });

  test.each(triggers.map(({ event }) => event))("%s comes by library and HTTP too, in any account", async (event) => {
    const { status, body } = await control("POST", "trigger", { event });
    expect([status, events()[0]]).toEqual([200, event]);
    const made = await emulator.trigger(event, { account: "acct_other" });
    expect(made.objects.map(({ object }) => object)).toEqual(
      (body["objects"] as StripeObject[]).map(({ object }) => object),
    );
    expect([events("acct_other")[0], events()[0]]).toEqual([event, event]);
    if (triggers.find((one) => one.event === event)?.steps.some(isLifeStep) === true) {
      await run("trigger", event, "--stripe-account", "acct_other");
      expect(events("acct_other").filter((type) => type === event)).toHaveLength(2);
    }
  });

  test("--list and --help name the events, and which only the emulator has", async () => {
    const { out } = await run("trigger", "--list");
    expect(out).toContain("  product.created\n");
    expect(out).toContain("  climate.order.delivered *\n");
    expect(out).toContain("Events (* in the emulator only):\n");
    expect((await run("trigger", "--help")).out).toContain(out.trimEnd());
    expect((await run("trigger", "--help")).out).toContain("  $ stripe-as-code trigger product.created\n");
    expect(JSON.parse((await run("trigger", "--list", "--json")).out)).toContainEqual({
      event: "climate.order.delivered",
      emulatorOnly: true,
    });
    expect((await control("GET", "triggers")).body["data"]).toEqual(JSON.parse(JSON.stringify(triggers)));
  });

  test.each([
    [[], "an event is needed"],
    [["product.create"], "Did you mean product.created?"],
    [["zzz"], "no way to 'zzz' is known. `stripe-as-code trigger --list`"],
  ])("%j is refused: %s", async (args, message) => {
    const { code, err } = await run("trigger", ...args);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(emulator.requests()).toEqual([]);
  });

  test("live keys are refused, whatever else is asked, before any request", async () => {
    for (const more of [[], ["--live"], ["--api-base", "https://api.stripe.com"]]) {
      const { code, err } = await finish(["trigger", "product.created", "--api-key", "sk_live_secret123", ...more]);
      expect(code).toBe(1);
      expect(err).toMatch(more[0] === "--live" ? /unknown option '--live'/ : /live key.* test mode only/);
      expect(err).not.toContain("secret123");
    }
  });

  test("a live answer to a test key is refused before the first write", async () => {
    const seen: string[] = [];
    const server = await serve((path, method) => {
      seen.push(`${method} ${path}`);
      return `{"object":"balance","livemode":true}`;
    });
    const { code, err } = await run("trigger", "product.created", "--api-base", server.base);
    await server.close();
    expect([code, seen]).toEqual([1, ["GET /v1/balance"]]);
    expect(err).toContain("from live mode");
  });

  test("so is a mode that isn't known", async () => {
    const { code, err } = await run("trigger", "product.created", "--api-key", "rk_test_narrow");
    expect(code).toBe(1);
    expect(err).toContain("rak_balance_read");
    expect(emulator.requests().map(({ method }) => method)).toEqual(["GET"]);
  });

  test("steps that no request takes are refused before the first write where there is no emulator", async () => {
    const seen: string[] = [];
    const server = await serve((path, method) => {
      seen.push(`${method} ${path}`);
      return path === "/v1/balance" ? `{"object":"balance","livemode":false}` : undefined;
    });
    const { code, err } = await run("trigger", "climate.order.delivered", "--api-base", server.base);
    await server.close();
    expect([code, seen]).toEqual([1, ["GET /v1/balance", "GET /_emulator/triggers"]]);
    expect(err).toContain("Only `stripe-as-code emulator` can be told");
  });

  test("what was made before a refusal is named", async () => {
    emulator.fail({ method: "POST", path: "/v1/prices", with: 402 });
    const { code, err } = await run("trigger", "price.created");
    expect(code).toBe(1);
    expect(err).toContain(`Made before it failed:\n  product ${String(emulator.objects("product")[0]?.id)}\n`);
    emulator.fail({ method: "POST", path: "/v1/prices", with: 402 });
    await expect(emulator.trigger("price.created")).rejects.toThrow("POST /v1/prices: Refused with 402");
    expect(await control("POST", "trigger", { event: "nonsense" })).toMatchObject({ status: 404 });
    expect(await control("POST", "trigger", {})).toMatchObject({ status: 400 });
  });

  test("an emulator in live mode triggers nothing", async () => {
    const live = await startEmulator({ livemode: true });
    await expect(live.trigger("product.created")).rejects.toThrow("test mode only");
    expect(live.requests()).toEqual([]);
    await live.close();
  });
});

describe("listen", () => {
  test("shows events as they come and forwards them with signatures that hold", async () => {
    const hook = await receiver();
    await send(emulator, "POST", "/v1/products", { name: "before" });
    const listening = start(["listen", "--forward-to", hook.target], { env: env() });
    await listening.printed;
    const secret = /signed with (whsec_\w+)\n/.exec(listening.out())?.[1] ?? "";
    await run("trigger", "price.created");
    await listening.shows("answered 200  price.created");
    listening.stop();
    expect(await listening.code).toBe(0);
    await hook.close();

    const received = hook.posts.map(({ body, signature }) => Stripe.webhooks.constructEvent(body, signature, secret));
    expect(received.map(({ type }) => type)).toEqual(["product.created", "price.created"]);
    expect(received.map((event) => JSON.parse(JSON.stringify(event)) as unknown)).toEqual(
      emulator.objects("event").slice(0, 2).reverse(),
    );
    expect(() => Stripe.webhooks.constructEvent("{}", hook.posts[0]?.signature ?? "", secret)).toThrow();
    expect(listening.out()).not.toContain("before");
    // The secret is the same each time, and of this key.
    expect((await run("listen", "--print-secret")).out).toBe(`${secret}\n`);
    expect((await run("listen", "--print-secret", "--api-key", "sk_test_b")).out).not.toBe(`${secret}\n`);
    expect(await json("listen", "--print-secret")).toEqual({ secret });
  });

  test("--json is one line per event and nothing else; --events chooses", async () => {
    const listening = start(["listen", "--json", "-e", "identity.*,product.deleted"], { env: env() });
    await listening.shows("Listening for identity.*, product.deleted");
    await run("trigger", "product.deleted");
    await run("trigger", "identity.verification_session.verified");
    await listening.shows("identity.verification_session.verified");
    listening.stop();
    expect(await listening.code).toBe(0);
    const lines = listening.out().trimEnd().split("\n");
    const all = lines.map((line) => JSON.parse(line) as StripeObject);
    expect(all.map(({ type }) => type)).toEqual([
      "product.deleted",
      "identity.verification_session.created",
      "identity.verification_session.processing",
      "identity.verification_session.verified",
    ]);
    expect(all[0]).toEqual(emulator.objects("event").find(({ type }) => type === "product.deleted"));
  });

  test("no event is lost or told twice: more than a page at once, from an empty account, and after a reset", async () => {
    const listening = start(["listen", "--json"], { env: env() });
    await listening.shows("Listening");
    const create = (name: string) => send(emulator, "POST", "/v1/products", { name });
    await Promise.all(Array.from({ length: 130 }, (_, index) => create(`first ${index}`)));
    await create("end of first");
    await listening.shows("end of first");
    await Promise.all(Array.from({ length: 230 }, (_, index) => create(`second ${index}`)));
    await create("end of second");
    await listening.shows("end of second");
    const wanted = emulator
      .objects("event")
      .map(({ id }) => id)
      .reverse();
    emulator.reset();
    await create("after the reset");
    await listening.shows("after the reset");
    listening.stop();
    await listening.code;
    const told = listening
      .out()
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as StripeObject).id);
    expect(told).toEqual([...wanted, emulator.objects("event")[0]?.id]);
  });

  test("a refusal for the rate, a broken answer: it says so, looks later, and misses nothing", async () => {
    const listening = start(["listen"], { env: env() });
    await listening.printed;
    emulator.fail({ method: "GET", path: "/v1/events", with: 429 });
    await listening.shows("Looking again");
    emulator.fail({ method: "GET", path: "/v1/events", with: "cut-before" });
    await listening.shows("the connection failed");
    await run("trigger", "product.created");
    await listening.shows("product.created [evt_");
    listening.stop();
    expect(await listening.code).toBe(0);
  });

  test.each(["", ":"])("a port alone, as in %s3000, is one of this machine", async (before) => {
    const hook = await receiver();
    const port = /:(\d+)/.exec(hook.target)?.[1] ?? "";
    for (const place of [port, `${port}/hook`]) {
      const listening = start(["listen", "-f", before + place], { env: env() });
      await listening.printed;
      expect(listening.out()).toContain(
        `Forwarding to http://localhost:${place === port ? `${port}/` : place}, signed`,
      );
      await run("trigger", "product.created");
      await listening.shows("answered 200  product.created");
      listening.stop();
      await listening.code;
    }
    await hook.close();
    expect(hook.posts).toHaveLength(2);
  });

  test("an endpoint that refuses, or isn't there, is told of; the rest still comes", async () => {
    const hook = await receiver(500);
    const listening = start(["listen", "-f", hook.target], { env: env() });
    await listening.printed;
    await run("trigger", "product.created");
    await listening.shows("-> answered 500  product.created");
    await hook.close();
    await run("trigger", "product.created");
    await listening.shows("-> no answer: ECONNREFUSED  product.created");
    listening.stop();
    expect(await listening.code).toBe(0);
    expect(hook.posts).toHaveLength(1);
  });

  test("a wrong key ends it; an unknown event is warned of", async () => {
    const wrong = await finish(["listen", "--api-key", "sk_test_stranger"], { env: env() });
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain("HTTP 401");
    expect(wrong.err).not.toContain("stranger");
    const listening = start(["listen", "-e", "product.creatd"], { env: env() });
    await listening.printed;
    expect(listening.err()).toContain("no event 'product.creatd' is known. Did you mean product.created?");
    listening.stop();
    expect(await listening.code).toBe(0);
  });

  test.each([
    [["--forward-to", "ftp://x"], "An address is written as"],
    [["--events", "a,,b"], "with commas between"],
    [["--api-key", "sk_live_x", "--api-base", "https://api.stripe.com"], "to read what is live, add --live"],
    [["--api-key", "sk_live_x", "--live"], "a live key is sent to Stripe alone"],
    [
      ["--api-key", "sk_live_x", "--live", "--api-base", "https://api.stripe.com", "-f", "http://example.com"],
      "live events are not sent in clear",
    ],
  ])("%j is refused: %s", async (args, message) => {
    const { code, err } = await run("listen", ...args);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(emulator.requests()).toEqual([]);
  });

  test("a connected account's events are its own", async () => {
    const listening = start(["listen", "--stripe-account", "acct_other"], { env: env() });
    await listening.printed;
    await emulator.trigger("product.created");
    await emulator.trigger("product.deleted", { account: "acct_other" });
    await listening.shows("product.deleted");
    listening.stop();
    await listening.code;
    expect(listening.out().match(/product\.created/g)).toHaveLength(1);
  });
});

/** A server that answers JSON, or 404 for undefined. */
async function serve(answer: (path: string, method: string) => string | undefined) {
  const server = createServer((request, response) => {
    const body = answer(request.url ?? "", request.method ?? "");
    response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json", connection: "close" });
    response.end(body ?? `{"error":{"message":"Unrecognized request URL"}}`);
  });
  return opened(server);
}

/** An endpoint that keeps what is posted to it. */
async function receiver(status = 200) {
  const posts: { body: string; signature: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const signature = String(request.headers["stripe-signature"]);
      posts.push({ body: Buffer.concat(chunks).toString(), signature });
      response.writeHead(status, { connection: "close" }).end();
    });
  });
  const { base, close } = await opened(server);
  return { posts, close, target: `${base.replace("http://", "")}/hook` };
}

async function opened(server: Server): Promise<{ base: string; close: () => Promise<void> }> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
