import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "../../emulator";
import { finish, start } from "./command-line";

describe("stripe-as-code", () => {
  test("--help names every command, the exit codes and examples", async () => {
    const { code, out, err } = await finish(["--help"]);
    expect(code).toBe(0);
    expect(err).toBe("");
    for (const part of [
      "doctor ",
      "emulator ",
      "engine ",
      "listen ",
      "trigger ",
      "climate orders ",
      "create list retrieve",
      "--json",
      "--api-key",
      "--api-base",
      "Exit codes:",
      "Examples:",
    ]) {
      expect(out).toContain(part);
    }
  });

  test.each([[["emulator", "--help"]], [["help", "emulator"]]])("%j shows the command's own options", async (args) => {
    const { code, out } = await finish(args);
    expect(code).toBe(0);
    expect(out).toContain("--port <number>");
    expect(out).toContain("--api-key <key>");
    expect(out).toContain("/_emulator/advance");
  });

  test.each([
    [["nope"], "error: unknown command 'nope'"],
    [["engine", "--nope"], "error: unknown option '--nope'"],
    [["emulator", "--port", "70000"], "A port is a whole number from 0 to 65535."],
    [["emulator", "--port", ""], "A port is a whole number from 0 to 65535."],
  ])("%j fails on stderr and says where to look", async (args, message) => {
    const { code, out, err } = await finish(args);
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toContain(message);
    const [word = ""] = args;
    expect(err).toContain(`stripe-as-code ${word === "nope" ? "" : `${word} `}--help`);
  });

  test("errors are red on a terminal, and plain with NO_COLOR", async () => {
    const env = { STRIPE_AS_CODE_ENGINE: "/nowhere" };
    expect((await finish(["engine"], { env, tty: true })).err).toMatch(/^\x1b\[31merror:\x1b\[0m /);
    expect((await finish(["engine"], { env: { ...env, NO_COLOR: "1" }, tty: true })).err).toMatch(/^error: /);
    expect((await finish(["engine"], { env })).err).toMatch(/^error: /);
    expect((await finish(["engine"], { env: { ...env, TERM: "dumb" }, tty: true })).err).toMatch(/^error: /);
  });

  test.each([
    ["export", "--out", ""],
    ["drift", "--html", ""],
    ["drift", "--stack", " "],
    ["doctor", "--stack", ""],
    ["import", "import.json", "--cwd", ""],
    ["import", ""],
  ])("%s %s %j: what is empty means nothing else", async (...args) => {
    const { code, out, err } = await finish(args, { env: { STRIPE_AS_CODE_ENGINE: "/nowhere" } });
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/is invalid.*\. It is empty\.$/m);
  });
});

describe("--json", () => {
  test("the version is JSON too", async () => {
    const { out } = await finish(["--version", "--json"]);
    expect(JSON.parse(out)).toEqual({ version: (await finish(["--version"])).out.trim() });
  });

  test.each<[string[], object]>([
    [["engine"], { message: expect.stringContaining("No Pulumi engine was found") as string }],
    [["products", "list"], { message: "there is no key.", next: "Set STRIPE_API_KEY, or give --api-key." }],
    [
      ["products", "list", "--nope"],
      { message: "unknown option '--nope'", next: "Run `stripe-as-code products list --help` to see what there is." },
    ],
    [["drift", "--nope"], { next: "Run `stripe-as-code drift --help` to see what there is." }],
    [["engine", "now"], { next: "Run `stripe-as-code engine --help` to see what there is." }],
    [["products", "--nope"], { next: "Run `stripe-as-code products --help` to see what there is." }],
    [["--nope"], { next: "Run `stripe-as-code --help` to see what there is." }],
    [["nope"], { message: "unknown command 'nope'.", next: "Run `stripe-as-code --help` to see what there is." }],
  ])("%j that fails is one document on stdout, and told on stderr all the same", async (args, error) => {
    const env = { STRIPE_AS_CODE_ENGINE: "/nowhere" };
    const { code, out, err } = await finish([...args, "--json"], { env });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({ error: expect.objectContaining(error) as object });
    expect(err).toMatch(/^error: /);
  });
});

describe("output that can't be written", () => {
  const main = join(__dirname, "../../dist/cli/main.js");
  const run = (line: string) =>
    spawnSync("bash", ["-o", "pipefail", "-c", line, process.execPath, main], { encoding: "utf8" });

  test.each(["--help", "products --help"])("a full disk ends %s with one line", (args) => {
    if (!existsSync("/dev/full")) return;
    const { status, stderr } = run(`"$0" "$1" ${args} > /dev/full`);
    const line = "error: the output can't be written (ENOSPC): make room, or send it elsewhere.\n";
    expect([status, stderr]).toEqual([1, line]);
  });

  test("whoever reads no further is no error", () => {
    const { status, stderr } = run('"$0" "$1" --help | true');
    expect([status, stderr]).toEqual([0, ""]);
  });
});

describe("stripe-as-code export, which no stack has a say in", () => {
  const folder = mkdtempSync(join(tmpdir(), "cli-test-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("says how to give it a key", async () => {
    const { code, err } = await finish(["export", "--out", join(folder, "new")]);
    expect([code, err]).toEqual([1, "error: there is no key. Set STRIPE_API_KEY, or give --api-key.\n"]);
  });

  test("says which key Stripe doesn't take, and leaves no folder", async () => {
    const emulator = await startEmulator();
    const env = { STRIPE_API_KEY: "sk_test_wrong0", STRIPE_API_BASE: emulator.url };
    const { code, err } = await finish(["export", "--out", join(folder, "new")], { env });
    await emulator.close();
    expect([code, existsSync(join(folder, "new"))]).toEqual([1, false]);
    expect(err).toMatch(
      /^error: Invalid API Key .* \(HTTP 401, request req_\w+\)\. Check STRIPE_API_KEY or --api-key\.\n$/,
    );
  });

  test.each([[__filename], [join(__filename, "new")]])("--out %s fails before Stripe is asked", async (out) => {
    const { code, err } = await finish(["export", "--out", out], { env: { STRIPE_API_KEY: "sk_test_1" } });
    expect([code, err]).toEqual([
      1,
      `error: --out ${out}: ${__filename} is no folder. Nothing was written. Name another folder.\n`,
    ]);
  });

  // Node's way to make several folders never ends there.
  const onLinux = process.platform === "linux" ? test : test.skip;
  onLinux.each(["/proc/new", "/sys/new/deep"])("--out %s is told, and it ends", async (out) => {
    const emulator = await startEmulator();
    const env = { STRIPE_API_KEY: emulator.apiKey, STRIPE_API_BASE: emulator.url };
    const { code, err } = await finish(["export", "--out", out], { env });
    await emulator.close();
    expect(code).toBe(1);
    expect(err).toMatch(
      /^error: --out \S+: (the folder can't be made \(E.*|nothing may be written in \/\w+). Nothing /,
    );
  });
});

describe("stripe-as-code engine", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cli-test-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const withEngine = (): NodeJS.ProcessEnv => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "pulumi"), "#!/bin/sh\necho v3.259.0\n", { mode: 0o755 });
    for (const name of ["pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"]) writeFileSync(join(bin, name), "");
    return { PATH: `/usr/bin:/bin`, STRIPE_AS_CODE_ENGINE: bin };
  };

  test("says where the engine is and how to have it on the PATH", async () => {
    const env = withEngine();
    const { code, out, err } = await finish(["engine"], { env });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`Pulumi 3.259.0  ${join(folder, "bin", "pulumi")}  (named by STRIPE_AS_CODE_ENGINE)`);
    expect(out).toContain(`export PATH="${join(folder, "bin")}:$PATH"`);
  });

  test.each([[["engine", "--json"]], [["--json", "engine"]]])("%j prints one document", async (args) => {
    const { out } = await finish(args, { env: withEngine() });
    const bin = join(folder, "bin");
    const pulumi = join(bin, "pulumi");
    expect(JSON.parse(out)).toEqual({ bin, pulumi, version: "3.259.0", source: "environment", path: [bin] });
  });

  test("without an engine it fails and names the ways to one", async () => {
    const { code, out, err } = await finish(["engine"], { env: { STRIPE_AS_CODE_ENGINE: join(folder, "no") } });
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("error: No Pulumi engine was found");
    expect(err).toContain("1. install Pulumi");
  });
});

