// What a program pays for this package before it does anything: time to import it, and bytes in the stack's state. Needs
// dist/ (npm run build). Usage: node bench/package-cost.mjs [--runs 15] [--json]; the engine is made where there is none.
import { argv } from "node:process";
import { parseArgs } from "node:util";
import { measureImports } from "./imports.mjs";
import { load, stateText } from "./project.mjs";
import { openStack } from "./stack.mjs";

const { values } = parseArgs({
  args: argv.slice(2),
  options: { runs: { type: "string", default: "15" }, json: { type: "boolean", default: false } },
});

// An endpoint and an order of few fields.
const program = `const stripe = require("stripe-as-code");
new stripe.WebhookEndpoint("orders", { url: "https://example.com/stripe", enabledEvents: ["checkout.session.completed"] });
new stripe.climate.Order("removal", { product: "climsku_offtake_portfolio_2029", metricTons: "0.5" });
`;
const engine = await load("./dist/tools/engine/get-engine.js").getEngine();
const stack = await openStack(engine, { program }, {});
try {
  const imports = await measureImports(stack.folder, Number(values.runs));
  const texts = measureTexts();
  const resources = await measureState();
  const rows = [
    ["import over @pulumi/pulumi", imports.import.wallMs, 60, "ms"],
    ["  processor time of it", imports.import.cpuMs, undefined, "ms"],
    ["import and first endpoint", imports.import.wallMs + imports["first endpoint"].wallMs, 60, "ms"],
    ["  processor time of it", imports.import.cpuMs + imports["first endpoint"].cpuMs, undefined, "ms"],
    ["first order after that", imports["first order"].wallMs, undefined, "ms"],
    ...Object.entries(texts).map(([kind, bytes]) => [`__provider of ${kind}`, bytes, 150, "bytes"]),
    ...Object.entries(resources).flatMap(([name, { total, ...parts }]) => [
      [`state of ${name}`, total, 1200, "bytes"],
      ...Object.entries(parts).map(([part, bytes]) => [`  ${part}`, bytes, undefined, "bytes"]),
    ]),
  ];
  if (values.json) {
    console.log(JSON.stringify({ node: process.version, runs: Number(values.runs), imports, texts, resources }));
  } else {
    console.table(
      rows.map(([what, value, target, unit]) => ({
        what,
        value: Number(value.toFixed(1)),
        unit,
        target: target ?? "",
        met: target === undefined ? "" : value <= target ? "yes" : "NO",
      })),
    );
    console.log(
      `@pulumi/pulumi itself: ${imports.pulumi.wallMs.toFixed(0)} ms, and its first resource ${imports["first resource of Pulumi's"].wallMs.toFixed(0)} ms. Times are medians of ${values.runs} processes.`,
    );
  }
} finally {
  await stack.close();
}

function measureTexts() {
  const { kindNames } = load("./dist/provider/registry.js");
  const { providerText } = load("./dist/provider/provider-text.js");
  return Object.fromEntries(kindNames.map((kind) => [kind, bytesOf(providerText(kind))]));
}

/** Bytes of compact JSON per resource in the state file after a real `pulumi up` against the embedded Stripe. */
async function measureState() {
  await stack.step("create", 2);
  const { checkpoint } = JSON.parse(stateText(stack.folder));
  const ours = checkpoint.latest.resources.filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic/stripe"));
  return Object.fromEntries(ours.map((resource) => [resource.type.replace(/.*\/stripe[:/]/, ""), breakDown(resource)]));
}

/** Where the bytes of one resource go. Each part is what the entry would be shorter without it. */
function breakDown(resource) {
  const total = bytesOf(resource);
  const { stackTrace, inputs, outputs, ...engine } = resource;
  const without = (pick) => {
    const keep = (map) => Object.fromEntries(Object.entries(map).filter(([name, value]) => !pick(name, value)));
    return total - bytesOf({ ...resource, inputs: keep(inputs), outputs: keep(outputs) });
  };
  const isSecret = (value) =>
    typeof value === "object" && value !== null && "4dabf18193072939515e22adb298388d" in value;
  const text = without((name) => name === "__provider");
  const hidden = without((name) => name.startsWith("__") && name !== "__provider");
  const secrets = without((name, value) => !name.startsWith("__") && isSecret(value));
  const trace = stackTrace === undefined ? 0 : total - bytesOf({ inputs, outputs, ...engine });
  const own = bytesOf({ inputs: {}, outputs: {}, ...engine });
  return {
    total,
    "engine's fields": own,
    "engine's stackTrace": trace,
    "__provider, in inputs and outputs": text,
    "hidden: identity and account": hidden,
    "secrets, encrypted": secrets,
    "inputs and outputs": total - own - trace - text - hidden - secrets,
  };
}

function bytesOf(value) {
  return Buffer.byteLength(typeof value === "string" ? value : JSON.stringify(value));
}
