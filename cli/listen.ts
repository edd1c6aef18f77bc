import { createRequire } from "node:module";
import { type Command, InvalidArgumentError } from "commander";
import { matchesType } from "../emulator/event-pattern";
import { eventTypes } from "../emulator/facts/event-types";
import type * as calling from "./api";
import { closestWord } from "./closest";
import { watchEvents } from "./events";
import type * as forwarding from "./forward";
import { CommandError, type GlobalOptions, paint, type Shell } from "./shell";
import { showText, showTime } from "./show";

const load = createRequire(__filename);

const DESCRIPTION = `Shows events as they come and forwards them, until Ctrl-C, by asking GET /v1/events again and again.

What is forwarded is signed with a secret of its own, made from the key: the same each time. An endpoint that answers anything but 2xx is told of, and not asked again.`;

const EXAMPLES = `
Examples:
  $ stripe-as-code listen --forward-to localhost:3000/webhook
  $ stripe-as-code listen --events 'product.*,price.created' --json | jq .type
  $ export STRIPE_WEBHOOK_SECRET=$(stripe-as-code listen --print-secret)`;

interface ListenOptions extends GlobalOptions {
  forwardTo?: URL;
  events?: string[];
  skipVerify?: boolean;
  printSecret?: boolean;
  live?: boolean;
  stripeAccount?: string;
}

/** `stripe-as-code listen` */
export function define(command: Command, shell: Shell): void {
  command
    .description(DESCRIPTION)
    .option("-f, --forward-to <url>", "where to post events; a port alone is one of this machine", parseTarget)
    .option("-e, --events <types>", "which events, by commas; * stands for the rest of a name", parseTypes)
    .option("--skip-verify", "don't check the certificate of an https address that is forwarded to")
    .option("--print-secret", "print the signing secret, and end")
    .option("--stripe-account <acct>", "events of this connected account")
    .option("--live", "listen with a live key")
    .addHelpText("after", EXAMPLES)
    .action(async () => {
      const options = command.optsWithGlobals<ListenOptions>();
      // Listened for first: a Ctrl-C that comes while it starts must end it too.
      const stopped = options.printSecret === true ? undefined : shell.untilStopped();
      const { withApi } = load("./api") as typeof calling;
      await withApi(shell, options, (api) => listen(shell, api, options, stopped));
    });
}

async function listen(
  shell: Shell,
  api: calling.Api,
  options: ListenOptions,
  stopped: Promise<void> | undefined,
): Promise<void> {
  const { Forwarder, signingSecret } = load("./forward") as typeof forwarding;
  const secret = signingSecret(api.apiKey);
  if (stopped === undefined) {
    shell.stdout.write(options.json === true ? `${JSON.stringify({ secret })}\n` : `${secret}\n`);
    return;
  }
  const { forwardTo, events = ["*"], skipVerify = false, json = false } = options;
  if (
    api.live &&
    forwardTo?.protocol === "http:" &&
    !(load("./api") as typeof calling).isLoopbackHost(forwardTo.hostname)
  ) {
    throw new CommandError(
      "live events are not sent in clear.",
      "Give --forward-to an https address, or one on loopback.",
    );
  }
  warnOfUnknown(shell, events);
  // With --json stdout is events, and the error that ends them.
  const tell = (text: string): unknown => (json ? shell.stderr : shell.stdout).write(text);
  const ending = new AbortController();
  void stopped.then(() => ending.abort());
  const forwarder = forwardTo && new Forwarder(forwardTo, secret, skipVerify);
  try {
    const ready = (): unknown =>
      tell(
        `Listening for ${events.join(", ")} at ${api.base} (Ctrl-C ends it).\n` +
          (forwardTo === undefined ? "" : `Forwarding to ${forwardTo.href}, signed with ${secret}\n`),
      );
    const warn = (text: string): unknown => shell.stderr.write(`${text}\n`);
    for await (const event of watchEvents(api, { signal: ending.signal, ready, warn })) {
      if (!events.some((pattern) => matchesType(pattern, event.type))) continue;
      const title = showText(`${event.type} [${event.id}]`);
      shell.stdout.write(json ? `${JSON.stringify(event)}\n` : `${showTime(event.created)}  ${title}\n`);
      if (forwarder !== undefined) tell(describeDelivery(shell, await forwarder.post(event, ending.signal), title));
    }
  } finally {
    await forwarder?.close();
  }
}

function describeDelivery(shell: Shell, outcome: forwarding.Outcome, title: string): string {
  if (outcome === "stopped") return "";
  const failed = typeof outcome === "string" || outcome < 200 || outcome > 299;
  const text = typeof outcome === "string" ? outcome : `answered ${outcome}`;
  return `  -> ${failed ? paint(shell, shell.stdout, "red", text) : text}  ${title}\n`;
}

/** Stripe may have newer ones than this release knows, so it is no more than a warning. */
function warnOfUnknown(shell: Shell, events: readonly string[]): void {
  for (const pattern of events) {
    if (eventTypes.some((type) => matchesType(pattern, type))) continue;
    const near = closestWord(pattern, eventTypes);
    const next = near === undefined ? "" : ` Did you mean ${near}?`;
    shell.stderr.write(`${paint(shell, shell.stderr, "red", "warning:")} no event '${pattern}' is known.${next}\n`);
  }
}

function parseTypes(text: string): string[] {
  const types = text.split(",").map((type) => type.trim());
  if (types.includes(""))
    throw new InvalidArgumentError("Events are written one after the other, with commas between.");
  return types;
}

function parseTarget(text: string): URL {
  // By itself a number would be an IPv4 address.
  const place = /^:?\d+(?=\/|$)/.test(text) ? `localhost:${text.replace(/^:/, "")}` : text;
  const url = /^[a-z][a-z\d+.-]*:\/\//i.test(place) ? place : `http://${place}`;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !["http:", "https:"].includes(parsed.protocol)) {
    throw new InvalidArgumentError(
      "An address is written as http://localhost:3000/webhook, localhost:3000/webhook, or 3000 for a port of this machine.",
    );
  }
  return parsed;
}
