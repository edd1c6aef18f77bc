// This package beside a dynamic provider as Pulumi's documentation shows one, and beside bare calls: one run, one table.
// Needs dist/ (npm run bench builds it). Usage: npm run bench -- --help
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv, execPath } from "node:process";
import { parseArgs } from "node:util";
import { bareCalls, naive, ours, plain } from "./contestants.mjs";
import { watch } from "./processes.mjs";
import { environmentOf, load, makeProject, root, stateBytes } from "./project.mjs";
import { startStripe } from "./stripe.mjs";
import { markdown, machine, median, targetsOf } from "./table.mjs";

const usage = `Usage: npm run bench -- [--n 500] [--latency 50] [--rate <requests a second>] [--rounds 3] [--out <folder>] [--json]
       npm run bench -- --quick

  --n        resources in the stack
  --latency  milliseconds before each of Stripe's answers
  --rate     requests a second, above which Stripe answers 429 (25 in a sandbox); no limit where left out
  --rounds   times each command is run; the table has the medians
  --out      folder for bench.json and bench.md
  --json     print the figures as JSON
  --quick    few resources, no latency, one round: shows that the bench works, its times mean nothing
`;
const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    n: { type: "string" },
    latency: { type: "string" },
    rate: { type: "string" },
    rounds: { type: "string" },
    out: { type: "string" },
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const usual = values.quick ? { n: 20, latency: 0, rounds: 1 } : { n: 500, latency: 50, rounds: 3 };
const number = (name) => (values[name] === undefined ? usual[name] : Number(values[name]));
const [n, latency, rounds] = ["n", "latency", "rounds"].map(number);
const rate = values.rate === undefined ? undefined : Number(values.rate);

/** Each command, as arguments of `pulumi`, and the text that the program gives its resources. */
const steps = {
  create: { args: ["up", "--skip-preview"], text: "first" },
  "no-op up": { args: ["up", "--skip-preview"], text: "first" },
  update: { args: ["up", "--skip-preview"], text: "second" },
  refresh: { args: ["refresh", "--skip-preview"], text: "second" },
  drift: {},
  destroy: { args: ["destroy", "--skip-preview"], text: "second" },
};
const fast = { PULUMI_EXPERIMENTAL: "1", PULUMI_SKIP_CHECKPOINTS: "1" };
const contestants = {
  ours: { program: ours, env: {} },
  "ours, fast mode": { program: ours, env: fast },
  naive: { program: naive, env: {} },
};

const engine = await load("./dist/tools/engine/get-engine.js").getEngine();
const say = (text) => process.stderr.write(`${text}\n`);
const figures = { n, latency, rate, rounds, machine: machine(engine), contestants: {} };
for (const [name, contestant] of Object.entries(contestants)) {
  figures.contestants[name] = await compete(name, contestant);
}
figures.contestants["bare calls"] = await bare();
figures.program = await programCost();
figures.targets = targetsOf(figures);

if (values.out !== undefined) {
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, "bench.json"), `${JSON.stringify(figures, null, 2)}\n`);
  writeFileSync(join(values.out, "bench.md"), markdown(figures));
}
process.stdout.write(values.json ? `${JSON.stringify(figures)}\n` : markdown(figures));

/** A stack of a contestant's, with its own Stripe. */
async function open({ program, env }, limits) {
  const { folder, remove } = makeProject(program);
  const stripe = await startStripe(limits);
  const environment = {
    ...environmentOf(folder, engine, stripe),
    ...env,
    // Without a limit nobody waits for one.
    STRIPE_MAX_REQUESTS_PER_SECOND: String(rate ?? 100_000),
  };
  const run = async (args, extra) => {
    const done = await watch("pulumi", [...args, "--non-interactive", "--stack", "bench"], {
      cwd: folder,
      env: { ...environment, ...extra },
    });
    if (done.code !== 0)
      throw new Error(`pulumi ${args.join(" ")} ended with ${done.code}\n${done.stdout}\n${done.stderr}`);
    return done;
  };
  const drift = async () => {
    const done = await watch(execPath, [join(root, "dist", "cli", "main.js"), "drift", "--stack", "bench"], {
      cwd: folder,
      env: environment,
    });
    if (done.code !== 0) throw new Error(`drift ended with ${done.code}\n${done.stdout}\n${done.stderr}`);
    return done;
  };
  await watch("pulumi", ["stack", "init", "bench", "--non-interactive"], { cwd: folder, env: environment });
  const close = async () => {
    await stripe.stop();
    remove();
  };
  return { folder, stripe, run, drift, close };
}

