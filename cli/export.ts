import { createRequire } from "node:module";
import { type Command, InvalidArgumentError } from "commander";
import { StripeError } from "../provider/errors";
import { type KindName, kindNames } from "../provider/registry";
import { closestWord } from "./closest";
import type * as accounts from "./export-account";
import type * as projects from "./export-project";
import { installCommand } from "./own-package";
import { progressLine } from "./progress";
import { CommandError, givenKey, type GlobalOptions, notEmpty, type Shell } from "./shell";
import type * as stacks from "./stack";

const load = createRequire(__filename);

const DESCRIPTION = `Writes an account's configuration as a Pulumi program that can be run, and import.json, with which stripe-as-code import takes the objects into a stack.

Of each kind every object is exported, but for what is archived or canceled. Sessions and forwarding requests are made by applications as they run, and are no configuration: they are left out unless --kind names them, and what of them is secret or personal is never written down. Nothing is written to Stripe.`;

const EXAMPLES = `
Examples:
  $ stripe-as-code export --out my-account
  $ stripe-as-code export --out catalogue --kind Product --kind Price
  $ stripe-as-code export --out sessions --kind identity:VerificationSession   # those that have not ended
  $ stripe-as-code export --out shop --metadata team=shop --created-after 2026-01-01
  $ stripe-as-code export --out my-account --adopt       # for engines before 3.254: pulumi up takes the objects over`;

interface ExportOptions extends GlobalOptions {
  out: string;
  kind?: KindName[];
  createdAfter?: number;
  createdBefore?: number;
  metadata?: [string, string][];
  archived?: boolean;
  adopt?: boolean;
  name: string;
  live?: boolean;
  stripeAccount?: string;
}

/** `stripe-as-code export` */
export function define(command: Command, shell: Shell): void {
  command
    .description(DESCRIPTION)
    .option("-o, --out <dir>", "folder to write, which must not hold a program yet", notEmpty, "stripe-export")
    .option("--kind <kind>", "only this kind, such as Product or climate:Order; can be repeated", addKind)
    .option("--created-after <time>", "only what was created then or later: a date, or Unix seconds", parseTime)
    .option("--created-before <time>", "only what was created before", parseTime)
    .option("--metadata <key=value>", "only what has it in its metadata; can be repeated", addPair)
    .option("--archived", "what is archived, too")
    .option("--adopt", "let the program take the objects over, instead of import.json")
    .option("--name <project>", "name of the Pulumi project", parseName, "stripe-export")
    .option("--stripe-account <acct>", "objects of this connected account")
    .option("--live", "read with a live key")
    .addHelpText("after", EXAMPLES)
    .action(async () => {
      const options = command.optsWithGlobals<ExportOptions>();
      const { settingsOf } = load("./stack") as typeof stacks;
      const { readAccount } = load("./export-account") as typeof accounts;
      const { checkFolder, refuseOldFiles, writeProject } = load("./export-project") as typeof projects;
      await checkFolder(options.out);
      refuseOldFiles(options.out);
      const live = givenKey(shell, options).includes("_live");
      if (live && options.live !== true)
        throw new CommandError("the key is a live key.", "To read what is live, add --live.");
      const config = { ...(options.live === true && { "stripe:mode": "live" }), ...accountSetting(options) };
      const progress = progressLine(shell);
      const account = await readAccount(settingsOf(shell, options, config), {
        ...options,
        kinds: options.kind,
        onProgress: (count) => progress.show(`${count} objects read`),
      })
        .catch(sayingWhichKey)
        .finally(() => progress.clear());
      const written = await writeProject(options.out, account, options);
      if (options.json === true) shell.stdout.write(`${JSON.stringify(written)}\n`);
      else shell.stdout.write(describe(written, options));
    });
}

/** What else is told of a key that Stripe doesn't take is of a stack, which has no say here. */
function sayingWhichKey(error: unknown): never {
  if (!(error instanceof StripeError) || error.status !== 401) throw error;
  const { reason, request } = error;
  const id = request.requestId === undefined ? "" : `, request ${request.requestId}`;
  throw new CommandError(`${reason.replace(/\.$/, "")} (HTTP 401${id}).`, "Check STRIPE_API_KEY or --api-key.");
}

function accountSetting({ stripeAccount }: ExportOptions): Record<string, string> {
  return stripeAccount === undefined ? {} : { "stripe:stripeAccount": stripeAccount };
}

function describe(
  { files, counts, notes }: projects.Written,
  { out, adopt, live, stripeAccount }: ExportOptions,
): string {
  const told = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  const steps = [
    installCommand(),
    "pulumi stack init dev",
    ...(live === true ? ["pulumi config set stripe:mode live"] : []),
    ...(stripeAccount === undefined ? [] : [`pulumi config set stripe:stripeAccount ${stripeAccount}`]),
    ...(adopt === true ? [] : ["npx stripe-as-code import import.json"]),
  ];
  return [
    `${told.length === 0 ? "Nothing" : told.join(", ")} exported to ${out}: ${files.join(", ")}`,
    ...notes.map((note) => `Note: ${note}`),
    "",
    "Next:",
    ...[`cd ${out}`, ...steps, `pulumi ${adopt === true ? "up" : "preview --expect-no-changes"}`].map(
      (step) => `  ${step}`,
    ),
    "",
  ].join("\n");
}

function addKind(text: string, all: KindName[] = []): KindName[] {
  const kind = kindNames.find((name) => name.toLowerCase() === text.toLowerCase());
  if (kind === undefined) {
    const near = closestWord(text, kindNames);
    throw new InvalidArgumentError(
      near === undefined ? `It is one of ${kindNames.join(", ")}.` : `Did you mean ${near}?`,
    );
  }
  return [...all, kind];
}

function addPair(text: string, all: [string, string][] = []): [string, string][] {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It is written key=value.");
  return [...all, [text.slice(0, at), text.slice(at + 1)]];
}

function parseTime(text: string): number {
  const time = /^\d+$/.test(text) ? Number(text) : Date.parse(text) / 1000;
  if (!Number.isFinite(time)) throw new InvalidArgumentError("A time is a date such as 2026-01-31, or Unix seconds.");
  return time;
}

/** What Pulumi takes for the name of a project (pulumi.com/docs/iac/concepts/projects). */
function parseName(text: string): string {
  if (!/^[\w.-]{1,100}$/.test(text)) {
    throw new InvalidArgumentError("A name has letters, digits, hyphens, underscores and periods, at most 100.");
  }
  return text;
}
