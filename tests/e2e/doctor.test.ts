import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Finding } from "../../cli/checks/finding";
import { type DriftReport } from "../../cli/drift-report";
import { type Emulator } from "../../emulator";
import { finish } from "../unit/command-line";
import { eachInItsWorkspace, until, type Workspace } from "./workspace";

jest.setTimeout(120_000);

let emulator: Emulator;
let workspace: Workspace;
eachInItsWorkspace((...given) => ([emulator, workspace] = given), { connectedAccounts: ["acct_1Connected"] });

/** `stripe-as-code doctor`, with the stack that is selected; the state of the workspace's is all there is in its backend. */
const ofSelected = (cwd: string) =>
  finish(["doctor", "--cwd", cwd], { env: { ...process.env, ...workspace.stack.workspace.envVars } });

const run = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  finish([...args, "--json", "--cwd", workspace.folder, "--stack", "e2e"], {
    env: { ...process.env, ...workspace.stack.workspace.envVars, ...env },
  });

/** `stripe-as-code doctor` as a pipeline runs it. */
async function doctor(env?: NodeJS.ProcessEnv) {
  const { code, out, err } = await run(["doctor"], env);
  expect(err).toBe("");
  const { findings } = JSON.parse(out) as { findings: Finding[] };
  const told = (check: Finding["check"]) => findings.filter((one) => one.check === check);
  return { code, out, findings, told, amiss: findings.filter(({ status }) => status !== "ok") };
}

test("a stack that is well passes, nothing is written, and a drift job reads what is foretold", async () => {
  workspace.program(`
new stripe.WebhookEndpoint("orders", { url: "https://example.com/orders", enabledEvents: ["invoice.paid"] });
for (let i = 0; i < 3; i++) new stripe.Product("p" + i, { name: "P" + i });
const eu = new stripe.Provider("eu", { apiKey: process.env.STRIPE_API_KEY, stripeAccount: "acct_1Connected" });
new stripe.Product("eu", { name: "EU" }, { provider: eu });
new stripe.Product("of", { name: "Of", stripeAccount: "acct_1Connected" });
`);
  await workspace.stack.up();
  const state = workspace.stateText();
  const since = emulator.requests().length;
  const { code, amiss, told } = await doctor();
  expect(amiss).toEqual([]);
  expect(code).toBe(0);
  expect(
    emulator
      .requests()
      .slice(since)
      .filter(({ method }) => method !== "GET"),
  ).toEqual([]);
  expect(workspace.stateText()).toBe(state);
  expect(told("stack")[0]?.message).toBe("e2e/e2e, 6 resources of this package");
  // The default settings, those of the connected account that a resource names, and those of the provider.
  expect(
    told("account")
      .map(({ message }) => message)
      .sort(),
  ).toEqual([`${emulator.accountId}, test mode`, ...Array<string>(2).fill("acct_1Connected, test mode")].sort());
  expect(told("package")[0]?.message).toMatch(/^stripe-as-code \d/);

  const foretold = told("reads").map(({ message }) => Number(/needs (\d+) reads/.exec(message)?.[1]));
  const { calls } = JSON.parse((await run(["drift"])).out) as DriftReport;
  expect(foretold.reduce((sum, one) => sum + one, 0)).toBe(calls);
});

test("what a killed run leaves, another passphrase and another account are told, each with its remedy", async () => {
  // Its signing secret is what the passphrase is for.
  const hook = `new stripe.WebhookEndpoint("h", { url: "https://example.com/h", enabledEvents: ["*"] });`;
  workspace.program(`${hook} new stripe.Product("p", { name: "P" });`);
  await workspace.stack.up();
  workspace.program(`${hook} new stripe.Product("p", { name: "Q" });`);
  emulator.fail({ method: "POST", path: "/v1/products/:id", times: 1, with: "hang" });
  const since = emulator.requests().length;
  await workspace.upKilledOnce(() =>
    emulator
      .requests()
      .slice(since)
      .some(({ method }) => method === "POST"),
  );
  const locked = await doctor();
  expect(locked.code).toBe(2);
  expect(locked.amiss).toMatchObject([
    { check: "lock", status: "failed", remedy: expect.stringMatching(/^pulumi cancel --yes --stack e2e/) as string },
  ]);
  const cancel = workspace.pulumi(["cancel", "--yes"]);
  await once(cancel, "exit");
  await until(() => cancel.exitCode === 0);
  expect((await doctor()).amiss).toEqual([]);

  const wrong = await doctor({ PULUMI_CONFIG_PASSPHRASE: "wrong" });
  expect(wrong.code).toBe(2);
  expect(wrong.told("stack")[0]).toMatchObject({
    status: "failed",
    message: expect.stringContaining("incorrect passphrase") as string,
    remedy: expect.stringContaining("passphrase") as string,
  });
  const other = await doctor({ STRIPE_ACCOUNT_ID: "acct_1Other" });
  expect(other.amiss).toMatchObject([{ check: "account", status: "failed" }]);
});

test("what no run could read fails with no stack named, too, and from a folder below the project's", async () => {
  workspace.program(`new stripe.Product("p", { name: "P" });`);
  await workspace.stack.up();
  const below = join(workspace.folder, "node_modules");
  const well = await ofSelected(below);
  expect([well.code, well.out]).toEqual([0, expect.stringMatching(/^✓ stack +e2e\/e2e, 1 resource of this package$/m)]);

  const project = join(workspace.folder, "Pulumi.yaml");
  const text = readFileSync(project, "utf8");
  writeFileSync(project, `${text}\nbroken: [\n`);
  const broken = await ofSelected(workspace.folder);
  expect([broken.code, broken.out]).toEqual([2, expect.stringMatching(/^✗ stack +Pulumi\.yaml can't be read: /m)]);
  writeFileSync(project, text);

  const state = join(workspace.folder, "state/.pulumi/stacks/e2e/e2e.json");
  writeFileSync(state, readFileSync(state, "utf8").slice(0, -20));
  const lost = await ofSelected(workspace.folder);
  expect([lost.code, lost.out]).toEqual([2, expect.stringMatching(/^✗ stack +the stack can't be read: /m)]);
});
