/** @jest-environment ./tests/judges/stripe-cli-environment.ts */
import { readFileSync, writeFileSync } from "node:fs";
import { startEmulator, type Emulator } from "../../emulator";
import { send } from "../emulator/client";
import { seenByStripeCli } from "./coverage";
import { StripeCli } from "./stripe-cli";
import { type WithStripeCli } from "./stripe-cli-environment";
import { VerifyingReceiver } from "./verifying-receiver";
import { judged, whatWasSeen } from "./witness";

jest.setTimeout(30_000);

const { stripeCli } = globalThis as WithStripeCli;
const whereThere = stripeCli === undefined ? describe.skip : describe;

whereThere("Stripe's own CLI", () => {
  const connected = "acct_1Connected";
  let emulator: Emulator;
  let cli: StripeCli;
  beforeAll(async () => {
    emulator = await startEmulator({ connectedAccounts: [connected], allowLocalUrls: true });
    cli = await StripeCli.meet(stripeCli ?? "", emulator);
  });
  afterAll(async () => {
    await cli.close();
    await emulator.close();
  });

  const told = (account?: string): unknown[] =>
    emulator.objects("event", account === undefined ? {} : { account }).map(({ type }) => type);

  describe("trigger", () => {
    beforeEach(() => emulator.reset());

    // All that ask for nothing the emulator lacks.
    test.each([
      "billing_portal.configuration.created",
      "billing_portal.configuration.updated",
      "identity.verification_session.canceled",
      "identity.verification_session.created",
      "identity.verification_session.redacted",
      "payment_link.created",
      "payment_link.updated",
      "price.created",
      "price.updated",
      "product.created",
      "product.deleted",
      "product.updated",
    ])("%s brings that event about", async (type) => {
      const { code, lines } = await cli.run("trigger", type);
      expect({ code, said: lines.at(-1) }).toEqual({
        code: 0,
        said: "Trigger succeeded! Check dashboard for event details.",
      });
      if (type.endsWith(".redacted")) emulator.passTime(7 * 86_400);
      expect(told()).toContain(type);
    });

    test("in a connected account", async () => {
      expect(await cli.run("trigger", "product.created", "--stripe-account", connected)).toMatchObject({ code: 0 });
      expect([told(), told(connected)]).toEqual([[], ["product.created"]]);
    });

    test.each(["customer.created", "payment_intent.created"])("%s says what the emulator lacks", async (type) => {
      const { code, lines } = await cli.run("trigger", type);
      expect(code).toBe(1);
      expect(lines.join("\n")).toMatch(/status=501.*Not built in this emulator/);
    });
  });

  describe("listen", () => {
    let receiver: VerifyingReceiver;
    beforeEach(async () => {
      emulator.reset();
      receiver = new VerifyingReceiver();
      await receiver.listen();
      receiver.secret = (await cli.run("listen", "--print-secret")).lines.join();
    });
    afterEach(() => receiver.close());

    test("forwards events that Stripe's client takes for signed", async () => {
      const listening = cli.start("listen", "--no-wss", "--skip-update", "--forward-to", receiver.url());
      expect(await listening.line(/Ready!/)).toContain(`Your webhook signing secret is ${receiver.secret} `);

      expect(await cli.run("trigger", "price.created")).toMatchObject({ code: 0 });
      await receiver.has(2);
      const kept = emulator.objects("event");
      expect(new Set(receiver.events)).toEqual(new Set(kept));
      for (const { id } of kept) await listening.line(new RegExp(`<-- +\\[200\\] POST ${receiver.url()} \\[${id}\\]`));

      const [newest] = kept;
      expect(await cli.json("events", "resend", String(newest?.id))).toEqual(newest);
      await receiver.has(3);
      expect(receiver.events[2]).toEqual(newest);

      receiver.secret = "whsec_another";
      await send(emulator, "POST", "/v1/products", { name: "Refused" });
      await listening.line(/<-- +\[400\] POST/);
      expect(receiver.events).toHaveLength(3);
      await listening.stop();
    });

    test("aside, an event is sent again to a webhook endpoint", async () => {
      const form = { url: receiver.url(), "enabled_events[0]": "product.created" };
      const endpoint = await send(emulator, "POST", "/v1/webhook_endpoints", form);
      const id = String(endpoint.body["id"]);
      receiver.secret = String(endpoint.body["secret"]);
      await send(emulator, "POST", "/v1/products", { name: "Again" });
      await receiver.has(1);
      const [event] = emulator.objects("event");
      expect(await cli.json("events", "resend", String(event?.id), "--webhook-endpoint", id)).toMatchObject({
        id: event?.id,
      });
      await receiver.has(2);
      expect(receiver.events[1]?.id).toBe(receiver.events[0]?.id);
      const nowhere = cli.json("events", "resend", String(event?.id), "--webhook-endpoint", "we_none");
      await expect(nowhere).rejects.toThrow("we_none");
    });

    test("forwards what happens in connected accounts, and says where it did", async () => {
      const listening = cli.start("listen", "--no-wss", "--skip-update", "--forward-connect-to", receiver.url());
      await listening.line(/Ready!/);
      await send(emulator, "POST", "/v1/products", { name: "The platform's" });
      await send(emulator, "POST", "/v1/products", { name: "Theirs" }, { "stripe-account": connected });
      await receiver.has(1);
      expect(receiver.events).toMatchObject([{ account: connected, data: { object: { name: "Theirs" } } }]);
      await listening.stop();
    });

    test("forwards in the place of a registered endpoint only what that wants", async () => {
      await send(emulator, "POST", "/v1/webhook_endpoints", {
        url: "https://example.com/hook",
        "enabled_events[0]": "price.created",
      });
      const base = receiver.url("");
      const listening = cli.start("listen", "--no-wss", "--skip-update", "--load-from-webhooks-api", "-f", base);
      await listening.line(/Ready!/);
      expect(await cli.run("trigger", "price.created")).toMatchObject({ code: 0 });
      await listening.line(/--> .*product\.created/);
      await receiver.has(1);
      expect(receiver.events).toMatchObject([{ type: "price.created" }]);
      await listening.stop();
    });

    test("with --latest gets each event once as well", async () => {
      const listening = cli.start("listen", "--no-wss", "--skip-update", "--latest", "--format", "JSON");
      await listening.line(/Ready!/);
      await send(emulator, "POST", "/v1/products", { name: "First" });
      await send(emulator, "POST", "/v1/products", { name: "Second" });
      await listening.line(/"name":"Second"/);
      await listening.stop();
      const { lines } = await listening.ended;
      expect(lines.filter((line) => line.includes('"name":"First"'))).toHaveLength(1);
    });

    test("is told that there are no thin events", async () => {
      const { code, lines } = await cli.run("listen", "--no-wss", "--skip-update", "--thin-events", "*");
      expect(code).not.toBe(0);
      expect(lines.join("\n")).toMatch(/Invalid websocket_features\[1\]/);
    });
  });

  test("logs tail shows requests as they are answered, and only those asked for", async () => {
    const all = cli.start("logs", "tail", "--no-wss");
    const failed = cli.start("logs", "tail", "--no-wss", "--format", "JSON", "--filter-status-code-type", "4XX");
    await Promise.all([all.line(/Ready!/), failed.line(/Ready!/)]);
    await send(emulator, "POST", "/v1/products", { name: "Logged" });
    const made = emulator.requests().at(-1)?.requestId;
    await send(emulator, "GET", "/v1/products/prod_none");
    const missing = emulator.requests().at(-1)?.requestId;

    await all.line(new RegExp(`\\[200\\] POST /v1/products \\[${made}\\]`));
    await all.line(new RegExp(`\\[404\\] GET /v1/products/prod_none \\[${missing}\\]`));
    await all.line(/^Message: No such product: 'prod_none'$/);
    expect(JSON.parse(await failed.line(/^\{/))).toMatchObject({ request_id: missing, status: 404 });
    await Promise.all([all.stop(), failed.stop()]);
  });

  describe("resource commands", () => {
    beforeAll(() => emulator.reset());

    const ids = async (...args: string[]): Promise<unknown[]> =>
      ((await cli.json(...args, "list"))["data"] as { id: string }[]).map(({ id }) => id);

    test("webhook_endpoints", async () => {
      const noun = "webhook_endpoints";
      const made = await cli.json(noun, "create", "--url", "https://example.com/hook", "--enabled-events", "*");
      const id = String(made["id"]);
      expect(made["secret"]).toBe(emulator.reveal("webhook_endpoint", id)?.["secret"]);
      expect(await cli.json(noun, "retrieve", id)).toMatchObject({ id, enabled_events: ["*"] });
      expect(await cli.json(noun, "update", id, "--description", "Ours")).toMatchObject({ description: "Ours" });
      expect(await ids(noun)).toEqual([id]);
      expect(await cli.json(noun, "delete", id, "--confirm")).toMatchObject({ id, deleted: true });
      expect(emulator.objects("webhook_endpoint")).toEqual([]);
    });

    test("products, prices and payment_links", async () => {
      const product = String((await cli.json("products", "create", "--name", "Sold"))["id"]);
      expect(await cli.json("products", "update", product, "-d", "metadata[a]=0")).toMatchObject({
        metadata: { a: "0" },
      });
      const priced = ["--product", product, "--currency", "usd", "--unit-amount", "0"];
      const price = String((await cli.json("prices", "create", ...priced))["id"]);
      expect(await cli.json("prices", "retrieve", price, "--expand", "product")).toMatchObject({
        unit_amount: 0,
        product: { id: product, name: "Sold" },
      });
      expect(await cli.json("prices", "update", price, "--active=false")).toMatchObject({ active: false });
      await cli.json("prices", "update", price, "--active=true");
      const item = ["-d", `line_items[0][price]=${price}`, "-d", "line_items[0][quantity]=1"];
      const link = String((await cli.json("payment_links", "create", ...item))["id"]);
      expect(await cli.json("payment_links", "list_line_items", link)).toMatchObject({
        data: [{ price: { id: price } }],
      });
      expect([await ids("products"), await ids("prices"), await ids("payment_links")]).toEqual([
        [product],
        [price],
        [link],
      ]);
    });

    test("climate products, suppliers and orders", async () => {
      const [product] = await ids("climate", "products");
      const [supplier] = await ids("climate", "suppliers");
      expect(await cli.json("climate", "suppliers", "retrieve", String(supplier))).toMatchObject({ id: supplier });
      const bought = ["--product", String(product), "--metric-tons", "0.5"];
      const order = String((await cli.json("climate", "orders", "create", ...bought))["id"]);
      expect(emulator.objects("climate.order")).toMatchObject([{ id: order, metric_tons: "0.5" }]);
      expect(await cli.json("climate", "orders", "cancel", order)).toMatchObject({ status: "canceled" });
      expect(await ids("climate", "orders")).toEqual([order]);
    });

    test("identity verification_sessions and verification_reports", async () => {
      const noun = ["identity", "verification_sessions"];
      const id = String((await cli.json(...noun, "create", "--type", "document"))["id"]);
      for (const to of ["processing", "verified"]) emulator.advance("identity.verification_session", id, to);
      expect(await cli.json(...noun, "retrieve", id)).toMatchObject({ status: "verified" });
      const [report] = await ids("identity", "verification_reports");
      expect(await cli.json("identity", "verification_reports", "retrieve", String(report))).toMatchObject({
        verification_session: id,
      });
      expect(await cli.json(...noun, "redact", id)).toMatchObject({ redaction: { status: "processing" } });
      expect(await ids(...noun)).toEqual([id]);
    });

    test("forwarding requests", async () => {
      const noun = ["forwarding", "requests"];
      const url = "https://acme-checkout-live.adyenpayments.com/checkout/v68/payments";
      const made = await cli.json(
        ...[...noun, "create", "--payment-method", "pm_card_visa", "--url", url, "--replacements", "card_number"],
        ...["-d", 'request[body]={"card":{"number":""}}'],
      );
      expect(emulator.forwarded()).toHaveLength(1);
      expect(await cli.json(...noun, "retrieve", String(made["id"]))).toMatchObject({ url });
      expect(await ids(...noun)).toEqual([made["id"]]);
    });

    test("billing_portal configurations", async () => {
      const noun = ["billing_portal", "configurations"];
      const made = await cli.json(...noun, "create", "-d", "features[invoice_history][enabled]=true");
      const id = String(made["id"]);
      expect(await cli.json(...noun, "update", id, "--active=false")).toMatchObject({ active: false });
      expect(await ids(...noun)).toEqual([id]);
    });

    test("events, and any path", async () => {
      const [newest] = await ids("events");
      expect(await cli.json("events", "retrieve", String(newest))).toMatchObject({ id: newest, object: "event" });
      expect(await cli.json("get", "/v1/balance")).toMatchObject({ object: "balance" });
      expect(await cli.json("post", "/v1/products", "-d", "name=By path")).toMatchObject({ name: "By path" });
    });
  });

  judged("docs/emulator-coverage.md tells of it what it has seen", async () => {
    const seen = [...(await whatWasSeen())].filter(([, judges]) => judges.has("Stripe CLI")).map(([name]) => name);
    if (process.env["WRITE_COVERAGE"] !== undefined)
      writeFileSync(seenByStripeCli, `${JSON.stringify(seen.sort(), null, 2)}\n`);
    expect(seen.sort()).toEqual(JSON.parse(readFileSync(seenByStripeCli, "utf8")));
  });

  test("none of it tried to leave this machine", () => expect(cli.wentOut).toBe(0));
});
