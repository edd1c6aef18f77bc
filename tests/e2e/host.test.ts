import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Emulator } from "../../emulator";
import { eachInItsWorkspace, until, type Workspace } from "./workspace";

jest.setTimeout(180_000);

const endpoint = `new stripe.WebhookEndpoint("orders", { url: "https://example.com/stripe", enabledEvents: ["invoice.paid"] });\n`;

let emulator: Emulator;
let workspace: Workspace;
eachInItsWorkspace((...given) => ([emulator, workspace] = given));

const hosts = () => workspace.processes("dynamic-provider");
const endpoints = () => emulator.objects("webhook_endpoint").length;

describe("the line at the end of a run", () => {
  const linesOf = (text: string) => text.match(/Stripe: .*/g) ?? [];
  const requests = async (run: () => Promise<{ stdout: string }>) => {
    const before = emulator.requests().length;
    const { stdout } = await run();
    return { lines: [...new Set(linesOf(stdout))], calls: emulator.requests().length - before };
  };

  test("tells calls, retries, refusals and the time waited; without a call there is none", async () => {
    workspace.program(endpoint);
    emulator.fail({ method: "POST", path: "/v1/webhook_endpoints", with: 503 });
    emulator.fail({
      method: "POST",
      path: "/v1/webhook_endpoints",
      with: 429,
      body: { error: { code: "rate_limit" } },
    });
    const created = await requests(() => workspace.stack.up());
    expect(created.lines).toEqual([
      expect.stringMatching(
        new RegExp(
          `^Stripe: ${created.calls} calls, 2 retried, 1 refused for their rate; all waits added up: [\\d.]+ s`,
        ),
      ),
    ]);
    const same = await requests(() => workspace.stack.up());
    expect(same.lines).toEqual(same.calls === 0 ? [] : [expect.stringContaining(` ${same.calls} call`)]);
    const destroyed = await requests(() => workspace.stack.destroy());
    expect(destroyed.lines).toEqual([
      expect.stringContaining("0 retried, 0 refused for their rate; all waits added up: 0.0 s"),
    ]);
    workspace.program("");
    const empty = await requests(() => workspace.stack.up());
    expect(empty).toEqual({ lines: [], calls: 0 });
  });
});

// What is looked for stands in /proc.
(process.platform === "linux" ? describe : describe.skip)("the engine killed", () => {
  test("the dynamic host ends what it is doing, and then itself", async () => {
    workspace.program(endpoint);
    emulator.fail({ method: "POST", path: "/v1/webhook_endpoints", with: "slow:7000" });
    await workspace.upKilledOnce(() => endpoints() === 1);
    const killedAt = Date.now();
    expect(hosts().length).toBeGreaterThan(0);
    await until(() => hosts().length === 0, 30_000);
    // Not before Stripe has answered, and then soon.
    expect(Date.now() - killedAt).toBeGreaterThan(5_000);
    expect(Date.now() - killedAt).toBeLessThan(20_000);
  });

  test("failures that nobody is there to read any more don't keep it", async () => {
    workspace.setEnv({ STRIPE_TIMEOUT_SECONDS: "1" });
    workspace.program(`${endpoint}new stripe.Product("late", { name: "Late" });`);
    await workspace.stack.up();
    workspace.program("");
    // Printed one after the other: the first finds that nobody reads, and from the second on each would cause the next.
    emulator.fail({ method: "DELETE", path: "/v1/webhook_endpoints/:id", with: 503, times: Infinity });
    emulator.fail({ method: "DELETE", path: "/v1/products/:id", with: "hang", times: Infinity });
    const sent = (path: string) =>
      emulator.requests().some((one) => one.method === "DELETE" && one.path.startsWith(path));
    await workspace.upKilledOnce(() => sent("/v1/webhook_endpoints") && sent("/v1/products"));
    await until(() => hosts().length === 0, 40_000);
  });

  test("another package's handler in the same host is not cut off", async () => {
    const [begun, done] = [join(workspace.folder, "begun"), join(workspace.folder, "done")];
    workspace.program(`
      const text = \`exports.handler = () => ({
        check: async (olds, inputs) => ({ inputs }),
        create: async () => {
          const { writeFileSync } = require("fs");
          writeFileSync(${JSON.stringify(begun)}, "");
          await new Promise((resolve) => setTimeout(resolve, 14000));
          writeFileSync(${JSON.stringify(done)}, "");
          return { id: "x", outs: {} };
        } })\`;
      class Foreign extends pulumi.CustomResource {
        constructor(name, opts) { super("pulumi-nodejs:dynamic:Resource", name, { __provider: text }, opts); }
      }
      const ours = ${endpoint}
      new Foreign("foreign", { dependsOn: ours });`);
    await workspace.upKilledOnce(() => existsSync(begun));
    await until(() => hosts().length === 0, 40_000);
    expect(existsSync(done)).toBe(true);
  });

  test("a host whose engine lives is left alone, however long nothing happens", async () => {
    workspace.program(`exports.wait = new Promise((resolve) => setTimeout(resolve, 12000)).then(() => {
      new stripe.WebhookEndpoint("late", { url: "https://example.com/late", enabledEvents: ["*"] }); });
      ${endpoint}`);
    await workspace.stack.up();
    expect(endpoints()).toBe(2);
  });
});
