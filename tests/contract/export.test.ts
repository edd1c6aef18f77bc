import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runInThisContext } from "node:vm";
import { ModuleKind, transpileModule } from "typescript";
import { readAccount, type Selection } from "../../cli/export-account";
import { writeProject } from "../../cli/export-project";
import { type Emulator } from "../../emulator";
import { declarationOf, kindNames } from "../../provider/registry";
import { type Params } from "../../provider/wire";
import { eachWithFolder, settingsFor } from "./each-with-folder";
import { Stack } from "./engine-model";
import { post } from "./post";

let emulator: Emulator;
let folder: string;
eachWithFolder((...given) => ([emulator, folder] = given));

type Values = Record<string, unknown>;

/** Exports the account, and runs the program with classes that only note what they are given. */
async function exported(selection: Partial<Selection> = {}) {
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  const account = await readAccount(settingsFor(emulator), { onProgress: () => undefined, ...selection });
  const { notes } = await writeProject(folder, account, { name: "copy" });
  const text = readFileSync(join(folder, "index.ts"), "utf8");
  const file = JSON.parse(readFileSync(join(folder, "import.json"), "utf8")) as {
    resources: { kind: string; name: string; id: string; created: number; inputs: Values }[];
  };
  const made: { kind: string; name: string; args: Values }[] = [];
  const classOf = (kind: string) =>
    function (name: string, args: Values) {
      made.push({ kind, name, args });
      return { id: file.resources.find((one) => one.kind === kind && one.name === name)?.id };
    };
  const stripe: Record<string, unknown> = {};
  for (const kind of kindNames) {
    const [name = "", ...modules] = kind.split(":").reverse();
    const [module] = modules;
    if (module === undefined) stripe[name] = classOf(kind);
    else stripe[module] = { [name]: classOf(kind) };
  }
  const pulumi = {
    Config: class {
      getSecret = () => undefined;
    },
  };
  const { outputText } = transpileModule(text, {
    compilerOptions: { module: ModuleKind.CommonJS },
    reportDiagnostics: true,
  });
  const program = runInThisContext(`(require, exports) => {${outputText}}`) as (
    require: (name: string) => unknown,
    exports: object,
  ) => void;
  program((name) => (name === "stripe-as-code" ? stripe : pulumi), {});
  return { notes, made, text, resources: file.resources };
}

test("whatever an account's texts hold, the program says the same", async () => {
  const odd = [
    "class",
    "await",
    "new",
    "stripe",
    "pulumi",
    "config",
    "constructor",
    "toString",
    `'"\`\${process.exit(1)}\`"'`,
    "*/ // /* <!--",
    "line\nbreak\r\t\u2028\u2029",
    "\\",
    "é ü 漢字 😀 \ud83d\ude00",
    "Same",
    "Same",
    "same",
    "1",
    "42-x",
    "-",
    "a".repeat(5000),
    "x\u0000y",
    "gold-",
    "gold",
    "Gold!",
    "gold--",
    "gold-2",
  ];
  for (const name of odd) {
    const { id } = await post(emulator, "/v1/products", {
      name,
      description: name,
      metadata: { [name.replace(/[[\]]/g, "").slice(0, 40)]: name.slice(0, 500) },
    });
    await post(emulator, "/v1/prices", { product: String(id), currency: "usd", unit_amount: 0, nickname: name });
  }
  for (const id of ["0", "12345", "https:__x", "a.b-c", "class", "../x", "a%2Fb", "a b"]) {
    await post(emulator, "/v1/products", { id, name: id });
    await post(emulator, "/v1/prices", { product: id, currency: "usd", unit_amount: 0 });
  }
  const { made, resources } = await exported();
  expect(resources.length).toBe(2 * (odd.length + 8));
  expect(made.map(({ kind, name, args }) => ({ kind, name, args }))).toEqual(
    resources.map(({ kind, name, inputs }) => ({ kind, name, args: inputs })),
  );
});
test("the project takes the Pulumi library that the README pins: newer ones want a newer Node than this package", async () => {
  await exported();
  const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const pinned = /@pulumi\/pulumi@(\S+)/.exec(readFileSync(join(__dirname, "../../README.md"), "utf8"))?.[1];
  expect(dependencies["@pulumi/pulumi"]).toBe(pinned);
});

