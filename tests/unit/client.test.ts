import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import { type Call, StripeClient } from "../../provider/client";
import { readConfig } from "../../provider/config";
import { leavesDoubt } from "../../provider/doubt";
import { ConnectionError, InputError, StripeError } from "../../provider/errors";
import { type Clock } from "../../provider/limiter";
import { patience } from "../../provider/retry";

const apiKey = "sk_test_51PLANTED0KEY";

interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}
type Reply = (response: ServerResponse, request: Seen) => void;

const seen: Seen[] = [];
let replies: Reply[] = [];
const server: Server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (text: string) => (body += text));
  request.on("end", () => {
    const one = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body };
    seen.push(one);
    const reply = replies.length > 1 ? replies.shift() : replies[0];
    (reply ?? json(200, {}))(response, one);
  });
});
let base = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  seen.length = 0;
  replies = [];
  slept.length = 0;
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const slept: number[] = [];
let time = 0;
/** Long enough passes between calls for the limiter to never wait, so that all waits are the retries'. */
const clock: Clock = { now: () => (time += 1000), sleep: async (ms) => void slept.push(ms) };

/** A client whose waits take no time. */
function client(settings: Record<string, string> = {}, timeoutMs = 30_000): StripeClient {
  const config = { apiKey, apiBase: base, ...settings };
  const read = readConfig({ config: (name) => (config as Record<string, string>)[name], env: {} });
  return new StripeClient({ ...read, timeoutMs }, clock, () => 0.5);
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return (response) =>
    response
      .writeHead(status, { "content-type": "application/json", "request-id": "req_1", ...headers })
      .end(JSON.stringify(body));
}

const post: Call = { method: "POST", path: "/v1/things", params: { a: 0 }, idempotencyKey: "key_1" };
const get: Call = { method: "GET", path: "/v1/things" };

async function failure(call: Call, from = client()): Promise<Error> {
  const error: unknown = await from.send(call).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  const { message, stack } = error as Error;
  expect(`${message}${stack}${String(error)}${JSON.stringify(error)}`).not.toContain("PLANTED");
  expect(message).toContain(`${call.method} ${call.path}`);
  expect(message).toMatch(/\d attempts?/);
  return error as Error;
}

describe("what is sent", () => {
  test("a write: key, version, idempotency key, and a form", async () => {
    await client({ apiVersion: "2024-06-20" }).send({ ...post, params: { a: 0, b: false, c: "", d: ["x"] } });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: "POST", url: "/v1/things", body: "a=0&b=false&c=&d[0]=x" });
    expect(seen[0]?.headers).toMatchObject({
      authorization: `Bearer ${apiKey}`,
      "stripe-version": "2024-06-20",
      "idempotency-key": "key_1",
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(seen[0]?.headers).not.toHaveProperty("stripe-account");
    expect(seen[0]?.headers).not.toHaveProperty("stripe-context");
  });

  test.each(["GET", "DELETE"] as const)("%s: the parameters are in the query, and there is no body", async (method) => {
    await client().send({ method, path: "/v1/things/x", params: { limit: 0, expand: ["a"] } });
    expect(seen[0]).toMatchObject({ method, url: "/v1/things/x?limit=0&expand[0]=a", body: "" });
    expect(seen[0]?.headers).not.toHaveProperty("content-type");
    expect(seen[0]?.headers).not.toHaveProperty("idempotency-key");
  });

  test("without parameters there is no question mark", async () => {
    await client().send(get);
    expect(seen[0]?.url).toBe("/v1/things");
  });

  test("a base with a path is kept", async () => {
    await client({ apiBase: `${base}/proxy/` }).send(get);
    expect(seen[0]?.url).toBe("/proxy/v1/things");
  });

  test.each<[name: string, setting: string | undefined, call: string | null | undefined, header: string | undefined]>([
    ["none", undefined, undefined, undefined],
    ["of the settings", "acct_a", undefined, "acct_a"],
    ["of the resource", "acct_a", "acct_b", "acct_b"],
    ["of the resource alone", undefined, "acct_b", "acct_b"],
    ["the key's own", "acct_a", null, undefined],
  ])("Stripe-Account: %s", async (_name, setting, stripeAccount, header) => {
    await client(setting === undefined ? {} : { stripeAccount: setting }).send({ ...get, stripeAccount });
    expect(seen[0]?.headers["stripe-account"]).toBe(header);
  });

  test("Stripe-Context", async () => {
    await client({ stripeContext: "acct_a/acct_b" }).send(get);
    expect(seen[0]?.headers["stripe-context"]).toBe("acct_a/acct_b");
  });

  test.each(["POST", "DELETE"] as const)("readOnly: no %s leaves the house", async (method) => {
    await expect(client({ readOnly: "true" }).send({ ...post, method })).rejects.toThrow(InputError);
    await expect(client({ readOnly: "1" }).send({ ...post, method })).rejects.toThrow(
      `stripe:readOnly: is set: ${method} /v1/things was not sent`,
    );
    await client({ readOnly: "true" }).send(get);
    expect(seen.map((one) => one.method)).toEqual(["GET"]);
  });
});

