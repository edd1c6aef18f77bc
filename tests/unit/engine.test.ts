import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { EngineError, findEngine, getEngine } from "../../tools/engine/get-engine";
import { type EngineSystem, type RunOptions, type RunResult } from "../../tools/engine/system";
import { isUsable, parseVersion, WANTED_VERSION } from "../../tools/engine/version";

interface Call {
  command: string;
  args: readonly string[];
  options: RunOptions;
}
type Answer = (call: Call) => Partial<RunResult> | undefined;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "engine-test-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A machine with an empty PATH, no network and no Go, unless `answer` knows better. */
function machine(answer: Answer = () => undefined, overrides: Partial<EngineSystem> = {}) {
  const calls: Call[] = [];
  const printed: string[] = [];
  const ticks: Array<() => void> = [];
  let clock = Date.now();
  const system: EngineSystem = {
    env: { PATH: join(folder, "path"), XDG_CACHE_HOME: join(folder, "cache") },
    platform: "linux",
    arch: "x64",
    home: folder,
    host: "here",
    pid: 1,
    screen: { write: (text) => printed.push(text) },
    now: () => clock,
    sleep: async (ms) => {
      clock += ms;
    },
    every: (_ms, tick) => {
      ticks.push(tick);
      return () => ticks.splice(ticks.indexOf(tick), 1);
    },
    isAlive: (pid) => pid === 1,
    run: async (command, args, options = {}) => {
      const call = { command, args, options };
      calls.push(call);
      const result = answer(call) ?? unreachable(call) ?? { code: 0, stdout: `v${WANTED_VERSION}` };
      for (const line of (result.stderr ?? "").split("\n")) options.onLine?.(line);
      return { code: 0, stdout: "", stderr: "", ...result };
    },
    ...overrides,
  };
  const names = (): string[] => calls.map((call) => call.command.replace(`${folder}/`, ""));
  const tick = (ms: number): void => {
    clock += ms;
    ticks.slice().forEach((each) => each());
  };
  return { system, calls, names, tick, text: () => printed.join("") };
}

function unreachable({ command }: Call): Partial<RunResult> | undefined {
  if (command === "curl") return { code: 6, stderr: "curl: (6) Could not resolve host: get.pulumi.com" };
  return command === "go" ? { code: null, problem: "not found" } : undefined;
}

function install(bin: string, names = ["pulumi", "pulumi-language-nodejs"]): string {
  mkdirSync(bin, { recursive: true });
  for (const name of names) writeFileSync(join(bin, name), "");
  return bin;
}

/** Go as a test sees it: writes what it was told to build. */
const go: Answer = ({ command, args }) => {
  if (command !== "go") return undefined;
  const output = args[args.indexOf("-o") + 1];
  if (args[0] === "build" && output) writeFileSync(output, "");
  return { code: 0, stderr: "go: downloading a.b/c v1.0.0\na.b/c\na.b/d" };
};

const cached = (): string => join(folder, "cache", "stripe-as-code", "engine");

