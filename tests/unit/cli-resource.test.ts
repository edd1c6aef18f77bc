import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { resourceCommands } from "../../emulator/commands";
import { eventTypes } from "../../emulator/facts/event-types";
import { finish } from "./command-line";

interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}

let server: Server;
let base: string;
let seen: Seen[];
let answer: { status: number; body: string };

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(answer.status, { "content-type": "application/json", "request-id": "req_1" });
      response.end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  seen = [];
  answer = { status: 200, body: `{"id":"x_1","object":"thing","livemode":false}` };
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const key = "sk_test_4eC39HqLyjWDarjtT1zdp7dc";
const run = (args: string[], env: NodeJS.ProcessEnv = {}, answered?: string) =>
  finish(args, {
    env: { STRIPE_API_KEY: key, STRIPE_API_BASE: base, ...env },
    ...(answered !== undefined && { answer: answered }),
  });
const sent = () => seen.map(({ method, url, body }) => `${method} ${url} ${body}`);

test.each<[string[], string]>([
  [["products", "list"], "GET /v1/products "],
  [["products", "retrieve", "prod_1"], "GET /v1/products/prod_1 "],
  [["products", "retrieve", "a b/c?d"], "GET /v1/products/a%20b%2Fc%3Fd "],
  [
    ["products", "create", "-d", "name=A & B", "-d", "metadata[a]=1"],
    "POST /v1/products name=A%20%26%20B&metadata%5Ba%5D=1",
  ],
  [["products", "create", "--data", "name=a=b"], "POST /v1/products name=a%3Db"],
  [["products", "update", "prod_1", "-d", "description="], "POST /v1/products/prod_1 description="],
  [["products", "delete", "prod_1", "-c"], "DELETE /v1/products/prod_1 "],
  [["climate", "orders", "cancel", "o_1", "--confirm"], "POST /v1/climate/orders/o_1/cancel "],
  [
    ["identity", "verification_sessions", "redact", "vs_1", "-c"],
    "POST /v1/identity/verification_sessions/vs_1/redact ",
  ],
  [["payment_links", "list_line_items", "p_1", "--limit", "1"], "GET /v1/payment_links/p_1/line_items?limit=1 "],
  [
    ["events", "list", "-d", "types[]=a", "-d", "types[]=b", "--starting-after", "evt_1"],
    "GET /v1/events?types%5B%5D=a&types%5B%5D=b&starting_after=evt_1 ",
  ],
  [
    ["prices", "list", "-e", "data.product", "-e", "data.x"],
    "GET /v1/prices?expand%5B%5D=data.product&expand%5B%5D=data.x ",
  ],
  [["--json", "balance", "retrieve"], "GET /v1/balance "],
])("%j sends %s", async (args, request) => {
  const { err } = await run(args);
  expect([err, sent()]).toEqual(["", [request]]);
});

test("headers: the key, the account, the version and the idempotency key that were given", async () => {
  const args = ["products", "create", "-d", "name=a", "--stripe-account", "acct_2", "-i", "once"];
  await run(args, { STRIPE_API_VERSION: "2026-08-26.dahlia" });
  expect(seen[0]?.headers).toMatchObject({
    authorization: `Bearer ${key}`,
    "stripe-account": "acct_2",
    "stripe-version": "2026-08-26.dahlia",
    "idempotency-key": "once",
    "content-type": "application/x-www-form-urlencoded",
  });
  await run(["products", "create", "-d", "name=a"]);
  await run(["products", "create", "-d", "name=a"]);
  const [first, second] = seen.slice(1).map(({ headers }) => headers["idempotency-key"]);
  expect(first).toMatch(/^[0-9a-f-]{36}$/);
  expect(second).not.toBe(first);
  expect(seen[1]?.headers["stripe-account"]).toBeUndefined();
});

