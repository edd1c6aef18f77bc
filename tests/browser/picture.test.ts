import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "../../emulator";
import { openBrowser, withChromium } from "./chromium";
import { playStory } from "./story";

jest.setTimeout(60_000);

/** Where the picture goes that README.md shows: `DASHBOARD_PICTURE=docs/dashboard.png`. Else it is drawn and thrown away. */
const wanted = process.env["DASHBOARD_PICTURE"];

withChromium("the picture of the page", () => {
  const folder = mkdtempSync(join(tmpdir(), "stripe-as-code-picture-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("shows a deployment, what one request came to, and the shell, in less than 200 KB", async () => {
    // A moment of its own, so that the picture changes only where the page does.
    let now = Date.UTC(2026, 10, 25, 9, 41, 7);
    const emulator = await startEmulator({ seed: "picture", now: () => (now += 230), accountId: "acct_1Coffee" });
    const browser = await openBrowser({
      colorScheme: "dark",
      timezoneId: "UTC",
      viewport: { width: 1440, height: 900 },
    });
    try {
      await playStory(emulator);
      const page = await browser.open(`${emulator.url}/#${emulator.apiKey}`);
      await page.getByRole("option").filter({ hasText: "beans-typo" }).click();
      await page.getByRole("group", { name: "Parameters" }).waitFor();
      await page.keyboard.press("Control+`");
      await page.keyboard.type("listen\n");
      await page.getByText("Listening for events").waitFor();
      await page.keyboard.type("trigger identity.verification_session.verified\n");
      await page.getByText("✓ identity.verification_session.verified").waitFor();
      await page.getByRole("log").getByText("identity.verification_session.verified", { exact: true }).waitFor();
      await page.locator("#toasts").waitFor({ state: "hidden" });
      const path = wanted ?? join(folder, "dashboard.png");
      await page.screenshot({ path });
      expect(statSync(path).size).toBeLessThan(200_000);
      expect(browser.wrongs).toEqual([]);
    } finally {
      await browser.close();
      await emulator.close();
    }
  });
});
