import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Page } from "playwright-core";
import { driftPage } from "../../cli/drift-page";
import { type DriftReport } from "../../cli/drift-report";
import { reportOf, sampleReport } from "../unit/drift-sample";
import { type Browser, openBrowser, withChromium } from "./chromium";

jest.setTimeout(60_000);

/** Each text that is seen with less contrast than WCAG's AA wants, 4.5 : 1. What can't be used is excepted there, too. */
const faint = `(async () => {
  // A colour on its way is neither.
  await Promise.all(document.getAnimations().map(({ finished }) => finished));
  const numbers = (color) => {
    const parts = color.match(/[\\d.]+/g).map(Number);
    return color.startsWith("color(") ? [...parts.slice(0, 3).map((one) => one * 255), parts[3] ?? 1] : [...parts, 1].slice(0, 4);
  };
  const backOf = (element) => {
    for (let one = element; one !== null; one = one.parentElement) {
      const back = numbers(getComputedStyle(one).backgroundColor);
      if (back[3] === 1) return back;
    }
    return [255, 255, 255];
  };
  const luminance = (color) => {
    const [r, g, b] = color.slice(0, 3).map((one) => one / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const out = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() === "" || !element.checkVisibility() || element.closest("script, style, :disabled")) continue;
    const [one, other] = [numbers(getComputedStyle(element).color), backOf(element)].map(luminance).sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) out.push(walker.currentNode.data.trim() + " " + ratio.toFixed(2));
  }
  return out;
})()`;

const wide = "document.documentElement.scrollWidth > window.innerWidth";