test("what no program can say is left out, and named", async () => {
  const metadata = Object.fromEntries(Array.from({ length: 48 }, (_, index) => [`key${index}`, "x"]));
  await post(emulator, "/v1/products", { id: "prod_full", name: "Full", metadata });
  const params = { product: "prod_full", currency: "usd", unit_amount: 1, recurring: { interval: "month" } };
  const monthly = await post(emulator, "/v1/prices", params);
  // As an API version before 2025-03-31 made them (docs.stripe.com/changelog/basil: metered prices have a meter).
  const recurring = { ...(monthly.recurring as object), usage_type: "metered", meter: null };
  const list = (url: string, ...data: object[]) =>
    emulator.fail({ path: url, with: 200, body: { object: "list", data, has_more: false, url } });
  list("/v1/prices", { ...monthly, id: "price_metered", recurring }, monthly);
  const hook = await post(emulator, "/v1/webhook_endpoints", { url: "https://example.com", enabled_events: ["*"] });
  list("/v1/webhook_endpoints", { ...hook, id: "we_old", enabled_events: ["ping.pong"] }, hook);
  const { notes, resources, made } = await exported();
  expect(resources.map(({ id }) => id)).toEqual([hook.id, monthly.id]);
  expect(made.map(({ args }) => args.product)).toEqual([undefined, "prod_full"]);
  expect(notes).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /^WebhookEndpoint we_old is left out, as it can't be declared: enabledEvents\[0\]: "ping\.pong"/,
      ),
      expect.stringMatching(/^Product prod_full is left out, .*: metadata: has 48 keys; at most 46/),
      expect.stringMatching(/^Price price_metered is left out, .*: recurring\.meter: is required/),
    ]),
  );
});

test("what a list or a nested object names is a variable too, made before it", async () => {
  const path = "/v1/billing_portal/configurations";
  const offer = async (product: string, active = true) => {
    await post(emulator, "/v1/products", { id: product, name: product, active });
    const { id } = await post(emulator, "/v1/prices", { product, currency: "usd", unit_amount: 1, active });
    return { product, prices: [id] };
  };
  const products = [await offer("gold"), await offer("silver"), await offer("past", false)];
  await post(emulator, path, { name: "Plans", features: { subscription_update: { enabled: true, products } } });
  const { made, resources, text } = await exported();
  expect(made.map(({ args }) => args)).toEqual(resources.map(({ inputs }) => inputs));
  expect(made.at(-1)?.args.features).toMatchObject({ subscriptionUpdate: { products } });
  expect(text).toMatch(/product: gold\.id,\s+prices: \[goldPrice\.id\],/);
  expect(text).toMatch(/product: silver\.id,\s+prices: \[silverPrice\.id\],/);
  // What is archived is no part of the program.
  expect(text).toMatch(/product: "past",\s+prices: \["price_\w+"\],/);
});

test("what no literal can say is left to Stripe", async () => {
  await post(emulator, "/v1/products", {
    name: "Gold",
    metadata: JSON.parse('{"__proto__":"x","toString":"y","a":"1"}') as Values,
  });
  const { resources, made } = await exported();
  expect(resources[0]?.inputs.metadata).toEqual({ a: "1" });
  expect(made[0]?.args.metadata).toEqual({ a: "1" });
});

const transient = ["identity:VerificationSession", "crypto:OnrampSession", "forwarding:Request"] as const;
const sessions = "/v1/identity/verification_sessions";

