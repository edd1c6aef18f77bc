import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { startEmulator, type Emulator } from "../../emulator";
import { send } from "./client";

jest.setTimeout(30_000);

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ apiKey: "sk_test_main0main", accountPerKey: true });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

interface Got {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** As it is: fetch tidies paths and lets nobody name a Host. */
function get(path: string, headers: Record<string, string> = {}, to = emulator): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port: to.port, path, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => (body += text));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on("error", reject).end();
  });
}
const authorization = () => `Bearer ${emulator.apiKey}`;

describe("the page's files", () => {
  test("the page needs no key, and nothing but itself", async () => {
    const { status, headers, body } = await get("/");
    expect([status, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(headers["content-security-policy"]).toMatch(/^default-src 'self';/);
    expect(headers).not.toHaveProperty("access-control-allow-origin");
    const parts = [...body.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = ""]) => path);
    expect(parts.length).toBeGreaterThan(3);
    for (const path of parts) expect([path, (await get(path)).status]).toEqual([path, 200]);
    expect(emulator.requests()).toEqual([]);
  });

  test.each(["..%2fdashboard.ts", "../dashboard.ts", "tsconfig.json", "", "nothing.js", "%2e%2e/%2e%2e/package.json"])(
    "%s is none of them",
    async (name) => {
      const { status, body } = await get(`/_emulator/dashboard/${name}`, { authorization: authorization() });
      expect(status).toBe(404);
      expect(body).toContain("The emulator has no GET");
    },
  );

  test("what is compiled finds them too", async () => {
    const path = join(__dirname, "../../dist/emulator/index.js");
    const compiled = jest.requireActual<{ startEmulator: typeof startEmulator }>(path);
    const other = await compiled.startEmulator();
    try {
      expect((await get("/", {}, other)).body).toBe((await get("/")).body);
    } finally {
      await other.close();
    }
  });
});

describe("who may ask", () => {
  const paths = ["/", "/_emulator/dashboard/main.js", "/_emulator/requests", "/_emulator/stream"];

  test.each(["evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example", "169.254.1.1"])(
    "a page that made %s lead here gets nothing",
    async (host) => {
      for (const path of paths) expect((await get(path, { host, authorization: authorization() })).status).toBe(403);
    },
  );

  test.each(["localhost:1", "LOCALHOST", "app.localhost:8080", "127.0.0.1", "127.0.0.9:1", "[::1]:1"])(
    "%s is this machine",
    async (host) => {
      const answer = await get("/_emulator/requests", { host, authorization: authorization() });
      expect(answer.status).toBe(200);
      expect((await get("/", { host })).status).toBe(200);
    },
  );

  test("what the browser says comes from another page is refused, with a key that it kept too", async () => {
    for (const site of ["cross-site", "same-site"]) {
      for (const path of paths) {
        const answer = await get(path, { "sec-fetch-site": site, authorization: authorization() });
        expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([403, undefined]);
      }
    }
    expect((await get("/", { "sec-fetch-site": "none" })).status).toBe(200);
  });

  test("Stripe's API asks for no Host: clients behind a proxy have their own", async () => {
    const answer = await get("/v1/products", { host: "api.stripe.com", authorization: authorization() });
    expect(answer.status).toBe(200);
  });

  // By a name made to lead here it could register an endpoint with any test key, and have it posted to another local server.
  test.each(["http://evil.example:12111", "https://evil.example", "null", "http://localhost.evil.example"])(
    "a page of %s makes nothing by Stripe's API either",
    async (origin) => {
      const { status, error } = await send(emulator, "POST", "/v1/products", { name: "Tea" }, { origin });
      expect([status, error.message]).toEqual([403, "The emulator takes nothing from other web pages."]);
      expect(emulator.objects("product")).toEqual([]);
    },
  );

  test.each([
    ["a page on this machine", { origin: "http://localhost:3000" }],
    ["its own page behind a forwarded port", { origin: "https://12111.example", "sec-fetch-site": "same-origin" }],
  ])("%s may", async (_who, headers) => {
    const made = await send(emulator, "POST", "/v1/products", { name: "Tea" }, headers);
    expect(made.status).toBe(200);
  });

  test("the stream and everything a page asks for want the key", async () => {
    for (const path of ["stream", "steps", "faults", "inspect/objects?kind=product", "reveal?kind=product&id=x"]) {
      expect([path, (await get(`/_emulator/${path}`)).status]).toEqual([path, 401]);
    }
  });
});

