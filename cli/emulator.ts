import { createRequire } from "node:module";
import { type Command, InvalidArgumentError } from "commander";
import type * as embedded from "../emulator";
import { CommandError, type GlobalOptions, paint, type Shell } from "./shell";

const load = createRequire(__filename);

const DESCRIPTION = `Runs the embedded Stripe until Ctrl-C: stateful, on this machine only, with a test key of its own.

Once it listens it prints its base URL, the key, and how to point a shell or a stack at it. The key is made up, unless --api-key gives the one it shall know.`;

const EXAMPLES = `
Examples:
  $ stripe-as-code emulator
  $ stripe-as-code emulator --port 0 --json   # any free port; one line of JSON once it listens
  $ stripe-as-code emulator --allow-local-urls # webhook endpoints may be on localhost
  $ curl -u KEY: URL/_emulator/advance -d '{"kind":"climate.order","id":"climorder_…","to":"delivered"}'
  $ curl -u KEY: URL/_emulator/pass-time -d '{"seconds":86400}'   # what time brings, at once`;

const DEFAULT_PORT = 12111;

/** `stripe-as-code emulator` */
export function define(command: Command, shell: Shell): void {
  command
    .description(DESCRIPTION)
    .option("--port <number>", "port to listen on; 0 takes any free one", parsePort, DEFAULT_PORT)
    .option(
      "--allow-local-urls",
      "let webhook endpoints be on this machine, which Stripe refuses; events are posted to them",
    )
    .addHelpText("after", EXAMPLES)
    .action(async () => {
      const {
        port,
        json,
        apiKey: wanted,
        allowLocalUrls = false,
      } = command.optsWithGlobals<GlobalOptions & { port: number; allowLocalUrls?: boolean }>();
      // Listened for first: a Ctrl-C that comes while it starts must end it too.
      const stopped = shell.untilStopped();
      const emulator = await start(port, wanted, allowLocalUrls);
      const { url, apiKey, accountId } = emulator;
      shell.stdout.write(json ? `${JSON.stringify({ url, apiKey, accountId })}\n` : describe(shell, emulator));
      await stopped;
      await emulator.close();
    });
}

async function start(port: number, apiKey: string | undefined, allowLocalUrls: boolean) {
  const { startEmulator } = load("../emulator") as typeof embedded;
  try {
    return await startEmulator({ port, allowLocalUrls, ...(apiKey && { apiKey }) });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") {
      throw new CommandError(
        `port ${port} is already in use.`,
        "Give another with --port, or --port 0 for any free one.",
      );
    }
    if (code === "EACCES") {
      throw new CommandError(`port ${port} is not yours to open.`, "Give one above 1023 with --port.");
    }
    if (error instanceof TypeError) {
      throw new CommandError(
        error.message.replace(/^startEmulator: /, ""),
        "Give --api-key a key such as sk_test_mine.",
      );
    }
    throw error;
  }
}

function describe(
  shell: Shell,
  { url, apiKey, accountId }: { url: string; apiKey: string; accountId: string },
): string {
  const title = paint(shell, shell.stdout, "bold", "Stripe emulator");
  return `${title} at ${url}  (account ${accountId}; Ctrl-C ends it)

In a shell:
  export STRIPE_API_BASE=${url}
  export STRIPE_API_KEY=${apiKey}

In a Pulumi stack:
  pulumi config set stripe:apiBase ${url}
  pulumi config set --secret stripe:apiKey ${apiKey}

To take an object on in its life, or let time pass (also there: objects, requests, deliveries, resend, fail, reset):
  curl -u $STRIPE_API_KEY: $STRIPE_API_BASE/_emulator/advance -d '{"kind":"climate.order","id":"…","to":"delivered"}'
  curl -u $STRIPE_API_KEY: $STRIPE_API_BASE/_emulator/pass-time -d '{"seconds":86400}'
`;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (text.trim() === "" || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidArgumentError("A port is a whole number from 0 to 65535.");
  }
  return port;
}
