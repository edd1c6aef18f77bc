import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Agent, request } from "undici";
import { type Exchange } from "./exchange";

/** A running stripe-mock, which gets what the emulator was asked and found right. */
export class Mirror {
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #agent = new Agent({ connections: 8 });
  /** Answers by what was asked, ids apart: the mock keeps nothing, so asking it twice tells nothing new. */
  readonly #verdicts = new Map<string, Promise<string | undefined>>();

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#url = url;
  }

  /** Starts the mock on free ports of the loopback; both are named, else it listens on every interface. */
  static async start(file: string): Promise<Mirror> {
    const child = spawn(file, ["-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const url = await new Promise<string>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`stripe-mock ended with ${code}`)));
      createInterface({ input: child.stdout }).on("line", (line) => {
        const address = /^Listening for HTTP at address: (127\.0\.0\.1:\d+)$/.exec(line)?.[1];
        if (address !== undefined) resolve(`http://${address}`);
      });
    });
    return new Mirror(child, url);
  }

  /** How many different requests the mock has got. */
  get asked(): number {
    return this.#verdicts.size;
  }

  /** What the mock has against a request that the emulator took; undefined when it takes it as well. */
  judge(exchange: Exchange): Promise<string | undefined> {
    const { method, path, query, body } = exchange;
    const key = `${method} ${path}?${query} ${body}`.replace(/_[A-Za-z0-9]{8,}|[0-9a-f]{16,}/g, "_");
    const verdict = this.#verdicts.get(key) ?? this.#ask(exchange);
    this.#verdicts.set(key, verdict);
    return verdict;
  }

  async close(): Promise<void> {
    await this.#agent.close();
    this.#child.removeAllListeners("exit");
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill();
    await ended;
  }

  async #ask({ method, path, query, body }: Exchange): Promise<string | undefined> {
    const answer = await request(`${this.#url}${path}${query === "" ? "" : `?${query}`}`, {
      method: method as "GET" | "POST" | "DELETE",
      dispatcher: this.#agent,
      headers: {
        authorization: "Bearer sk_test_mirror",
        ...(method === "POST" && { "content-type": "application/x-www-form-urlencoded" }),
      },
      ...(body !== "" && { body }),
    });
    const text = await answer.body.text();
    if (answer.statusCode < 400) return undefined;
    const { error } = JSON.parse(text) as { error?: { message?: string } };
    return `${answer.statusCode} ${error?.message ?? text}`;
  }
}
