import { createRequire } from "node:module";
import { type Command, InvalidArgumentError } from "commander";
import type * as embedded from "../emulator";
import { CommandError, type GlobalOptions, paint, type Shell } from "./shell";

const load = createRequire(__filename);

const DESCRIPTION = `Runs the embedded Stripe until Ctrl-C: stateful, on this machine only, with a test key of its own.

Once it listens it prints its base URL, the key, and how to point a shell or a stack at it. The key is made up, unless --api-key gives the one it shall know. Any other sk_test_… key of 8 or more letters and digits is taken too, and has an account of its own: tests run side by side.`;

const EXAMPLES = `
Examples:
  $ stripe-as-code emulator
  $ stripe-as-code emulator --port 0 --json   # any free port; one line of JSON once it listens
  $ stripe-as-code emulator --allow-local-urls # webhook endpoints may be on localhost
  $ stripe-as-code emulator --data stripe.json   # what there is survives a restart
  $ curl -u KEY: URL/_emulator/advance -d '{"kind":"climate.order","id":"climorder_…","to":"delivered"}'
  $ curl -u KEY: URL/_emulator/pass-time -d '{"seconds":86400}'   # what time brings, at once
  $ curl -u KEY: URL/_emulator/objects?kind=product

docs/emulator.md has every route under /_emulator/ with what it takes.`;

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
    .option("--data <file>", "keep all there is in this file, secrets included, and go on from it at the next start")
    .option("--seed <text>", "make the same key, account, ids and secrets each time")
    .option("--host <address>", "listen on another address than 127.0.0.1: whoever reaches it can do all the key can")
    .addHelpText("after", EXAMPLES)
    .action(async () => {
      const { json, apiKey, port, allowLocalUrls, data, seed, host } = command.optsWithGlobals<
        GlobalOptions & { port: number; allowLocalUrls?: boolean; data?: string; seed?: string; host?: string }
      >();
      if (apiKey !== undefined && /^[sr]k_live_/.test(apiKey)) {
        throw new CommandError(
          "the key is a live key: neither these commands nor a stack send one anywhere but to Stripe.",
          "Give --api-key a test key, such as sk_test_mine12345; startEmulator({ livemode: true }) imitates live mode.",
        );
      }
      // Listened for first: a Ctrl-C that comes while it starts must end it too.
      const stopped = shell.untilStopped();
      const emulator = await start({
        port,
        accountPerKey: true,
        ...(apiKey && { apiKey }),
        ...(allowLocalUrls !== undefined && { allowLocalUrls }),
        ...(data !== undefined && { data }),
        ...(seed !== undefined && { seed }),
        ...(host !== undefined && { host }),
      });
      if (host !== undefined && !/^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host)) {
        const warning = paint(shell, shell.stderr, "bold", "warning:");
        shell.stderr.write(
          `${warning} it listens on ${host}: others on the network can reach it, and any test key is taken.\n`,
        );
      }
      shell.stdout.write(json ? `${JSON.stringify(facts(emulator))}\n` : describe(shell, emulator));
      await stopped;
      await emulator.close();
    });
}

function facts({ url, apiKey, accountId }: embedded.Emulator) {
  return { url, apiKey, accountId };
}

async function start(options: embedded.EmulatorOptions) {
  const { startEmulator } = load("../emulator") as typeof embedded;
  const { port = 0, host = "" } = options;
  try {
    return await startEmulator(options);
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
    if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
      throw new CommandError(
        `${host} is no address of this machine.`,
        "Give one that is with --host, or leave it out.",
      );
    }
    if (error instanceof TypeError && /data file/.test(error.message)) {
      throw new CommandError(error.message.replace(/^startEmulator: /, ""), "Give another file with --data.");
    }
    if (error instanceof TypeError) {
      throw new CommandError(
        error.message.replace(/^startEmulator: /, ""),
        "Give --api-key a key such as sk_test_mine12345.",
      );
    }
    throw error;
  }
}

function describe(shell: Shell, emulator: embedded.Emulator): string {
  const { url, apiKey, accountId } = facts(emulator);
  const title = paint(shell, shell.stdout, "bold", "Stripe emulator");
  return `${title} at ${url}  (account ${accountId}; Ctrl-C ends it)

In a shell:
  export STRIPE_API_BASE=${url}
  export STRIPE_API_KEY=${apiKey}

In a Pulumi stack:
  pulumi config set stripe:apiBase ${url}
  pulumi config set --secret stripe:apiKey ${apiKey}

In a browser, to see and move all of it:
  ${url}/#${apiKey}

To take an object on in its life, or let time pass (so are also posted: trigger, resend, fail, reset):
  curl -u $STRIPE_API_KEY: $STRIPE_API_BASE/_emulator/advance -d '{"kind":"climate.order","id":"…","to":"delivered"}'
  curl -u $STRIPE_API_KEY: $STRIPE_API_BASE/_emulator/pass-time -d '{"seconds":86400}'

To look at what there is (so are also read: requests, deliveries, triggers, commands):
  curl -u $STRIPE_API_KEY: "$STRIPE_API_BASE/_emulator/objects?kind=product"
`;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (text.trim() === "" || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidArgumentError("A port is a whole number from 0 to 65535.");
  }
  return port;
}
