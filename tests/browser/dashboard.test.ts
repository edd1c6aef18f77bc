import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { type Locator, type Page } from "playwright-core";
import { startEmulator, type Emulator } from "../../emulator";
import { send } from "../emulator/client";
import { type Browser, openBrowser, withChromium } from "./chromium";
import { playStory } from "./story";

jest.setTimeout(60_000);

/**
 * In the page: what is written with less contrast than WCAG asks of small text
 * (w3.org/TR/WCAG22/#contrast-minimum), with the ratio it has.
 */
const faintTexts = `(() => {
  const numbers = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour[3] !== 0) return colour;
    }
    return [255, 255, 255];
  };
  const luminance = ([red, green, blue]) => {
    const linear = (part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  };
  return [...document.querySelectorAll("body *")].flatMap((element) => {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join("");
    if (text === "" || !element.checkVisibility({ opacityProperty: true })) return [];
    const [one, other] = [luminance(numbers(getComputedStyle(element).color)), luminance(behind(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    return ratio < 4.5 ? [element.localName + "." + element.className + " '" + text + "' " + ratio.toFixed(2)] : [];
  });
})()`;

withChromium("the page", () => {
  let emulator: Emulator;
  let browser: Browser;
  let page: Page;
  let receiver: Server;
  /** Status with which the endpoint answers, and what it was sent. */
  let answers = 200;
  const received: string[] = [];

  beforeAll(async () => {
    emulator = await startEmulator({
      ...{ apiKey: "sk_test_PLANTED0KEY", allowLocalUrls: true, forwardingHosts: ["vault.example.com"] },
    });
    receiver = createServer((request, response) => {
      request.on("data", (chunk: Buffer) => received.push(chunk.toString()));
      request.on("end", () => response.writeHead(answers).end("seen"));
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    browser = await openBrowser({ colorScheme: "light" });
  });
  beforeEach(async () => {
    emulator.reset();
    answers = 200;
    received.length = 0;
    page = await open();
  });
  afterEach(async () => {
    expect(browser.wrongs.splice(0)).toEqual([]);
    await page.close();
  });
  afterAll(async () => {
    await browser.close();
    await emulator.close();
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
  });

  async function open(fragment = `#${emulator.apiKey}`): Promise<Page> {
    const opened = await browser.open(`${emulator.url}/${fragment}`);
    if (fragment !== "") await opened.getByText("live", { exact: true }).waitFor();
    return opened;
  }
  const hookUrl = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  const panel = () => page.getByRole("tabpanel");
  const row = (text: string) => panel().getByRole("option").filter({ hasText: text }).first();
  const tab = (name: string) => page.getByRole("tab", { name });
  const box = async (of: Locator) => (await of.boundingBox()) ?? { x: NaN, y: NaN, width: NaN, height: NaN };
  const shellOutput = () => page.getByRole("log", { name: "Output" });
  /** Takes back the browser's own word for an answer that was meant to be a refusal. */
  function forgive(words: string): void {
    const at = browser.wrongs.findIndex((wrong) => wrong.includes(words));
    expect(at).not.toBe(-1);
    browser.wrongs.splice(at, 1);
  }
  /** Types a command into the open shell and waits for what it prints. */
  async function command(line: string, prints: string | RegExp): Promise<void> {
    await page.getByLabel("Command").fill(line);
    await page.keyboard.press("Enter");
    await shellOutput().getByText(prints).last().waitFor();
  }

  test("opens by the printed address, whose key it takes out of it", async () => {
    expect(await page.title()).toBe("Requests · Stripe emulator");
    expect(page.url()).toBe(`${emulator.url}/`);
    expect(await page.content()).not.toContain(emulator.apiKey);
    await page.reload();
    await page.getByText("live", { exact: true }).waitFor();
    await page.getByText(emulator.accountId).waitFor();
  });

  // An id is its maker's choice: "%" ended the page's own script, and what follows "/" was taken for another place.
  test("shows an object whatever its id is, and is nowhere lost where its address makes no sense", async () => {
    const id = "50%/off <b>&#";
    await send(emulator, "POST", "/v1/products", { name: "<script>alert(1)</script>", id });
    await page.evaluate("location.hash = '#/objects/product'");
    await row("<script>alert(1)</script>").click();
    const object = () => panel().getByRole("article", { name: "Object" }).getByRole("heading", { name: id });
    await object().waitFor();
    await page.keyboard.press("Escape");
    await object().waitFor({ state: "detached" });
    await row(id).waitFor();
    await tab("Events").click();
    await row("product.created").click();
    await panel().getByRole("link", { name: id }).click();
    await object().waitFor();
    await page.evaluate("location.hash = '#/objects/%'");
    await row("POST").waitFor();
  });

  test("asks for the key where the address has none, and says what is wrong with it", async () => {
    const other = await openBrowser();
    try {
      const asked = await other.open(emulator.url);
      await asked.getByLabel("Secret key").fill("sk_test_wrong");
      await asked.keyboard.press("Enter");
      await asked.getByText("Invalid API Key provided: sk_test_").waitFor();
      await asked.getByLabel("Secret key").fill(emulator.apiKey);
      await asked.keyboard.press("Enter");
      await asked.getByText("live", { exact: true }).waitFor();
      // The browser's own word for the answer 401; nothing else went wrong.
      expect(other.wrongs.filter((wrong) => !wrong.includes("401 (Unauthorized)"))).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test("requests appear as they come: what caused them, what is wrong with them, faults and replays", async () => {
    await panel().getByText("No request yet.").waitFor();
    const { product } = await playStory(emulator);
    await row("read offset-2026").waitFor();
    await row("replayed").waitFor();
    await row("fault 503").waitFor();
    expect(await panel().getByRole("option").count()).toBe(emulator.requests().length);

    await row("beans-typo").click();
    const detail = panel().getByRole("article", { name: "Request" });
    await detail.getByText("This value must be greater than or equal to 0.", { exact: true }).waitFor();
    for (const text of [
      "parameter_invalid_integer",
      "unit_amount",
      "pulumi create",
      "shop / production",
      "pulumi-00d1f4",
    ]) {
      await detail.getByText(text, { exact: true }).first().waitFor();
    }
    await detail.getByRole("group", { name: "Parameters" }).getByText(`"${product}"`).waitFor();
    await detail.getByRole("group", { name: "Headers" }).getByText("stripe-as-code").waitFor();

    await page.getByRole("searchbox", { name: "Search requests" }).fill("update 503");
    expect(await panel().getByRole("option").count()).toBe(1);
    await page.getByRole("searchbox", { name: "Search requests" }).fill("");
    await page.getByLabel("Refused only").check();
    expect(await panel().getByRole("option").count()).toBe(2);
  });

  test("an object is taken on by a button; its history tells how it came there", async () => {
    const { order } = await playStory(emulator);
    await tab("Lifecycles").click();
    await page.getByRole("button", { name: `Take ${order} to delivered` }).click();
    // It has come to its end: nothing is left to do with it.
    await page.getByRole("button", { name: `Take ${order} to delivered` }).waitFor({ state: "detached" });
    expect(emulator.objects("climate.order")).toMatchObject([{ id: order, status: "delivered" }]);

    await tab("Objects").click();
    await page.getByRole("button", { name: "climate.order" }).click();
    await row(order).click();
    const history = panel().getByRole("listitem");
    await history.filter({ hasText: "climate.order.delivered" }).waitFor();
    expect((await history.allInnerTexts()).map((text) => /climate\.\S+|create|read/.exec(text)?.[0])).toEqual([
      ...["create", "climate.order.created", "read", "climate.order.delivered"],
    ]);
    await history.filter({ hasText: "climate.order.delivered" }).getByRole("link").click();
    await page.getByRole("heading", { name: "climate.order.delivered" }).waitFor();
  });

  test("details go with a step", async () => {
    const { session } = await playStory(emulator);
    emulator.advance("identity.verification_session", session, "processing");
    await tab("Lifecycles").click();
    await page.getByRole("article", { name: session }).getByText("With details").click();
    await page
      .getByLabel(`Details for ${session}`)
      .fill('{"last_error": {"code": "document_expired", "reason": "Old"}}');
    await page.getByRole("button", { name: `Take ${session} to requires_input` }).click();
    await page.getByRole("article", { name: session }).getByText("requires_input", { exact: true }).waitFor();
    expect(emulator.objects("identity.verification_session")).toMatchObject([
      { last_error: { code: "document_expired" } },
    ]);
  });

  test("a fault is armed, acts, and is gone", async () => {
    await tab("Faults").click();
    await page.getByLabel("Status", { exact: true }).fill("429");
    await page.getByLabel("Method").selectOption("POST");
    await page.getByLabel("Path").fill("/v1/products");
    await page.getByLabel("Requests it meets").fill("2");
    await page.getByRole("button", { name: "Arm" }).click();
    await panel().getByText("2 times more").waitFor();
    expect((await send(emulator, "POST", "/v1/products", { name: "x" })).status).toBe(429);
    await page.reload();
    await panel().getByText("once more").waitFor();
    await page.getByRole("button", { name: "Clear all" }).click();
    await panel().getByText("No fault is armed").waitFor();
    expect((await send(emulator, "POST", "/v1/products", { name: "x" })).status).toBe(200);
  });

  test("time passes, and everything is forgotten only when asked twice", async () => {
    await send(emulator, "POST", "/v1/products", { name: "x" });
    await tab("Clock").click();
    await page.getByRole("button", { name: "+ 30 d" }).click();
    await panel().getByText("30 d ahead of the machine's own clock.").waitFor();
    await page.getByRole("button", { name: "Reset everything" }).click();
    expect(emulator.objects("product")).toHaveLength(1);
    await page.getByRole("button", { name: "Really forget it all?" }).click();
    await panel().getByText("As the machine's own clock.").waitFor();
    expect(emulator.objects("product")).toHaveLength(0);
  });

  test("delivery attempts show under their event, and one is sent again", async () => {
    answers = 500;
    await playStory(emulator, hookUrl());
    await emulator.untilDelivered();
    await tab("Events").click();
    await row("product.created").click();
    const detail = panel().getByRole("article", { name: "Event" });
    await detail.getByText("attempt 1").waitFor();
    await detail.getByText("500", { exact: true }).waitFor();
    await detail.getByText(/^again \d/).waitFor();
    answers = 200;
    const before = received.length;
    await detail.getByRole("button", { name: "Resend" }).click();
    await detail.getByText("resent", { exact: true }).waitFor();
    expect(received).toHaveLength(before + 1);
    expect(JSON.parse(received.at(-1) ?? "")).toMatchObject({ type: "product.created" });
  });

  test("the shell: help, completion, resource commands, trigger, listen, history", async () => {
    await page.keyboard.press("Control+`");
    await command("help", "bring an event about, objects and all");
    await command("help products create", "--name");
    const input = page.getByLabel("Command");
    await input.fill("pro");
    await page.keyboard.press("Tab");
    expect(await input.inputValue()).toBe("products ");
    await page.keyboard.type("cr");
    await page.keyboard.press("Tab");
    await page.keyboard.type(`-d 'name=Two words' --description=Given`);
    await page.keyboard.press("Enter");
    await shellOutput().getByText('"Two words"').waitFor();
    expect(emulator.objects("product")).toMatchObject([{ name: "Two words", description: "Given" }]);

    await command("listen", "Listening for events");
    await command("trigger price.created", "✓ price.created");
    await shellOutput().locator("p").getByText("price.created", { exact: true }).waitFor();
    // Told together with everything else, since a step was taken.
    await command("trigger identity.verification_session.processing", "✓ identity.verification_session.processing");
    await shellOutput().locator("p").getByText("identity.verification_session.processing", { exact: true }).waitFor();
    await page.keyboard.press("Control+c");
    await shellOutput().getByText("Not listening any more.").waitFor();
    await command("trigger customer.made_up", /no way to 'customer.made_up'/);
    forgive("404 (Not Found)");

    for (const line of ["trigger customer.made_up", "trigger identity.verification_session.processing"]) {
      await page.keyboard.press("ArrowUp");
      expect(await input.inputValue()).toBe(line);
    }
    const { order } = await playStory(emulator);
    await command(`climate orders retrieve ${order}`, `"${order}"`);
    await command(`advance ${order} delivered`, '"delivered"');
    const destination = "-d webhook_endpoint[url]=https://example.com/v2 --name Two --type webhook_endpoint";
    const events = "--event-payload thin -d enabled_events[]=v1.billing.meter.no_meter_found";
    await command(
      `post /v2/core/event_destinations ${destination} ${events} -d include[]=webhook_endpoint.signing_secret`,
      "••••••",
    );
    await command("get /v2/core/event_destinations", '"Two"');
    await command("pass 1d", "1d passed.");
    await command("products list --limit 0", "GET /v1/products: 400");
    forgive("400 (Bad Request)");
    await command("nonsense", "There is no 'nonsense'.");
    await command(
      "listen --forward-to localhost:4242",
      /^Use: listen\. .*`stripe-as-code listen --forward-to` forwards/,
    );
    await command("exit now", "Use: exit. It takes nothing.");
    await command("$ stripe-as-code products create --name Pasted", '"Pasted"');
    await input.fill("stripe pro");
    await page.keyboard.press("Tab");
    expect(await input.inputValue()).toBe("stripe products ");
    const pasted = emulator.objects("product").find(({ name }) => name === "Pasted");
    await command(`stripe products delete ${String(pasted?.id)} --confirm`, "true");
    expect(emulator.objects("product")).not.toContainEqual(expect.objectContaining({ name: "Pasted" }));
    await page.keyboard.press("Escape");
    await page.getByRole("region", { name: "Shell" }).waitFor({ state: "hidden" });
  });

  test("the shell sends an event again, and forgets everything only when told twice", async () => {
    await playStory(emulator, hookUrl());
    await emulator.untilDelivered();
    const before = received.length;
    const event = emulator.objects("event").find(({ type }) => type === "product.created");
    await page.keyboard.press("Control+`");
    await command("stripe events resend", "Which event?");
    await command(`stripe events resend ${String(event?.id)}`, /^Sent again to we_/);
    await emulator.untilDelivered();
    expect(received).toHaveLength(before + 1);
    await command("help events resend", "send an event to its webhook endpoints again");
    await command("reset", "reset --confirm does it");
    expect(emulator.objects("product")).not.toEqual([]);
    await command("reset --confirm", "As new.");
    expect(emulator.objects("product")).toEqual([]);
  });

  test("no secret is anywhere in the document, wherever one looks, until it is asked for", async () => {
    const { endpoint, session } = await playStory(emulator);
    const form = {
      ...{
        payment_method: "pm_1abc",
        url: "https://vault.example.com/charge",
        "request[body]": '{"card":{"number":""},"note":"PLANTED-BODY"}',
      },
      ...{ "replacements[0]": "card_number", "request[headers][0][name]": "Authorization" },
      "request[headers][0][value]": "PLANTED-HEADER",
    };
    expect(await send(emulator, "POST", "/v1/forwarding/requests", form)).toMatchObject({ status: 200 });
    const onramp = (await send(emulator, "POST", "/v1/crypto/onramp_sessions", {})).body;
    const { secret } = emulator.reveal("webhook_endpoint", endpoint) as { secret?: unknown };
    const opened = emulator.reveal("identity.verification_session", session);
    const secrets = [
      ...[secret, opened?.["client_secret"], opened?.["url"], onramp["client_secret"], emulator.apiKey, "PLANTED"],
    ].map(String);
    expect(secrets.every((text) => text.length > 6 && text !== "undefined")).toBe(true);
    const seen: string[] = [];
    const look = async () => {
      const content = await page.content();
      seen.push(...secrets.filter((text) => content.includes(text)));
    };

    for (const { requestId } of emulator.requests()) {
      await page.goto(`${emulator.url}/#/requests/${requestId}`);
      await panel().getByText(requestId, { exact: true }).first().waitFor();
      await look();
    }
    for (const { id } of emulator.objects("event")) {
      await page.goto(`${emulator.url}/#/events/${id}`);
      await panel().getByRole("group", { name: "Object as told" }).waitFor();
      await look();
    }
    await page.keyboard.press("Control+`");
    await command("webhook_endpoints create --url https://example.com/2 -d enabled_events[]=*", "••••••");
    await command(`identity verification_sessions retrieve ${session}`, `vs_`);
    await look();
    await page.keyboard.press("Escape");
    await page.goto(`${emulator.url}/#/objects/webhook_endpoint/${endpoint}`);
    await page.getByRole("button", { name: "Reveal secrets" }).waitFor();
    await look();
    expect(seen).toEqual([]);

    await page.getByRole("button", { name: "Reveal secrets" }).click();
    await panel().getByText(String(secret)).waitFor();
    await page.getByRole("button", { name: "Hide secrets" }).click();
    await panel().getByText(String(secret)).waitFor({ state: "detached" });
  });

  test("light and dark as the system has it, or as one says", async () => {
    const back = () => page.evaluate<string>(`getComputedStyle(document.body).backgroundColor`);
    const light = await back();
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await back();
    expect(dark).not.toBe(light);
    await page.getByRole("button", { name: "Theme: as the system" }).click();
    expect(await back()).toBe(light);
    await page.getByRole("button", { name: "Theme: light" }).click();
    await page.emulateMedia({ colorScheme: "light" });
    expect(await back()).toBe(dark);
    await page.reload();
    expect(await back()).toBe(dark);
    await page.getByRole("button", { name: "Theme: dark" }).click();
    expect(await back()).toBe(light);
  });

  test("all of it by keyboard", async () => {
    const { order } = await playStory(emulator);
    await row("offset-2026").waitFor();
    const focused = () => page.evaluate<string>(`document.activeElement?.textContent ?? ""`);
    await page.keyboard.press("/");
    await page.keyboard.type("offset create");
    await page.keyboard.press("Escape");
    expect(await focused()).toContain("/v1/climate/orders");
    await page.keyboard.press("Enter");
    await panel().getByText("pulumi create").waitFor();
    await page.keyboard.press("Escape");
    await panel().getByText("Choose a request").waitFor();

    await page.keyboard.press("/");
    await page.keyboard.type("matches nothing");
    await page.keyboard.press("Escape");
    // What Esc has left takes no letters any more: they are keys again.
    await page.keyboard.press("2");
    await panel().getByRole("listbox", { name: "Events" }).waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const second = await focused();
    expect(second).toContain(await panel().getByRole("option").nth(1).locator(".path").first().innerText());
    await page.keyboard.press("Enter");
    await panel().getByRole("button", { name: "Resend" }).waitFor();
    await page.keyboard.press("1");
    await page.getByRole("searchbox", { name: "Search requests" }).fill("");
    await page.keyboard.press("Escape");

    await page.keyboard.press("2");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    expect(await focused()).toContain("product.updated");
    await page.keyboard.press("1");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toContain("Objects");
    await page.keyboard.press("End");
    expect(await focused()).toContain("Clock");

    await page.keyboard.press("4");
    await page.getByRole("button", { name: `Take ${order} to delivered` }).waitFor();
    for (let presses = 0; !(await focused()).includes("→ delivered"); presses++) {
      expect(presses).toBeLessThan(20);
      await page.keyboard.press("Tab");
    }
    const ring = await page.evaluate<string>(`getComputedStyle(document.activeElement).outlineStyle`);
    expect(ring).toBe("solid");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: `Take ${order} to delivered` }).waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+`");
    await page.keyboard.type("exit");
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Shell" }).waitFor({ state: "hidden" });
  });

  test("on a narrow screen a detail takes the place of the list, and nothing is cut off", async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    await playStory(emulator);
    await row("beans-typo").click();
    await panel().getByRole("link", { name: "← Back" }).waitFor();
    expect(await panel().getByRole("option").count()).toBe(0);
    const wide = () => page.evaluate<boolean>(`document.documentElement.scrollWidth > window.innerWidth`);
    expect(await wide()).toBe(false);
    await panel().getByRole("link", { name: "← Back" }).click();
    await row("beans-typo").waitFor();
    for (const name of ["Objects", "Lifecycles", "Faults", "Clock"]) {
      // Without scrolling: nothing would show that there is more.
      expect((await box(tab(name))).x + (await box(tab(name))).width).toBeLessThanOrEqual(390);
      await tab(name).click();
      expect(await wide()).toBe(false);
    }
    await tab("Objects").click();
    expect((await box(page.locator(".kinds"))).height).toBeLessThan(70);
    for (const kind of await page.locator(".kind").all()) expect((await box(kind)).width).toBeLessThan(300);
    await page.keyboard.press("Control+`");
    const close = await box(page.getByRole("button", { name: "Close the shell" }));
    expect(close.x + close.width).toBeGreaterThan(390 - 20);
  });

  test("on a wide screen a kind's name stays on its line, and a failed attempt's badge is no block", async () => {
    await tab("Objects").click();
    await page.getByRole("button", { name: "identity.verification_session" }).waitFor();
    for (const kind of await page.locator(".kind").all()) expect((await box(kind)).height).toBeLessThan(32);
    answers = 500;
    await playStory(emulator, hookUrl());
    await emulator.untilDelivered();
    await tab("Events").click();
    await row("product.created").click();
    expect((await box(panel().locator(".attempt .status").first())).height).toBeLessThan(25);
  });

  test.each(["light", "dark"] as const)("every text stands out from what is behind it, %s", async (colorScheme) => {
    answers = 500;
    await playStory(emulator, hookUrl());
    await emulator.untilDelivered();
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.keyboard.press("Control+`");
    await command("help", "bring an event about, objects and all");
    const faint = new Set<string>();
    for (const name of ["Requests", "Events", "Objects", "Lifecycles", "Faults", "Clock"]) {
      await tab(name).click();
      if (name === "Events") {
        await row("product.created").click();
        await panel().getByText("attempt 1").waitFor();
      }
      for (const text of await page.evaluate<string[]>(faintTexts)) faint.add(`${name}: ${text}`);
    }
    expect([...faint]).toEqual([]);
  });

  test("an emulator that goes away is looked for until it is back", async () => {
    const { port, apiKey } = emulator;
    await emulator.close();
    await page.getByText("offline", { exact: true }).waitFor();
    emulator = await startEmulator({ port, apiKey, allowLocalUrls: true });
    await page.getByText("live", { exact: true }).waitFor();
    await page.getByText(emulator.accountId).waitFor();
    await send(emulator, "GET", "/v1/account");
    await row("/v1/account").waitFor();
    // What the browser says of connections that were refused meanwhile.
    browser.wrongs.splice(
      0,
      Infinity,
      ...browser.wrongs.filter((wrong) => !/ERR_(?:CONNECTION|INCOMPLETE)/.test(wrong)),
    );
  });
});
