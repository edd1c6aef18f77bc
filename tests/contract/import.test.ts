import { readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { importObjects, readImportFile } from "../../cli/import-objects";
import { whatIsThere } from "../../cli/import";
import { type ImportFile } from "../../cli/export-project";
import { type OpenStack } from "../../cli/stack";
import { type Emulator } from "../../emulator";
import { type ConfigSource } from "../../provider/config";
import { eachWithFolder, settingsFor } from "./each-with-folder";
import { post } from "./post";

let emulator: Emulator;
let folder: string;
eachWithFolder((...given) => ([emulator, folder] = given));

/** Files that the engine was told to import, as they were then. */
interface HandedOver {
  mode: number;
  folderMode: number;
  resources: { type: string; inputs: Record<string, unknown>; outputs: Record<string, unknown> }[];
}

function stackOf(handedOver: HandedOver[] = [], more: Partial<OpenStack> = {}): OpenStack {
  return {
    ...{ project: "shop", stack: "dev", config: {}, plain: new Set<string>() },
    ...{ resources: [], replaced: [], unknownTypes: [] },
    engineVersion: { major: 3, minor: 254 },
    organization: () => Promise.resolve(undefined),
    run: (args) => {
      const path = args[args.indexOf("--file") + 1] ?? "";
      const { resources } = JSON.parse(readFileSync(path, "utf8")) as HandedOver;
      handedOver.push({
        mode: statSync(path).mode & 0o777,
        folderMode: statSync(dirname(path)).mode & 0o777,
        resources,
      });
      return Promise.resolve("");
    },
    ...more,
  };
}

const importing = (
  stack: OpenStack,
  resources: ImportFile["resources"],
  more: { adoptFrom?: string; settings?: ConfigSource } = {},
) => {
  const file: ImportFile = { version: 1, account: emulator.accountId, livemode: false, resources };
  return importObjects(stack, file, { settings: settingsFor(emulator), onProgress: () => undefined, ...more });
};
const endpoint = { url: "https://example.com", enabledEvents: ["*"] };
/** What a file says of an endpoint. */
const entry = (name: string, id: unknown, inputs: object = {}): ImportFile["resources"][number] => ({
  ...{ kind: "WebhookEndpoint", name, id: String(id) },
  inputs: { ...endpoint, ...inputs },
});
const makeEndpoint = (params = {}) =>
  post(emulator, "/v1/webhook_endpoints", { url: "https://example.com", enabled_events: ["*"], ...params });

test("the engine is handed a file that only its user can read, with nothing secret in plain text", async () => {
  const { id, secret } = await makeEndpoint();
  const handedOver: HandedOver[] = [];
  await importing(stackOf(handedOver), [entry("all", id)]);
  const [file] = handedOver;
  expect([file?.mode, file?.folderMode]).toEqual([0o600, 0o700]);
  const [resource] = file?.resources ?? [];
  const hidden = {
    __urn: "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/stripe:WebhookEndpoint::all",
    __provider: expect.stringContaining("handler('WebhookEndpoint')") as string,
  };
  expect(resource?.inputs).toMatchObject({ ...endpoint, ...hidden, onSecretLost: "leave-empty" });
  const empty = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: '""' };
  expect(resource?.outputs).toMatchObject({ ...endpoint, ...hidden, secret: empty, __account: emulator.accountId });
  expect(JSON.stringify(file)).not.toContain(String(secret));
  expect(emulator.objects("webhook_endpoint")[0]?.metadata).toMatchObject({
    pulumi_stack: "shop/dev",
    pulumi_name: "all",
  });
});

