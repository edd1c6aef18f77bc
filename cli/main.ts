#!/usr/bin/env node
import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import type * as calling from "./api";
import { ownPackage } from "./own-package";
import type * as resources from "./resource";
import {
  CommandError,
  type CommandFile,
  type GlobalOptions,
  hasColours,
  helpHint,
  paint,
  processShell,
  type Shell,
} from "./shell";

/** Loads a file when it is needed: `--help` shall not wait for an engine or an emulator. */
const load = createRequire(__filename);

const COMMANDS: ReadonlyArray<{ name: string; summary: string; file: string }> = [
  { name: "doctor", summary: "check what pulumi up depends on, with a remedy for each fault", file: "./doctor" },
  { name: "drift", summary: "compare the live account with the stack's state", file: "./drift" },
  { name: "emulator", summary: "run the embedded Stripe until Ctrl-C", file: "./emulator" },
  { name: "engine", summary: "say where the Pulumi engine is, installing it when it is missing", file: "./engine" },
  { name: "export", summary: "write an account's configuration as a Pulumi program", file: "./export" },
  { name: "import", summary: "take the exported objects into a stack", file: "./import" },
  { name: "listen", summary: "show events as they come, and forward them, signed", file: "./listen" },
  { name: "trigger", summary: "bring an event about, in test mode", file: "./trigger" },
];

const afterHelp = (): string => `
Resources (stripe-as-code <resource> <verb> [ID] [-d key=value]…):
${(load("./resource") as typeof resources).describeResources()}

Exit codes:
  0  done
  1  failed; stderr says why and what to do next
  2  drift, or a failed check, was found

Examples:
  $ stripe-as-code engine                      # where the Pulumi engine is
  $ stripe-as-code doctor                      # whether anything would fail, and what to do about it
  $ stripe-as-code emulator --port 12111       # a Stripe to try things on
  $ stripe-as-code emulator --help             # one command's options
  $ stripe-as-code webhook_endpoints --help    # a resource's verbs and parameters
  $ stripe-as-code products create -d name=Shirt
  $ stripe-as-code listen --forward-to localhost:3000/webhook
  $ stripe-as-code trigger product.created

The key is best given as STRIPE_API_KEY: arguments are seen by everyone on the machine.`;

/**
 * Runs the command line `args` (without node and script).
 * @returns the exit code: 0 done, 1 failed.
 */
export async function main(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const { version } = ownPackage();
  const saidOnStderr: string[] = [];
  const program = new Command("stripe-as-code")
    .description("A Stripe account's configuration, reconciled from code by `pulumi up`.")
    .version(args.includes("--json") ? JSON.stringify({ version }) : version)
    .option("--json", "print JSON instead of text, an error too: one document; listen prints one a line")
    .option("--api-key <key>", "Stripe key; for the emulator, the one it shall know")
    .option(
      "--api-base <url>",
      "base URL of the API; of no use to emulator and engine (default: https://api.stripe.com)",
    )
    .configureHelp({ showGlobalOptions: true })
    .addHelpText("after", afterHelp)
    .showHelpAfterError(helpHint([]))
    .configureOutput({
      writeOut: (text) => shell.stdout.write(text),
      writeErr: (text) => {
        saidOnStderr.push(text.trim());
        shell.stderr.write(text);
      },
      getOutHasColors: () => hasColours(shell, shell.stdout),
      getErrHasColors: () => hasColours(shell, shell.stderr),
      outputError: (text, write) => write(text.replace(/^error:/, paint(shell, shell.stderr, "red", "error:"))),
    })
    .exitOverride();
  for (const { name, summary } of COMMANDS) {
    program
      .command(name)
      .summary(summary)
      .description(summary)
      .showHelpAfterError(helpHint([name]));
  }
  program.hook("preSubcommand", (_program, command) => {
    const entry = COMMANDS.find(({ name }) => name === command.name());
    if (entry) (load(entry.file) as CommandFile).define(command, shell);
  });

  try {
    // Commander's own `help <command>` prints without the hook above, and so without the command's options.
    const asked = args[0] === "help" && args[1] ? [...args.slice(1), "--help"] : args;
    const { operands, unknown } = program.parseOptions([...asked]);
    const [word] = operands;
    if (word !== undefined && word !== "help" && !COMMANDS.some(({ name }) => name === word)) {
      const names = COMMANDS.map(({ name }) => name);
      const { defineResource, needVerb } = load("./resource") as typeof resources;
      defineResource(program, operands, shell, names);
      if (unknown.length === 0) needVerb(program, operands);
    }
    await program.parseAsync(asked, { from: "user" });
    return shell.exitCode;
  } catch (error) {
    const json = program.opts<GlobalOptions>().json === true;
    if (error instanceof CommanderError) {
      const message = error.message.replace(/^error: /, "");
      // Help that was printed is none. After an error commander says last where to look.
      if (json && error.exitCode !== 0 && error.code !== "commander.help")
        printError(shell, { message, next: saidOnStderr.at(-1) });
      return error.exitCode;
    }
    const told = tellError(error);
    if (json) printError(shell, told);
    const { message, next = "" } = told;
    shell.stderr.write(`${paint(shell, shell.stderr, "red", "error:")} ${`${message} ${next}`.trimEnd()}\n`);
    return 1;
  }
}

/** What a script reads with --json where a command fails; `code` and `status` are Stripe's. */
interface ToldError {
  message: string;
  next?: string;
  code?: string;
  status?: number;
}

function tellError(error: unknown): ToldError {
  if (!(error instanceof CommandError)) return { message: error instanceof Error ? error.message : String(error) };
  const { next } = error;
  const { code, status } = error as CommandError & Partial<Pick<calling.ApiError, "code" | "status">>;
  // Two sentences.
  const message = next === "" || /[.!?:…]$/.test(error.message) ? error.message : `${error.message}.`;
  return { message, next, ...(code !== undefined && { code }), ...(status && { status }) };
}

function printError(shell: Shell, error: ToldError): void {
  shell.stdout.write(`${JSON.stringify({ error })}\n`);
}

if (require.main === module) {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever reads the output, such as head, may stop before it ends.
    if (error.code === "EPIPE") process.exit();
    process.stderr.write(
      `error: the output can't be written (${error.code ?? error.message}): make room, or send it elsewhere.\n`,
    );
    process.exit(1);
  });
  void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
