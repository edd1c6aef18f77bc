import { startEmulator, type Emulator } from "../../emulator";
import { hookForm, officialClient, send } from "./client";
import { type ReplyV2, sendV2 } from "./v2";

let emulator: Emulator;
let clock = 1_800_000_000_000;
const connected = "acct_connected";

beforeAll(async () => {
  emulator = await startEmulator({
    now: () => clock,
    connectedAccounts: [connected],
    restrictedKeys: { rk_test_reader: ["event_destination_read"] },
    maxWebhookEndpoints: 200,
  });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const path = "/v2/core/event_destinations";
const kind = "v2.core.event_destination";
const hook = {
  name: "Orders",
  type: "webhook_endpoint",
  event_payload: "snapshot",
  enabled_events: ["product.created"],
  webhook_endpoint: { url: "https://example.com/hook" },
};
const create = (key: string, more: object = {}, headers: Record<string, string> = {}): Promise<ReplyV2> =>
  sendV2(emulator, "POST", path, { ...hook, ...more }, { "idempotency-key": key, ...headers });
const count = (account?: string): number => emulator.objects(kind, account === undefined ? {} : { account }).length;

describe("a request", () => {
  test("must name a version", async () => {
    for (const version of ["", "soon"]) {
      const { status, error } = await sendV2(emulator, "GET", path, undefined, { "stripe-version": version });
      expect([status, error.message]).toEqual([400, expect.stringContaining("version")]);
    }
    const plain = await send(emulator, "GET", path);
    expect([plain.status, plain.error.message]).toEqual([400, expect.stringContaining("Stripe-Version")]);
    const named = await sendV2(emulator, "GET", path, undefined, { "stripe-version": "2025-09-30.clover" });
    expect([named.status, named.headers.get("stripe-version")]).toEqual([200, "2025-09-30.clover"]);
    // v1 has the account's version where none is named.
    expect((await send(emulator, "GET", "/v1/webhook_endpoints")).status).toBe(200);
  });

  test.each([
    ["a form", "name=x", "application/x-www-form-urlencoded"],
    ["another type", "{}", "text/plain"],
    ["no JSON", "{", "application/json"],
    ["no object", "[]", "application/json"],
    ["null", "null", "application/json"],
    ["far too deep a nesting", `{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`, "application/json"],
  ])("with %s for a body is refused", async (_what, body, type) => {
    const { status, error } = await sendV2(emulator, "POST", path, body, { "content-type": type });
    expect([status, error.message]).toEqual([400, expect.stringContaining("Invalid request: ")]);
    expect(error.code).toBe("invalid_request_error");
  });

  // Each of its elements was an argument of one call, which was answered 500.
  test("with a list as long as a body has room for is refused like any other", async () => {
    const { status, error } = await sendV2(emulator, "POST", path, `{"nonsense":[${"0,".repeat(400_000)}0]}`);
    expect([status, error.code]).toEqual([400, "invalid_fields"]);
  });

  test("may name its charset, and is logged as it was", async () => {
    const { status } = await sendV2(emulator, "POST", path, hook, {
      "content-type": "application/json; charset=utf-8",
    });
    expect(status).toBe(200);
    expect(emulator.requests()[0]?.params).toEqual(hook);
  });

  test("has no expand, and v1 no include", async () => {
    const expand = await sendV2(emulator, "POST", path, { ...hook, expand: ["name"] });
    expect(expand.error.message).toContain("'expand: Unknown field.'");
    const include = await send(emulator, "GET", "/v1/webhook_endpoints?include[0]=url");
    expect(include.error.code).toBe("parameter_unknown");
  });

  test("needs a key, and the permission of a restricted one", async () => {
    const without = await sendV2(emulator, "GET", path, undefined, { authorization: "" });
    expect([without.status, typeof without.error.code, typeof without.error.message]).toEqual([
      401,
      "string",
      "string",
    ]);
    const reader = { url: emulator.url, apiKey: "rk_test_reader" };
    expect((await sendV2(reader, "GET", path)).status).toBe(200);
    const refused = await sendV2(reader, "POST", path, hook);
    expect([refused.status, refused.error.message]).toEqual([
      403,
      expect.stringContaining("rak_event_destination_write"),
    ]);
  });

  test("meets faults whose errors have v2's shape", async () => {
    emulator.fail({ method: "GET", path, with: 500 });
    const { status, body } = await sendV2(emulator, "GET", path);
    expect([status, body]).toEqual([
      500,
      { error: { code: "api_error", type: "api_error", message: expect.any(String) as string } },
    ]);
  });
});

describe("a key", () => {
  test("that comes again changes nothing and gets what is now", async () => {
    const include = { include: ["webhook_endpoint.signing_secret", "webhook_endpoint.url"] };
    const first = await create("k", include);
    expect(first.headers.get("idempotency-key")).toBe("k");
    const id = String(first.body["id"]);
    await sendV2(emulator, "POST", `${path}/${id}`, { name: "Renamed" });
    const again = await create("k", include);
    expect(again.body).toEqual({ ...first.body, name: "Renamed", updated: again.body["updated"] });
    expect(count()).toBe(1);
    expect(emulator.requests().map(({ replayed }) => replayed)).toEqual([false, false, true]);
  });

  test("holds for updates, actions and pings, which aren't done twice", async () => {
    const id = String((await create("k")).body["id"]);
    const key = { "idempotency-key": "u" };
    await sendV2(emulator, "POST", `${path}/${id}`, { name: "A" }, key);
    await sendV2(emulator, "POST", `${path}/${id}/disable`, {}, key);
    await sendV2(emulator, "POST", `${path}/${id}`, { name: "B" });
    await sendV2(emulator, "POST", `${path}/${id}/enable`, {});
    expect((await sendV2(emulator, "POST", `${path}/${id}`, { name: "A" }, key)).body["name"]).toBe("B");
    expect((await sendV2(emulator, "POST", `${path}/${id}/disable`, {}, key)).body["status"]).toBe("enabled");
    const ping = await sendV2(emulator, "POST", `${path}/${id}/ping`, {}, key);
    expect((await sendV2(emulator, "POST", `${path}/${id}/ping`, {}, key)).body).toEqual(ping.body);
    expect(emulator.objects("v2.core.event")).toHaveLength(1);
  });

  test("holds for deletions, which v1 has none for", async () => {
    const id = String((await create("k")).body["id"]);
    const key = { "idempotency-key": "d" };
    const deleted = { id, object: kind };
    for (let time = 0; time < 2; time++) {
      const { status, body, headers } = await sendV2(emulator, "DELETE", `${path}/${id}`, undefined, key);
      expect([status, body, headers.get("idempotency-key")]).toEqual([200, deleted, "d"]);
    }
    expect((await sendV2(emulator, "DELETE", `${path}/${id}`)).status).toBe(404);
  });

  test("whose object is gone since can't be answered any more", async () => {
    const id = String((await create("k")).body["id"]);
    await sendV2(emulator, "DELETE", `${path}/${id}`);
    const { status, error } = await create("k");
    expect([status, error.code, count()]).toEqual([404, "not_found", 0]);
  });

  test("is refused with other parameters: 409, told by its type", async () => {
    await create("k");
    const { status, error } = await create("k", { name: "Other" });
    expect([status, error.code, count()]).toEqual([409, "idempotency_error", 1]);
    const stripe = officialClient(emulator);
    const other = stripe.v2.core.eventDestinations.create({ ...hook, name: "O" } as never, { idempotencyKey: "k" });
    await expect(other).rejects.toMatchObject({ type: "StripeIdempotencyError" });
    // The order of fields makes no other request.
    const turned = Object.fromEntries(Object.entries(hook).reverse());
    expect((await sendV2(emulator, "POST", path, turned, { "idempotency-key": "k" })).status).toBe(200);
    expect(count()).toBe(1);
  });

  test("belongs to one operation and one account", async () => {
    const id = String((await create("k")).body["id"]);
    const updated = await sendV2(emulator, "POST", `${path}/${id}`, { name: "A" }, { "idempotency-key": "k" });
    expect([updated.status, updated.body["name"]]).toEqual([200, "A"]);
    expect((await create("k", {}, { "stripe-account": connected })).status).toBe(200);
    expect((await send(emulator, "POST", "/v1/webhook_endpoints", hookForm, { "idempotency-key": "k" })).status).toBe(
      200,
    );
    expect([count(), count(connected)]).toEqual([1, 1]);
  });

  test("of a failure runs again", async () => {
    emulator.fail({ method: "POST", path, with: 400, stored: true });
    expect((await create("k")).status).toBe(400);
    expect(count()).toBe(0);
    expect((await create("k")).status).toBe(200);
    expect(count()).toBe(1);
  });

  test("of a failure that left an object behind makes no second one", async () => {
    emulator.fail({ method: "POST", path, with: 500, stored: true, committed: true });
    expect((await create("k")).status).toBe(500);
    expect(count()).toBe(1);
    const again = await create("k");
    expect([again.status, again.body["id"], count()]).toEqual([200, emulator.objects(kind)[0]?.id, 1]);
  });

  test("of an answer that was lost makes no second object", async () => {
    emulator.fail({ method: "POST", path, with: "cut-after-commit" });
    await expect(create("k")).rejects.toThrow();
    expect((await create("k")).status).toBe(200);
    expect(count()).toBe(1);
  });

  test("is kept for 30 days", async () => {
    await create("k");
    clock += 30 * 86_400_000 - 1;
    await create("k");
    expect(count()).toBe(1);
    clock += 1;
    await create("k");
    expect(count()).toBe(2);
  });
});

describe("a list", () => {
  const make = async (names: string[]): Promise<void> => {
    for (const name of names) await sendV2(emulator, "POST", path, { ...hook, name });
  };
  interface Page {
    data: { name: string }[];
    next_page_url: string | null;
    previous_page_url: string | null;
  }
  const page = async (url: string): Promise<{ names: string; next: string | null; previous: string | null }> => {
    const { body } = await sendV2(emulator, "GET", url);
    const { data, next_page_url: next, previous_page_url: previous, ...rest } = body as unknown as Page;
    expect(rest).toEqual({});
    return { names: data.map(({ name }) => name).join(""), next, previous };
  };

  test("leads to the next and the previous page, with what was asked for", async () => {
    await make(["e", "d", "c", "b", "a"]);
    const first = await page(`${path}?limit=2&include[0]=webhook_endpoint.url`);
    expect([first.names, first.previous]).toEqual(["ab", null]);
    expect(first.next).toMatch(/^\/v2\/core\/event_destinations\?include\[0\]=webhook_endpoint\.url&limit=2&page=\w+$/);
    const second = await page(first.next ?? "");
    expect(second.names).toBe("cd");
    const third = await page(second.next ?? "");
    expect([third.names, third.next]).toEqual(["e", null]);
    const back = await page(third.previous ?? "");
    expect([back.names, (await page(back.next ?? "")).names]).toEqual(["cd", "e"]);
    const start = await page(back.previous ?? "");
    expect([start.names, start.previous]).toEqual(["ab", null]);
  });

  test("has nothing before or after all of it", async () => {
    expect(await page(path)).toEqual({ names: "", next: null, previous: null });
    await make(["a"]);
    expect(await page(`${path}?limit=1`)).toEqual({ names: "a", next: null, previous: null });
  });

  test("is walked by the official client", async () => {
    await make(Array.from({ length: 23 }, (_, index) => String(index)));
    const names: string[] = [];
    for await (const { name, webhook_endpoint: shown } of officialClient(emulator).v2.core.eventDestinations.list({
      limit: 5,
      include: ["webhook_endpoint.url"],
    })) {
      names.push(name);
      expect(shown?.url).toBe("https://example.com/hook");
    }
    expect(names).toEqual(Array.from({ length: 23 }, (_, index) => String(22 - index)));
    expect(emulator.requests().filter(({ method }) => method === "GET")).toHaveLength(5);
  });

  test.each(["limit=0", "limit=101", "limit=x", "page=x", "page=e30", "starting_after=ed_1"])(
    "refuses %s",
    async (query) => {
      const { status, error } = await sendV2(emulator, "GET", `${path}?${query}`);
      expect([status, error.code]).toEqual([400, "invalid_fields"]);
      expect(error.message).toContain(`'${query.split("=")[0] ?? ""}: `);
    },
  );
});