test("all that can't be taken is told at once, and nothing is done", async () => {
  const other = { pulumi_id: "1".repeat(32), pulumi_stack: "shop/prod", pulumi_name: "theirs" };
  const { id: foreign } = await makeEndpoint({ metadata: other });
  const { id: newer } = await makeEndpoint({ api_version: "2026-08-26.dahlia" });
  const handedOver: HandedOver[] = [];
  const entries = [
    entry("foreign", foreign),
    entry("gone", "we_1NothingThere"),
    entry("wrong", newer, { url: "example.com" }),
    entry("held", newer),
  ];
  const since = emulator.requests().length;
  const text = await importing(stackOf(handedOver, { resources: [present(newer, "other")] }), entries).then(
    () => "",
    (error: Error) => error.message,
  );
  expect(text).toMatch(/^nothing was imported:/);
  for (const line of [
    /WebhookEndpoint "foreign": .* is managed as "theirs" in the stack shop\/prod.* give --adopt-from "shop\/prod"/,
    /WebhookEndpoint "gone": we_1NothingThere does not exist in this account and mode/,
    /WebhookEndpoint "wrong": url: must be a full http/,
    /WebhookEndpoint "held": .* is in the stack already, as urn:pulumi:dev::shop::.*::other/,
  ]) {
    expect(text).toMatch(line);
  }
  expect(handedOver).toEqual([]);
  expect(
    emulator
      .requests()
      .slice(since)
      .filter(({ method }) => method !== "GET"),
  ).toEqual([]);

  await importing(stackOf(handedOver), entries.slice(0, 1), { adoptFrom: "shop/prod" });
  expect(handedOver).toHaveLength(1);
  expect(emulator.objects("webhook_endpoint").find(({ id }) => id === foreign)?.metadata).toMatchObject({
    pulumi_stack: "shop/dev",
  });
});

test("another account, the other mode, an older engine: refused before anything is read", async () => {
  const { id } = await makeEndpoint();
  const entries = [entry("all", id)];
  const file: ImportFile = { version: 1, account: "acct_1Other", livemode: false, resources: entries };
  const options = { settings: settingsFor(emulator), onProgress: () => undefined };
  await expect(importObjects(stackOf(), file, options)).rejects.toThrow(
    /^the file is of account acct_1Other, but the test key acts on/,
  );
  await expect(importObjects(stackOf(), { ...file, livemode: true }, options)).rejects.toThrow(
    /of live mode, but the key is a test key/,
  );
  const old = stackOf([], { engineVersion: { major: 3, minor: 253 } });
  await expect(importing(old, entries)).rejects.toMatchObject({
    message: expect.stringMatching(/3\.253, can't import with a file/) as string,
    next: expect.stringMatching(
      /export --adopt --out adopting, .* cd adopting && npm install && pulumi stack select --create dev && pulumi up\./,
    ) as string,
  });
});

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => "",
    (error: Error) => error.message,
  );
const writesSince = (since: number) =>
  emulator
    .requests()
    .slice(since)
    .filter(({ method }) => method !== "GET");
/** A resource that the stack has already. */
const present = (id: unknown, name: string) =>
  ({
    ...{ kind: "WebhookEndpoint", id: String(id), name, outputs: {} },
    urn: `urn:pulumi:dev::shop::pulumi-nodejs:dynamic/stripe:WebhookEndpoint::${name}`,
  }) as OpenStack["resources"][number];

test("a name that the stack has for another object marks neither", async () => {
  const [{ id: own }, { id: other }] = [await makeEndpoint(), await makeEndpoint()];
  const since = emulator.requests().length;
  const stack = stackOf([], { resources: [present(own, "all")] });
  const entries = [entry("all", other)];
  expect(await refusal(importing(stack, entries))).toMatch(`"all": the stack has ${String(own)} by this name`);
  expect(writesSince(since)).toEqual([]);
});

test("what another stack took over since isn't taken back by an import that is run again", async () => {
  const theirs = { pulumi_id: "1".repeat(32), pulumi_stack: "shop/prod", pulumi_name: "theirs" };
  const { id } = await makeEndpoint({ metadata: theirs });
  const since = emulator.requests().length;
  const stack = stackOf([], { resources: [present(id, "all")] });
  const entries = [entry("all", id)];
  expect(await refusal(importing(stack, entries))).toMatch(/managed as "theirs" in the stack shop\/prod/);
  expect(writesSince(since)).toEqual([]);
  await importing(stack, entries, { adoptFrom: "shop/prod" });
  expect(emulator.objects("webhook_endpoint")[0]?.metadata).toMatchObject({ pulumi_stack: "shop/dev" });
});

const stamped = () => emulator.objects("webhook_endpoint")[0]?.metadata as Record<string, string> | undefined;

test("what pulumi state delete left is taken under another name, but not what the state still holds", async () => {
  const { id } = await makeEndpoint({ metadata: { pulumi_claim: "1".repeat(16) } });
  const handedOver: HandedOver[] = [];
  await importing(stackOf(), [entry("old", id)]);
  const held = stackOf([], { resources: [present(id, "old")] });
  expect(await refusal(importing(held, [entry("new", id)]))).toMatch(/is in the stack already, as .*::old/);
  const other = await makeEndpoint();
  const result = await importing(stackOf(handedOver), [entry("new", id), entry("other", other.id)]);
  // Those may be another stack's of the same names, which has no other way to tell.
  expect(result).toEqual({ imported: 2, present: 0, stampedBefore: 1 });
  expect(emulator.objects("webhook_endpoint").find((one) => one.id === id)?.metadata).toMatchObject({
    pulumi_stack: "shop/dev",
    pulumi_name: "new",
    pulumi_claim: "1".repeat(16),
  });
  // Else it would be another's for every later run.
  expect(handedOver[0]?.resources[0]?.outputs.__claim).toBe("1".repeat(16));
});

