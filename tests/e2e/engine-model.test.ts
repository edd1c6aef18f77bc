import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startEmulator, type Emulator } from "../../emulator";
import { declarationOf } from "../../provider/registry";
import { EngineLog } from "../faults/engine-log";
import { type Run, sentBy, Stack } from "../faults/engine-model";
import { Host, type Values } from "../faults/host";
import { comparable } from "../faults/ledger";
import { ProgramFolder, repository } from "../faults/program";
import { Workspace } from "./workspace";

jest.setTimeout(180_000);

/** What the fault matrix asks of its model of the engine, as the steps of one resource's life. */
interface Life {
  up(args: Values | undefined, options?: { replace?: boolean }): Promise<Run>;
  refresh(): Promise<Run>;
}

const args = { url: "https://example.com/stripe", enabledEvents: ["invoice.paid"] };
const path = "/v1/webhook_endpoints";

/** Every way through the model; the calls of each, to be the same with the real engine. */
async function live(life: Life, emulator: Emulator): Promise<void> {
  const never = { times: 4, with: 503 } as const;
  await life.up(args);
  await life.up(args);
  await life.up({ ...args, description: "Orders" });
  await life.refresh();
  await life.up({ ...args, triggers: ["1"] });
  await life.up({ ...args, triggers: ["1"] }, { replace: true });
  emulator.fail({ method: "POST", path, ...never });
  await life.up({ ...args, triggers: ["2"] });
  emulator.fail({ method: "DELETE", path: `${path}/:id`, ...never });
  await life.up({ ...args, triggers: ["2"] });
  await life.up({ ...args, triggers: ["2"] });
  emulator.fail({ method: "POST", path: `${path}/:id`, ...never });
  await life.up({ ...args, triggers: ["3"], disabled: true });
  await life.up({ ...args, triggers: ["3"], disabled: true });
  await life.up(undefined);
  emulator.fail({ method: "POST", path: `${path}/:id`, ...never });
  await life.up({ ...args, triggers: ["4"], disabled: true });
  await life.up({ ...args, triggers: ["4"], disabled: true });
  await life.up(undefined);
}

test("the model of the engine calls the handlers as the engine does", async () => {
  const emulator = await startEmulator({ now: () => Date.UTC(2026, 8, 1) });
  const workspace = await Workspace.open(emulator, { link: false });
  const log = await EngineLog.start();
  const folder = new ProgramFolder(join(workspace.folder, "node_modules", "stripe-as-code"));
  const hosts: Host[] = [];
  try {
    const record = recordCalls(workspace.folder);
    await live(new RealEngine(workspace), emulator);
    const real = record();
    emulator.reset();
    const host = await Host.start(folder.path, log.address);
    hosts.push(host);
    let runs = 0;
    const sent = sentBy(declarationOf("WebhookEndpoint"), "orders");
    const settings = { "stripe:apiKey": emulator.apiKey, "stripe:apiBase": emulator.url };
    const stack = new Stack(sent, () => {
      runs += 1;
      return host.open(
        { ...settings, "stripe:maxRequestsPerSecond": String(1000 + runs) },
        String(sent({}).__provider),
        `run-${runs}`,
      );
    });
    await live(stack, emulator);
    expect(record()).toEqual(real);
    expect(real.length).toBeGreaterThan(40);
  } finally {
    for (const host of hosts) host.kill();
    await Promise.all(hosts.map((host) => host.ended));
    folder.remove();
    log.close();
    workspace.close();
    await emulator.close();
  }
});

/** The same on the real engine. */
class RealEngine implements Life {
  constructor(private readonly workspace: Workspace) {}

  up(declared: Values | undefined, { replace = false } = {}): Promise<Run> {
    const { stack } = this.workspace;
    this.workspace.program(
      declared === undefined ? "" : `new stripe.WebhookEndpoint("orders", ${JSON.stringify(declared)});`,
    );
    return this.run(async () => {
      const { orders } = replace ? await this.workspace.resources() : {};
      await stack.up(orders === undefined ? {} : { replace: [orders.urn] });
    });
  }

  refresh(): Promise<Run> {
    return this.run(() => this.workspace.stack.refresh());
  }

  private async run(work: () => Promise<unknown>): Promise<Run> {
    try {
      await work();
      return {};
    } catch (error) {
      return { error: (error as Error).message };
    }
  }
}

/**
 * Puts a package in the program's folder that hands everything on to this one and writes down what the handlers are asked.
 * @returns what was written down since the last time
 */
function recordCalls(folder: string): () => string[] {
  const modules = join(folder, "node_modules");
  const wrapper = join(modules, "stripe-as-code");
  mkdirSync(join(modules, "@pulumi"), { recursive: true });
  mkdirSync(wrapper);
  symlinkSync(join(repository, "node_modules", "@pulumi", "pulumi"), join(modules, "@pulumi", "pulumi"));
  const files = {
    "package.json": JSON.stringify({
      name: "stripe-as-code",
      exports: { ".": "./index.js", "./provider": "./provider.js" },
    }),
    "index.js": `module.exports = require(${JSON.stringify(join(repository, "dist", "sdk"))});\n`,
    "provider.js": `
      const { appendFileSync } = require("node:fs");
      const real = require(${JSON.stringify(join(repository, "dist", "provider"))});
      exports.handler = (kind) => {
        const handler = real.handler(kind);
        const wrap = (method) => (...args) => {
          appendFileSync(__dirname + "/calls", JSON.stringify({ method, args }) + "\\n");
          return handler[method](...args);
        };
        const methods = ["check", "diff", "create", "read", "update", "delete"];
        return { configure: handler.configure, ...Object.fromEntries(methods.map((method) => [method, wrap(method)])) };
      };\n`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(wrapper, name), text);
  const calls = join(wrapper, "calls");
  writeFileSync(calls, "");
  return () => {
    const lines = readFileSync(calls, "utf8").trimEnd().split("\n");
    writeFileSync(calls, "");
    const ids = new Map<string, string>();
    return lines.flatMap((line) => {
      const call = JSON.parse(line) as { method: string; args: (string | Values)[] };
      // The model's way of loading a handler: it asks nothing.
      if (call.method === "check" && call.args.every((values) => Object.keys(values).join() === "__provider"))
        return [];
      const shown = call.args.map((arg) => {
        if (typeof arg !== "string") {
          const { __provider: text, ...values } = arg;
          return comparable({
            ...values,
            ...(text !== undefined && { handler: typeof text === "string" && text.startsWith("exports.handler") }),
          });
        }
        ids.set(arg, ids.get(arg) ?? `object ${ids.size + 1}`);
        return ids.get(arg);
      });
      return [`${call.method} ${shown.join(" ")}`];
    });
  };
}
