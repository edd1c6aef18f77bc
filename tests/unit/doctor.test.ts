import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { lookAtAccount } from "../../cli/checks/account";
import { type CheckName, type Finding } from "../../cli/checks/finding";
import { lookAtNode } from "../../cli/checks/machine";
import { costOfDrift, lookAtReads, parseInterval } from "../../cli/checks/reads";
import { type ManagedResource } from "../../cli/stack";
import { pinnedApiVersion, readConfig } from "../../provider/config";
import { declarationOf, type KindName } from "../../provider/registry";
import { openSession } from "../../provider/session";
import { type Emulator, startEmulator } from "../../emulator";
import { finish } from "./command-line";

const restricted = "rk_test_reads";
let emulator: Emulator;
let folder: string;
let env: NodeJS.ProcessEnv;
const path = process.env.PATH;

beforeAll(async () => {
  emulator = await startEmulator({
    restrictedKeys: { [restricted]: ["product_read"], rk_test_account: ["account_read", "webhook_endpoint_read"] },
  });
});
beforeEach(() => {
  emulator.reset();
  folder = mkdtempSync(join(tmpdir(), "doctor-test-"));
  env = {
    PATH: "/usr/bin:/bin",
    XDG_CACHE_HOME: join(folder, "cache"),
    STRIPE_API_KEY: emulator.apiKey,
    STRIPE_API_BASE: emulator.url,
  };
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true, force: true });
});
afterAll(() => emulator.close());

interface Report {
  findings: Finding[];
  summary: Record<Finding["status"], number>;
}

/** Runs the command in the test's folder; every finding that isn't ok has to say what to do, and nothing is written. */
async function doctor(...args: string[]) {
  const before = emulator.requests().length;
  const { code, out, err } = await finish(["doctor", "--json", "--cwd", folder, ...args], { env });
  expect(err).toBe("");
  const { findings, summary } = JSON.parse(out) as Report;
  for (const { status, remedy } of findings) expect([status, remedy !== undefined]).toEqual([status, status !== "ok"]);
  const calls = emulator.requests().slice(before);
  expect(calls.filter(({ method }) => method !== "GET")).toEqual([]);
  expect(code).toBe(summary.failed > 0 ? 2 : 0);
  const of = (check: CheckName) => findings.filter((one) => one.check === check);
  const told = (check: CheckName) =>
    of(check).map(({ status, message, remedy = "" }) => `${status}: ${message} → ${remedy}`);
  return { code, out, findings, summary, calls, told, first: (check: CheckName) => told(check)[0] };
}

/** Puts a program in place of the engine that answers what a real one did (3.259.0). */
function engine(answers: {
  version?: string;
  whoami?: object | string;
  config?: object | string;
  state?: object;
  stacks?: object | string;
}) {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  const { version = "v3.259.0", whoami = { user: "root", url: backend() }, config = {}, state = {}, stacks } = answers;
  const say = (what: object | string) =>
    typeof what === "string" ? `echo 'error: ${what}' >&2; exit 255` : `cat <<'END'\n${JSON.stringify(what)}\nEND`;
  const cases = [
    ["version", `echo ${version}`],
    ["whoami*", say(whoami)],
    ["'stack ls'*", say(stacks ?? [{ name: "dev", current: true }])],
    ["config*", say(config)],
    ["'stack export'*", say({ version: 3, deployment: state })],
  ].map(([pattern, command]) => `${pattern})\n${command}\n;;`);
  writeFileSync(join(bin, "pulumi"), `#!/bin/sh\ncase "$*" in\n${cases.join("\n")}\nesac\n`, { mode: 0o755 });
  for (const name of ["pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"]) writeFileSync(join(bin, name), "");
  Object.assign(env, { STRIPE_AS_CODE_ENGINE: bin, PULUMI_CONFIG_PASSPHRASE: "" });
}

const backend = () => `file://${join(folder, "state")}?metadata=skip`;

