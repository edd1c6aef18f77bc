// How the time of a first pulumi up grows with the stack, and what the dynamic host takes of memory: growth.json and growth.svg.
// Needs dist/ (npm run bench:growth builds it). It takes about ten minutes, and the naive provider most of them.
// Usage: node bench/growth.mjs [--sizes 100,300,1000,3000] [--latency 50] [--most 1000] [--out docs/bench]
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { parseArgs } from "node:util";
import { naive, ours } from "./contestants.mjs";
import { load } from "./project.mjs";
import { fastMode, openStack } from "./stack.mjs";
import { machine } from "./table.mjs";

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    sizes: { type: "string", default: "100,300,1000,3000" },
    latency: { type: "string", default: "50" },
    // Larger stacks are left to the fast mode: with checkpoints the time grows with the square.
    most: { type: "string", default: "1000" },
    out: { type: "string", default: "docs/bench" },
  },
});
const sizes = values.sizes.split(",").map(Number);
const largest = Math.max(...sizes);
const [latency, most] = [values.latency, values.most].map(Number);
const contestants = {
  "ours, fast mode": { program: ours, env: fastMode, sizes },
  ours: { program: ours, sizes: sizes.filter((size) => size <= most) },
  naive: { program: naive, sizes: sizes.filter((size) => size <= most) },
};

const engine = await load("./dist/tools/engine/get-engine.js").getEngine();
const lines = {};
let memory;
for (const [name, { sizes: own, ...contestant }] of Object.entries(contestants)) {
  lines[name] = [];
  for (const n of own) {
    process.stderr.write(`${name}: ${n}\n`);
    const stack = await openStack(engine, contestant, { latency });
    try {
      const { wallMs, usage, calls } = await stack.step("create", n);
      lines[name].push({ n, wallMs, hostMb: usage.host.mb, calls });
      if (name === "ours, fast mode" && n === largest) {
        const refreshes = [];
        for (let count = 0; count < 10; count++) refreshes.push((await stack.step("refresh", n)).usage.host.mb);
        memory = { n, createMb: usage.host.mb, refreshMb: refreshes };
      }
    } finally {
      await stack.close();
    }
  }
}
const figures = { latency, machine: machine(engine), lines, memory };
mkdirSync(values.out, { recursive: true });
writeFileSync(join(values.out, "growth.json"), `${JSON.stringify(figures, null, 2)}\n`);
writeFileSync(join(values.out, "growth.svg"), draw(figures));
console.log(JSON.stringify(figures, null, 2));

/** Seconds over resources, both from zero: what is linear is a straight line. */
function draw({ lines: all, latency: ms }) {
  const [width, height, left, top, right, bottom] = [760, 420, 60, 48, 150, 46];
  const seconds = Math.max(...Object.values(all).flatMap((points) => points.map(({ wallMs }) => wallMs / 1000)));
  const stepOf = (limit) => {
    const power = 10 ** Math.floor(Math.log10(limit / 4));
    return [1, 2, 5, 10].map((factor) => factor * power).find((step) => limit / step <= 6);
  };
  const x = (n) => left + ((width - left - right) * n) / largest;
  const y = (s) => height - bottom - ((height - top - bottom) * s) / seconds;
  const ticks = (limit) => Array.from({ length: Math.floor(limit / stepOf(limit)) + 1 }, (_, at) => at * stepOf(limit));
  const at = (number) => number.toFixed(1);
  const text = (px, py, words, anchor, more = "") =>
    `<text x="${at(px)}" y="${at(py)}" text-anchor="${anchor}"${more}>${words}</text>`;
  const colours = { "ours, fast mode": "#635bff", ours: "#0a8f5b", naive: "#c8372d" };
  const grid = [
    ...ticks(seconds).flatMap((s) => [
      `<line class="grid" x1="${left}" x2="${width - right}" y1="${at(y(s))}" y2="${at(y(s))}"/>`,
      text(left - 8, y(s) + 4, String(s), "end"),
    ]),
    ...ticks(largest).map((n) => text(x(n), height - bottom + 20, String(n), "middle")),
  ];
  const curves = Object.entries(all).flatMap(([name, points]) => {
    const last = points.at(-1);
    const path = points.map(({ n, wallMs }) => `${at(x(n))},${at(y(wallMs / 1000))}`).join(" ");
    return [
      `<polyline points="${path}" fill="none" stroke="${colours[name]}" stroke-width="2.5"/>`,
      ...points.map(
        ({ n, wallMs }) => `<circle cx="${at(x(n))}" cy="${at(y(wallMs / 1000))}" r="3.5" fill="${colours[name]}"/>`,
      ),
      text(
        x(last.n) + 10,
        y(last.wallMs / 1000) + 4,
        `${name}: ${(last.wallMs / 1000).toFixed(0)} s`,
        "start",
        ` fill="${colours[name]}"`,
      ),
    ];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#55606e" role="img" aria-label="Seconds of a first pulumi up by the number of resources">
<style>.grid{stroke:#8a94a3;stroke-opacity:.25}</style>
${text(left, 24, `Seconds of a first pulumi up, ${ms} ms latency`, "start", ' font-size="15" font-weight="600"')}
${text((left + width - right) / 2, height - 8, "resources", "middle")}
${[...grid, ...curves].join("\n")}
</svg>
`;
}