test("a stack of the same name in another backend is another one, unless it is named", async () => {
  const { id } = await makeEndpoint();
  const ofOrganization = (name: string) => stackOf([], { organization: () => Promise.resolve(name) });
  await importing(ofOrganization("acme"), [entry("old", id)]);
  for (const name of ["old", "new"]) {
    expect(await refusal(importing(ofOrganization("other"), [entry(name, id)]))).toMatch(
      /managed as "old" in a stack named shop\/dev, and this one has no resource for it.*--adopt-from "shop\/dev"/,
    );
  }
  expect(await refusal(importing(ofOrganization("acme"), [entry("new", id)]))).toBe("");
  await importing(ofOrganization("other"), [entry("newer", id)], { adoptFrom: "shop/dev" });
  expect(stamped()).toMatchObject({ pulumi_name: "newer" });
});

test("a resource that was renamed in the state is left to the next run", async () => {
  const { id } = await makeEndpoint();
  await importing(stackOf(), [entry("old", id)]);
  const renamed = { ...present(id, "new"), outputs: { __urn: present(id, "old").urn } };
  expect(await refusal(importing(stackOf([], { resources: [renamed] }), [entry("new", id)]))).toMatch(
    /managed as "old" in this stack/,
  );
  const brokeOff = { ...present(id, "new"), outputs: { __urn: present(id, "new").urn } };
  await importing(stackOf([], { resources: [brokeOff] }), [entry("new", id)]);
  expect(stamped()).toMatchObject({ pulumi_name: "new" });
});

test("the mark of an object that its resource ended goes, but not from under that resource", async () => {
  const { id } = await makeEndpoint();
  const handedOver: HandedOver[] = [];
  await importing(stackOf(), [entry("all", id)]);
  await post(emulator, `/v1/webhook_endpoints/${String(id)}`, { metadata: { pulumi_claim: "ended" } });
  await importing(stackOf([], { resources: [present(id, "all")] }), [entry("all", id)]);
  expect(stamped()).toHaveProperty("pulumi_claim", "ended");
  await importing(stackOf(handedOver), [entry("all", id)]);
  expect(stamped()).not.toHaveProperty("pulumi_claim");
  expect(handedOver[0]?.resources[0]?.outputs).not.toHaveProperty("__claim");
});

test("a key that may not write is told that all is imported and what is not stamped; without the right to write nothing is", async () => {
  const { id } = await makeEndpoint();
  emulator.fail({
    method: "POST",
    path: "/v1/webhook_endpoints/:id",
    with: 403,
    body: { error: { message: "not with this key" } },
  });
  const handedOver: HandedOver[] = [];
  expect(await refusal(importing(stackOf(handedOver), [entry("all", id)]))).toMatch(
    /^all is imported, but these don't carry the stack's stamp, .*:\n {2}WebhookEndpoint "all": not with this key/,
  );
  expect(handedOver).toHaveLength(1);
  await importing(stackOf([], { resources: [present(id, "all")] }), [entry("all", id)]);
  expect(stamped()).toMatchObject({ pulumi_name: "all" });
  const { config, env } = settingsFor(emulator);
  const readOnly: ConfigSource = { env, config: (name) => (name === "readOnly" ? "true" : config(name)) };
  expect(await refusal(importing(stackOf(handedOver), [entry("again", id)], { settings: readOnly }))).toMatch(
    /^stripe:readOnly is set/,
  );
  expect(handedOver).toHaveLength(1);
});

test("what ended since the export isn't taken", async () => {
  const sessions = "/v1/identity/verification_sessions";
  const { id } = await post(emulator, sessions, { type: "document" });
  await post(emulator, `${sessions}/${String(id)}/cancel`, {});
  const session = {
    kind: "identity:VerificationSession" as const,
    name: "a",
    id: String(id),
    inputs: { type: "document" },
  };
  expect(await refusal(importing(stackOf(), [session]))).toMatch(`${String(id)} has ended`);
});