describe("what a page asks for", () => {
  const ask = async (path: string, key = emulator.apiKey) => {
    const { status, body } = await get(`/_emulator/${path}`, { authorization: `Bearer ${key}` });
    return { status, body: JSON.parse(body) as Record<string, unknown> & { data?: unknown[] } };
  };

  test("a request: masked parameters and answer, its events, its operation", async () => {
    const urn = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/stripe:Product::caf%C3%A9";
    const headers = { "pulumi-operation": `create ${urn}` };
    const made = await send(
      emulator,
      "POST",
      "/v1/products",
      { name: "whsec_abc in a name", description: "0" },
      headers,
    );
    const id = emulator.requests().at(-1)?.requestId;
    expect((await ask(`inspect/request?id=${id}`)).body).toMatchObject({
      operation: { method: "create", urn: "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/stripe:Product::café" },
      params: { name: "whsec_•••••• in a name", description: "0" },
      answer: { id: made.body["id"], name: "whsec_•••••• in a name" },
      events: [{ type: "product.created", object: { id: made.body["id"] } }],
      status: 200,
    });
    expect(await ask("inspect/request?id=req_none")).toMatchObject({ status: 404 });
  });

  test("a refusal says which parameter and why, in the log too", async () => {
    await send(emulator, "POST", "/v1/products", { name: "" });
    await send(emulator, "POST", "/v1/products", { nonsense: "1" });
    expect(emulator.requests().map(({ error }) => error?.param)).toEqual(["name", "nonsense"]);
    expect(emulator.requests()[1]?.error).toMatchObject({ code: "parameter_unknown", type: "invalid_request_error" });
    expect(emulator.requests().every(({ ms }) => ms >= 0 && ms < 60_000)).toBe(true);
  });

  test("the answer of a fault that speaks no JSON, and a body that is none of Stripe's", async () => {
    emulator.fail({ with: 502, body: "<h1>Bad whsec_abc</h1>" });
    emulator.fail({ with: 400, body: { error: null } });
    await get("/v1/products", { authorization: authorization() });
    await get("/v1/products", { authorization: authorization() });
    const [first, second] = emulator.requests();
    expect(await ask(`inspect/request?id=${first?.requestId}`)).toMatchObject({
      body: { answer: "<h1>Bad whsec_••••••</h1>", fault: "502" },
    });
    expect([first?.error, second?.error]).toEqual([undefined, undefined]);
  });

  test("steps begin where the object stands", async () => {
    const kind = "identity.verification_session";
    expect((await ask(`steps?kind=${kind}`)).body.data).toEqual([]);
    const { id } = (await send(emulator, "POST", "/v1/identity/verification_sessions", { type: "document" })).body;
    const everywhere = (await ask("steps")).body.data as { kind: string }[];
    expect(everywhere.filter((standing) => standing.kind === kind)).toMatchObject([
      { kind, id, status: "requires_input", steps: ["processing"] },
    ]);
    emulator.advance(kind, String(id), "processing");
    expect((await ask(`steps?kind=${kind}`)).body.data).toMatchObject([{ steps: ["verified", "requires_input"] }]);
    expect((await ask("steps?kind=climate.order")).body.data).toEqual([]);
    expect((await ask("steps?kind=nothing")).status).toBe(404);
  });

  test("faults in force, until they are used up or cleared", async () => {
    emulator.fail({ with: 500, times: Infinity, when: () => false });
    emulator.fail({ with: "cut-before", skip: 0, method: "POST" });
    const armed = [
      { with: 500, skip: 0, left: null, conditional: true },
      { with: "cut-before", skip: 0, left: 1, method: "POST", conditional: false },
    ];
    expect((await ask("faults")).body.data).toEqual(armed);
    await expect(send(emulator, "POST", "/v1/products", { name: "x" })).rejects.toThrow();
    expect((await ask("faults")).body.data).toEqual(armed.slice(0, 1));
    await send(emulator, "POST", "/_emulator/faults/clear");
    expect((await ask("faults")).body.data).toEqual([]);
  });

  test("the holder of a key with an account of its own sees, reveals and clears nothing else", async () => {
    const theirs = "sk_test_theirs0001";
    const hook = { url: "https://example.com/hook", "enabled_events[0]": "*" };
    const { id } = (await send(emulator, "POST", "/v1/webhook_endpoints", hook)).body;
    const requestId = emulator.requests()[0]?.requestId ?? "";
    emulator.fail({ with: 500, path: "/v1/nothing" });
    for (const path of [
      `inspect/request?id=${requestId}`,
      `inspect/objects?kind=webhook_endpoint&account=${emulator.accountId}`,
      `inspect/object?kind=webhook_endpoint&id=${String(id)}`,
      `reveal?kind=webhook_endpoint&id=${String(id)}`,
      `reveal?kind=webhook_endpoint&id=${String(id)}&account=${emulator.accountId}`,
    ]) {
      expect([path, (await ask(path, theirs)).status]).toEqual([path, 404]);
    }
    expect((await ask("faults", theirs)).body.data).toEqual([]);
    await send({ url: emulator.url, apiKey: theirs }, "POST", "/_emulator/faults/clear");
    expect((await ask("faults")).body.data).toHaveLength(1);
    const secret = emulator.reveal("webhook_endpoint", String(id))?.["secret"];
    expect((await ask(`reveal?kind=webhook_endpoint&id=${String(id)}`)).body["secret"]).toBe(secret);
  });
});

