// Who takes part: this package, a dynamic provider as Pulumi's documentation has it, and bare calls.
import { Pool } from "undici";
import { load } from "./project.mjs";

/** Products 0 to N - 1; BENCH_TEXT is the field that all of them change. */
const loop = (make) => `const count = Number(process.env.BENCH_N);
for (let index = 0; index < count; index++) {
  ${make}("product-" + index, { name: "Product " + index, description: process.env.BENCH_TEXT });
}
`;

export const ours = `const stripe = require("stripe-as-code");
${loop("new stripe.Product")}`;

/** The same resources, registered by Pulumi's own class alone: what each costs the program beside what this package does. */
export const plain = () => {
  const { providerText } = load("./dist/provider/provider-text.js");
  return `const pulumi = require("@pulumi/pulumi");
const type = "pulumi-nodejs:dynamic/stripe:Product";
const make = (name, args) =>
  new pulumi.CustomResource(type, name, {
    ...args,
    __provider: ${JSON.stringify(providerText("Product"))},
    __urn: \`urn:pulumi:\${pulumi.getStack()}::\${pulumi.getProject()}::\${type}::\${name}\`,
  });
${loop("make")}`;
};

/**
 * As https://www.pulumi.com/docs/iac/concepts/providers/dynamic-providers/ shows it: a closure that calls the API, a read, an update
 * and a delete for each resource. It is patient where Stripe answers 429, or it would not come through at all.
 */
export const naive = `const pulumi = require("@pulumi/pulumi");

async function call(method, path, params = {}) {
  for (let wait = 500; ; wait = Math.min(2 * wait, 8000)) {
    const response = await fetch(process.env.STRIPE_API_BASE + path, {
      method,
      headers: { Authorization: "Bearer " + process.env.STRIPE_API_KEY },
      ...(method === "POST" && { body: new URLSearchParams(params) }),
    });
    const answer = await response.json();
    if (response.ok) return answer;
    if (response.status !== 429) throw new Error(answer.error.message);
    await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())));
  }
}

const productProvider = {
  async create(inputs) {
    const { id } = await call("POST", "/v1/products", { name: inputs.name, description: inputs.description });
    return { id, outs: inputs };
  },
  async diff(id, olds, news) {
    return { changes: olds.name !== news.name || olds.description !== news.description };
  },
  async read(id, props) {
    const { name, description } = await call("GET", "/v1/products/" + id);
    return { id, props: { ...props, name, description } };
  },
  async update(id, olds, news) {
    await call("POST", "/v1/products/" + id, { name: news.name, description: news.description });
    return { outs: news };
  },
  async delete(id) {
    await call("DELETE", "/v1/products/" + id);
  },
};

class Product extends pulumi.dynamic.Resource {
  constructor(name, args, opts) {
    super(productProvider, name, args, opts);
  }
}
${loop("new Product")}`;

/** The same calls and no more, over as many connections as the provider uses. */
export function bareCalls({ url, apiKey }, n) {
  const pool = new Pool(url, { connections: 25 });
  const ids = [];
  const call = async (method, path, params) => {
    for (let wait = 500; ; wait = Math.min(2 * wait, 8000)) {
      const answer = await pool.request({
        method,
        path,
        headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/x-www-form-urlencoded" },
        ...(params !== undefined && { body: String(new URLSearchParams(params)) }),
      });
      const body = await answer.body.json();
      if (answer.statusCode === 200) return body;
      if (answer.statusCode !== 429) throw new Error(`${method} ${path}: ${answer.statusCode}`);
      await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())));
    }
  };
  const each = (work) => Promise.all(Array.from({ length: n }, (_, index) => work(index)));
  return {
    create: () =>
      each(async (index) => {
        const params = { name: `Product ${index}`, description: "first" };
        ids[index] = (await call("POST", "/v1/products", params)).id;
      }),
    update: () => each((index) => call("POST", `/v1/products/${ids[index]}`, { description: "second" })),
    refresh: () => each((index) => call("GET", `/v1/products/${ids[index]}`)),
    destroy: () => each((index) => call("DELETE", `/v1/products/${ids[index]}`)),
    close: () => pool.close(),
  };
}
