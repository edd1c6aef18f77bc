import { startEmulator, type Emulator } from "../../emulator";
import { failureOf, Workspace } from "./workspace";

jest.setTimeout(240_000);

let mine: Emulator;
let theirs: Emulator;
let workspace: Workspace;
beforeAll(async () => {
  [mine, theirs] = await Promise.all([
    startEmulator(),
    startEmulator({ apiKey: "sk_test_PLANTEDone", apiKeys: ["sk_test_PLANTEDtwo"] }),
  ]);
});
beforeEach(async () => {
  for (const emulator of [mine, theirs]) emulator.reset();
  workspace = await Workspace.open(mine);
});
afterEach(() => workspace.close());
afterAll(() => Promise.all([mine.close(), theirs.close()]));

const urls = (emulator: Emulator) => emulator.objects("webhook_endpoint").map(({ url }) => url);
const program = (key: string, accountId = theirs.accountId) => `
  const eu = new stripe.Provider("eu", {
    apiKey: "${key}", apiBase: "${theirs.url}", accountId: "${accountId}", maxSpend: { usd: 5 }, lookupLimit: 0 });
  new stripe.WebhookEndpoint("here", { url: "https://example.com/here", enabledEvents: ["*"] });
  new stripe.WebhookEndpoint("there", { url: "https://example.com/there", enabledEvents: ["*"] }, { provider: eu });
  exports.accounts = [stripe.getAccount().then(({ id }) => id), stripe.getAccount({}, { provider: eu }).then(({ id }) => id)];`;

test("two accounts in one program: each resource in its own; a rotated key replaces nothing; no key in plain text", async () => {
  const printed: string[] = [];
  const onOutput = (text: string) => printed.push(text);
  workspace.program(program("sk_test_PLANTEDone"));
  const { outputs } = await workspace.stack.up({ onOutput, diff: true });
  expect(outputs.accounts?.value).toEqual([mine.accountId, theirs.accountId]);
  expect([urls(mine), urls(theirs)]).toEqual([["https://example.com/here"], ["https://example.com/there"]]);
  await workspace.stack.up({ expectNoChanges: true, onOutput });
  await workspace.stack.refresh({ onOutput });
  workspace.program(program("sk_test_PLANTEDtwo"));
  const rotated = await workspace.stack.up({ onOutput, diff: true });
  expect(rotated.summary.resourceChanges).not.toHaveProperty("replace");
  expect(rotated.summary.resourceChanges).not.toHaveProperty("delete");
  expect(theirs.objects("webhook_endpoint")).toHaveLength(1);
  expect(await failureOf(workspace.stack.refresh({ onOutput }).then(() => Promise.reject(new Error("none"))))).toBe(
    "none",
  );
  await workspace.stack.destroy({ onOutput });
  expect([urls(mine), urls(theirs)]).toEqual([[], []]);
  expect(workspace.stateText() + printed.join("")).not.toMatch(/PLANTED|whsec_/);
});

test("a swapped key makes nothing new beside what is unchanged, and the old key goes on", async () => {
  const hooks = (...names: string[]) =>
    names.map(
      (name) => `new stripe.WebhookEndpoint("${name}", { url: "https://example.com/${name}", enabledEvents: ["*"] });`,
    );
  workspace.program(hooks("old").join("\n"));
  await workspace.stack.up();
  workspace.program(hooks("new", "old").join("\n"));
  const key = async (emulator: Emulator) => {
    await workspace.stack.setConfig("stripe:apiKey", { value: emulator.apiKey, secret: true });
    await workspace.stack.setConfig("stripe:apiBase", { value: emulator.url });
  };
  await key(theirs);
  // With the preview that precedes every update of the command line; the Automation API leaves it out.
  const refused = await workspace.command("up", "--yes").then(
    () => "",
    ({ stdout }: { stdout: string }) => stdout,
  );
  expect(refused).toMatch(
    new RegExp(`in account ${mine.accountId}, but the test key acts on account ${theirs.accountId}`),
  );
  expect(urls(theirs)).toEqual([]);
  await key(mine);
  await workspace.stack.up();
  expect(urls(mine)).toEqual(["https://example.com/new", "https://example.com/old"]);
});

test("a provider for the wrong account stops before it writes, and a misspelled setting before anything", async () => {
  workspace.program(program("sk_test_PLANTEDone", "acct_1Other"));
  const text = await failureOf(workspace.stack.up());
  expect(text).toMatch(new RegExp(`belongs to account ${theirs.accountId}, but stripe:accountId is acct_1Other`));
  expect(urls(theirs)).toEqual([]);
  workspace.program('new stripe.Provider("eu", { apikey: "x" });');
  expect(await failureOf(workspace.stack.preview())).toMatch(/apikey is no setting; it has apiKey/);
});

test("the resource option import takes over what is there, says so in the preview, and removing it changes nothing", async () => {
  const form = { method: "POST", headers: { authorization: `Bearer ${mine.apiKey}` } };
  const made = await fetch(`${mine.url}/v1/products`, {
    ...form,
    body: new URLSearchParams({ name: "Gold", id: "gold" }),
  });
  expect(made.status).toBe(200);
  workspace.program('new stripe.Product("gold", { name: "Gold plan" }, { import: "gold" });');
  const preview = await workspace.stack.preview();
  expect(preview.stdout).toMatch(/gold is taken over; nothing is created/);
  expect((await workspace.stack.up()).summary.resourceChanges).toMatchObject({ create: 2 });
  expect(mine.objects("product")).toMatchObject([{ id: "gold", name: "Gold plan" }]);
  await workspace.stack.up({ expectNoChanges: true });
  workspace.program('new stripe.Product("gold", { name: "Gold plan" });');
  await workspace.stack.up({ expectNoChanges: true });
  workspace.program('new stripe.Product("gold", { name: "Gold plan", adopt: "silver" });');
  expect(await failureOf(workspace.stack.up())).toMatch(/adopt: names silver, but this resource is gold already/);
  await workspace.stack.destroy();
  expect(mine.objects("product")).toEqual([]);
});
