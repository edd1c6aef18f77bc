import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { engineAddress, engineWatch } from "../../provider/host";
import { describeTraffic, noTraffic } from "../../provider/traffic";

test.each([
  ["127.0.0.1:45123", "127.0.0.1:45123"],
  ["localhost:1", "localhost:1"],
  ["--selectProjects", undefined],
  ["unit", undefined],
  ["C:\\x", undefined],
  ["http://127.0.0.1:1", undefined],
  ["", undefined],
  [undefined, undefined],
])("%s as the engine's address: %s", (argument, address) => {
  expect(engineAddress(argument)).toBe(address);
});

describe("ends with the engine", () => {
  /** Each letter is a look: `r`efused, `a`nswered, `b`usy, or busy by the time of the answer (`B`). */
  test.each([
    ["rr", true],
    ["r", false],
    ["rar", false],
    ["ararr", true],
    ["aaaa", false],
    ["rbr", false],
    ["rbrr", true],
    ["rBr", false],
    ["bbbb", false],
    ["rrrr", true],
  ])("%s: %s", async (looks, ends) => {
    let ended = 0;
    let look = "";
    let asked = false;
    const watch = engineWatch({
      isIdle: () => look !== "b" && !(look === "B" && asked),
      refuses: async () => {
        asked = true;
        return look !== "a";
      },
      end: () => ended++,
    });
    for (look of looks) {
      asked = false;
      await watch();
    }
    expect(ended).toBe(ends ? 1 : 0);
  });
});

describe("the line at the end", () => {
  test.each([
    [{}, undefined],
    [{ calls: 1 }, "Stripe: 1 call, 0 retried, 0 refused for their rate; all waits added up: 0.0 s"],
    [
      { calls: 42, retries: 1, waitedMs: 340 },
      "Stripe: 42 calls, 1 retried, 0 refused for their rate; all waits added up: 0.3 s",
    ],
  ])("%j", (traffic, line) => {
    expect(describeTraffic({ ...noTraffic(), ...traffic })).toBe(line);
  });

  test("of a run without a call there is none", () => {
    expect(describeTraffic(noTraffic())).toBeUndefined();
  });
});

// Windows has no signals to send.
(process.platform === "win32" ? describe.skip : describe)("a process that is interrupted", () => {
  /** What a process prints and how it ends that is interrupted when it is ready. */
  async function interrupted(script: string): Promise<{ output: string; code: number | null; signal: string | null }> {
    const host = resolve(__dirname, "../../provider/host.ts");
    const transpile = `
      const typescript = require("typescript"), fs = require("fs"), module_ = { exports: {} };
      const source = typescript.transpileModule(fs.readFileSync(${JSON.stringify(host)}, "utf8"),
        { compilerOptions: { module: "commonjs", target: "es2022" } }).outputText;
      new Function("exports", "require", source)(module_.exports, require);
      const { sayAtEnd } = module_.exports;`;
    const child = spawn(process.execPath, [
      "-e",
      `${transpile}\n${script}\nsetInterval(() => 0, 1000); console.log("ready");`,
    ]);
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (text.includes("ready")) child.kill("SIGINT");
    });
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    return { output, code, signal };
  }

  test("says its line, and ends by the signal as ever", async () => {
    expect(await interrupted(`sayAtEnd(() => "the line");`)).toEqual({
      output: "ready\nthe line\n",
      code: null,
      signal: "SIGINT",
    });
  });

  test("without a line it says nothing, and ends all the same", async () => {
    expect(await interrupted("sayAtEnd(() => undefined);")).toEqual({
      output: "ready\n",
      code: null,
      signal: "SIGINT",
    });
  });

  test("where another package listens for the signal, the end is left to it", async () => {
    const other = `process.on("SIGINT", () => setTimeout(() => process.exit(7), 50));`;
    expect(await interrupted(`sayAtEnd(() => "the line");${other}`)).toEqual({
      output: "ready\nthe line\n",
      code: 7,
      signal: null,
    });
  });
});
