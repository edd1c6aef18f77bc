import { stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { countDrift } from "./drift-advice";
import type * as page from "./drift-page";
import type * as reports from "./drift-report";
import type * as texts from "./drift-text";
import { progressLine } from "./progress";
import { CommandError, type GlobalOptions, notEmpty, type Shell } from "./shell";
import type * as stacks from "./stack";

const load = createRequire(__filename);

const DESCRIPTION = `Compares the live account with the stack's state, without running the program or the engine's refresh.

For each resource of the stack it tells whether its object is as the code said at the last pulumi up: changed, gone, archived, or taken over by another stack; and which objects of the account's configuration no stack has (unmanaged), which is no drift. Nothing is written: a restricted key that may only read will do.`;

const AFTER = `
Exit codes:
  0  no drift
  1  failed, or some resources could not be looked at
  2  drift was found

What it prints with --json is described in docs/drift.md.

Examples:
  $ stripe-as-code drift                                   # the selected stack of this folder
  $ stripe-as-code drift --stack prod --html drift.html    # and a page to look at
  $ stripe-as-code drift --json | jq '.resources[] | select(.status != "unchanged") | .name'
  $ stripe-as-code drift --unmanaged=false                 # only what the stack has`;

interface DriftOptions extends GlobalOptions, stacks.StackOptions {
  html?: string;
  unmanaged: boolean;
}

/** `stripe-as-code drift` */
export function define(command: Command, shell: Shell): void {
  command
    .description(DESCRIPTION)
    .option("-s, --stack <name>", "stack to compare (default: the selected one)", notEmpty)
    .option("-C, --cwd <dir>", "folder of the Pulumi project (default: this one)", notEmpty)
    .option("--html <file>", "write a page with every difference side by side", notEmpty)
    .option("--unmanaged <yes>", "whether to look for objects that no stack has: true or false", parseBoolean, true)
    .addHelpText("after", AFTER)
    .action(async () => {
      const options = command.optsWithGlobals<DriftOptions>();
      const { openStack, settingsOf } = load("./stack") as typeof stacks;
      const { begin, lookForDrift } = load("./drift-report") as typeof reports;
      const { driftText } = load("./drift-text") as typeof texts;
      if (options.html !== undefined) await checkPlace(options.html);
      const progress = progressLine(shell);
      let begun: reports.Begun | undefined;
      const file = await openStack(shell, options, (config) => {
        if (options.unmanaged) begun = begin(settingsOf(shell, options, config));
      });
      const report = await lookForDrift(file, {
        unmanaged: options.unmanaged,
        ...(begun !== undefined && { begun }),
        settings: (own) => settingsOf(shell, options, file.config, own),
        onProgress: (done, of) => progress.show(`${done} of ${of} resources looked at`),
      }).finally(() => progress.clear());
      const failure = options.html === undefined ? undefined : await writePage(options.html, report);
      const written = failure === undefined ? options.html : undefined;
      shell.stdout.write(options.json === true ? `${JSON.stringify(report)}\n` : driftText(shell, report, written));
      if (failure !== undefined) throw failure;
      shell.exitCode = report.summary.failed > 0 ? 1 : countDrift(report) > 0 ? 2 : 0;
    });
}

function parseBoolean(text: string): boolean {
  if (text !== "true" && text !== "false") throw new InvalidArgumentError("true or false is wanted.");
  return text === "true";
}

/** A report that can't be written shall not be asked for: on a large account it takes a while. */
async function checkPlace(file: string): Promise<void> {
  const isFolder = async (path: string) => (await stat(path).catch(() => undefined))?.isDirectory() === true;
  const path = resolve(file);
  if (await isFolder(path)) {
    throw new CommandError(`--html ${file}: that is a folder.`, "Name a file in it, such as drift.html.");
  }
  if (!(await isFolder(dirname(path)))) {
    throw new CommandError(`--html ${file}: there is no folder ${dirname(path)}.`, "Make it, or name another file.");
  }
}

/** Why the page could not be written: what was found is told all the same. */
async function writePage(file: string, report: reports.DriftReport): Promise<CommandError | undefined> {
  try {
    await writeFile(file, (load("./drift-page") as typeof page).driftPage(report));
    return undefined;
  } catch (error) {
    const message = `--html ${file}: the page can't be written: ${(error as Error).message}`;
    return new CommandError(
      message,
      "The report itself is printed. Mend that, or name another file, and run this again.",
    );
  }
}