/** A project with the packages a program of it gets. */
function project({ salt = true, sdk = "3.248.0", own = "0.1.0", main = "." } = {}) {
  writeFileSync(join(folder, "Pulumi.yaml"), `name: shop\nruntime: nodejs\nmain: ${main}\n`);
  writeFileSync(
    join(folder, "Pulumi.dev.yaml"),
    salt ? "encryptionsalt: v1:abc\n" : "secretsprovider: awskms://alias/x\n",
  );
  for (const [name, version] of Object.entries({ "@pulumi/pulumi": sdk, "stripe-as-code": own })) {
    if (version === "") continue;
    const at = join(folder, main, "node_modules", name);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, "package.json"), JSON.stringify({ name, version }));
  }
}

const plain = (value: string) => ({ value, secret: false });
const urn = (kind: string, name: string) => `urn:pulumi:dev::shop::pulumi-nodejs:dynamic/stripe:${kind}::${name}`;
function entry(kind: string, name: string, outputs: object) {
  return { urn: urn(kind, name), type: `pulumi-nodejs:dynamic/stripe:${kind}`, id: `x_${name}`, outputs };
}
const held = (kind: string, name: string) => entry(kind, name, { __account: emulator.accountId, livemode: false });

describe("without a stack", () => {
  test("looks at what it can, and says what it left out", async () => {
    const { code, told, first, summary } = await doctor();
    expect(code).toBe(2);
    expect(first("engine")).toMatch(
      /^failed: there is no usable Pulumi engine \(on the PATH: no pulumi; in the cache: .*stripe-as-code engine/,
    );
    expect(first("node")).toBe(`ok: Node ${process.versions.node} → `);
    expect(first("account")).toBe(`ok: ${emulator.accountId}, test mode → `);
    expect(first("key")).toBe("ok: secret key, test mode → ");
    expect(first("settings")).toBe("ok: all settings are readable → ");
    expect(first("api-version")).toBe(`ok: Stripe-Version ${pinnedApiVersion} → `);
    expect(told("permissions")).toHaveLength(1);
    expect(first("permissions")).toMatch(/^ok: the key may read \/v1\/webhook_endpoints, .*\/v1\/forwarding\/requests/);
    expect(first("endpoints")).toMatch(/^ok: 0 of 16 webhook endpoints of the account are used in test mode/);
    for (const check of [
      "pulumi-sdk",
      "package",
      "backend",
      "passphrase",
      "lock",
      "stack",
      "environment",
      "reads",
    ] as const) {
      expect(first(check)).toMatch(/^skipped: /);
    }
    expect(summary).toMatchObject({ failed: 1, warning: 0, skipped: 8 });
  });

  test("prints a line and a remedy for each, in colours on a terminal only", async () => {
    const { code, out } = await finish(["doctor", "--cwd", folder], { env });
    expect(code).toBe(2);
    expect(out).toMatch(/^✗ engine {7}there is no usable .*\n {15}→ stripe-as-code engine installs one/m);
    expect(out).toMatch(/^\d+ ok, 1 failed, 8 skipped\.$/m);
    expect(out).not.toContain("\x1b");
    expect((await finish(["doctor", "--cwd", folder], { env, tty: true })).out).toContain("\x1b[31m✗ engine");
  });

  test("fails by itself where there is no folder, or no time is given", async () => {
    const nowhere = await finish(["doctor", "--cwd", join(folder, "no")], { env });
    expect([nowhere.code, nowhere.out]).toEqual([1, ""]);
    expect(nowhere.err).toMatch(/there is no folder .* --cwd/);
    const never = await finish(["doctor", "--drift-every", "0h"], { env });
    expect([never.code, never.err]).toEqual([1, expect.stringContaining("A time such as 30m, 1h or 1d is wanted.")]);
  });
});

describe("this machine", () => {
  test.each([
    ["20.19.0", "ok"],
    ["22.0.0", "ok"],
    ["20.18.9", "failed"],
    ["18.20.0", "failed"],
  ])("Node %s: %s", (version, status) => expect(lookAtNode(version).status).toBe(status));

  test("an engine that is too old is named, and none is made", async () => {
    engine({ version: "v3.200.0" });
    const { first } = await doctor();
    expect(first("engine")).toMatch(/^failed: .*3\.200\.0, needed is 3\.248\.0 or newer .*→ stripe-as-code engine/);
    expect(first("stack")).toMatch(/^skipped: without an engine/);
  });

  test("the packages are those of the program's folder", async () => {
    engine({});
    project({ main: "src" });
    const { code, first } = await doctor();
    expect([code, first("pulumi-sdk"), first("package")]).toEqual([
      0,
      "ok: @pulumi/pulumi 3.248.0 → ",
      "ok: stripe-as-code 0.1.0 → ",
    ]);
    project({ main: "src", sdk: "3.247.9", own: "0.0.9" });
    const old = await doctor();
    expect(old.first("pulumi-sdk")).toMatch(
      /^failed: @pulumi\/pulumi is 3\.247\.9, needed is 3\.248\.0.*npm install @pulumi\/pulumi@3\.248\.0/,
    );
    expect(old.first("package")).toMatch(
      /^warning: the program has stripe-as-code 0\.0\.9, this command is of 0\.1\.0/,
    );
    rmSync(join(folder, "src"), { recursive: true });
    const none = await doctor();
    // As the README pins it: newer ones want a newer Node than this package does.
    expect(none.first("pulumi-sdk")).toBe(
      "failed: the program finds no @pulumi/pulumi → npm install @pulumi/pulumi@3.248.0",
    );
    // It is on no registry.
    expect(none.first("package")).toBe(
      "failed: the program finds no stripe-as-code → npm install <path to stripe-as-code-0.1.0.tgz>",
    );
  });
});

describe("the stack's backend", () => {
  test("all well", async () => {
    engine({ state: { resources: [held("Product", "shirt")] } });
    project();
    const { code, first, summary } = await doctor();
    expect(first("backend")).toBe(`ok: ${backend()} as root → `);
    expect(first("passphrase")).toBe("ok: PULUMI_CONFIG_PASSPHRASE is set → ");
    expect(first("lock")).toBe("ok: nobody holds the stack → ");
    expect(first("stack")).toBe("ok: shop/dev, 1 resource of this package → ");
    expect([code, summary.failed, summary.skipped]).toEqual([0, 0, 0]);
  });

  test("one that can't be reached is told without its password, and the rest is looked at", async () => {
    const refusal = 'unable to open state database "postgres://ops:hush@db.test/x": connection refused';
    engine({ whoami: refusal, config: refusal });
    project();
    const { first, out } = await doctor();
    expect(first("backend")).toMatch(/^failed: the state backend can't be reached: unable .*→ pulumi login/);
    expect(out).not.toContain("hush");
    for (const check of ["passphrase", "lock", "stack"] as const) expect(first(check)).toMatch(/^skipped: /);
    expect(first("account")).toMatch(/^ok: /);
    const drift = await finish(["drift", "--cwd", folder, "--stack", "dev"], { env });
    expect([drift.code, drift.err]).toEqual([1, expect.stringMatching(/postgres:\/\/\[hidden\]@db\.test\/x/)]);
    engine({ whoami: { user: "ops", url: "postgres://ops:hush@db.test/x" } });
    expect((await doctor()).first("backend")).toBe("ok: postgres://[hidden]@db.test/x as ops → ");
  });

  test("a passphrase that isn't set, a file of it that isn't there, and none that is needed", async () => {
    engine({});
    project();
    delete env.PULUMI_CONFIG_PASSPHRASE;
    expect((await doctor()).first("passphrase")).toMatch(/^failed: .*none is set → set PULUMI_CONFIG_PASSPHRASE/);
    env.PULUMI_CONFIG_PASSPHRASE_FILE = join(folder, "pass");
    expect((await doctor()).first("passphrase")).toMatch(/^failed: PULUMI_CONFIG_PASSPHRASE_FILE names .*isn't there/);
    writeFileSync(join(folder, "pass"), "x");
    expect((await doctor()).first("passphrase")).toMatch(/^ok: /);
    delete env.PULUMI_CONFIG_PASSPHRASE_FILE;
    project({ salt: false });
    expect((await doctor()).first("passphrase")).toBe("ok: none is needed (awskms://alias/x) → ");
  });

  test("a lock in a folder tells who has it, and whether that still runs", async () => {
    engine({});
    project();
    const locks = join(folder, "state/.pulumi/locks/organization/shop/dev");
    mkdirSync(locks, { recursive: true });
    const lock = (pid: number, host = hostname()) =>
      writeFileSync(join(locks, "1.json"), JSON.stringify({ pid, username: "ann", hostname: host, timestamp: "then" }));
    // No process has an id that high.
    lock(2 ** 30);
    expect((await doctor()).first("lock")).toMatch(
      /process 1073741824 of ann .*is no more → pulumi cancel --yes --stack dev/,
    );
    lock(process.pid);
    expect((await doctor()).first("lock")).toMatch(/^failed: .*which is running → wait for its end$/);
    lock(process.pid, "elsewhere");
    expect((await doctor()).first("lock")).toMatch(
      /^failed: .*on elsewhere since then → wait .*; if it died: pulumi cancel/,
    );
  });

  test("a lock of Pulumi Cloud is an update in progress; of a bucket it can't be told", async () => {
    project();
    const cloud = { user: "ann", url: "https://app.pulumi.com/ann" };
    const stack = { name: "ann/dev", current: true };
    engine({ whoami: cloud, stacks: [{ ...stack, updateInProgress: true }] });
    expect((await doctor("--stack", "ann/dev")).first("lock")).toMatch(/^failed: an update .* is in progress → /);
    engine({ whoami: cloud, stacks: [stack] });
    expect((await doctor("--stack", "ann/dev")).first("lock")).toMatch(/^ok: /);
    engine({ whoami: { user: "ann", url: "s3://states" } });
    expect((await doctor()).first("lock")).toMatch(/^skipped: .*can't be told .*→ .*pulumi cancel/);
  });

  test("settings that may be in a config which can't be read are not called wrong", async () => {
    engine({ config: "incorrect passphrase" });
    project();
    delete env.STRIPE_API_KEY;
    const { told } = await doctor();
    expect(told("stack")[0]).toMatch(/^failed: the stack can't be read: incorrect passphrase → Check --stack/);
    expect(told("settings")).toEqual([
      expect.stringMatching(
        /^skipped: stripe:apiKey \(without the stack's config, which could not be read\) is missing/,
      ),
    ]);
  });

  test("a state that can't be read fails, with the stack not named too", async () => {
    engine({ stacks: "could not unmarshal state: unexpected end" });
    project();
    const { code, first } = await doctor();
    expect([code, first("stack")]).toEqual([
      2,
      "failed: the stack can't be read: could not unmarshal state: unexpected end → Check --stack, the backend (pulumi whoami) and its passphrase.",
    ]);
  });

  test("a Pulumi.yaml that can't be read fails, with what the parser says", async () => {
    engine({});
    project();
    writeFileSync(join(folder, "Pulumi.yaml"), "name: shop\nruntime: [nodejs\n");
    const { code, first } = await doctor();
    expect(code).toBe(2);
    expect(first("stack")).toMatch(/^failed: Pulumi\.yaml can't be read: [^\n]*\d[^\n]* → Mend Pulumi\.yaml\.$/);
    expect(first("pulumi-sdk")).toMatch(/^ok: /);
    const drift = await finish(["drift", "--cwd", folder], { env });
    expect([drift.code, drift.err]).toEqual([1, expect.stringMatching(/^error: Pulumi\.yaml can't be read: /)]);
    writeFileSync(join(folder, "Pulumi.yaml"), "runtime: nodejs\n");
    expect((await doctor()).first("stack")).toMatch(/^failed: Pulumi\.yaml can't be read: it has no name →/);
  });

  test("a Pulumi.dev.yaml that can't be read is not called missing, and an empty one is none that can't", async () => {
    engine({});
    project();
    writeFileSync(join(folder, "Pulumi.dev.yaml"), "encryptionsalt: [v1\n");
    expect((await doctor()).first("passphrase")).toMatch(
      /^failed: Pulumi\.dev\.yaml can't be read: [^\n]+ → mend Pulumi\.dev\.yaml$/,
    );
    writeFileSync(join(folder, "Pulumi.dev.yaml"), "");
    expect((await doctor()).first("passphrase")).toMatch(/^ok: none is needed/);
  });

  test("from a folder below the project's, as Pulumi has it", async () => {
    engine({ state: { resources: [held("Product", "shirt")] } });
    project({ main: "src" });
    const below = join(folder, "src", "node_modules");
    const { code, first, summary } = await doctor("--cwd", below);
    expect(first("stack")).toBe("ok: shop/dev, 1 resource of this package → ");
    expect([code, summary.skipped, first("package")]).toEqual([0, 0, "ok: stripe-as-code 0.1.0 → "]);
    expect((await finish(["drift", "--cwd", below, "--unmanaged=false"], { env })).out).toMatch(/^shop\/dev against /);
    expect((await finish(["drift", "--cwd", join(folder, "no")], { env })).err).toMatch(
      /^error: there is no folder .*no\. /,
    );
  });

  test("no stack is selected", async () => {
    engine({ stacks: [] });
    project();
    expect((await doctor()).first("stack")).toMatch(/^skipped: no stack is selected → name one with --stack/);
  });

  test("resources of a newer release are told of", async () => {
    engine({ state: { resources: [held("Tomorrow", "x")] } });
    project();
    expect((await doctor()).told("stack")[1]).toMatch(/^warning: resources of type .*Tomorrow are unknown/);
  });
});

describe("settings", () => {
  test("each that can't be read is told with how to set it, and what hangs on them is left out", async () => {
    Object.assign(env, { STRIPE_MODE: "prod", STRIPE_READ_ONLY: "maybe", STRIPE_API_KEY: "pk_test_x" });
    const { code, told, first, calls } = await doctor();
    expect(code).toBe(2);
    expect(told("settings")).toEqual([
      expect.stringMatching(
        /^failed: stripe:apiKey must be a secret or restricted key .*→ pulumi config set --secret stripe:apiKey, or set STRIPE_API_KEY$/,
      ),
      expect.stringMatching(
        /^failed: stripe:mode must be test or live → pulumi config set stripe:mode, or set STRIPE_MODE$/,
      ),
      expect.stringMatching(/^failed: stripe:readOnly must be true or false → .*STRIPE_READ_ONLY$/),
    ]);
    expect(first("account")).toBe("skipped: the settings can't be used → see settings");
    expect(calls).toEqual([]);
  });

  test("config and environment that differ, names that are none, a key in plain text, another version", async () => {
    const config = {
      "stripe:apiKey": plain(emulator.apiKey),
      "stripe:mode": plain("test"),
      "stripe:lookupLimit": plain("200"),
      "stripe:owner": { value: "hushhush", secret: true },
      "stripe:readonly": plain("true"),
      "stripe:colour": plain("red"),
      // Whoever pastes a key into another setting is not shown it.
      "stripe:stripeContext": plain("rk_test_pasted0"),
      "stripe:apiVersion": plain("2024-06-20"),
    };
    engine({ config });
    project();
    Object.assign(env, {
      STRIPE_API_KEY: "sk_test_other0",
      STRIPE_MODE: "test",
      STRIPE_LOOKUP_LIMIT: "100",
      STRIPE_OWNER: "team",
      STRIPE_CONTEXT: "acct_1",
    });
    const { out, told, first } = await doctor();
    expect(told("environment")).toEqual([
      expect.stringMatching(
        /^warning: stripe:apiKey and STRIPE_API_KEY differ: the stack's config wins → .*unset STRIPE_API_KEY$/,
      ),
      expect.stringMatching(/^warning: stripe:stripeContext .*wins \(rk_test_\[hidden\], not acct_1\) → /),
      expect.stringMatching(/^warning: stripe:owner and STRIPE_OWNER differ: the stack's config wins → /),
      expect.stringMatching(
        /^warning: stripe:lookupLimit .*the stack's config wins \(200, not 100\) → .*pulumi config rm stripe:lookupLimit/,
      ),
    ]);
    expect(told("settings")).toEqual([
      expect.stringMatching(/^failed: stripe:readonly is no setting; stripe:readOnly was meant → pulumi config rm/),
      expect.stringMatching(/^warning: stripe:colour is no setting, and is ignored → pulumi config rm stripe:colour$/),
      expect.stringMatching(/^ok: /),
    ]);
    expect(first("key")).toMatch(
      /^warning: .*in plain text → roll the key .*pulumi config set --secret stripe:apiKey$/,
    );
    expect(first("api-version")).toMatch(/^warning: Stripe-Version is 2024-06-20; .*→ leave it out/);
    for (const secret of [emulator.apiKey, "sk_test_other0", "hushhush"]) expect(out).not.toContain(secret);
  });

  test("an encrypted key, the same in both places, is as it should be", async () => {
    engine({ config: { "stripe:apiKey": { value: emulator.apiKey, secret: true } } });
    project();
    const { first } = await doctor();
    expect(first("key")).toMatch(/^ok: /);
    expect(first("environment")).toBe("ok: no setting of the config contradicts the environment → ");
  });
});

describe("the account", () => {
  test("stripe:accountId of another one, and of this one", async () => {
    env.STRIPE_ACCOUNT_ID = "acct_other";
    expect((await doctor()).first("account")).toMatch(
      /^failed: .*belongs to account acct_\w+, but stripe:accountId is acct_other/,
    );
    env.STRIPE_ACCOUNT_ID = emulator.accountId;
    expect((await doctor()).first("account")).toBe(`ok: ${emulator.accountId}, test mode, as stripe:accountId says → `);
  });

  test("a state of another account, and of the other mode", async () => {
    project();
    engine({ state: { resources: [entry("Product", "shirt", { __account: "acct_other", livemode: false })] } });
    expect((await doctor()).first("account")).toMatch(
      /^failed: this resource is in account acct_other, but the test key acts on/,
    );
    engine({ state: { resources: [entry("Product", "shirt", { __account: emulator.accountId, livemode: true })] } });
    expect((await doctor()).first("account")).toMatch(
      /^failed: the key is a test key, but shirt is in live mode → use a live key/,
    );
  });

  test("a key Stripe doesn't take, and a Stripe that can't be reached, leave the rest out", async () => {
    env.STRIPE_API_KEY = "sk_test_wrong0";
    const wrong = await doctor();
    expect(wrong.first("account")).toMatch(/^failed: Invalid API Key .*HTTP 401, request req_.*→ set a valid key/);
    expect([wrong.first("permissions"), wrong.calls.length]).toEqual([
      "skipped: Stripe gave no answer to this key → see account",
      1,
    ]);
    emulator.fail({ times: Infinity, path: "/v1/account", with: "cut-before" });
    env.STRIPE_API_KEY = emulator.apiKey;
    expect((await doctor()).first("account")).toMatch(
      /^failed: GET \/v1\/account: the connection failed .*→ check the network/,
    );
  });

  test("one that the key may not name, and what tells it then", async () => {
    env.STRIPE_API_KEY = restricted;
    emulator.fail({
      times: Infinity,
      path: "/v1/account",
      with: 403,
      body: { error: { message: "not for this key" } },
    });
    const { first } = await doctor();
    expect(first("account")).toMatch(/^warning: the key may not read its own account .*→ give the restricted key/);
    expect(first("key")).toBe("ok: restricted key, test mode → ");
  });

  test("in live mode stripe:accountId is wanted", async () => {
    const live = await startEmulator({ livemode: true });
    try {
      const config = {
        ...readConfig({ config: () => undefined, env }),
        ...{ apiKey: live.apiKey, apiBase: live.url, livemode: true },
      };
      const account = async (accountId?: string) => {
        const session = openSession({ ...config, ...(accountId !== undefined && { accountId }) }, () => undefined);
        return (await lookAtAccount({ session, stripeAccount: undefined, resources: [] })).findings[0];
      };
      expect(await account()).toMatchObject({
        status: "warning",
        remedy: `pulumi config set stripe:accountId ${live.accountId}`,
      });
      expect(await account(live.accountId)).toMatchObject({ status: "ok" });
    } finally {
      await live.close();
    }
  });
});

describe("permissions", () => {
  test("what a restricted key lacks for the stack's kinds fails and is named", async () => {
    env.STRIPE_API_KEY = restricted;
    engine({ state: { resources: [held("Product", "shirt")] } });
    project();
    const { told } = await doctor();
    expect(told("permissions")).toEqual([
      expect.stringMatching(
        /^ok: the key may read \/v1\/products; whether it may write, nothing tells without writing/,
      ),
      expect.stringMatching(
        /^failed: the key may not read \/v1\/prices, which Product needs: .*'rak_price_read'.*docs\/reference\/permissions\.md/,
      ),
    ]);
  });

  test("what a run goes on without is a warning", async () => {
    engine({ state: { resources: [held("Price", "monthly")] } });
    project();
    for (const path of ["/v1/payment_links", "/v1/billing_portal/configurations"]) {
      emulator.fail({ path, with: 403, times: Infinity, body: { error: { message: "not for this key" } } });
    }
    const { told } = await doctor();
    expect(told("permissions").map((one) => one.split(":")[0])).toEqual(["ok", "warning", "warning"]);
    expect(told("permissions")[1]).toMatch(/may not read \/v1\/payment_links, which Price would look at/);
  });

  test("without resources it is a warning, as nothing may need it", async () => {
    env.STRIPE_API_KEY = "rk_test_account";
    const { code, told, first } = await doctor();
    expect(first("permissions")).toMatch(/^ok: the key may read \/v1\/webhook_endpoints;/);
    expect(
      told("permissions")
        .slice(1)
        .every((one) => one.startsWith("warning: ")),
    ).toBe(true);
    expect(told("permissions").join()).toContain("/v1/prices, which Product and Price need");
    // There is no engine.
    expect(code).toBe(2);
    expect((await doctor()).summary.failed).toBe(1);
  });

  test("any other refusal is no word on permissions", async () => {
    emulator.fail({ times: Infinity, path: "/v1/climate/orders", with: 400, body: { error: { message: "not here" } } });
    expect((await doctor()).told("permissions")[1]).toMatch(
      /^skipped: whether \/v1\/climate\/orders may be read .*not here/,
    );
  });
});

describe("webhook endpoints", () => {
  const add = (count: number, to = emulator) =>
    Promise.all(
      [...Array(count).keys()].map((number) =>
        fetch(`${to.url}/v1/webhook_endpoints`, {
          method: "POST",
          headers: { authorization: `Bearer ${to.apiKey}` },
          body: new URLSearchParams({ url: `https://example.com/${number}`, "enabled_events[]": "*" }),
        }),
      ),
    );

  test("are counted against the limit", async () => {
    await add(15);
    expect((await doctor()).first("endpoints")).toMatch(/^ok: 15 of 16 /);
    await add(1);
    expect((await doctor()).first("endpoints")).toMatch(/^warning: 16 of 16 .*→ delete one .* or ask Stripe/);
  });

  test("more than the usual limit tells of a higher one", async () => {
    const large = await startEmulator({ maxWebhookEndpoints: 100 });
    await add(17, large);
    Object.assign(env, { STRIPE_API_KEY: large.apiKey, STRIPE_API_BASE: large.url });
    expect((await doctor()).first("endpoints")).toMatch(
      /^ok: 17 webhook endpoints in test mode: this account has a higher limit/,
    );
    await large.close();
  });

  test("that the key may not read can't be counted", async () => {
    env.STRIPE_API_KEY = restricted;
    expect((await doctor()).first("endpoints")).toMatch(
      /^skipped: .*rak_webhook_endpoint_read.*→ give the restricted key/,
    );
  });
});

describe("the clock", () => {
  let proxy: Server;
  let offMs: number | undefined;
  beforeEach(async () => {
    proxy = createServer((request, response) => {
      void (async () => {
        const { authorization = "" } = request.headers;
        const answer = await fetch(`${emulator.url}${request.url}`, { headers: { authorization } });
        response.sendDate = false;
        if (offMs !== undefined) response.setHeader("date", new Date(Date.now() + offMs).toUTCString());
        response.writeHead(answer.status).end(await answer.text());
      })();
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    env.STRIPE_API_BASE = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((resolve) => (proxy.closeAllConnections(), proxy.close(resolve))));

  test.each([
    [0, /^ok: the clock is within \d s of Stripe's/],
    [-50_000, /^ok: /],
    [-90_000, /^warning: the clock is (89|9[0-2]) s ahead of Stripe's: signatures .* 300 s → set the clock/],
    [3_600_000, /^warning: the clock is (3600|359\d) s behind Stripe's/],
    [undefined, /^skipped: no answer carried a date/],
  ])("of Stripe being %s ms off", async (off, expected) => {
    offMs = off;
    expect((await doctor()).first("clock")).toMatch(expected);
  });
});

describe("what a drift job reads", () => {
  const config = readConfig({ config: () => undefined, env: { STRIPE_API_KEY: "sk_test_x" } });
  const many = (kind: KindName, count: number, outputs = {}) =>
    Array.from(
      { length: count },
      () => ({ kind, outputs, declaration: declarationOf(kind) }) as unknown as ManagedResource,
    );

  test.each([
    // The account, a page of each of five kinds that aren't made by the thousand; at most three pages of each.
    [[], 6, 16],
    [many("Product", 1), 6, 17],
    [many("Product", 250), 8, 1 + 500 + 12],
    // A kind of applications is looked at only where the stack has it.
    [many("identity:VerificationSession", 101), 1 + 5 + 2, 1 + 15 + 202],
    [many("Product", 1, { stripeAccount: "acct_1" }), 1 + 5 + 5, 1 + 15 + 16],
  ])("case %#", (resources, least, most) => {
    expect(costOfDrift({ config, resources })).toEqual({ least, most });
  });

  test("is compared with what Stripe allows in 30 days", () => {
    const looked = { config, resources: many("Product", 1_100) };
    expect(lookAtReads({ config, resources: [] }, 3_600_000)).toMatchObject({
      status: "ok",
      message: expect.stringMatching(
        /every 1h needs 6 reads \(4,320 in 30 days\), or up to 16 \(11,520\) .*; every 2h stays below that in any case$/,
      ) as string,
    });
    for (const [count, everyMs] of [
      [0, 7_200_000],
      // More than a look each week has room for.
      [5_000, 86_400_000],
    ] as const) {
      const { status, message } = lookAtReads({ config, resources: many("Product", count) }, everyMs);
      expect([status, message.includes("in any case")]).toEqual(["ok", false]);
    }
    expect(lookAtReads(looked, 3_600_000)).toMatchObject({
      status: "warning",
      remedy: expect.stringMatching(/^run it every 2h or less often .*more than 24 transactions/) as string,
    });
    expect(lookAtReads(looked, 7_200_000).status).toBe("ok");
    expect(lookAtReads({ ...looked, config: { ...config, lookupLimit: Infinity } }, 7_200_000).message).toContain(
      "all pages",
    );
  });

  test("takes the schedule from --drift-every", async () => {
    engine({ state: { resources: [held("Product", "shirt")] } });
    project();
    expect((await doctor()).first("reads")).toMatch(/^ok: a drift job every 1h needs 6 reads/);
    expect((await doctor("--drift-every", "5m")).first("reads")).toMatch(
      /^warning: .*every 5m .*→ run it every 1h or less often/,
    );
    expect(["30m", "1h", "2d", "0h", "1", "1w"].map(parseInterval)).toEqual([
      1_800_000,
      3_600_000,
      172_800_000,
      ...Array<undefined>(3),
    ]);
  });
});