test.each<[string[], string]>([
  [["products", "create", "-d", "name"], "A parameter is written key=value"],
  [["products", "create", "-d", "=x"], "A parameter is written key=value"],
  [["products", "create", "-d", "a[b=x"], "A parameter is written key=value"],
  [["products", "list", "--limit", "0"], "from 1 to 100"],
  [["products", "create", "-i", "a\nb"], "1 to 255 plain characters"],
  [["products", "create", "-i", ""], "1 to 255 plain characters"],
  [["products", "list", "--limit", "x"], "from 1 to 100"],
  [["products", "retrieve"], "missing required argument 'id'"],
  [["products", "retrieve", ""], "An id is needed"],
  [["products", "delete", "..", "-c"], "An id is needed"],
  [["products", "delete", "a", "b", "-c"], "too many arguments"],
  [["products", "list", "--idempotency-key", "k"], "unknown option '--idempotency-key'"],
  [["products", "remove", "a"], "unknown command 'remove'"],
  [["climate", "ordres", "list"], "Did you mean orders?"],
  [["product", "list"], "Did you mean products?"],
  [["orders", "list"], "Did you mean climate orders?"],
  [["triger", "x"], "Did you mean trigger?"],
  [["zzzzzzzzzz"], "unknown command 'zzzzzzzzzz'. Run"],
  [["products", "create", "--nope"], "Run `stripe-as-code products create --help` to see"],
  [["climate", "orders", "nope"], "Run `stripe-as-code climate orders --help` to see"],
  [
    ["events"],
    "error: events what? There is list, retrieve. Run `stripe-as-code events --help` to see what there is.\n",
  ],
  [["climate"], "error: climate what? There is orders, products, suppliers."],
  [["products", "create", "-d", "name=a", "--live"], "unknown option '--live'"],
])("%j is refused: %s", async (args, message) => {
  const { code, out, err } = await run(args);
  expect([code, out, sent()]).toEqual([1, "", []]);
  expect(err).toContain(message);
});

test.each<[NodeJS.ProcessEnv, string[], string]>([
  [{ STRIPE_API_KEY: "" }, [], "there is no key"],
  [{ STRIPE_API_KEY: "pk_test_secret12345" }, [], "It is publishable"],
  [{ STRIPE_API_KEY: "sk_org_secret12345" }, [], "doesn't tell its mode"],
  [{ STRIPE_API_KEY: "secret12345" }, [], "not one that can be used"],
  [{ STRIPE_API_KEY: "sk_live_secret12345", STRIPE_API_BASE: "" }, [], "the key is a live key"],
  [{ STRIPE_API_KEY: "sk_live_secret12345" }, ["--live"], "a live key is sent to Stripe alone"],
  [
    { STRIPE_API_KEY: "rk_live_secret12345", STRIPE_API_BASE: "https://api.stripe.com.example.com" },
    ["--live"],
    "a live key is sent to Stripe alone",
  ],
  [{}, ["--live"], "but the key is a test key"],
  [{ STRIPE_API_BASE: "http://api.stripe.com" }, [], "plain http is for loopback only"],
  [{ STRIPE_API_BASE: "http://127.0.0.1.example.com" }, [], "plain http is for loopback only"],
  [{ STRIPE_API_BASE: "ftp://localhost" }, [], "no http or https URL"],
  [{ STRIPE_API_BASE: "https://a:secret12345@x" }, [], "nothing but scheme, host and path"],
])("with %j a read with %j is refused: %s", async (env, args, message) => {
  const { code, err } = await run(["products", "list", ...args], env);
  expect([code, sent()]).toEqual([1, []]);
  expect(err).toContain(message);
  expect(err).not.toContain("secret12345");
});

test("the key of a sandbox nobody has claimed is one that can be used, and is told no more than another", async () => {
  const env = { STRIPE_API_KEY: "rkcs_test_secret12345" };
  expect((await run(["products", "list"], env)).code).toBe(0);
  expect(sent()).toEqual(["GET /v1/products "]);
  answer = {
    status: 401,
    body: `{"error":{"message":"no such key: rkcs_test_secret12345 nor rkcs_test_another12345"}}`,
  };
  const { code, err } = await run(["products", "list"], env);
  expect([code, err]).toEqual([1, expect.stringContaining("no such key: [key] nor rkcs_test_[hidden]")]);
});

test("nothing is written with a live key, --live or not", async () => {
  const env = { STRIPE_API_KEY: "sk_live_secret12345", STRIPE_API_BASE: "https://api.stripe.com" };
  for (const args of [
    ["products", "create", "-d", "name=a"],
    ["products", "delete", "prod_1", "-c"],
    ["products", "delete", "prod_1"],
  ]) {
    expect((await run(args, env)).err).toContain("the key is a live key");
    const { code, err } = await run([...args, "--live"], env);
    expect(code).toBe(1);
    expect(err).toContain("unknown option '--live'");
    expect(err).not.toContain("secret12345");
  }
});

test("an answer of live mode under a test key is an error", async () => {
  answer.body = `{"id":"x","livemode":true}`;
  const { code, out, err } = await run(["products", "retrieve", "x"]);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toContain("the answer is from live mode");
});

describe("what can't be undone", () => {
  const end = ["products", "delete", "prod_1"];

  test("is not done by a script without --confirm", async () => {
    const { code, err } = await run(end);
    expect([code, sent()]).toEqual([1, []]);
    expect(err).toBe("error: DELETE /v1/products/prod_1 was not sent: it can't be undone. Repeat with --confirm.\n");
  });

  test("is asked for on a terminal, and done for yes alone", async () => {
    const asked = await run(end, {}, "yes");
    expect(asked.questions).toEqual(["DELETE /v1/products/prod_1 can't be undone. Enter 'yes' to do it: "]);
    expect([asked.code, sent()]).toEqual([0, ["DELETE /v1/products/prod_1 "]]);
    for (const no of ["", "y", "no", "yes please"]) expect((await run(end, {}, no)).code).toBe(1);
    expect(sent()).toHaveLength(1);
    expect((await run([...end, "-c"], {}, "no")).questions).toEqual([]);
  });
});

