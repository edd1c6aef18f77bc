// What it costs to look at a stack of many objects: drift and pulumi refresh beside reads of each object by itself, with
// latency and Stripe's limit in a sandbox. Needs dist/ (npm run build).
// Usage: node bench/day-two.mjs [--n 1000] [--latency 50] [--rate 25] [--rounds 3] [--json]
import { argv } from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ours } from "./contestants.mjs";
import { load } from "./project.mjs";
import { fastMode, openStack } from "./stack.mjs";
import { machine, median } from "./table.mjs";

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    n: { type: "string", default: "1000" },
    latency: { type: "string", default: "50" },
    rate: { type: "string", default: "25" },
    rounds: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
  },
});
const [n, latency, rate, rounds] = [values.n, values.latency, values.rate, values.rounds].map(Number);

const engine = await load("./dist/tools/engine/get-engine.js").getEngine();
const stack = await openStack(engine, { program: ours, env: fastMode }, { latency, rate });
try {
  await stack.step("create", n);
  const rows = [
    { what: "each object by itself", ...(await singleReads()), "most calls": n },
    {
      what: "pulumi refresh",
      ...(await measure(() => stack.step("refresh", n))),
      "most calls": 2 * Math.ceil(n / 100),
    },
    { what: "stripe-as-code drift", ...(await measure(() => stack.drift())), "most calls": 15, "most s": 2 },
  ];
  if (values.json) console.log(JSON.stringify({ machine: machine(engine), n, latency, rate, rounds, rows }));
  else {
    console.table(rows);
    console.log(`${n} products, ${latency} ms latency, ${rate} requests a second at most; medians of ${rounds}.`);
  }
} finally {
  await stack.close();
}

async function measure(work) {
  const runs = [];
  for (let round = 0; round < rounds; round++) {
    // What an earlier run was asked no longer counts against Stripe's limit.
    await wait(1000);
    runs.push(await work());
  }
  const calls = Math.max(...runs.map(({ calls: { reads, writes, refused } }) => reads + writes + refused));
  return { calls, s: Number((median(runs.map(({ wallMs }) => wallMs)) / 1000).toFixed(2)) };
}

/** What a provider does that reads each resource alone: as many at a time as the rate allows. */
async function singleReads() {
  const { url, apiKey, tally } = stack.stripe;
  const get = async (path) => {
    const answer = await fetch(`${url}/v1/products${path}`, { headers: { authorization: `Bearer ${apiKey}` } });
    return answer.json();
  };
  const { data } = await get("?limit=1");
  await wait(1000);
  await tally();
  const start = performance.now();
  await Promise.all(
    Array.from({ length: n }, async (_, index) => {
      await wait((index * 1000) / rate - (performance.now() - start));
      await get(`/${data[0].id}`);
    }),
  );
  const s = Number(((performance.now() - start) / 1000).toFixed(2));
  const { reads, refused } = await tally();
  return { calls: reads + refused, s };
}
