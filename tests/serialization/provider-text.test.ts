import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execPath } from "node:process";
import { kindNames, type KindName } from "../../provider/registry";
import { providerText } from "../../provider/provider-text";

const root = dirname(dirname(__dirname));

/**
 * What state out there holds of every kind, for ever. A text that was published is never changed or taken away: old
 * resources are diffed, updated and deleted through the one they were made with.
 */
const published: Record<KindName, string[]> = {
  WebhookEndpoint: [
    "exports.handler=()=>require('module').createRequire(process.cwd()+'/')('stripe-as-code/provider').handler('WebhookEndpoint')",
  ],
  Product: [
    "exports.handler=()=>require('module').createRequire(process.cwd()+'/')('stripe-as-code/provider').handler('Product')",
  ],
  Price: [
    "exports.handler=()=>require('module').createRequire(process.cwd()+'/')('stripe-as-code/provider').handler('Price')",
  ],
  "billingPortal:Configuration": [
    "exports.handler=()=>require('module').createRequire(process.cwd()+'/')('stripe-as-code/provider').handler('billingPortal:Configuration')",
  ],
  "climate:Order": [
    "exports.handler=()=>require('module').createRequire(process.cwd()+'/')('stripe-as-code/provider').handler('climate:Order')",
  ],
  "identity:VerificationSession": [
    "exports.handler=()=>require('module').createRequire(process.cwd()+'/')('stripe-as-code/provider').handler('identity:VerificationSession')",
  ],
  "crypto:OnrampSession": [
    "exports.handler=()=>require('module').createRequire(process.cwd()+'/')('stripe-as-code/provider').handler('crypto:OnrampSession')",
  ],
  "forwarding:Request": [
    "exports.handler=()=>require('module').createRequire(process.cwd()+'/')('stripe-as-code/provider').handler('forwarding:Request')",
  ],
};

const texts = Object.entries(published).flatMap(([kind, all]) => all.map((text) => [kind as KindName, text] as const));

test.each(kindNames)("%s sends the newest published text, which is at most 150 bytes", (kind) => {
  const text = providerText(kind);
  expect(text).toBe(published[kind].at(-1));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(150);
});

test("kinds differ in their text, as the handlers are told nothing else", () => {
  expect(new Set(kindNames.map(providerText)).size).toBe(kindNames.length);
});

describe("loaded as the dynamic host does", () => {
  let folder: string;
  beforeAll(() => {
    if (!existsSync(join(root, "dist/provider/index.js"))) throw new Error("dist/ is missing: run npm run build");
    // A program's folder, in which this package is installed.
    folder = realpathSync(mkdtempSync(join(tmpdir(), "stripe-as-code-program-")));
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(root, join(folder, "node_modules", "stripe-as-code"), "junction");
    // Else one in a folder above would tell what the package's name resolves to.
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    mkdirSync(join(folder, "empty"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs text in a process of its own, in the program's folder; what it prints is JSON. */
  function inProgram(text: string): unknown {
    const script = join(folder, "host.js");
    writeFileSync(script, text);
    return JSON.parse(execFileSync(execPath, [script], { cwd: folder, encoding: "utf8" }));
  }

  /** As @pulumi/pulumi's cmd/dynamic-provider gets a handler: `requireFromString(text).handler()`. */
  const load = (text: string) => `
    const { createRequire } = require("node:module");
    const pulumi = createRequire(${JSON.stringify(require.resolve("@pulumi/pulumi/cmd/dynamic-provider/index.js"))});
    const handler = pulumi("require-from-string")(${JSON.stringify(text)}).handler();
  `;

  test.each(texts)("%s: %s gives a handler with every method", (_kind, text) => {
    const methods = ["check", "configure", "create", "delete", "diff", "read", "update"];
    const found = inProgram(
      `${load(text)} console.log(JSON.stringify(${JSON.stringify(methods)}.filter((name) => typeof handler[name] === "function")))`,
    );
    expect(found).toEqual(methods);
  });

  test.each(texts)("%s: %s checks inputs of that kind", (kind, text) => {
    const found = inProgram(`${load(text)}
      const settings = { "stripe:apiKey": "sk_test_x" };
      handler.configure({ config: { get: (key) => settings[key] } })
        .then(() => handler.check({}, { nonsense: 0, triggers: [] }))
        .then(({ failures, inputs }) => console.log(JSON.stringify({ inputs, reasons: failures.map(({ reason }) => reason) })));
    `) as { inputs: unknown; reasons: string[] };
    expect(found.inputs).toEqual({ nonsense: 0, triggers: [] });
    expect(found.reasons.join()).toContain(`nonsense: is no input of ${kind.replace(/.*:/, "")}`);
  });

  test("loading a handler loads no @pulumi/pulumi, and no kind but its own", () => {
    const found = inProgram(`${load(texts[0]?.[1] ?? "")}
      const own = Object.keys(require.cache).filter((path) => !path.includes("require-from-string"));
      console.log(JSON.stringify(own));
    `) as string[];
    expect(found.filter((path) => /@pulumi|climate/.test(path))).toEqual([]);
    expect(found.filter((path) => path.endsWith("webhook-endpoint.js"))).toHaveLength(1);
  });
});