describe("order", () => {
  test("the engine on the PATH is used as it is, and nothing is made", async () => {
    const bin = install(join(folder, "path"), ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"]);
    const { system, names } = machine(() => ({ stdout: "v3.250.1\n" }));

    const engine = await getEngine(system);

    expect(engine).toMatchObject({ bin, version: "3.250.1", source: "path" });
    expect(names()).toEqual(["path/pulumi"]);
    expect(existsSync(cached())).toBe(false);
    expect(engine.env({ PATH: `/first${delimiter}${bin}`, A: "b" })).toEqual({
      PATH: `/first${delimiter}${bin}`,
      A: "b",
    });
  });

  test("an engine on the PATH without the dynamic host's launcher gets one from the cache folder", async () => {
    install(join(folder, "path"));
    const { system } = machine();

    const path = (await getEngine(system)).env().PATH?.split(delimiter) ?? [];

    expect(path).toEqual([join(folder, "path"), join(cached(), "launcher")]);
    expect(readFileSync(join(path[1] ?? "", "pulumi-resource-pulumi-nodejs"), "utf8")).toContain("dynamic-provider");
  });

  test("the probe leaves the user's Pulumi home alone", async () => {
    install(join(folder, "path"));
    const { system, calls } = machine();
    await getEngine(system);
    expect(calls[0]?.options.env?.PULUMI_HOME).toContain(tmpdir());
  });

  test.each([
    ["too old", "v3.247.9", ["pulumi", "pulumi-language-nodejs"]],
    ["of the next major version", "v4.0.0", ["pulumi", "pulumi-language-nodejs"]],
    ["without a version stamp", "", ["pulumi", "pulumi-language-nodejs"]],
    ["without its language host", "v3.259.0", ["pulumi"]],
  ])("an engine on the PATH that is %s is passed over for the build", async (_why, version, names) => {
    const bin = install(join(folder, "path"), names);
    const { system } = machine((call) => (call.command.startsWith(bin) ? { stdout: version } : go(call)));
    await expect(getEngine(system)).resolves.toMatchObject({ source: "build" });
  });

  test("the installer comes before the build and fills our cache, editing no profile", async () => {
    const { system, calls, names } = machine(({ command, args }) => {
      if (command === "/bin/sh") install(join(args[args.indexOf("--install-root") + 1] ?? "", "bin"));
      return command === "curl" ? {} : undefined;
    });

    const engine = await getEngine(system);

    expect(engine).toMatchObject({ source: "installer", version: WANTED_VERSION });
    expect(engine.bin).toBe(join(cached(), WANTED_VERSION, "bin"));
    expect(calls[0]?.args).toEqual(expect.arrayContaining(["--connect-timeout", "https://get.pulumi.com/install.sh"]));
    expect(calls[1]?.args).toContain("--no-edit-path");
    expect(names()).not.toContain("go");
  });

  test("what was made once is found without starting any program", async () => {
    const first = machine(go);
    await expect(getEngine(first.system)).resolves.toMatchObject({ source: "build" });
    expect(first.calls.filter((call) => call.args[0] === "build").map((call) => call.args.at(-1))).toEqual([
      "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      "github.com/pulumi/pulumi/sdk/nodejs/cmd/pulumi-language-nodejs/v3",
    ]);

    const second = machine();
    const engine = await getEngine(second.system);

    expect(engine).toMatchObject({ source: "cache", version: WANTED_VERSION });
    expect(engine.env({ PATH: "/usr/bin" }).PATH).toBe(`${engine.bin}${delimiter}/usr/bin`);
    expect(readdirSync(engine.bin)).toContain("pulumi-resource-pulumi-nodejs");
    expect(second.calls).toEqual([]);
    expect(second.text()).toBe("");
  });

  test("an engine of another kind of machine in a shared cache isn't used", async () => {
    await getEngine(machine(go).system);
    await expect(findEngine(machine(undefined, { arch: "arm64" }).system)).resolves.toBeUndefined();
  });

  test("the folder STRIPE_AS_CODE_ENGINE names wins, and no other stands in for it", async () => {
    install(join(folder, "path"));
    const bin = install(join(folder, "own"));
    const { system } = machine();
    system.env.STRIPE_AS_CODE_ENGINE = bin;
    await expect(getEngine(system)).resolves.toMatchObject({ bin, source: "environment" });

    system.env.STRIPE_AS_CODE_ENGINE = join(folder, "nowhere");
    await expect(getEngine(system)).rejects.toThrow(/STRIPE_AS_CODE_ENGINE: no pulumi in .*nowhere/);
  });

  test("looking for an engine makes none", async () => {
    const { system, calls } = machine(go);
    await expect(findEngine(system)).resolves.toBeUndefined();
    expect(calls).toEqual([]);
  });
});

describe("failure", () => {
  test("names the cause of each way that failed and the three ways out", async () => {
    const failure = await getEngine(machine().system).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EngineError);
    const { message } = failure as EngineError;
    for (const part of [
      "on the PATH: no pulumi",
      "in the cache: no engine",
      "Pulumi's installer: curl: (6) Could not resolve host",
      "a build from Go modules: no `go` on the PATH",
      "1. install Pulumi 3.248.0 or newer",
      "2. put Go 1.26 or newer on the PATH",
      "3. set STRIPE_AS_CODE_ENGINE",
    ]) {
      expect(message).toContain(part);
    }
  });

  test("a failed build tells Go's last words and leaves nothing behind", async () => {
    const { system } = machine(({ command, args }) => {
      if (command !== "go") return undefined;
      return args[0] === "build" ? { code: 1, stderr: "go: downloading a v1\na/b\ngo: a/c: no space left" } : {};
    });
    await expect(getEngine(system)).rejects.toThrow(/go build pulumi: go: a\/c: no space left\n/);
    expect(readdirSync(cached())).toEqual([]);
  });

  test("an engine that was built but doesn't run isn't kept", async () => {
    const { system } = machine((call) => (call.command.endsWith("pulumi") ? { code: 1, stderr: "boom" } : go(call)));
    await expect(getEngine(system)).rejects.toThrow(/doesn't run: boom/);
    expect(readdirSync(cached())).toEqual([]);
  });

  test("a cache folder that can't be made is a cause like the others", async () => {
    writeFileSync(join(folder, "cache"), "a file where the folder should be");
    await expect(getEngine(machine(go).system)).rejects.toThrow(/cache folder .*: (ENOTDIR|EEXIST)/);
  });
});

describe("lock", () => {
  const lock = (): string => join(cached(), `${WANTED_VERSION}.lock`);
  const holdLock = (owner: object | string): void => {
    mkdirSync(cached(), { recursive: true });
    writeFileSync(lock(), typeof owner === "string" ? owner : JSON.stringify(owner));
  };

  test("two that come at once build once", async () => {
    const { system, calls } = machine(go, { sleep: () => new Promise((resolve) => setImmediate(resolve)) });
    const sources = (await Promise.all([getEngine(system), getEngine(system)])).map((engine) => engine.source);
    expect(sources.sort()).toEqual(["build", "cache"]);
    expect(calls.filter((call) => call.args[0] === "build")).toHaveLength(2);
    expect(existsSync(lock())).toBe(false);
  });

  test("a living holder is waited for, and said so once", async () => {
    holdLock({ pid: 1, host: "here", token: "other" });
    let sleeps = 0;
    const { system, text } = machine(go, {
      sleep: async () => {
        if (++sleeps === 3) rmSync(lock());
      },
    });
    await getEngine(system);
    expect(sleeps).toBe(3);
    expect(text().match(/Waiting for process 1/g)).toHaveLength(1);
  });

  test.each([
    ["whose holder is dead", { pid: 2, host: "here", token: "dead" }, 0],
    ["silent for more than a minute", { pid: 1, host: "here", token: "old" }, 61],
    ["of another host, silent for more than a minute", { pid: 1, host: "there", token: "old" }, 61],
    ["never written, more than five seconds old", "", 6],
  ])("a lock %s is taken over", async (_what, owner, ageSeconds) => {
    holdLock(owner);
    const then = new Date(Date.now() - ageSeconds * 1000);
    utimesSync(lock(), then, then);
    const { system, text } = machine(go, { sleep: () => Promise.reject(new Error("waited")) });
    await expect(getEngine(system)).resolves.toMatchObject({ source: "build" });
    expect(text()).not.toContain("Waiting");
  });

  test("what a killed build left behind is cleared away", async () => {
    mkdirSync(join(cached(), `${WANTED_VERSION}.partial-dead`), { recursive: true });
    await getEngine(machine(go).system);
    expect(readdirSync(cached())).toEqual([WANTED_VERSION]);
  });
});

describe("progress", () => {
  /** A build during which `minutes` pass: the clock ticks while Go runs. */
  async function watch(screen: { isTTY?: boolean; columns?: number }, env: NodeJS.ProcessEnv = {}): Promise<string> {
    const all = machine((call) => {
      if (call.args[0] === "build") {
        call.options.onLine?.("go: downloading a.b/c v1.0.0");
        all.tick(20_000);
        call.options.onLine?.("a.b/c");
        all.tick(50_000);
      }
      return go(call);
    });
    Object.assign(all.system.screen, screen);
    Object.assign(all.system.env, env);
    await getEngine(all.system);
    return all.text();
  }

  test("in a log each step is a line at its start, one every 20 s and one at its end", async () => {
    const text = await watch({});
    expect(text).not.toMatch(/[\r\x1b]/);
    expect(text.split("\n").filter((line) => line.startsWith("Building pulumi 3"))).toEqual([
      `Building pulumi ${WANTED_VERSION} with Go (minutes, once per machine) …`,
      `Building pulumi ${WANTED_VERSION} with Go (minutes, once per machine): 20 s, 1 modules downloaded`,
      `Building pulumi ${WANTED_VERSION} with Go (minutes, once per machine): 1 min 10 s, 1 packages compiled`,
      `Building pulumi ${WANTED_VERSION} with Go (minutes, once per machine): done, 3 packages compiled (1 min 10 s)`,
    ]);
    expect(text).toContain("with Pulumi's installer: not possible: curl: (6) Could not resolve host");
  });

  test("on a terminal it is one line, rewritten and never wider than the terminal", async () => {
    const text = await watch({ isTTY: true, columns: 60 });
    const redraws = text.split("\r\x1b[2K").filter((line) => !line.includes("\n"));
    expect(redraws.length).toBeGreaterThan(3);
    for (const line of redraws) expect(line.length).toBeLessThan(60);
  });

  test("CI's terminals are logs", async () => {
    expect(await watch({ isTTY: true }, { CI: "true" })).not.toMatch(/[\r\x1b]/);
  });
});

describe("version", () => {
  test.each([
    ["v3.259.0\n", "3.259.0"],
    ["3.248.0", "3.248.0"],
    ["v3.260.0-dev.0", "3.260.0-dev.0"],
    ["warning: a new version is out\nv3.259.0", "3.259.0"],
    ["", undefined],
    ["<nil>", undefined],
  ])("%j reads as %s", (text, version) => expect(parseVersion(text)).toBe(version));

  test.each([
    ["3.248.0", true],
    ["3.259.0", true],
    ["3.1000.0", true],
    ["3.260.0-dev.0", true],
    ["3.247.9", false],
    ["2.999.0", false],
    ["4.0.0", false],
  ])("%s usable: %s", (version, usable) => expect(isUsable(version)).toBe(usable));
});
