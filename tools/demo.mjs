// `npm run demo`: a real `pulumi up` of examples/quickstart against the embedded Stripe, then what makes it worth having:
// a second run that changes nothing, an edit in place, and a change made behind its back that is put right.
// All of it lives in .demo/, which is emptied at the start: no account, no network, nothing in the home folder but the
// engine's cache.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { env, execPath, platform } from "node:process";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { announce, root, setUp, StepFailed } from "./setup.mjs";

const home = join(root, ".demo");
const settings = join(home, "Pulumi.demo.yaml");

try {
  const engine = setUp();
  const emulator = await startEmulator();
  try {
    await play(prepare(engine, emulator), emulator);
  } finally {
    emulator.process.kill("SIGTERM");
  }
} catch (error) {
  console.error(`error: ${error instanceof StepFailed ? `the demo stopped: ${error.message}` : error.stack}`);
  process.exitCode = 1;
}

async function play(pulumi, emulator) {
  announce("1. pulumi up creates what the program declares");
  pulumi("up", "--yes", "--skip-preview");
  await show(emulator);
  announce("2. another description in the program: pulumi preview shows what would change, and changes nothing");
  pulumi("config", "set", "webhookDescription", "Orders and invoices");
  pulumi("preview", "--diff");
  announce("3. pulumi up changes it in place; the signing secret stays");
  pulumi("up", "--yes", "--skip-preview");
  await show(emulator);
  announce("4. a third pulumi up has nothing to do (it would fail if it had)");
  pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");
  announce("5. somebody edits the endpoint in the dashboard; pulumi refresh finds it");
  await editEndpoint(emulator);
  await show(emulator);
  pulumi("refresh", "--yes", "--skip-preview", "--diff");
  announce("6. pulumi up puts it right");
  pulumi("up", "--yes", "--skip-preview");
  await show(emulator);
  announce("7. pulumi destroy deletes the endpoint and cancels the order while Stripe still allows it");
  pulumi("destroy", "--yes", "--skip-preview");
  await show(emulator);
  await proveNothingLeft(emulator);
  console.log(
    "\nThat was the demo. The program is in examples/quickstart; a Stripe to try your own on: npx stripe-as-code emulator",
  );
}

/** A stack and a Pulumi home of the demo's own; gives back how to call `pulumi` there. */
function prepare(engine, emulator) {
  rmSync(home, { recursive: true, force: true });
  const state = join(home, "state");
  mkdirSync(state, { recursive: true });
  const pathKey = Object.keys(env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  // The caller's own stack settings must not reach the demo: a live key least of all.
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !/^(PULUMI|STRIPE)_/.test(name)));
  const environment = {
    ...clean,
    // An engine from the PATH shares its folder with other programs: moved to the front it could bring another node.
    [pathKey]: (engine.source === "path" ? [env[pathKey], ...engine.path] : [...engine.path, env[pathKey]]).join(
      delimiter,
    ),
    PULUMI_HOME: join(home, "pulumi"),
    PULUMI_BACKEND_URL: pathToFileURL(state).href,
    PULUMI_CONFIG_PASSPHRASE: "demo",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    STRIPE_API_BASE: emulator.url,
    STRIPE_API_KEY: emulator.apiKey,
  };
  const program = join(engine.bin, platform === "win32" ? "pulumi.exe" : "pulumi");
  const run = (...args) => {
    const { status, error } = spawnSync(program, [...args, "--non-interactive"], {
      cwd: root,
      env: environment,
      stdio: ["ignore", "inherit", "inherit"],
    });
    if (status !== 0) throw new StepFailed(`pulumi ${args[0]}: ${error?.message ?? `exit code ${status}`}`);
  };
  run("stack", "init", "demo");
  renameSync(join(root, "Pulumi.demo.yaml"), settings);
  return (...args) => run(...args, "--stack", "demo", "--config-file", settings);
}

async function startEmulator() {
  const command = [join(root, "dist", "cli", "main.js"), "emulator", "--port", "0", "--json"];
  const child = spawn(execPath, command, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit").then(() => undefined);
  const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), "line"), exited])) ?? [];
  if (line === undefined) throw new StepFailed("the emulator didn't start");
  const emulator = { ...JSON.parse(line), process: child };
  announce(`emulator: ${emulator.url}, account ${emulator.accountId}`);
  return emulator;
}

async function show(emulator) {
  console.log("At Stripe now:");
  for (const endpoint of (await call(emulator, "GET", "/v1/webhook_endpoints")).data) {
    console.log(`  ${endpoint.id}  ${endpoint.status}  "${endpoint.description}"  ${endpoint.url}`);
  }
  for (const order of (await call(emulator, "GET", "/v1/climate/orders")).data) {
    const price = `${(order.amount_total / 100).toFixed(2)} ${order.currency}`;
    console.log(`  ${order.id}  ${order.status}  ${order.metric_tons} t for ${price}`);
  }
}

async function proveNothingLeft(emulator) {
  const endpoints = (await call(emulator, "GET", "/v1/webhook_endpoints")).data;
  const orders = (await call(emulator, "GET", "/v1/climate/orders")).data;
  const left = [...endpoints, ...orders.filter((order) => order.status !== "canceled")];
  if (left.length > 0) throw new StepFailed(`left at Stripe: ${left.map(({ id }) => id).join(", ")}`);
  console.log("Nothing is left: no endpoint, and every order is canceled.");
}

async function editEndpoint(emulator) {
  const [endpoint] = (await call(emulator, "GET", "/v1/webhook_endpoints")).data;
  const edit = new URLSearchParams({ description: "edited by hand", disabled: "true" });
  await call(emulator, "POST", `/v1/webhook_endpoints/${endpoint.id}`, edit);
}

async function call(emulator, method, path, body) {
  const headers = { authorization: `Bearer ${emulator.apiKey}` };
  const response = await fetch(emulator.url + path, { method, headers, body });
  const answer = await response.json();
  if (!response.ok) throw new StepFailed(`${method} ${path}: ${response.status} ${answer.error?.message}`);
  return answer;
}
