// This package beside a dynamic provider as Pulumi's documentation shows one, and beside bare calls: one run, one table.
// Needs dist/ (npm run bench builds it). Usage: npm run bench -- --help
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { parseArgs } from "node:util";
import { bareCalls, naive, ours, plain } from "./contestants.mjs";
import { measureImports } from "./imports.mjs";
import { load, stateText } from "./project.mjs";
import { fastMode, openStack, steps } from "./stack.mjs";
import { startStripe } from "./stripe.mjs";
import { machine, markdown, median, targetsOf } from "./table.mjs";

const usage = `Usage: npm run bench -- [--n 500] [--latency 50] [--rate <requests a second>] [--rounds 3] [--out <folder>] [--json]
       npm run bench -- --quick

  --n        resources in the stack
  --latency  milliseconds before each of Stripe's answers
  --rate     requests a second, above which Stripe answers 429 (25 in a sandbox); no limit where left out
  --rounds   times each command is run; the table has the medians
  --out      folder for bench.json and bench.md
  --json     print the figures as JSON
  --quick    few resources, no latency, one round: what it tells of calls and bytes is exact, its times mean nothing
`;
const values = readArguments({
  n: { type: "string" },
  latency: { type: "string" },
  rate: { type: "string" },
  rounds: { type: "string" },
  out: { type: "string" },
  json: { type: "boolean", default: false },
  quick: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
});
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const usual = values.quick ? { n: 20, latency: 0, rounds: 1 } : { n: 500, latency: 50, rounds: 3 };
const [n, latency, rounds, rate] = ["n", "latency", "rounds", "rate"].map((name) => {
  const value = values[name] === undefined ? usual[name] : Number(values[name]);
  if (value === undefined || (Number.isInteger(value) && value >= (name === "latency" ? 0 : 1))) return value;
  refuse(`--${name} must be a whole number${name === "latency" ? "" : " above 0"}, not ${values[name]}`);
});

const contestants = {
  ours: { program: ours },
  "ours, fast mode": { program: ours, env: fastMode },
  naive: { program: naive },
};

const engine = await load("./dist/tools/engine/get-engine.js").getEngine();
const say = (text) => process.stderr.write(`${text}\n`);
const figures = { n, latency, rate, rounds, machine: machine(engine), contestants: {} };
for (const [name, contestant] of Object.entries(contestants)) {
  figures.contestants[name] = await compete(name, contestant);
}
figures.contestants["bare calls"] = await bare();
if (!values.quick) figures.program = await programCost();
figures.targets = targetsOf(figures);

if (values.out !== undefined) {
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, "bench.json"), `${JSON.stringify(figures, null, 2)}\n`);
  writeFileSync(join(values.out, "bench.md"), markdown(figures));
}
process.stdout.write(values.json ? `${JSON.stringify(figures)}\n` : markdown(figures));

function readArguments(options) {
  try {
    return parseArgs({ args: argv.slice(2), options }).values;
  } catch (error) {
    return refuse(error.message);
  }
}

function refuse(message) {
  process.stderr.write(`${message}\n\n${usage}`);
  process.exit(1);
}

async function compete(name, contestant) {
  const result = { steps: {}, startUp: {}, memory: {} };
  for (let round = 1; round <= rounds; round++) {
    const stack = await openStack(engine, contestant, { latency, rate });
    try {
      for (const step of Object.keys(steps)) {
        say(`${name}: ${step}, ${round} of ${rounds}`);
        record(result, step, await stack.step(step, n));
        if (step === "create") result.state = Buffer.byteLength(stateText(stack.folder));
        if (step === "refresh" && contestant.program === ours) record(result, "drift", await stack.drift());
      }
      if (!values.quick) say(`${name}: one resource, ${round} of ${rounds}`);
      for (const step of values.quick ? [] : ["create", "no-op up"]) {
        (result.startUp[step] ??= []).push((await stack.step(step, 1)).wallMs);
      }
    } finally {
      await stack.close();
    }
  }
  return summarized(result);
}

function record(result, step, { wallMs, usage = {}, calls, stripeMs }) {
  const known = (result.steps[step] ??= { wallMs: [], calls, stripeBusy: 0, cpuMs: {} });
  known.wallMs.push(wallMs);
  known.stripeBusy = Math.max(known.stripeBusy, stripeMs / wallMs);
  for (const [part, { mb, cpuMs }] of Object.entries(usage)) {
    result.memory[part] = Math.max(result.memory[part] ?? 0, mb);
    (known.cpuMs[part] ??= []).push(cpuMs);
  }
}

function summarized({ steps: all, startUp, ...rest }) {
  const medians = (lists) => Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, median(list)]));
  const times = Object.entries(all).map(([step, { wallMs, cpuMs, ...others }]) => [
    step,
    { wallMs: median(wallMs), cpuMs: medians(cpuMs), ...others },
  ]);
  return { steps: Object.fromEntries(times), startUp: medians(startUp), ...rest };
}

async function bare() {
  const result = { steps: {}, startUp: {}, memory: {} };
  for (let round = 1; round <= rounds; round++) {
    say(`bare calls, ${round} of ${rounds}`);
    const stripe = await startStripe({ latency, rate });
    const calls = bareCalls(stripe, n);
    try {
      for (const step of ["create", "update", "refresh", "destroy"]) {
        const started = performance.now();
        await calls[step]();
        const wallMs = performance.now() - started;
        const { cpuMs: stripeMs, ...asked } = await stripe.tally();
        record(result, step, { wallMs, calls: asked, stripeMs });
      }
    } finally {
      await calls.close();
      await stripe.stop();
    }
  }
  return summarized(result);
}

/**
 * Processor time of the program's process in a no-op up, by resource: what N resources cost more than one does, for this package's
 * class and for Pulumi's own with the same inputs; and what the import costs.
 */
async function programCost() {
  const perResource = {};
  for (const [name, program] of Object.entries({ ours, plain: plain() })) {
    const costs = [];
    for (let round = 1; round <= rounds; round++) {
      say(`program of ${name}, ${round} of ${rounds}`);
      const stack = await openStack(engine, { program, env: fastMode }, {});
      try {
        const cost = async (count) => {
          await stack.step("create", count);
          return (await stack.step("no-op up", count)).usage.program.cpuMs;
        };
        const one = await cost(1);
        costs.push(((await cost(n)) - one) / (n - 1));
        if (name === "ours" && round === rounds) {
          say("imports");
          perResource.importMs = (await measureImports(stack.folder, 7)).import.wallMs;
        }
      } finally {
        await stack.close();
      }
    }
    perResource[name] = median(costs);
  }
  return perResource;
}