describe("the stream", () => {
  interface Told {
    event: string;
    data: {
      requests: { path: string; account: string }[];
      events: { type: string }[];
      skipped?: number;
      faults?: object[];
    };
  }

  /** What a reader is told, one message after the other. */
  async function* read(key = emulator.apiKey): AsyncGenerator<Told> {
    const stop = new AbortController();
    const headers = { authorization: `Bearer ${key}` };
    const response = await fetch(`${emulator.url}/_emulator/stream`, { headers, signal: stop.signal });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    try {
      let text = "";
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) {
        const messages = (text + decoder.decode(chunk as Uint8Array, { stream: true })).split("\n\n");
        text = messages.pop() ?? "";
        for (const message of messages) {
          const [, event = "", data = ""] = /^event: (\w+)\ndata: (.*)$/.exec(message) ?? [];
          yield { event, data: JSON.parse(data) as Told["data"] };
        }
      }
    } finally {
      stop.abort();
    }
  }
  const next = async (reader: AsyncGenerator<Told>): Promise<Told> => {
    const result = await reader.next();
    if (result.done === true) throw new Error("the stream ended");
    return result.value;
  };

  test("everything first, then what happens, then everything again where news can't tell it", async () => {
    await send(emulator, "POST", "/v1/products", { name: "Before" });
    const reader = read();
    const first = await next(reader);
    expect([first.event, first.data.requests.length]).toEqual(["overview", 1]);
    await send(emulator, "POST", "/v1/products", { name: "After" });
    const { event, data } = await next(reader);
    expect([event, data.requests.map(({ path }) => path), data.events.map(({ type }) => type)]).toEqual([
      ...["news", ["/v1/products"], ["product.created"]],
    ]);
    emulator.fail({ with: 500 });
    expect(await next(reader)).toMatchObject({ event: "overview", data: { faults: [{ with: 500 }] } });
    emulator.reset();
    expect(await next(reader)).toMatchObject({ event: "overview", data: { requests: [], faults: [] } });
    await reader.return(undefined);
  });

  test("each reader is told of its own account; the emulator's own key, of all", async () => {
    const theirs = "sk_test_theirs0002";
    const [all, own] = [read(), read(theirs)];
    await next(all);
    await next(own);
    await send(emulator, "POST", "/v1/products", { name: "Main" });
    await send({ url: emulator.url, apiKey: theirs }, "POST", "/v1/products", { name: "Theirs" });
    const count = async (reader: AsyncGenerator<Told>, wanted: number) => {
      let [requests, events] = [0, 0];
      while (requests < wanted) {
        const { data } = await next(reader);
        requests += data.requests.length;
        events += data.events.length;
      }
      return [requests, events];
    };
    expect([await count(all, 2), await count(own, 1)]).toEqual([
      [2, 2],
      [1, 1],
    ]);
    await all.return(undefined);
    await own.return(undefined);
  });

  test("thousands at once are told in few messages; what is left out is counted", async () => {
    const reader = read();
    await next(reader);
    const sent = 1500;
    const many = Promise.all(
      Array.from({ length: sent }, () => get("/v1/nothing", { authorization: authorization() })),
    );
    let [told, messages] = [0, 0];
    while (told < sent) {
      const { data } = await next(reader);
      expect(data.requests.length).toBeLessThanOrEqual(200);
      told += data.requests.length + (data.skipped ?? 0);
      messages++;
    }
    await many;
    expect(told).toBe(sent);
    expect(messages).toBeLessThan(sent / 10);
    await reader.return(undefined);
  });

  test("a reader that stops reading holds up nothing, and is given everything once it reads again", async () => {
    const socket = connect(emulator.port, "127.0.0.1");
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    socket.write(`GET /_emulator/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization()}\r\n\r\n`);
    await new Promise<void>((resolve) => socket.once("data", () => resolve()));
    socket.pause();
    // More than the kernel's buffers take, in rows that are as long as rows may be.
    const path = `/v1/products/${"x".repeat(8000)}`;
    const stillAnswers = async () => (await send(emulator, "GET", "/v1/account")).status;
    for (let round = 0; round < 60; round++) {
      await Promise.all(Array.from({ length: 20 }, () => get(path, { authorization: authorization() })));
    }
    expect(await stillAnswers()).toBe(200);
    const reader = read();
    await next(reader);
    await reader.return(undefined);
    text = "";
    socket.resume();
    await send(emulator, "POST", "/v1/products", { name: "Last" });
    await new Promise<void>((resolve) => {
      const look = () => /product\.created/.test(text) && resolve();
      socket.on("data", look);
      look();
    });
    // Not what it has missed, one by one.
    expect(text).toContain("event: overview\n");
    socket.destroy();
  });

  test("so many readers, and no more; one that leaves makes room", async () => {
    const readers = Array.from({ length: 20 }, () => read());
    await Promise.all(readers.map((reader) => next(reader)));
    expect((await get("/_emulator/stream", { authorization: authorization() })).status).toBe(503);
    await Promise.all(readers.map((reader) => reader.return(undefined)));
  });
});