test("an id of one's own in another account of the stack is another object", async () => {
  await post(emulator, "/v1/products", { id: "gold", name: "Gold" });
  const gold = { kind: "Product" as const, name: "gold", id: "gold", inputs: { name: "Gold" } };
  const inAccount = (outputs: object) => {
    const urn = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/stripe:Product::theirs";
    return stackOf([], { resources: [{ ...gold, urn, outputs } as unknown as OpenStack["resources"][number]] });
  };
  for (const outputs of [{ __account: emulator.accountId }, {}]) {
    expect(await refusal(importing(inAccount(outputs), [gold]))).toMatch(/gold is in the stack already, as .*::theirs/);
  }
  for (const outputs of [{ __account: "acct_1Other" }, { stripeAccount: "acct_1Other" }]) {
    expect(await importing(inAccount(outputs), [gold])).toMatchObject({ imported: 1, present: 0 });
  }
});

test("an object that only has the exported one's id isn't taken, whatever account it is in", async () => {
  const { created } = await post(emulator, "/v1/products", { id: "gold", name: "Gold" });
  const gold = { kind: "Product" as const, name: "gold", id: "gold", inputs: { name: "Gold" } };
  // As a key that may not name its account wrote it.
  const from = (resource: ImportFile["resources"][number], stack = stackOf()) =>
    importObjects(
      stack,
      { version: 1, livemode: false, resources: [resource] },
      { settings: settingsFor(emulator), onProgress: () => undefined },
    );
  const urn = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/stripe:Product::gold";
  const holding = (outputs: object) =>
    stackOf([], { resources: [{ ...gold, urn, outputs } as unknown as OpenStack["resources"][number]] });
  const since = emulator.requests().length;
  const other = Number(created) - 86_400;
  expect(await refusal(from({ ...gold, created: other }))).toMatch(
    /^nothing was imported:\n {2}Product "gold": gold is another object than the file's, probably in another account: created at 2/,
  );
  expect(await refusal(from(gold, holding({ created: other })))).toMatch(/gold is another object than the stack's/);
  expect(writesSince(since)).toEqual([]);
  // The stack's own, made anew after the export; and a file of before this was written down.
  expect(await from({ ...gold, created: other }, holding({ created }))).toMatchObject({ present: 1 });
  for (const known of [{ created: Number(created) }, {}]) {
    expect(await from({ ...gold, ...known })).toMatchObject({ imported: 1 });
  }
});

test("objects are read by pages, once more after the engine worked, and not at all again where it didn't", async () => {
  const ids: unknown[] = [];
  for (let count = 0; count < 5; count++) ids.push((await makeEndpoint()).id);
  const callsOf = async (stack: OpenStack) => {
    const since = emulator.requests().length;
    await importing(
      stack,
      ids.map((id) => entry(String(id), id)),
    );
    return emulator
      .requests()
      .slice(since)
      .map(({ method, path }) => `${method} ${path}`.replace(/we_\w+/, ":id"))
      .sort();
  };
  const page = "GET /v1/webhook_endpoints";
  const stamps = ids.map(() => "POST /v1/webhook_endpoints/:id");
  expect(await callsOf(stackOf())).toEqual(["GET /v1/account", page, page, ...stamps]);
  const resources = ids.map((id) => present(id, String(id)));
  expect(await callsOf(stackOf([], { resources }))).toEqual(["GET /v1/account", page]);
  // As an import leaves it that broke off after the engine.
  await post(emulator, `/v1/webhook_endpoints/${String(ids[0])}`, { metadata: { pulumi_id: "" } });
  expect(await callsOf(stackOf([], { resources }))).toEqual(["GET /v1/account", page, stamps[0]]);
});

test("a session is never read by itself: that would make its client secret anew", async () => {
  const sessions = "/v1/identity/verification_sessions";
  const { id, created } = await post(emulator, sessions, { type: "document" });
  const list = { object: "list", data: [], has_more: true, url: sessions };
  const since = emulator.requests().length;
  emulator.fail({
    path: sessions,
    with: 200,
    body: { ...list, data: [{ id: "vs_newer", object: "identity.verification_session" }] },
  });
  const session = {
    kind: "identity:VerificationSession" as const,
    name: "a",
    id: String(id),
    inputs: { type: "document" },
  };
  await importing(stackOf(), [{ ...session, created: Number(created) }]);
  const paths = emulator
    .requests()
    .slice(since)
    .map(({ method, path }) => `${method} ${path}`);
  expect(paths).not.toContain(`GET ${sessions}/${String(id)}`);
});

test("what another stack took over while the engine worked is left to it, and said", async () => {
  const { id } = await makeEndpoint();
  const theirs = { pulumi_id: "1".repeat(32), pulumi_stack: "shop/prod", pulumi_name: "theirs" };
  const stack = stackOf([], {
    run: async () => {
      await post(emulator, `/v1/webhook_endpoints/${String(id)}`, { metadata: theirs });
      return "";
    },
  });
  expect(await refusal(importing(stack, [entry("all", id)]))).toMatch(
    /^all is imported, but .*\n {2}WebhookEndpoint "all": .* was taken over by the stack shop\/prod meanwhile/,
  );
  expect(stamped()).toEqual(theirs);
});

test("one name for two objects, and one object for two names, are refused", async () => {
  const [{ id: one }, { id: other }] = [await makeEndpoint(), await makeEndpoint()];
  const since = emulator.requests().length;
  const text = await refusal(importing(stackOf(), [entry("a", one), entry("a", other), entry("b", one)]));
  expect(text).toMatch(`WebhookEndpoint "a": is in the file twice`);
  expect(text).toMatch(`WebhookEndpoint "b": ${String(one)} is in the file as "a" too`);
  expect(writesSince(since)).toEqual([]);
});

test("a file that was tampered with brings no hidden inputs", async () => {
  const { id } = await makeEndpoint();
  const handedOver: HandedOver[] = [];
  for (const hidden of ["__get", "__claim", "__computed", "__provider"]) {
    const inputs = JSON.parse(JSON.stringify(endpoint).replace("{", `{"${hidden}":"evil",`)) as Record<string, unknown>;
    const path = join(folder, "import.json");
    const resources = [entry("all", id, inputs)];
    writeFileSync(path, JSON.stringify({ version: 1, livemode: false, resources }));
    const work = readImportFile(path).then(({ resources: read }) => importing(stackOf(handedOver), read));
    expect(await refusal(work)).toMatch(`${hidden}: is no input of WebhookEndpoint`);
  }
  expect(handedOver).toEqual([]);
});

test("a signing secret that is given is the secret from the start", async () => {
  const { id, secret } = await makeEndpoint();
  const handedOver: HandedOver[] = [];
  const inputs = { ...endpoint, signingSecret: secret };
  await importing(stackOf(handedOver), [entry("all", id, inputs)]);
  expect(handedOver[0]?.resources[0]?.outputs.secret).toMatchObject({ plaintext: JSON.stringify(secret) });
  expect(JSON.stringify(handedOver).replaceAll(/"plaintext":"[^}]*}/g, "")).not.toContain(String(secret));
});

test("an object without room for the stamp is told of before anything is taken", async () => {
  const metadata = Object.fromEntries(Array.from({ length: 48 }, (_, index) => [`key${index}`, "x"]));
  const { id } = await makeEndpoint({ metadata });
  const handedOver: HandedOver[] = [];
  const entries = [entry("all", id)];
  expect(await refusal(importing(stackOf(handedOver), entries))).toMatch(
    /"all": .* has 48 keys in its metadata: with the stamp, .*, it would have 51, and Stripe takes 50/,
  );
  expect(handedOver).toEqual([]);
});

test("a file that is none says what is wrong with it", async () => {
  const path = join(folder, "import.json");
  await expect(readImportFile(path)).rejects.toThrow(/can't be read: ENOENT/);
  for (const [text, told] of [
    ["{", /can't be read/],
    ["{}", /no import\.json: version: must be 1/],
    ["[]", /is no import\.json: what it holds is no JSON object\.$/],
    [
      '{"version":1,"livemode":false,"resources":[{"kind":"Nothing","name":"a","id":"b","inputs":{}}]}',
      /resources\.0\.kind/,
    ],
  ] as const) {
    writeFileSync(path, text);
    await expect(readImportFile(path)).rejects.toThrow(told);
  }
});

test.each([
  [0, 0, "The file names no objects."],
  [0, 1, "The object is in shop/dev already."],
  [0, 3, "All 3 objects are in shop/dev already."],
  [1, 0, "1 object is in shop/dev now."],
  [2, 1, "2 objects are in shop/dev now, 1 was there before."],
])("%i imported, %i present: %s", (imported, present, told) => {
  expect(whatIsThere(imported, present, "shop/dev")).toBe(told);
});
