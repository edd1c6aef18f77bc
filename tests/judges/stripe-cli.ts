import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Emulator } from "../../emulator";

/** What became of a command that ended. */
export interface Ended {
  readonly code: number | null;
  /** Both streams, line by line. */
  readonly lines: readonly string[];
}

/** A command under way. */
export interface Running {
  /** The first line, of all there were and will be, that matches; rejects when the command ends without it. */
  line(pattern: RegExp): Promise<string>;
  readonly ended: Promise<Ended>;
  stop(): Promise<void>;
}

/** Stripe's own CLI, told of an emulator and of nothing else: home, key, and a proxy that counts who wants to get out. */
export class StripeCli {
  /** How often a command tried to reach something else than this machine. */
  wentOut = 0;
  readonly #file: string;
  readonly #emulator: Pick<Emulator, "url" | "apiKey">;
  readonly #home: string;
  readonly #gate: Server;
  readonly #running = new Set<ChildProcess>();

  private constructor(file: string, emulator: Pick<Emulator, "url" | "apiKey">, home: string) {
    this.#file = file;
    this.#emulator = emulator;
    this.#home = home;
    this.#gate = createServer((socket) => {
      this.wentOut++;
      socket.destroy();
    });
  }

  static async meet(file: string, emulator: Pick<Emulator, "url" | "apiKey">): Promise<StripeCli> {
    const cli = new StripeCli(file, emulator, await mkdtemp(join(tmpdir(), "stripe-as-code-stripe-cli-")));
    cli.#gate.listen(0, "127.0.0.1");
    await once(cli.#gate, "listening");
    return cli;
  }

  /** Starts a command, such as `listen`. */
  start(...args: string[]): Running {
    const { url, apiKey } = this.#emulator;
    const gate = `http://127.0.0.1:${(this.#gate.address() as AddressInfo).port}`;
    const child = spawn(this.#file, [...args, "--api-base", url, "--api-key", apiKey], {
      cwd: this.#home,
      // Go asks no proxy for what is on this machine.
      env: {
        HOME: this.#home,
        XDG_CONFIG_HOME: this.#home,
        STRIPE_CLI_TELEMETRY_OPTOUT: "1",
        HTTP_PROXY: gate,
        HTTPS_PROXY: gate,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#running.add(child);
    const lines: string[] = [];
    let heard = (): void => undefined;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream, crlfDelay: Infinity }).on("line", (line) => {
        lines.push(line);
        heard();
      });
    }
    const ended = once(child, "close").then(([code]: unknown[]): Ended => {
      this.#running.delete(child);
      return { code: code as number | null, lines };
    });
    return {
      ended,
      async line(pattern) {
        const over = ended.then(() => {
          throw new Error(`stripe ${args.join(" ")} ended without ${String(pattern)}:\n${lines.join("\n")}`);
        });
        for (;;) {
          const found = lines.find((line) => pattern.test(line));
          if (found !== undefined) {
            over.catch(() => undefined);
            return found;
          }
          await Promise.race([new Promise<void>((resolve) => (heard = resolve)), over]);
        }
      },
      async stop() {
        child.kill();
        await ended;
      },
    };
  }

  /** Runs a command to its end. */
  run(...args: string[]): Promise<Ended> {
    return this.start(...args).ended;
  }

  /** The object that a command prints after whatever else it says; throws where it fails. */
  async json(...args: string[]): Promise<Record<string, unknown>> {
    const { code, lines } = await this.run(...args);
    const text = lines.slice(lines.findIndex((line) => line.startsWith("{"))).join("\n");
    const answer = JSON.parse(text) as Record<string, unknown>;
    if (code !== 0 || answer["error"] !== undefined) throw new Error(`stripe ${args.join(" ")}: ${text}`);
    return answer;
  }

  async close(): Promise<void> {
    for (const child of this.#running) child.kill("SIGKILL");
    this.#gate.close();
    await rm(this.#home, { recursive: true, force: true });
  }
}