describe("stripe-as-code emulator", () => {
  test("prints its address and key, answers, and ends on Ctrl-C", async () => {
    const run = start(["emulator", "--port", "0"]);
    await run.printed;
    const url = /export STRIPE_API_BASE=(\S+)/.exec(run.out())?.[1] ?? "";
    const key = /export STRIPE_API_KEY=(\S+)/.exec(run.out())?.[1] ?? "";
    expect(run.out()).toContain(`pulumi config set stripe:apiBase ${url}\n`);
    expect(run.out()).toContain(`pulumi config set --secret stripe:apiKey ${key}\n`);

    const answer = await fetch(`${url}/v1/webhook_endpoints`, {
      headers: { authorization: `Bearer ${key}`, connection: "close" },
    });
    expect(answer.status).toBe(200);
    await answer.text();

    // The line to copy works as it stands, once the two exports above it are in force.
    const [, path = "", body = ""] =
      /curl -u \$STRIPE_API_KEY: \$STRIPE_API_BASE(\S+pass-time) -d '(.+)'/.exec(run.out()) ?? [];
    const passed = await fetch(url + path, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`${key}:`).toString("base64")}`, connection: "close" },
      body,
    });
    expect([passed.status, await passed.json()]).toEqual([200, { now: expect.any(Number) as number }]);
    expect(run.out()).toContain("/_emulator/advance");
    const [, look = ""] = /curl -u \$STRIPE_API_KEY: "\$STRIPE_API_BASE(\S+)"/.exec(run.out()) ?? [];
    const seen = await fetch(url + look, { headers: { authorization: `Bearer ${key}`, connection: "close" } });
    expect([seen.status, await seen.json()]).toEqual([200, { data: [] }]);

    run.stop();
    expect(await run.code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });

  test("--json is one line, with the key --api-key asked for", async () => {
    const run = start(["emulator", "--port", "0", "--json", "--api-key", "sk_test_known"]);
    await run.printed;
    run.stop();
    await run.code;
    expect(run.out().split("\n")).toHaveLength(2);
    expect(JSON.parse(run.out())).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
      apiKey: "sk_test_known",
      accountId: expect.stringMatching(/^acct_/) as string,
    });
  });

  test("--seed makes the same key again; another test key has an account of its own", async () => {
    const runs = [1, 2].map(() => start(["emulator", "--port", "0", "--json", "--seed", "docs"]));
    await Promise.all(runs.map(({ printed }) => printed));
    const [first, second] = runs.map(
      (run) => JSON.parse(run.out()) as { url: string; apiKey: string; accountId: string },
    );
    expect([second?.apiKey, second?.accountId]).toEqual([first?.apiKey, first?.accountId]);
    const headers = { authorization: "Bearer sk_test_mine12345", connection: "close" };
    const answer = await fetch(`${first?.url}/v1/account`, { headers });
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { id: string }).id).not.toBe(first?.accountId);
    for (const run of runs) run.stop();
    await Promise.all(runs.map(({ code }) => code));
  });

  test("listens beyond this machine only when told to, with a warning", async () => {
    const run = start(["emulator", "--port", "0", "--host", "0.0.0.0"]);
    await run.printed;
    run.stop();
    await run.code;
    expect(run.err()).toMatch(/^warning: it listens on 0\.0\.0\.0: others on the network can reach it/);
    expect(run.out()).toMatch(/STRIPE_API_BASE=http:\/\/127\.0\.0\.1:\d+\n/);
  });

  test.each([
    [
      ["--host", "192.0.2.1"],
      "192.0.2.1 is no address of this machine. Give one that is with --host, or leave it out.",
    ],
    [["--data", "/nowhere/stripe.json"], "the data file can't be written"],
    [["--data", __filename], "it was left as it is. Give another file with --data."],
    [["--api-key", "secret"], "letters, digits and underscores. Give --api-key a key such as sk_test_mine12345."],
    [["--api-key", "sk_live_mine12345"], "the key is a live key: "],
    [["--api-key", "rk_live_mine12345"], "the key is a live key: "],
    [["--api-key", "sk_test_a b"], "Give --api-key a key such as sk_test_mine12345."],
  ])("%j is one line that says what to do", async (args, message) => {
    const { code, err } = await finish(["emulator", "--port", "0", ...args]);
    expect(code).toBe(1);
    expect(err).toMatch(/^error: .*\n$/);
    expect(err).toContain(message);
    expect(err).not.toContain("live_mine");
  });

  test("the key it names as a sample is one that any emulator takes", async () => {
    const { err } = await finish(["emulator", "--port", "0", "--api-key", "secret"]);
    const [sample = ""] = /sk_test_\w+(?=\.\n)/.exec(err) ?? [];
    const emulator = await startEmulator({ accountPerKey: true });
    const headers = { authorization: `Bearer ${sample}`, connection: "close" };
    const { status } = await fetch(`${emulator.url}/v1/account`, { headers });
    await emulator.close();
    expect(status).toBe(200);
  });

  test("--api-base, which every command takes, is of no use to it and does no harm", async () => {
    const run = start(["emulator", "--port", "0", "--json", "--api-base", "http://127.0.0.1:1"]);
    await run.printed;
    run.stop();
    expect(await run.code).toBe(0);
  });

  test.each([
    [[], 400],
    [["--allow-local-urls"], 200],
  ])("with %j, an endpoint on this machine is answered %d", async (flags, status) => {
    const run = start(["emulator", "--port", "0", "--json", ...flags]);
    await run.printed;
    const { url, apiKey } = JSON.parse(run.out()) as { url: string; apiKey: string };
    const made = await fetch(`${url}/v1/webhook_endpoints`, {
      method: "POST",
      headers: { authorization: `Bearer ${apiKey}`, connection: "close" },
      body: new URLSearchParams({ url: "http://127.0.0.1:3000/hook", "enabled_events[]": "*" }),
    });
    run.stop();
    await run.code;
    expect(made.status).toBe(status);
  });

  test("a port that is taken is one line that says what to do", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { code, err } = await finish(["emulator", "--port", `${port}`]);
    await new Promise((resolve) => server.close(resolve));
    expect(code).toBe(1);
    expect(err).toBe(
      `error: port ${port} is already in use. Give another with --port, or --port 0 for any free one.\n`,
    );
  });
});
