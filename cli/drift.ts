import { stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { advice, countDrift, marks, wrongs } from "./drift-advice";
import type * as page from "./drift-page";
import type * as reports from "./drift-report";
import { progressLine } from "./progress";
import { CommandError, type GlobalOptions, paint, type Shell } from "./shell";
import { showText, showTime } from "./show";
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
    .option("-s, --stack <name>", "stack to compare (default: the selected one)")
    .option("-C, --cwd <dir>", "folder of the Pulumi project (default: this one)")
    .option("--html <file>", "write a page with every difference side by side")
    .option("--unmanaged <yes>", "whether to look for objects that no stack has: true or false", parseBoolean, true)
    .addHelpText("after", AFTER)
    .action(async () => {
      const options = command.optsWithGlobals<DriftOptions>();
      const { openStack, settingsOf } = load("./stack") as typeof stacks;
      const { lookForDrift } = load("./drift-report") as typeof reports;
      if (options.html !== undefined) await checkPlace(options.html);
      const progress = progressLine(shell);
      const file = await openStack(shell, options);
      const report = await lookForDrift(file, {
        unmanaged: options.unmanaged,
        settings: (own) => settingsOf(shell, options, file.config, own),
        onProgress: (done, of) => progress.show(`${done} of ${of} resources looked at`),
      }).finally(() => progress.clear());
      const failure = options.html === undefined ? undefined : await writePage(options.html, report);
      const written = failure === undefined ? options.html : undefined;
      shell.stdout.write(options.json === true ? `${JSON.stringify(report)}\n` : describe(shell, report, written));
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

function describe(shell: Shell, report: reports.DriftReport, html: string | undefined): string {
  const { project, stack, accounts, summary, resources, unmanaged, notes, calls } = report;
  const where = accounts.map(
    ({ id = "an account the key may not name", livemode }) => `${id} (${livemode ? "live" : "test"})`,
  );
  const lines = [paint(shell, shell.stdout, "bold", `${project}/${stack} against ${where.join(", ")}`), ""];
  const reasons = new Set<string>();
  for (const { kind, name, id, status, differences, detail } of resources) {
    if (status === "unchanged") continue;
    // A key that will not do is the reason for every resource.
    const why = detail === undefined ? "" : reasons.has(detail) ? " (the same)" : ` (${showText(detail)})`;
    if (status === "failed" && detail !== undefined) reasons.add(detail);
    const head = `${marks[status]} ${kind} ${showText(name)}  ${showText(id)}  ${status}${why}`;
    lines.push(paint(shell, shell.stdout, status === "failed" || status === "gone" ? "red" : "bold", head));
    const width = Math.max(0, ...differences.map(({ field }) => field.length));
    for (const { field, code, live } of differences) {
      lines.push(`    ${field.padEnd(width)}  code: ${showValue(code)}  live: ${showValue(live)}`);
    }
  }
  for (const { kind, id, label, created, leftBehind } of unmanaged) {
    const when = created === undefined ? "" : `  ${showTime(created)} UTC`;
    const why = leftBehind ? "unmanaged (an earlier run of this stack made it)" : "unmanaged";
    lines.push(`+ ${kind} ${showText(label ?? "")}  ${showText(id)}  ${why}${when}`.replace(/ {3,}/g, "  "));
  }
  if (lines.length > 2) lines.push("");
  const counts = [...wrongs.filter((status) => summary[status] > 0), "unmanaged" as const, "unchanged" as const];
  lines.push(`${counts.map((status) => `${summary[status]} ${status}`).join(", ")}; ${calls} calls.`);
  for (const status of wrongs) if (summary[status] > 0) lines.push(`${status}: ${advice[status]}`);
  for (const note of new Set(notes)) lines.push(`Note: ${showText(note)}`);
  if (html !== undefined) lines.push(`Page: ${html}`);
  return `${lines.join("\n")}\n`;
}

/** One line, as a value of the code or of Stripe; nothing at all reads `nothing`. */
function showValue(value: unknown): string {
  return value === undefined ? "nothing" : showText(JSON.stringify(value));
}
