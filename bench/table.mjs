// What the figures of a run look like, and what is asked of them.
import { cpus, totalmem } from "node:os";
import { load } from "./project.mjs";

/** What the figures hold for. */
export function machine(engine) {
  const [{ model }] = cpus();
  return {
    processors: `${cpus().length} x ${model}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    node: process.version,
    engine: engine.version,
    "@pulumi/pulumi": load("@pulumi/pulumi/package.json").version,
    "stripe-as-code": load("./package.json").version,
  };
}

export function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Each promise about speed, what was measured, and whether it is kept. */
export function targetsOf({ n, rate, contestants, program }) {
  const [ours, fast, naive] = ["ours", "ours, fast mode", "naive"].map((name) => contestants[name]);
  const times = (step, one) => naive.steps[step].wallMs / one.steps[step].wallMs;
  const asked = ({ steps }, step) => Object.values(steps[step].calls).reduce((sum, count) => sum + count);
  const least = (what, value, limit) => ({ what, value, limit: `at least ${limit}`, met: value >= limit });
  const most = (what, value, limit) => ({ what, value, limit: `at most ${limit}`, met: value <= limit });
  const exactly = (what, value, limit) => ({ what, value, limit: `${limit}`, met: value === limit });
  // Where Stripe has a limit, it is what both wait for.
  const unlimited = rate === undefined;
  // The times of a quick run mean nothing.
  const isQuick = program === undefined;
  const few = Math.ceil(n / 100) + 3;
  return [
    ...(unlimited && !isQuick
      ? [
          least("create, fast mode: times as fast as naive", times("create", fast), 5),
          least("create: times as fast as naive", times("create", ours), 1.8),
        ]
      : []),
    exactly("create: writes", ours.steps.create.calls.writes, n),
    exactly("create, fast mode: writes", fast.steps.create.calls.writes, n),
    exactly("no-op up: calls", asked(ours, "no-op up"), 0),
    exactly("update of all: writes", ours.steps.update.calls.writes, n),
    most("update of all: calls", asked(ours, "update"), n + few),
    most("refresh: calls", asked(ours, "refresh"), few),
    ...(isQuick ? [] : [least("refresh: times as fast as naive", times("refresh", ours), unlimited ? 2 : 10)]),
    // Pages serve for two seconds.
    most("destroy: calls", asked(ours, "destroy"), n + few + Math.ceil(ours.steps.destroy.wallMs / 2000)),
    most("state: part of naive's", ours.state / naive.state, 0.25),
    ...(isQuick
      ? []
      : [
          most("create of one: time, part of naive's", ours.startUp.create / naive.startUp.create, 1),
          most("no-op up of one: time, part of naive's", ours.startUp["no-op up"] / naive.startUp["no-op up"], 1),
          most(
            "no-op up: program's processor time a resource, part of a bare CustomResource's",
            program.ours / program.plain,
            0.67,
          ),
          most("import over @pulumi/pulumi: ms", program.importMs, 60),
          most("dynamic host: peak memory, MB", Math.max(ours.memory.host ?? 0, fast.memory.host ?? 0), 150),
        ]),
  ];
}

/** The run as a page: times, calls, sizes, and what was promised of them. */
export function markdown({ n, latency, rate, rounds, machine: about, contestants, program, targets }) {
  const names = Object.keys(contestants);
  const row = (cells) => `| ${cells.join(" | ")} |`;
  const head = (first) => [row([first, ...names]), row(["---", ...names.map(() => "---:")])];
  const cells = (show) => names.map((name) => show(contestants[name]) ?? "");
  const limit = rate === undefined ? "no rate limit" : `${rate} requests a second at most`;
  return [
    `${n} products, ${latency} ms latency, ${limit}; seconds are medians of ${rounds}.`,
    "",
    ...head("seconds (calls: writes + reads)"),
    ...Object.keys(contestants.ours.steps).map((step) =>
      row([step, ...cells(({ steps }) => steps[step] && showStep(steps[step]))]),
    ),
    ...Object.keys(contestants.ours.startUp).map((step) =>
      row([`${step} of one`, ...cells(({ startUp }) => startUp[step] && seconds(startUp[step]))]),
    ),
    row(["state, KB", ...cells(({ state }) => state && Math.round(state / 1000))]),
    ...["engine", "program", "host"].map((part) =>
      row([`peak memory of the ${part}, MB`, ...cells(({ memory }) => memory[part] && Math.round(memory[part]))]),
    ),
    row([
      "Stripe's stand-in busy at most",
      ...cells(({ steps }) => percent(Math.max(...Object.values(steps).map(({ stripeBusy }) => stripeBusy)))),
    ]),
    "",
    ...(program === undefined
      ? []
      : [
          `Processor time of the program in a no-op up: ${program.ours.toFixed(2)} ms a resource; with a bare CustomResource of the ` +
            `same inputs ${program.plain.toFixed(2)} ms.`,
          "",
        ]),
    row(["promise", "measured", "target", "kept"]),
    row(["---", "---:", "---:", "---"]),
    ...targets.map(({ what, value, limit: wanted, met }) =>
      row([what, String(Number(value.toFixed(2))), wanted, met ? "yes" : "NO"]),
    ),
    "",
    Object.entries(about)
      .map(([what, value]) => (/^\d+ x|GB$/.test(value) ? value : `${what} ${value}`))
      .join(", ") + ".",
    "",
  ].join("\n");
}

function showStep({ wallMs, calls: { writes, reads, refused } }) {
  return `${seconds(wallMs)} (${writes} + ${reads}${refused > 0 ? `, ${refused} refused` : ""})`;
}

function seconds(ms) {
  return (ms / 1000).toFixed(ms < 10_000 ? 2 : 1);
}

function percent(part) {
  return `${Math.round(100 * part)} %`;
}
