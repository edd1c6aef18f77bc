// How fast the embedded Stripe answers, beside Stripe's own mock in the same run, each in a process of its own; how soon it
// listens; and what memory 100,000 requests leave behind. Needs Go for the mock.
// Usage: npm run bench:emulator -- [--requests 5000] [--rounds 3] [--soak 100000] [--json]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { argv, execPath } from "node:process";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { load, root } from "./project.mjs";
import { median } from "./table.mjs";

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    requests: { type: "string", default: "5000" },
    rounds: { type: "string", default: "3" },
    soak: { type: "string", default: "100000" },
    json: { type: "boolean", default: false },
  },
});
const connections = 16;
const [requests, rounds, soak] = [values.requests, values.rounds, values.soak].map(Number);

const emulator = await startEmulator();
const mock = await startMock();
try {
  const kinds = {
    "POST /v1/products": (n) => ({ method: "POST", path: "/v1/products", body: `name=Gold&metadata[n]=${n}` }),
    "GET /v1/products/:id": () => ({ method: "GET", path: "/v1/products/gold" }),
    "GET /v1/products": () => ({ method: "GET", path: "/v1/products?limit=10" }),
  };
  await send(emulator, 1, () => ({ method: "POST", path: "/v1/products", body: "name=Gold&id=gold" }));
  const rates = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, { emulator: [], mock: [] }]));
  for (let round = 0; round < rounds; round++) {
    for (const [kind, make] of Object.entries(kinds)) {
      rates[kind].emulator.push(await send(emulator, requests, make));
      if (mock !== undefined) rates[kind].mock.push(await send(mock, requests, make));
    }
  }
  const memory = await soakMemory();
  const rows = Object.entries(rates).map(([kind, { emulator: ours, mock: theirs }]) => ({
    what: kind,
    "emulator/s": Math.round(median(ours)),
    "stripe-mock/s": theirs.length === 0 ? undefined : Math.round(median(theirs)),
    ratio: theirs.length === 0 ? undefined : Number((median(ours) / median(theirs)).toFixed(2)),
  }));
  const start = { emulatorMs: Math.round(emulator.startMs), mockMs: mock && Math.round(mock.startMs) };
  if (values.json) console.log(JSON.stringify({ node: process.version, requests, rounds, rows, start, memory }));
  else {
    console.table(rows);
    console.log(`listens after ${start.emulatorMs} ms (stripe-mock ${start.mockMs ?? "not had"} ms)`);
    console.log(`memory in MB after so many requests: ${memory.map(({ after, mb }) => `${after}: ${mb}`).join(", ")}`);
  }
} finally {
  for (const server of [emulator, mock]) {
    await server?.pool.close();
    server?.process.kill("SIGTERM");
  }
}

/** Reads and repeated changes of one object, each with a key of its own: whatever grows, grows with the requests alone. */
async function soakMemory() {
  const memory = [{ after: 0, mb: residentMb() }];
  const parts = 5;
  for (let part = 1; part <= parts; part++) {
    await send(emulator, soak / parts, (n) =>
      n % 2 === 0
        ? { method: "GET", path: "/v1/products/gold" }
        : { method: "POST", path: "/v1/products/gold", body: `metadata[n]=${part}-${n}` },
    );
    memory.push({ after: (soak / parts) * part, mb: residentMb() });
  }
  return memory;
}

function residentMb() {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${emulator.process.pid}/status`, "utf8"));
  return Math.round(Number(kilobytes) / 1024);
}

/** @returns requests in a second */
async function send({ pool, key }, count, make) {
  let sent = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (sent < count) {
        const n = sent++;
        const { body, ...request } = make(n);
        const headers = {
          authorization: `Bearer ${key}`,
          ...(body && { "content-type": "application/x-www-form-urlencoded", "idempotency-key": `${started}-${n}` }),
        };
        const answer = await pool.request({ ...request, headers, ...(body && { body }) });
        await answer.body.dump();
        if (answer.statusCode !== 200) throw new Error(`${request.method} ${request.path}: ${answer.statusCode}`);
      }
    }),
  );
  return count / ((performance.now() - started) / 1000);
}

async function startEmulator() {
  const started = performance.now();
  const command = [join(root, "dist", "cli", "main.js"), "emulator", "--port", "0", "--json"];
  const process = spawn(execPath, command, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(process.stdout, "data");
  const startMs = performance.now() - started;
  const { url, apiKey } = JSON.parse(String(line));
  return { process, startMs, key: apiKey, pool: new Pool(url, { connections }) };
}

/** Undefined where it can't be had, which is said. */
async function startMock() {
  const { buildGoTool } = load("./node_modules/.cache/stripe-as-code/judges/tools/judges/go-tool.js");
  let program;
  try {
    program = await buildGoTool("stripe-mock", "stripe-mock", "github.com/stripe/stripe-mock");
  } catch (error) {
    console.error(`stripe-mock is left out: ${error.message}`);
    return undefined;
  }
  const [http, https] = [await freePort(), await freePort()];
  const started = performance.now();
  const addresses = ["-http-addr", `127.0.0.1:${http}`, "-https-addr", `127.0.0.1:${https}`];
  const process = spawn(program, addresses, { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    process.once("exit", (code) => reject(new Error(`stripe-mock ended with ${code}`)));
    process.stdout.on("data", (text) => String(text).includes("HTTP") && resolve());
  });
  const startMs = performance.now() - started;
  return { process, startMs, key: "sk_test_123", pool: new Pool(`http://127.0.0.1:${http}`, { connections }) };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