describe("what comes back", () => {
  test("an answer", async () => {
    replies = [json(200, { id: "x", count: 0, off: false, text: "" })];
    expect(await client().send(post)).toEqual({
      body: { id: "x", count: 0, off: false, text: "" },
      requestId: "req_1",
      replayed: false,
      attempts: 1,
    });
  });

  test("a stored answer is told apart", async () => {
    replies = [json(200, { id: "x" }, { "idempotent-replayed": "true" })];
    expect(await client().send(post)).toMatchObject({ replayed: true });
  });

  test("a refusal is not sent again", async () => {
    const body = { type: "invalid_request_error", code: "url_invalid", param: "url", message: "No." };
    replies = [json(400, { error: body })];
    const error = (await failure(post)) as StripeError;
    expect(error).toBeInstanceOf(StripeError);
    expect(error).toMatchObject({ status: 400, error: body, request: { requestId: "req_1", attempts: 1 } });
    expect(seen).toHaveLength(1);
    expect(slept).toEqual([]);
  });

  test.each([
    ["no error in the body", {}],
    ["an error that is null", { error: null }],
    ["an error that is a text", { error: "no" }],
  ])("a refusal with %s", async (_name, body) => {
    replies = [json(400, body)];
    expect(await failure(post)).toMatchObject({ status: 400 });
  });

  test("a stored refusal says so", async () => {
    replies = [json(500, { error: {} }, { "idempotent-replayed": "true" })];
    expect(await failure(post)).toMatchObject({ request: { replayed: true, attempts: 1 } });
    expect(seen).toHaveLength(1);
  });
});

describe("sent again", () => {
  test("with the same key and the same body, until it is answered", async () => {
    replies = [json(500, {}), json(409, {}), json(429, {}), json(200, { id: "x" })];
    expect(await client().send(post)).toMatchObject({ body: { id: "x" }, attempts: 4 });
    expect(new Set(seen.map((one) => `${String(one.headers["idempotency-key"])} ${one.body}`))).toEqual(
      new Set(["key_1 a=0"]),
    );
    expect(slept).toEqual([375, 750, 1500]);
  });

  test("until patience ends", async () => {
    replies = [json(503, { error: { message: "Down." } })];
    expect((await failure(post)).message).toContain(`${patience.failure.maxAttempts} attempts`);
    expect(seen).toHaveLength(patience.failure.maxAttempts);
  });

  test("as Stripe asks", async () => {
    replies = [json(400, {}, { "stripe-should-retry": "true" }), json(500, {}, { "stripe-should-retry": "false" })];
    expect(await failure(post)).toMatchObject({ status: 500, request: { attempts: 2 } });
  });
});

