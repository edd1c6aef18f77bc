import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type ConsoleMessage, type Page } from "playwright-core";

/** Debian's, or another by CHROMIUM_PATH. */
export const chromiumPath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

/** Where there is none the tests are skipped and counted, but not in CI, where one must be. */
export const withChromium = existsSync(chromiumPath) || process.env["CI"] !== undefined ? describe : describe.skip;

/** Nothing looks for updates or for anybody's servers. Root may use no sandbox. */
const switches = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-default-browser-check"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync", "--font-render-hinting=none"],
];

/** A browser with an empty profile, and what went wrong in its pages. */
export interface Browser {
  readonly context: BrowserContext;
  /** Errors and warnings of the console, exceptions, and requests to anywhere but the page's own origin. */
  readonly wrongs: string[];
  open(url: string): Promise<Page>;
  close(): Promise<void>;
}

export async function openBrowser(
  options: Parameters<typeof chromium.launchPersistentContext>[1] = {},
): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "stripe-as-code-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath,
    args: switches,
    headless: true,
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  const wrongs: string[] = [];
  return {
    context,
    wrongs,
    async open(url) {
      const page = await context.newPage();
      page.on("console", (message: ConsoleMessage) => {
        if (["error", "warning"].includes(message.type())) wrongs.push(`console: ${message.text()}`);
      });
      page.on("pageerror", (error) => wrongs.push(`exception: ${error.stack ?? error.message}`));
      page.on("request", (request) => {
        if (new URL(request.url()).origin !== new URL(url).origin) wrongs.push(`elsewhere: ${request.url()}`);
      });
      await page.goto(url);
      return page;
    },
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
