// What a program pays for the import of this package, and of what it uses, over that of Pulumi's.
import { execFile } from "node:child_process";
import { execPath } from "node:process";
import { promisify } from "node:util";
import { median } from "./table.mjs";

const run = promisify(execFile);

/**
 * Medians over processes that import Pulumi, then this package, then make a first resource of each kind. Each step is timed
 * in the same process: the difference of two whole start-ups drowns in the noise of Pulumi's own.
 * @param folder of a project that has this package and Pulumi's
 */
export async function measureImports(folder, runs) {
  const program = `
    const load = require("module").createRequire(process.cwd() + "/");
    const times = {};
    const timed = (name, work) => {
      const [start, { user, system }] = [performance.now(), process.cpuUsage()];
      const result = work();
      const cpu = process.cpuUsage();
      times[name] = { wall: performance.now() - start, cpu: (cpu.user + cpu.system - user - system) / 1000 };
      return result;
    };
    const { runtime, CustomResource } = timed("pulumi", () => load("@pulumi/pulumi"));
    const stripe = timed("import", () => load("stripe-as-code"));
    runtime.setMocks({ newResource: ({ name }) => ({ id: name, state: {} }), call: () => ({}) }, "p", "s", false, "o");
    // What Pulumi itself does when a first resource is made isn't ours.
    timed("first resource of Pulumi's", () => new CustomResource("test:index:Plain", "plain", {}));
    // The declarations, and zod with them, are loaded when a kind is first used.
    timed("first endpoint", () => new stripe.WebhookEndpoint("a", { url: "https://example.com", enabledEvents: ["*"] }));
    timed("first order", () => new stripe.climate.Order("b", { product: "climsku_x", metricTons: "1" }));
    console.log(JSON.stringify(times));`;
  const rounds = [];
  // The first round only warms the disk.
  for (let round = 0; round <= runs; round++) {
    const { stdout } = await run(execPath, ["-e", program], { cwd: folder });
    if (round > 0) rounds.push(JSON.parse(stdout));
  }
  const medianOf = (step, what) => median(rounds.map((times) => times[step][what]));
  return Object.fromEntries(
    Object.keys(rounds[0]).map((step) => [step, { wallMs: medianOf(step, "wall"), cpuMs: medianOf(step, "cpu") }]),
  );
}