describe("refused for the rate of calls", () => {
  const limited = (headers = {}) => json(429, { error: { code: "rate_limit", message: "Slow." } }, headers);

  test("a storm that a run of four attempts would not outlast", async () => {
    replies = [...Array.from({ length: 9 }, () => limited()), json(200, { id: "x" })];
    const storm = client();
    expect(await storm.send(post)).toMatchObject({ body: { id: "x" }, attempts: 10 });
    expect(new Set(seen.map((one) => one.headers["idempotency-key"]))).toEqual(new Set(["key_1"]));
    expect(storm.traffic).toMatchObject({ calls: 10, retries: 9, refusals: 9 });
  });

  test("one that doesn't end: patience does, and the error tells attempts, time, every request and what to do", async () => {
    let count = 0;
    replies = [(response, request) => limited({ "request-id": `req_${++count}` })(response, request)];
    const { message } = await failure(post);
    const attempts = seen.length;
    expect(attempts).toBeGreaterThan(10);
    const ids = Array.from({ length: attempts }, (_, index) => `req_${index + 1}`).join(", ");
    expect(message).toMatch(new RegExp(`requests ${ids}; ${attempts} attempts in \\d+\\.\\d s`));
    expect(message).toContain("To do: run again later");
  });

  test("later calls are slower, also where this one isn't sent again", async () => {
    replies = [limited({ "stripe-should-retry": "false" }), json(200, {})];
    const { calls, at } = slow({ maxRequestsPerSecond: "10" });
    await expect(calls.send(get)).rejects.toThrow("Slow.");
    for (let call = 0; call < 5; call++) await calls.send(get);
    expect(at()).toBe(0);
    await calls.send(get);
    expect(at()).toBeGreaterThan(100);
  });

  test("a lock on an object is waited for, and slows nothing else down", async () => {
    const locked = json(429, { error: { code: "lock_timeout", message: "Locked." } });
    replies = [...Array.from({ length: 5 }, () => locked), json(200, {})];
    const { calls, at } = slow({ maxRequestsPerSecond: "10" });
    await calls.send({ ...post, path: "/v1/things/x" });
    expect(calls.traffic).toMatchObject({ calls: 6, retries: 5, refusals: 0 });
    const before = at();
    for (let call = 0; call < 9; call++) await calls.send(get);
    expect(at()).toBe(before);
  });

  /** A client on a clock that only its own waits move. */
  function slow(settings: Record<string, string>) {
    let now = 0;
    const config = { apiKey, apiBase: base, ...settings };
    const read = readConfig({ config: (name) => (config as Record<string, string>)[name], env: {} });
    const own: Clock = { now: () => now, sleep: async (ms) => void (now += ms) };
    return { calls: new StripeClient(read, own, () => 0.5), at: () => now };
  }
});

describe("a limit after an attempt that was cut", () => {
  test("leaves it open whether that attempt was carried out", async () => {
    const cut: Reply = (response) => void response.destroy();
    replies = [cut, json(429, {}, { "stripe-should-retry": "false" })];
    const error = await failure(post);
    expect(error).toMatchObject({ status: 429, request: { inDoubt: true } });
    expect(leavesDoubt(error)).toBe(true);
    replies = [json(429, {}, { "stripe-should-retry": "false" })];
    expect(leavesDoubt(await failure(post))).toBe(false);
  });
});

describe("writes to one object", () => {
  /** Answers that wait until they are let go; the newest last. */
  const held: (() => void)[] = [];
  const hold: Reply = (response, request) => void held.push(() => json(200, {})(response, request));
  const arrived = async (count: number) => {
    while (seen.length < count) await new Promise((resolve) => setImmediate(resolve));
  };
  beforeEach(() => (held.length = 0));

  test("go one after the other, also those below it; reads and creates don't wait", async () => {
    replies = [hold];
    const calls = client();
    const path = "/v1/things/x";
    const writes = [
      calls.send({ ...post, path }),
      calls.send({ ...post, path: `${path}/cancel` }),
      calls.send({ method: "DELETE", path }),
    ];
    await arrived(1);
    const others = [
      calls.send({ method: "GET", path }),
      calls.send(post),
      calls.send(post),
      calls.send({ ...post, path: "/v1/things/y" }),
      calls.send({ ...post, path, stripeAccount: "acct_other" }),
    ];
    await arrived(6);
    expect(seen.filter(({ url, method }) => url.startsWith(path) && method !== "GET")).toHaveLength(2);
    held.splice(0).forEach((answer) => answer());
    await Promise.all([writes[0], ...others]);
    await arrived(7);
    expect(seen[6]?.url).toBe(`${path}/cancel`);
    held.splice(0).forEach((answer) => answer());
    await arrived(8);
    expect(seen[7]?.method).toBe("DELETE");
    held.splice(0).forEach((answer) => answer());
    await Promise.all(writes);
  });

  test("the next begins when the one before has ended with all its retries, whatever it came to", async () => {
    replies = [json(503, {}), json(503, {}), json(400, {}), json(200, {})];
    const calls = client();
    const path = "/v1/things/x";
    const first = calls.send({ ...post, path, params: { turn: 1 } });
    const second = calls.send({ ...post, path, params: { turn: 2 } });
    await expect(first).rejects.toThrow(StripeError);
    await second;
    expect(seen.map(({ body }) => body)).toEqual(["turn=1", "turn=1", "turn=1", "turn=2"]);
  });
});