describe("answers", () => {
  test("--json is what came, byte for byte", async () => {
    answer.body = `{\n  "id": "x",  "amount": 12345678901234567890 }`;
    expect((await run(["products", "retrieve", "x", "--json"])).out).toBe(`${answer.body}\n`);
  });

  test("an object is a listing: nested fields dotted, times readable, what is empty last, nothing that moves a terminal", async () => {
    answer.body = JSON.stringify({
      id: "x_1",
      active: false,
      amount: 0,
      created: 1_800_000_000,
      description: null,
      metadata: { a: "\u001b[31mred\u009b" },
      tags: ["one", "two"],
      tiers: [{ up_to: 1 }],
      images: [],
    });
    expect((await run(["products", "retrieve", "x"])).out).toBe(
      [
        "id             x_1",
        "active         false",
        "amount         0",
        "created        2027-01-15 08:00:00 UTC",
        "metadata.a     \\u001b[31mred\\u009b",
        "tags           one, two",
        "tiers.0.up_to  1",
        "empty: description, images",
        "",
      ].join("\n"),
    );
  });

  test("a list is a table that fits, without secrets; where there is more, how to get it", async () => {
    const row = (id: string) => ({
      id,
      object: "thing",
      created: 1_800_000_000,
      livemode: false,
      secret: "whsec_x",
      active: false,
      name: "N".repeat(60),
      nested: { a: 1 },
    });
    answer.body = JSON.stringify({ object: "list", data: [row("a_1"), row("a_22")], has_more: true });
    const { out, err } = await run(["products", "list"]);
    expect(out.split("\n")).toEqual([
      `id    active  name${" ".repeat(44)}  created`,
      `a_1   false   ${"N".repeat(47)}…  2027-01-15 08:00:00`,
      `a_22  false   ${"N".repeat(47)}…  2027-01-15 08:00:00`,
      "",
    ]);
    expect(err).toBe("There is more: repeat with --starting-after a_22\n");
    const env = { STRIPE_API_KEY: key, STRIPE_API_BASE: base, NO_COLOR: "1" };
    const narrow = await finish(["products", "list"], { env, tty: true, columns: 60 });
    expect(narrow.out.split("\n")[0]).toBe("id    active  created");
  });

  test("an empty list says so", async () => {
    answer.body = `{"object":"list","data":[],"has_more":false}`;
    expect((await run(["products", "list"])).out).toBe("Nothing there.\n");
  });
});

describe("errors", () => {
  test.each<[number, object, string]>([
    [
      400,
      { message: "Bad.", code: "parameter_invalid", param: "url" },
      "Bad (HTTP 400, parameter_invalid, param url, request req_1). Correct",
    ],
    [401, { message: "Invalid API Key provided", type: "invalid_request_error" }, "Check STRIPE_API_KEY"],
    [403, { message: "no" }, "Give the key the permission"],
    [404, { message: "No such product", code: "resource_missing" }, "Check the id"],
    [429, { message: "Slow down" }, "Try again in a moment."],
    [501, { message: "Not built" }, "Stripe's own test mode does"],
  ])("%d %j: %s", async (status, error, message) => {
    answer = { status, body: JSON.stringify({ error }) };
    const { code, out, err } = await run(["products", "list"]);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(message);
  });

  test("a script reads Stripe's own code with --json", async () => {
    answer = { status: 404, body: JSON.stringify({ error: { message: "No such product", code: "resource_missing" } }) };
    expect(JSON.parse((await run(["products", "retrieve", "x", "--json"])).out)).toEqual({
      error: {
        message: "No such product (HTTP 404, resource_missing, request req_1).",
        next: "Check the id, and that it is of this account and mode.",
        code: "resource_missing",
        status: 404,
      },
    });
  });

  test("no key and no secret is quoted", async () => {
    const message = `Bad ${key} sk_live_other1 whsec_abc123 vs_1_secret_abc123`;
    answer = { status: 400, body: JSON.stringify({ error: { message } }) };
    const { err } = await run(["products", "list"]);
    expect(err).toContain("Bad [key] sk_live_[hidden] whsec_[hidden] vs_1_secret_[hidden]");
  });

  test.each<[string, () => void]>([
    ["a 500", () => (answer = { status: 500, body: `{"error":{"message":"Oh"}}` })],
    ["no JSON", () => (answer = { status: 200, body: "<html>" })],
  ])("%s leaves a write in doubt, and its key repeats it", async (_name, break_) => {
    break_();
    const { code, err } = await run(["products", "create", "-d", "name=a"]);
    expect(code).toBe(1);
    expect(err).toContain(`--idempotency-key ${String(seen[0]?.headers["idempotency-key"])} repeats it`);
    expect((await run(["products", "list"])).err).not.toContain("--idempotency-key");
  });

  test("nobody there", async () => {
    const { code, err } = await run(["products", "list", "--api-base", "http://127.0.0.1:1"]);
    expect(code).toBe(1);
    expect(err).toContain(
      "the connection was refused (http://127.0.0.1:1). Is `stripe-as-code emulator` running there?",
    );
  });
});