withChromium("the page of a drift report", () => {
  const folder = mkdtempSync(join(tmpdir(), "stripe-as-code-drift-"));
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await openBrowser({ colorScheme: "light" });
  });
  afterEach(async () => {
    expect(browser.wrongs.splice(0)).toEqual([]);
    await page.close();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  async function open(report: DriftReport, by: Browser = browser): Promise<Page> {
    const file = join(folder, "drift.html");
    writeFileSync(file, driftPage(report));
    return (page = await by.open(pathToFileURL(file).href));
  }
  const filter = (name: string) => page.getByRole("button", { name: new RegExp(`^${name} \\d`) });
  const search = () => page.getByRole("searchbox", { name: "Filter by text" });
  /** Names of the objects that are seen, in their order. */
  const seen = () => page.locator(".card h3:visible, .row b:visible").allInnerTexts();
  const faintTexts = () => page.evaluate<string[]>(faint);
  const focused = () => page.evaluate<string>(`document.activeElement?.querySelector("h3")?.textContent ?? ""`);
  const wrong = ["orders", "gold", "refunds", "gold-monthly", "removal", "bronze", "eu-yearly"];
  const unmanaged = ["Made by hand", "no name"];

  test("shows what is wrong, and folds what is as it should be", async () => {
    await open(sampleReport());
    expect(await page.title()).toBe("Drift of shop/prod");
    await page.getByRole("heading", { level: 1, name: "6 of 12 resources drifted" }).waitFor();
    expect(await seen()).toEqual([...wrong, ...unmanaged]);
    await page.getByRole("heading", { name: "Unchanged 5" }).click();
    expect(await seen()).toEqual([...wrong, ...unmanaged, "silver", "trial", "gift", "invoices", "offset-2026"]);
    const row = page.getByRole("row", { name: "metadata.tier" });
    expect(await row.getByRole("cell").allInnerTexts()).toEqual(['"1"', "nothing"]);
  });

  test("buttons show only what has one of their statuses", async () => {
    await open(sampleReport());
    await filter("Gone").click();
    expect(await filter("Gone").getAttribute("aria-pressed")).toBe("true");
    expect(await seen()).toEqual(["refunds"]);
    expect(await page.getByRole("status").innerText()).toBe("1 of 14 shown");
    await page.getByRole("heading", { name: "Changed 2", exact: true }).waitFor({ state: "hidden" });
    await filter("Unchanged").click();
    expect(await seen()).toEqual(["refunds", "silver", "trial", "gift", "invoices", "offset-2026"]);
    await filter("Gone").click();
    await filter("Unchanged").click();
    expect(await filter("Gone").getAttribute("aria-pressed")).toBe("false");
    expect(await seen()).toEqual([...wrong, ...unmanaged]);
    expect(await page.getByRole("status").innerText()).toBe("");
  });

  test("a status that nothing has can't be asked for", async () => {
    await open(reportOf([{}, { status: "gone" }]));
    expect(await filter("Changed").isDisabled()).toBe(true);
    expect(await filter("Gone").isEnabled()).toBe(true);
  });

  test("text is looked for in names, ids, fields, values and reasons, every word of it, with the buttons", async () => {
    await open(sampleReport());
    for (const [text, names] of [
      ["WE_1Q", ["orders", "refunds", "invoices"]],
      ["metadata.campaign", ["gold"]],
      ["payout.failed", ["orders"]],
      ["permission_error", ["eu-yearly"]],
      ["staging", ["bronze"]],
      ["product prod_ changed", ["gold"]],
      ["product prod_", ["gold", "bronze", "Made by hand", "silver", "trial", "gift"]],
      // Every table has "Code" above it.
      ["code", []],
    ] as const) {
      await search().fill(text);
      expect([text, await seen()]).toEqual([text, names]);
    }
    await page.getByText("Nothing here matches.").waitFor();
    await page.getByRole("button", { name: "Show everything" }).click();
    expect(await seen()).toEqual([...wrong, ...unmanaged]);
    await search().fill("price");
    await filter("Archived").click();
    expect(await seen()).toEqual(["gold-monthly"]);
  });

  test("headings count what a filter shows of theirs", async () => {
    await open(sampleReport());
    await search().fill("metadata.campaign");
    await page.getByRole("heading", { name: "Changed 1 of 2", exact: true }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "Changed 2", exact: true }).waitFor();
  });

  test("a long name of one object makes no other one's row high, and is there at a click; long values are folded", async () => {
    const label = "Everything that is to be said of it ".repeat(60).trim();
    const code = "said of it ".repeat(330);
    await open(
      reportOf([{ status: "changed", differences: [{ field: "description", code, live: `${code}!` }] }], {
        unmanaged: [label, "Short"].map((one) => ({ kind: "Product", id: "prod_1", label: one, leftBehind: false })),
      }),
    );
    const heights = async () =>
      Promise.all((await page.locator(".card").all()).map(async (card) => (await card.boundingBox())?.height ?? 0));
    for (const height of await heights()) expect(height).toBeLessThan(300);
    await page.locator(".pairs .card").first().click();
    expect((await heights())[1]).toBeGreaterThan(300);
    expect(await page.locator(".pairs h3").first().innerText()).toBe(label);
    await page.getByText("characters that are the same").first().click();
    expect((await heights())[0]).toBeGreaterThan(300);
    expect(await faintTexts()).toEqual([]);
  });

  test("is used by the keyboard alone", async () => {
    await open(sampleReport());
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("objects");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    expect(await focused()).toBe("gold");
    await page.keyboard.press("k");
    await page.keyboard.press("k");
    expect(await focused()).toBe("orders");
    await page.keyboard.press("/");
    // Letters of the text move nothing.
    await page.keyboard.type("kj/");
    expect(await search().inputValue()).toBe("kj/");
    await page.keyboard.press("Escape");
    expect(await search().inputValue()).toBe("");
    await filter("Archived").focus();
    await page.keyboard.press("Space");
    expect(await seen()).toEqual(["gold-monthly", "removal"]);
    await page.keyboard.press("k");
    expect(await focused()).toBe("removal");
    await page.keyboard.press("Escape");
    expect(await seen()).toEqual([...wrong, ...unmanaged]);
  });

  test.each(["light", "dark"] as const)(
    "%s as the system is, and every text of it is readable",
    async (colorScheme) => {
      await open(sampleReport());
      await page.emulateMedia({ colorScheme });
      const back = await page.evaluate("getComputedStyle(document.body).backgroundColor");
      expect(back).toBe(colorScheme === "light" ? "rgb(244, 245, 249)" : "rgb(11, 13, 20)");
      expect(await faintTexts()).toEqual([]);
      await filter("Changed").click();
      await page.getByText("12 that are the same").first().click();
      expect(await faintTexts()).toEqual([]);
      await open(reportOf([{}]));
      await page.emulateMedia({ colorScheme });
      expect(await faintTexts()).toEqual([]);
    },
  );

  test("fits 400 pixels, with names and values that have no space", async () => {
    const long = "x".repeat(400);
    const entry = { kind: `climate:${long}`, name: long, id: `prod_${long}`, urn: `urn:${long}`, detail: long };
    const differences = [
      { field: `metadata.${long}`, code: long, live: `${long}y` },
      { field: "images", code: [long], live: { [long]: long } },
    ];
    const sample = sampleReport();
    await open({
      ...reportOf(
        [
          ...sample.resources,
          { ...entry, status: "changed", differences },
          { ...entry, status: "foreign-owned" },
          { ...entry, status: "failed" },
          entry,
        ],
        { ...sample, unmanaged: [...sample.unmanaged, { kind: long, id: long, label: long, leftBehind: true }] },
      ),
      ...{ project: long, stack: long, notes: [long], accounts: [{ id: `acct_${long}`, livemode: true }] },
    });
    await page.setViewportSize({ width: 400, height: 800 });
    await page.getByRole("heading", { name: /^Unchanged/ }).click();
    expect(await page.evaluate<boolean>(wide)).toBe(false);
    // One below the other, and a table all the same.
    const cells = page.getByRole("row", { name: "metadata.tier" }).getByRole("cell");
    expect(await cells.allInnerTexts()).toEqual(['code\n"1"', "live\nnothing"]);
    const [code, live] = await Promise.all([cells.first().boundingBox(), cells.last().boundingBox()]);
    expect(live?.y).toBeGreaterThanOrEqual((code?.y ?? 0) + (code?.height ?? Infinity));
  });

  test("is printed in light, without what can only be clicked", async () => {
    await open(sampleReport());
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.getByRole("searchbox").isVisible()).toBe(false);
    expect(await filter("Gone").isVisible()).toBe(false);
    expect(await seen()).toEqual([...wrong, ...unmanaged]);
    expect(await page.evaluate("getComputedStyle(document.body).color")).toBe("rgb(23, 26, 38)");
  });

  test("shows everything without JavaScript", async () => {
    const plain = await openBrowser({ javaScriptEnabled: false });
    try {
      await open(sampleReport(), plain);
      expect(await seen()).toEqual([...wrong, ...unmanaged, "silver", "trial", "gift", "invoices", "offset-2026"]);
      expect(await page.getByRole("searchbox").isVisible()).toBe(false);
      expect(await filter("Gone").isDisabled()).toBe(true);
      expect(plain.wrongs).toEqual([]);
    } finally {
      await plain.close();
    }
  });

  test("what others wrote is text, and nothing but the page's own script would run", async () => {
    const hostile = `"'><img src=x onerror="planted=1"></script><script>planted=1</script>`;
    const differences = [{ field: `metadata.${hostile}`, code: hostile, live: [hostile, { [hostile]: 1 }] }];
    await open(
      reportOf([{ name: hostile, kind: hostile, status: "changed", differences }], {
        ...{ project: hostile, notes: [hostile], accounts: [{ id: hostile, livemode: false }] },
        unmanaged: [{ kind: hostile, id: hostile, label: hostile, leftBehind: true }],
      }),
    );
    await page.getByRole("heading", { level: 3, name: hostile }).first().waitFor();
    expect(await page.evaluate("[document.scripts.length, document.images.length, typeof planted]")).toEqual([
      ...[1, 0, "undefined"],
    ]);
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement("script"), { text: "planted = 1" }))`,
    );
    expect(await page.evaluate("typeof planted")).toBe("undefined");
    // The browser's own word for what it refused.
    expect(browser.wrongs.splice(0)).toEqual([expect.stringContaining("Content Security Policy")]);
  });

  test("an empty report says so", async () => {
    await open(reportOf([]));
    await page.getByRole("heading", { name: "Nothing to compare yet" }).waitFor();
    expect(await page.getByRole("button").count()).toBe(0);
  });
});