describe("no usable answer", () => {
  test("a web page instead of Stripe's JSON", async () => {
    replies = [(response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>Log in")];
    const error = await failure(post);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain("status 200 with text/html instead of Stripe's JSON");
    expect(error.message).toContain(base);
    expect(seen).toHaveLength(1);
  });

  test("nothing at all, from a proxy that is down: sent again", async () => {
    replies = [(response) => response.writeHead(502).end(), json(200, {})];
    expect(await client().send(post)).toMatchObject({ attempts: 2 });
  });

  test.each(["0", "false", '""', "null", "{", '"text"'])("%s is no object", async (text) => {
    replies = [(response) => response.writeHead(200, { "content-type": "application/json" }).end(text)];
    expect(await failure(post)).toBeInstanceOf(ConnectionError);
  });

  test("an answer that breaks off: sent again, and told when it stays so", async () => {
    const cut: Reply = (response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
      response.write('{"id":');
      setImmediate(() => response.destroy());
    };
    replies = [cut, json(200, { id: "x" })];
    expect(await client().send(post)).toMatchObject({ body: { id: "x" }, attempts: 2 });
    replies = [cut];
    const error = await failure(post);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain("the connection failed");
    expect(seen).toHaveLength(2 + patience.failure.maxAttempts);
    expect(new Set(seen.map((one) => one.headers["idempotency-key"]))).toEqual(new Set(["key_1"]));
  });

  test.each<[string, Reply]>([
    ["never comes", () => undefined],
    ["never ends", (response) => response.writeHead(200, { "content-type": "application/json" }).write('{"id"')],
    // Never silent for long, and never done.
    [
      "drips",
      (response) => {
        response.writeHead(200, { "content-type": "application/json" });
        const drop = setInterval(() => response.write(" "), 5);
        response.once("close", () => clearInterval(drop));
      },
    ],
  ])("an answer that %s", async (_name, hang) => {
    replies = [hang, json(400, {})];
    expect(await failure(post, client({}, 300))).toMatchObject({ status: 400, request: { attempts: 2 } });
    expect(new Set(seen.map((one) => one.headers["idempotency-key"]))).toEqual(new Set(["key_1"]));
  });

  test("a time that ran out is told as that", async () => {
    replies = [() => undefined];
    const error = await failure({ ...get, path: "/v1/slow" }, client({}, 1));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain("Stripe did not answer in time");
  });

  test("nobody listens", async () => {
    const closed = createSocketServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const error = await failure(post, client({ apiBase: `http://127.0.0.1:${port}` }));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message.replace(/in [\d.]+ s/, "in … s")).toBe(
      `POST /v1/things: the connection was refused (http://127.0.0.1:${port}, ${patience.failure.maxAttempts} attempts in … s). ` +
        "Check the network, a proxy, and stripe:apiBase, then run again",
    );
  });
});

describe("lists", () => {
  const items = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => ({ id: `x_${from + index}` }));
  const page = (data: unknown[], more: boolean) => json(200, { object: "list", data, has_more: more });

  async function read(path = "/v1/things", options = {}, stopAfter = Infinity): Promise<unknown[]> {
    const found: unknown[] = [];
    for await (const item of client().list(path, options)) {
      found.push(item.id);
      if (found.length >= stopAfter) break;
    }
    return found;
  }

  test("page by page, each after the last object of the one before", async () => {
    replies = [page(items(0, 100), true), page(items(100, 200), true), page(items(200, 201), false)];
    expect(await read()).toHaveLength(201);
    expect(seen.map((one) => one.url)).toEqual([
      "/v1/things?limit=100",
      "/v1/things?limit=100&starting_after=x_99",
      "/v1/things?limit=100&starting_after=x_199",
    ]);
  });

  test("filters and account go with every page", async () => {
    replies = [page(items(0, 1), true), page([], false)];
    await read("/v1/things", { params: { status: "" }, stripeAccount: "acct_1" });
    expect(seen.map((one) => [one.url, one.headers["stripe-account"]])).toEqual([
      ["/v1/things?status=&limit=100", "acct_1"],
      ["/v1/things?status=&limit=100&starting_after=x_0", "acct_1"],
    ]);
  });

  test("an empty list, and an empty page that promises more, end it", async () => {
    replies = [page([], false)];
    expect(await read()).toEqual([]);
    replies = [page([], true)];
    expect(await read()).toEqual([]);
    expect(seen).toHaveLength(2);
  });

  test("whoever stops early reads no further page", async () => {
    replies = [page(items(0, 100), true)];
    expect(await read("/v1/things", {}, 100)).toHaveLength(100);
    expect(seen).toHaveLength(1);
  });

  test("a failed page is told, never taken for the end", async () => {
    replies = [page(items(0, 100), true), json(403, { error: {} })];
    await expect(read()).rejects.toThrow(StripeError);
  });
});