describe("--help", () => {
  test("of a resource: verbs and parameters, with what is required", async () => {
    const { code, out } = await finish(["webhook_endpoints", "--help"]);
    expect(code).toBe(0);
    expect(out).toMatch(/delete \[options\] <webhook_endpoint>\s+DELETE \/v1\/webhook_endpoints\/:webhook_endpoint/);
    expect(out).toMatch(/Parameters of create .*\n {2}\* url +text\n {2}\* enabled_events\[\] +\*, account/);
    expect(out).toMatch(/ {4}metadata\[<key>\] +text/);
    expect(out).not.toContain("ending_before");
  });

  test("what is required within something optional says so", async () => {
    const { out } = await finish(["climate", "orders", "create", "--help"]);
    expect(out).toMatch(/ {4}beneficiary\[public_name\] +text, required with beneficiary\n/);
    expect(out).toMatch(/ {2}\* product +text\n/);
  });

  test.each([
    [["climate", "orders"], "amount", "metric_tons"],
    [["prices"], "product", "product_data"],
    [["identity", "verification_sessions"], "type", "verification_flow"],
  ])("of %j create: that %s or %s is required, and of update neither", async (resource, one, other) => {
    const { out } = await finish([...resource, "create", "--help"]);
    expect(out).toMatch(new RegExp(` {4}${one} +.*; this or ${other} is required\\n`));
    expect((await finish([...resource, "update", "--help"])).out).not.toContain("is required\n");
  });

  test("what takes one of many words names them all after the verb", async () => {
    const { out } = await finish(["webhook_endpoints", "create", "--help"]);
    const [, all = ""] = /\nValues of enabled_events\[\]:\n((?: {2}.*\n)+)/.exec(out) ?? [];
    expect(all.trim().split(/\s+/)).toEqual(eventTypes);
    expect((await finish(["webhook_endpoints", "--help"])).out).toContain("; --help after the verb has all)");
  });

  test("of every verb has an example that can be sent", async () => {
    for (const { resource, operation, method, path, ids, params } of resourceCommands()) {
      const { out } = await finish([...resource, operation, "--help"]);
      const [, example = ""] = /\nExample:\n {2}\$ stripe-as-code (.*)\n/.exec(out) ?? [];
      const words = example.match(/(?:'[^']*'|\S)+/g)?.map((word) => word.replaceAll("'", "")) ?? [];
      seen = [];
      const { code, err } = await run([...words, ...(out.includes("--confirm") ? ["--confirm"] : [])]);
      expect([example, code, err]).toEqual([example, 0, ""]);
      const [sent] = seen;
      expect(`${sent?.method} ${sent?.url.split("?")[0]}`).toBe(
        `${method} ${ids.reduce((filled, id) => filled.replace(`:${id}`, "ID"), path)}`,
      );
      const given = [...new URLSearchParams(sent?.body).keys()].map((name) => name.replace(/\[.*/, ""));
      for (const [name, { required }] of Object.entries(params)) {
        if (required === true && method === "POST")
          expect([example, given]).toEqual([example, expect.arrayContaining([name])]);
      }
      expect((await finish([...resource, "--help"])).out).toContain(`  $ stripe-as-code ${example}`);
    }
  });

  test("only what reads has --live", async () => {
    for (const { resource, operation, method } of resourceCommands()) {
      const { out } = await finish([...resource, operation, "--help"]);
      expect([resource, operation, out.includes("--live")]).toEqual([resource, operation, method === "GET"]);
    }
  });

  test("only what ends something has --confirm", async () => {
    for (const [args, has] of [
      [["products", "delete"], true],
      [["climate", "orders", "cancel"], true],
      [["products", "create"], false],
      [["products", "list"], false],
    ] as const) {
      expect([args, (await finish([...args, "--help"])).out.includes("--confirm")]).toEqual([args, has]);
    }
  });

  test("help with a resource is the same", async () => {
    const [one, other] = [await finish(["help", "climate", "orders"]), await finish(["climate", "orders", "--help"])];
    expect(one).toEqual(other);
    expect(one.out).toContain("Parameters of create");
  });
});
