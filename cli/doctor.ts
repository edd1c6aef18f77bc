import { createRequire } from "node:module";
import { type Command, InvalidArgumentError, Option } from "commander";
import type * as examination from "./checks/examine";
import { type Finding } from "./checks/finding";
import type * as reads from "./checks/reads";
import { ownPackage } from "./own-package";
import { type GlobalOptions, notEmpty, paint, type Shell } from "./shell";
import { showLine } from "./show";
import { type StackOptions } from "./stack";

const load = createRequire(__filename);

const DESCRIPTION = `Looks at everything that pulumi up depends on, and says what to do about what is wrong.

Node, engine and packages; state backend, passphrase and lock; settings and the environment; key, account, permissions, webhook endpoints that are left, clock, and what a drift job would read of Stripe's budget. Nothing is written, and no engine is installed. Without a stack it looks at what it can.`;

const AFTER = `
Exit codes:
  0  nothing would fail; there may be warnings
  1  it could not look
  2  something would fail

With --json it prints {"findings": [{"check", "status", "message", "remedy"}], "summary": {"ok", "warning", "failed", "skipped"}}; status is one of
those four words, and remedy is there unless it is ok. Later releases add fields and checks, and change none.

Examples:
  $ stripe-as-code doctor                       # the selected stack of this folder
  $ stripe-as-code doctor --stack prod --drift-every 15m
  $ stripe-as-code doctor --json | jq '.findings[] | select(.status == "failed")'`;

interface DoctorOptions extends GlobalOptions, StackOptions {
  driftEvery: number;
}

/** `stripe-as-code doctor` */
export function define(command: Command, shell: Shell): void {
  command
    .description(DESCRIPTION)
    .option("-s, --stack <name>", "stack to look at (default: the selected one)", notEmpty)
    .option("-C, --cwd <dir>", "folder of the Pulumi project (default: this one)", notEmpty)
    .addOption(
      new Option("--drift-every <time>", "how often a drift job runs: 30m, 1h, 1d")
        .argParser(parseEvery)
        .default(3_600_000, "1h"),
    )
    .addHelpText("after", AFTER)
    .action(async () => {
      const options = command.optsWithGlobals<DoctorOptions>();
      const { examine } = load("./checks/examine") as typeof examination;
      const { version } = ownPackage();
      const findings = await examine(shell, { ...options, version });
      const summary = { ok: 0, warning: 0, failed: 0, skipped: 0 };
      for (const { status } of findings) summary[status]++;
      shell.stdout.write(
        options.json === true ? `${JSON.stringify({ findings, summary })}\n` : describe(shell, findings, summary),
      );
      shell.exitCode = summary.failed > 0 ? 2 : 0;
    });
}

function parseEvery(text: string): number {
  const ms = (load("./checks/reads") as typeof reads).parseInterval(text);
  if (ms === undefined) throw new InvalidArgumentError("A time such as 30m, 1h or 1d is wanted.");
  return ms;
}

const marks = { ok: "✓", warning: "!", failed: "✗", skipped: "-" } as const;
const styles = { ok: "dim", warning: "bold", failed: "red", skipped: "dim" } as const;

function describe(shell: Shell, findings: readonly Finding[], summary: Record<Finding["status"], number>): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, status, message, remedy }) => {
    const head = paint(shell, shell.stdout, styles[status], `${marks[status]} ${check.padEnd(width)}`);
    const told = `${head}  ${showLine(message)}`;
    return remedy === undefined ? [told] : [told, `${" ".repeat(width + 4)}→ ${showLine(remedy)}`];
  });
  const counts = Object.entries(summary).filter(([, number]) => number > 0);
  return `${[...lines, "", `${counts.map(([status, number]) => `${number} ${status}`).join(", ")}.`].join("\n")}\n`;
}