test("what applications make is left out unless it is named, and then without what is secret or personal", async () => {
  const about = { email: "jenny@example.com" };
  const open = await post(emulator, sessions, {
    type: "document",
    provided_details: about,
    metadata: { who: "jenny" },
  });
  const { id: canceled } = await post(emulator, sessions, { type: "document" });
  await post(emulator, `${sessions}/${String(canceled)}/cancel`, {});
  const { id: redacted } = await post(emulator, sessions, { type: "document" });
  await post(emulator, `${sessions}/${String(redacted)}/redact`, {});
  const { id: flow } = await post(emulator, sessions, { verification_flow: "vf_1" });
  const { id: onramp } = await post(emulator, "/v1/crypto/onramp_sessions", { metadata: { cart: "0" } });
  const body = { body: '{"number":""}' };
  const sent = { payment_method: "pm_1PqYhA2eZvKYlo2C", replacements: ["card_number"], request: body };
  const url = "https://api.checkout.com/payments";
  const { id: forwarded } = await post(emulator, "/v1/forwarding/requests", { url, ...sent });

  const others = await exported();
  expect(others.resources).toEqual([]);
  expect(others.notes).toEqual(
    transient.map((kind) => `${kind}: made by applications as they run, and left out; --kind ${kind} takes them`),
  );
  const { resources, notes, text } = await exported({ kinds: transient });
  expect(Object.fromEntries(resources.map(({ id, inputs }) => [id, inputs]))).toEqual({
    [String(open.id)]: { type: "document" },
    [String(flow)]: { verificationFlow: "vf_1" },
    [String(onramp)]: { metadata: { cart: "0" } },
    [String(forwarded)]: { url, replacements: ["card_number"], failOnStatus: [], adopt: forwarded },
  });
  expect(text).not.toMatch(/jenny|pm_|_secret_|verify\.stripe/);
  expect(notes).toEqual([
    "identity:VerificationSession: what is archived or canceled is left out",
    expect.stringMatching(/^Stripe doesn't tell returnUrl of identity verification sessions: left out/),
    expect.stringMatching(
      /^providedDetails, metadata of identity verification sessions: secret or personal, and left out/,
    ),
    expect.stringMatching(/^Stripe doesn't tell walletAddresses, .*, kycDetails of crypto onramp sessions: left out/),
    expect.stringMatching(/^Stripe doesn't tell request of forwarding requests: left out/),
    expect.stringMatching(/^paymentMethod of forwarding requests: secret or personal, and left out/),
  ]);
});

test("a session that no program can declare is left out, and named", async () => {
  const session = await post(emulator, sessions, { type: "document" });
  const odd = { ...session, id: "vs_odd", options: { document: { allowed_types: ["visa"] } } };
  const data = [odd, session];
  emulator.fail({ path: sessions, with: 200, body: { object: "list", data, has_more: false, url: sessions } });
  const { resources, notes } = await exported({ kinds: ["identity:VerificationSession"] });
  expect(resources.map(({ id }) => id)).toEqual([session.id]);
  expect(notes[0]).toMatch(
    /^identity:VerificationSession vs_odd is left out, as it can't be declared: options\.document/,
  );
});

test("kinds come in the order in which one names another, each once, however they were asked for", async () => {
  const { id } = await post(emulator, "/v1/products", { name: "Gold" });
  await post(emulator, "/v1/prices", { product: id, currency: "usd", unit_amount: 900 });
  const { made } = await exported({ kinds: ["Price", "Product", "Product"] });
  expect(made.map(({ kind }) => kind)).toEqual(["Product", "Price"]);
  expect(made[1]?.args).toMatchObject({ product: id });
});

test("of every kind, what was created in a time is chosen here, as not every list can be filtered by it", async () => {
  for (const { samples } of kindNames.map(declarationOf)) {
    for (const { path, params } of samples.needs ?? []) await post(emulator, path, params);
  }
  const make = async (sample: "minimal" | "full") => {
    const ids: string[] = [];
    for (const declaration of kindNames.map(declarationOf)) {
      const stack = new Stack(declaration, emulator, { name: sample });
      await stack.up(declaration.samples[sample]);
      ids.push(stack.state?.id ?? "");
    }
    return ids;
  };
  const old = await make("minimal");
  emulator.passTime(60);
  const fresh = await make("full");
  const times = fresh.map((id, index) => {
    const kind = declarationOf(kindNames[index] ?? "Product").object;
    return Number(emulator.objects(kind).find((one) => one.id === id)?.created);
  });
  const all = { kinds: kindNames, archived: true };
  const since = Math.min(...times);
  const idsOf = async (selection: Partial<Selection>) => {
    const { resources } = await exported({ ...all, ...selection });
    // import tells by it which object it is.
    for (const { created } of resources) expect(created).toEqual(expect.any(Number));
    return resources.map(({ id }) => id);
  };
  const [after, before] = [await idsOf({ createdAfter: since }), await idsOf({ createdBefore: since })];
  expect(after).toEqual(expect.arrayContaining(fresh));
  expect(before).toEqual(expect.arrayContaining(old));
  expect(after.filter((id) => before.includes(id))).toEqual([]);
});

test("a list is read as far as it is new enough, and to its end where it isn't newest first", async () => {
  for (let count = 0; count < 250; count++) await post(emulator, "/v1/products", { id: `p${count}`, name: "Product" });
  emulator.passTime(60);
  const { created } = await post(emulator, "/v1/products", { id: "new", name: "New" });
  const pages = async () => {
    const since = emulator.requests().length;
    const { resources } = await exported({ kinds: ["Product"], createdAfter: Number(created) });
    const lists = emulator
      .requests()
      .slice(since)
      .filter(({ path }) => path === "/v1/products");
    return [resources.map(({ id }) => id).sort(), lists.length];
  };
  expect(await pages()).toEqual([["new"], 1]);
  emulator.edit("product", "p249", { created: Number(created) - 120 });
  emulator.edit("product", "p0", { created });
  expect(await pages()).toEqual([["new", "p0"], 3]);
});

/** As Stripe refuses a restricted key, or an account that isn't on Climate. */
const refuse = (path: string, status = 403, message = "The provided key may not: rak_climate_order_read") =>
  emulator.fail({
    ...{ path, times: 99, with: status, headers: { "stripe-should-retry": "false" } },
    body: { error: { type: "invalid_request_error", message } },
  });

test("a list that the key may not read leaves out its kind, unless that is named", async () => {
  await post(emulator, "/v1/products", { name: "Gold" });
  refuse("/v1/climate/orders");
  const { resources, notes } = await exported();
  expect(resources.map(({ kind }) => kind)).toEqual(["Product"]);
  expect(notes).toContain(
    "climate:Order: left out, as the key may not read it. Stripe says: The provided key may not: rak_climate_order_read",
  );
  await expect(exported({ kinds: ["Product", "climate:Order"] })).rejects.toThrow(/rak_climate_order_read\n.*403/);
});

test.each([400, 401, 404, 500])("a list that Stripe refuses with %d ends the export", async (status) => {
  refuse("/v1/climate/orders", status, "No");
  await expect(exported()).rejects.toThrow(/^No\n/);
});

test("a key that may read no list at all has nothing to export", async () => {
  for (const kind of kindNames) refuse(declarationOf(kind).api.path);
  await expect(exported()).rejects.toThrow(/rak_climate_order_read/);
});

test("what Stripe's own trigger left is no configuration, its price neither", async () => {
  const made = await post(emulator, "/v1/products", { name: "myproduct", description: "(created by Stripe CLI)" });
  await post(emulator, "/v1/prices", { product: made.id, currency: "usd", unit_amount: 1500 });
  await post(emulator, `/v1/products/${String(made.id)}`, { active: false });
  await emulator.trigger("price.created");
  const { resources, notes } = await exported();
  expect(resources).toEqual([]);
  expect(notes.filter((note) => !note.includes("made by applications"))).toEqual([]);
});

test("what gives access in a URL is in no name, and noted where the program says it", async () => {
  const make = async (path: string, params: Params) => {
    await post(emulator, path, params);
    emulator.passTime(1);
  };
  const hook = (url: string) => make("/v1/webhook_endpoints", { url, enabled_events: ["*"] });
  const secret = "https://hook:S3cr3tPass@example.com/stripe?token=abcDEF123#S3cr3tPart";
  for (const url of [secret, "https://example.com/stripe?token=abcDEF456", "https://example.com/other"])
    await hook(url);
  await make("/v1/products", { name: "https://me:S3cr3tPass@example.com?token=abcDEF123" });
  await make("/v1/products", { name: "Who? me@home#1" });
  const { resources, made, notes } = await exported();
  expect(resources.map(({ name }) => name)).toEqual([
    ...["example-com-stripe", "example-com-stripe-2", "example-com-other"],
    ...["example-com", "who-me-home-1"],
  ]);
  expect(made[0]?.args.url).toBe(secret);
  expect(notes.filter((note) => note.startsWith("url"))).toEqual([
    expect.stringMatching(
      /^url of WebhookEndpoint example-com-stripe, example-com-stripe-2: .* in plain text.* pulumi config set --secret/,
    ),
  ]);
  expect(notes.join()).not.toMatch(/S3cr3t|abcDEF/);
});

test("what a copy in another account lacks is said: default prices, by name, and the default portal", async () => {
  const price = { currency: "usd", unit_amount: 900 };
  await post(emulator, "/v1/products", { id: "gold", name: "Gold", default_price_data: price });
  await post(emulator, "/v1/products", { id: "silver", name: "Silver" });
  const { id } = await post(emulator, "/v1/prices", { product: "silver", ...price });
  await post(emulator, "/v1/products/silver", { default_price: id });
  await post(emulator, "/v1/products", { id: "iron", name: "Iron" });
  await post(emulator, "/v1/products", { id: "past", name: "Past", default_price_data: price, active: false });
  const portal = { features: { invoice_history: { enabled: true } } };
  for (const name of ["Usual", "Other"]) {
    const { id } = await post(emulator, "/v1/billing_portal/configurations", { ...portal, name });
    emulator.edit("billing_portal.configuration", String(id), { is_default: name === "Usual" });
  }
  const lackOf = async (selection?: Partial<Selection>) =>
    (await exported(selection)).notes.filter((note) => note.includes("in another one"));
  const products = expect.stringMatching(
    /^Product (gold \(gold-price\)|silver \(silver-price\)|, ){3}: .* with defaultPrice$/,
  ) as string;
  expect(await lackOf()).toEqual([
    products,
    expect.stringMatching(/^billingPortal:Configuration usual: that it is the account's default .* in the Dashboard$/),
  ]);
  // The prices are none of this program.
  expect(await lackOf({ kinds: ["Product"] })).toEqual([expect.stringContaining(`silver (${String(id)})`)]);
});
