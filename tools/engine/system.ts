import { spawn } from "node:child_process";
import { homedir, hostname } from "node:os";
import { createInterface } from "node:readline";

/** How a started program is run. */
export interface RunOptions {
  cwd?: string;
  /** The whole environment of the program, not an addition to ours. */
  env?: NodeJS.ProcessEnv;
  /** The program is killed after this time; the result then has `code` null. */
  timeoutMs?: number;
  /** Called for every line the program prints, on either stream. */
  onLine?: (line: string) => void;
}

/** What became of a started program. */
export interface RunResult {
  /** Exit code; null when the program couldn't be started or was killed. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** Why there is no exit code: `not found`, or the system's own words. */
  problem?: string;
}

/** Where progress is written; `process.stderr` is one. */
export interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Everything the search for an engine takes from the machine but files, so that a test can give its own. */
export interface EngineSystem {
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  arch: string;
  home: string;
  host: string;
  pid: number;
  screen: Screen;
  /** Milliseconds since 1970. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Calls `tick` every `ms` until the returned function is called; doesn't keep the process alive. */
  every(ms: number, tick: () => void): () => void;
  isAlive(pid: number): boolean;
  run(command: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
}

/** The machine as it is, with progress on stderr: stdout belongs to the answer. */
export function realSystem(): EngineSystem {
  return {
    env: process.env,
    platform: process.platform,
    arch: process.arch,
    home: homedir(),
    host: hostname(),
    pid: process.pid,
    screen: process.stderr,
    now: Date.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    every: (ms, tick) => {
      const timer = setInterval(tick, ms).unref();
      return () => clearInterval(timer);
    },
    isAlive,
    run,
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
    });
    const lines: Record<"stdout" | "stderr", string[]> = { stdout: [], stderr: [] };
    for (const stream of ["stdout", "stderr"] as const) {
      createInterface({ input: child[stream], crlfDelay: Infinity }).on("line", (line) => {
        lines[stream].push(line);
        options.onLine?.(line);
      });
    }
    // Node's own time limit outlives a program that could not be started, and keeps this process from ending.
    const limit = options.timeoutMs === undefined ? undefined : setTimeout(() => child.kill(), options.timeoutMs);
    const finish = (code: number | null, problem?: string): void => {
      clearTimeout(limit);
      resolve({ code, stdout: lines.stdout.join("\n"), stderr: lines.stderr.join("\n"), problem });
    };
    child.once("error", (error: NodeJS.ErrnoException) =>
      finish(null, error.code === "ENOENT" ? "not found" : error.message),
    );
    child.once("close", (code, signal) => finish(code, signal ? `ended by ${signal}` : undefined));
  });
}
