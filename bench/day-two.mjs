// What it costs to look at a stack of many objects: drift and pulumi refresh beside reads of each object by itself, with
// latency and Stripe's limit in a sandbox. Needs dist/ (npm run build).
// Usage: node bench/day-two.mjs [--n 1000] [--latency 50] [--rate 25] [--json]
import { execFile } from "node:child_process";
import { join } from "node:path";
import { argv, execPath } from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";
import { environmentOf, load, makeProject, root } from "./project.mjs";

const run = promisify(execFile);
const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    n: { type: "string", default: "1000" },
    latency: { type: "string", default: "50" },
    rate: { type: "string", default: "25" },
    json: { type: "boolean", default: false },
  },
});
const [n, latency, rate] = [values.n, values.latency, values.rate].map(Number);

const { folder, remove } = makeProject(`const stripe = require("stripe-as-code");
for (let index = 0; index < ${n}; index++) new stripe.Product("product-" + index, { name: "Product " + index });
`);
const { startEmulator } = load("./dist/emulator/index.js");
const { getEngine } = load("./dist/tools/engine/get-engine.js");
let requests = 0;
const emulator = await startEmulator({ log: () => requests++ });
try {
  const environment = environmentOf(folder, await getEngine(), emulator);
  const pulumi = (...args) => run("pulumi", [...args, "--non-interactive", "--stack", "bench"], options(environment));
  await run("pulumi", ["stack", "init", "bench"], options(environment));
  const fast = { ...environment, PULUMI_EXPERIMENTAL: "1", PULUMI_SKIP_CHECKPOINTS: "1" };
  await run("pulumi", ["up", "--yes", "--skip-preview", "--stack", "bench"], options(fast));
  // From here on Stripe is as far away, and as patient, as a sandbox is.
  emulator.fail({ with: `slow:${latency}`, times: Infinity });
  environment.STRIPE_MAX_REQUESTS_PER_SECOND = String(rate);
  const rows = [
    await measure("each object by itself", singleReads, n),
    await measure("pulumi refresh", () => pulumi("refresh", "--yes", "--skip-preview"), 2 * Math.ceil(n / 100)),
    await measure("stripe-as-code drift", () => drift(environment), 15),
  ];
  if (values.json) console.log(JSON.stringify({ node: process.version, n, latency, rate, rows }));
  else {
    console.table(
      rows.map(({ what, calls, wallMs, target }) => ({
        what,
        calls,
        "most calls": target,
        s: Number((wallMs / 1000).toFixed(2)),
      })),
    );
    console.log(`${n} products, ${latency} ms latency, ${rate} requests a second at most.`);
  }
} finally {
  await emulator.close();
  remove();
}

async function measure(what, work, target) {
  const before = requests;
  const start = performance.now();
  const printed = await work();
  return { what, calls: requests - before, wallMs: performance.now() - start, target, printed };
}

/** What a provider does that reads each resource alone: as many at a time as the rate allows. */
async function singleReads() {
  const ids = emulator.objects("product").map(({ id }) => id);
  const headers = { authorization: `Bearer ${emulator.apiKey}` };
  const start = performance.now();
  await Promise.all(
    ids.map(async (id, index) => {
      await wait((index * 1000) / rate - (performance.now() - start));
      await (await fetch(`${emulator.url}/v1/products/${id}`, { headers })).text();
    }),
  );
}

async function drift(environment) {
  const main = join(root, "dist", "cli", "main.js");
  const { stdout } = await run(execPath, [main, "drift", "--json", "--stack", "bench"], options(environment));
  return JSON.parse(stdout);
}

function options(environment) {
  return { cwd: folder, env: environment, maxBuffer: 1e9 };
}