async function compete(name, contestant) {
  const result = { steps: {}, startUp: {}, state: undefined, memory: {} };
  for (let round = 0; round < rounds; round++) {
    const stack = await open(contestant, { latency, rate });
    try {
      for (const [step, { args, text }] of Object.entries(steps)) {
        if (args === undefined && contestant.program !== ours) continue;
        say(`${name}, ${step}, ${round + 1} of ${rounds}`);
        await stack.stripe.tally();
        const done =
          args === undefined
            ? await stack.drift()
            : await stack.run([...args, "--yes"], { BENCH_N: String(n), BENCH_TEXT: text });
        const calls = await stack.stripe.tally();
        if (step === "create") result.state = stateBytes(stack.folder);
        record(result, step, done, calls);
      }
      say(`${name}, one resource, ${round + 1} of ${rounds}`);
      for (const step of ["create", "no-op up"]) {
        const { wallMs } = await stack.run(["up", "--skip-preview", "--yes"], { BENCH_N: "1", BENCH_TEXT: "first" });
        (result.startUp[step] ??= []).push(wallMs);
      }
    } finally {
      await stack.close();
    }
  }
  return summarized(result);
}

function record(result, step, { wallMs, usage }, { cpuMs, ...calls }) {
  const known = (result.steps[step] ??= { wallMs: [], calls, stripeBusy: 0, cpuMs: {} });
  known.wallMs.push(wallMs);
  known.stripeBusy = Math.max(known.stripeBusy, cpuMs / wallMs);
  for (const [part, { mb, cpuMs: own }] of Object.entries(usage)) {
    result.memory[part] = Math.max(result.memory[part] ?? 0, mb);
    (known.cpuMs[part] ??= []).push(own);
  }
}

function summarized({ steps: all, startUp, ...rest }) {
  const times = Object.entries(all).map(([step, { wallMs, cpuMs, ...others }]) => {
    const byPart = Object.fromEntries(Object.entries(cpuMs).map(([part, list]) => [part, median(list)]));
    return [step, { wallMs: median(wallMs), cpuMs: byPart, ...others }];
  });
  const starts = Object.entries(startUp).map(([step, list]) => [step, median(list)]);
  return { steps: Object.fromEntries(times), startUp: Object.fromEntries(starts), ...rest };
}

async function bare() {
  const result = { steps: {}, startUp: {}, memory: {} };
  for (let round = 0; round < rounds; round++) {
    say(`bare calls, ${round + 1} of ${rounds}`);
    const stripe = await startStripe({ latency, rate });
    const calls = bareCalls(stripe, n);
    try {
      for (const step of ["create", "update", "refresh", "destroy"]) {
        const started = performance.now();
        await calls[step]();
        record(result, step, { wallMs: performance.now() - started, usage: {} }, await stripe.tally());
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
 * class and for Pulumi's own with the same inputs, over one and the same stack.
 */
async function programCost() {
  const results = {};
  for (const [name, program] of Object.entries({ ours, plain: plain() })) {
    const perResource = [];
    for (let round = 0; round < rounds; round++) {
      say(`program of ${name}, ${round + 1} of ${rounds}`);
      const stack = await open({ program, env: fast }, { latency: 0 });
      try {
        const cost = async (count) => {
          const env = { BENCH_N: String(count), BENCH_TEXT: "first" };
          await stack.run(["up", "--skip-preview", "--yes"], env);
          return (await stack.run(["up", "--skip-preview", "--yes", "--expect-no-changes"], env)).usage.program.cpuMs;
        };
        perResource.push((-(await cost(1)) + (await cost(n))) / (n - 1));
      } finally {
        await stack.close();
      }
    }
    results[name] = median(perResource);
  }
  return results;
}
