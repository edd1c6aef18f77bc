import { createRequire } from "node:module";
import { type Command } from "commander";
import { isLifeStep, type MadeObject, playTrigger, type Stage, type Trigger, triggerMark } from "../emulator/fixture";
import { triggers } from "../emulator/triggers";
import type * as calling from "./api";
import { closestWord } from "./closest";
import { CommandError, type GlobalOptions, type Shell } from "./shell";

const load = createRequire(__filename);

const DESCRIPTION = `Brings an event about by making what it tells of, in test mode only.

The objects it makes carry metadata[${triggerMark.key}] = "${triggerMark.value}". They stay, but for what the event itself deletes or redacts: end them when they are no longer of use.`;

const EXAMPLES = `
Examples:
  $ stripe-as-code trigger product.created
  $ stripe-as-code trigger identity.verification_session.verified --json | jq -r '.objects[].id'`;

interface TriggerOptions extends GlobalOptions {
  list?: boolean;
  stripeAccount?: string;
}

/** `stripe-as-code trigger` */
export function define(command: Command, shell: Shell): void {
  command
    .description(DESCRIPTION)
    .argument("[event]", "type of the event, such as product.created")
    .option("--list", "list the events there are")
    .option("--stripe-account <acct>", "the connected account to act on")
    .addHelpText("after", `\n${listEvents()}\n${EXAMPLES}`)
    .action(async (event: string | undefined) => {
      const options = command.optsWithGlobals<TriggerOptions>();
      if (options.list === true) {
        const events = triggers.map((trigger) => ({ event: trigger.event, emulatorOnly: isEmulatorOnly(trigger) }));
        shell.stdout.write(options.json === true ? `${JSON.stringify(events)}\n` : `${listEvents()}\n`);
        return;
      }
      await run(shell, findEvent(event), options);
    });
}

async function run(shell: Shell, trigger: Trigger, options: TriggerOptions): Promise<void> {
  const { withApi } = load("./api") as typeof calling;
  await withApi(shell, { ...options, live: "never" }, async (api) => {
    await refuseLive(api);
    const byItself = trigger.steps.flatMap((step) =>
      isLifeStep(step) && step.byItself !== undefined ? step.byItself : [],
    );
    if (api.isStripe && isEmulatorOnly(trigger)) {
      throw new CommandError(
        `no request brings ${trigger.event} about at Stripe: a person, time or Stripe itself does.`,
        "Point --api-base at `stripe-as-code emulator`, which can be told to.",
      );
    }
    // Nothing else has such routes: better known before anything is made.
    if (!api.isStripe && trigger.steps.some(isLifeStep)) await api.control("GET", "triggers");
    const made: MadeObject[] = [];
    try {
      await playTrigger(trigger, stageOf(api, options), made);
    } catch (error) {
      if (made.length > 0) shell.stderr.write(`Made before it failed:\n${listObjects(made)}`);
      throw error;
    }
    if (options.json === true) {
      shell.stdout.write(`${JSON.stringify({ event: trigger.event, objects: made })}\n`);
      return;
    }
    const ended = trigger.steps.some((step) => !isLifeStep(step) && step.method === "DELETE");
    const heading = ended ? "Made, and deleted again" : "Made";
    shell.stdout.write(`Triggered ${trigger.event}.\n${made.length === 0 ? "" : `${heading}:\n${listObjects(made)}`}`);
    if (api.isStripe) for (const why of byItself) shell.stdout.write(`${why}.\n`);
  });
}

/** Before anything is written: the key tells its mode, and so does an answer that every account has. */
async function refuseLive(api: calling.Api): Promise<void> {
  const { body } = await api.send({ method: "GET", path: "/v1/balance" });
  if (body["livemode"] === false) return;
  throw new CommandError("trigger is for test mode, and the account's mode isn't known.", "Check --api-base.");
}

function stageOf(api: calling.Api, options: TriggerOptions): Stage {
  return {
    async request(method, path, form) {
      const { body } = await api.send({ method, path, form });
      return body;
    },
    async advance(kind, id, to, details) {
      if (api.isStripe) return;
      const account = options.stripeAccount;
      await api.control("POST", "advance", { kind, id, to, details, ...(account !== undefined && { account }) });
    },
  };
}

function isEmulatorOnly({ steps }: Trigger): boolean {
  return steps.some((step) => isLifeStep(step) && step.byItself === undefined);
}

function listEvents(): string {
  const lines = triggers.map((trigger) => `  ${trigger.event}${isEmulatorOnly(trigger) ? " *" : ""}`);
  return ["Events (* in the emulator only):", ...lines].join("\n");
}

function listObjects(made: readonly MadeObject[]): string {
  return made.map(({ object, id }) => `  ${object} ${id}\n`).join("");
}

function findEvent(event: string | undefined): Trigger {
  const all = "`stripe-as-code trigger --list` shows what there is.";
  if (event === undefined) throw new CommandError("an event is needed.", all);
  const found = triggers.find((trigger) => trigger.event === event);
  if (found !== undefined) return found;
  const names = triggers.map((trigger) => trigger.event);
  const near = closestWord(event, names);
  throw new CommandError(`no way to '${event}' is known.`, near === undefined ? all : `Did you mean ${near}? ${all}`);
}
