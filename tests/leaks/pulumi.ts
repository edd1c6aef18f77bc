import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Emulator } from "../../emulator";
import { samplePerson } from "../../emulator/facts/identity";
import { type Workspace } from "../e2e/workspace";
import { EngineRun } from "../faults/engine-run";
import { ipAddress, phone } from "./marked";
import { Secrets } from "./secrets";

/** The command line of the engine, with all that it printed, and what in there should not be read. */
export class Pulumi {
  readonly secrets = new Secrets();
  private readonly printed: [command: string, text: string][] = [];

  constructor(
    private readonly workspace: Workspace,
    private readonly emulator: Emulator,
  ) {
    const { address } = samplePerson;
    const known = { "the key": emulator.apiKey, phone, ipAddress, street: address.line1 };
    for (const [name, text] of Object.entries(known)) this.secrets.add(name, text);
    // What processes leave in the temporary folder is looked through too.
    mkdirSync(join(workspace.folder, "tmp"));
    const env = { TMPDIR: join(workspace.folder, "tmp") };
    // Without these the engine takes neither --save-plan nor --event-log.
    workspace.setEnv({ ...env, PULUMI_EXPERIMENTAL: "true", PULUMI_DEBUG_COMMANDS: "true" });
  }

  /** Runs a command on the stack. @throws where it fails */
  async run(args: string[]): Promise<string> {
    const { code, text } = await this.attempt(args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")}: ${text}`);
    return text;
  }

  /** @throws where it does not fail */
  async fail(args: string[]): Promise<string> {
    const { code, text } = await this.attempt(args);
    if (code === 0) throw new Error(`pulumi ${args.join(" ")} did not fail: ${text}`);
    return text;
  }

  /** What a command tells who asks for secrets: not kept, as it is meant to be readable. */
  async reveal(args: string[]): Promise<string> {
    const text = await this.run([...args, "--show-secrets"]);
    this.printed.pop();
    return text;
  }

  private async attempt(args: string[]): Promise<{ code: number | null; text: string }> {
    const run = new EngineRun(this.workspace.pulumi([...args, "--non-interactive", "--color", "never"]));
    const [code, text] = [await run.ended, run.output];
    this.printed.push([`pulumi ${args.join(" ")}`, text]);
    this.remember();
    return { code, text };
  }

  /** Everything that can be read of secrets, in what was printed and in every file below the folder but the program. */
  leaks(): string[] {
    const { folder } = this.workspace;
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== "index.js")
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")] as const);
    return [...this.printed, ...files].flatMap(([where, text]) =>
      this.secrets.readableIn(withoutDebugging(text)).map((leak) => `${where}: ${leak}`),
    );
  }

  /** What Stripe makes up by itself, and may have told by now. */
  private remember(): void {
    const told = {
      webhook_endpoint: ["secret"],
      "identity.verification_session": ["client_secret", "url"],
      "crypto.onramp_session": ["client_secret"],
    };
    for (const [kind, fields] of Object.entries(told)) {
      for (const { id } of this.emulator.objects(kind)) {
        const object = this.emulator.reveal(kind, id);
        for (const field of fields)
          if (typeof object?.[field] === "string") this.secrets.add(`${field} of ${id}`, object[field]);
      }
    }
  }
}

/**
 * Pulumi's own library logs every answer of the engine in clear as a message for debugging, whatever the provider (measured with
 * 3.248.0); event logs, and `up --json`, hold those messages.
 */
function withoutDebugging(text: string): string {
  return text
    .split("\n")
    .filter((line) => !/^\{.*"diagnosticEvent":.*"severity":"debug"\}\}?$/.test(line))
    .join("\n");
}
