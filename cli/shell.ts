import { createInterface } from "node:readline/promises";
import { type Command, InvalidArgumentError } from "commander";

/** What a command uses of the process it runs in, so that a test can watch it. */
export interface Shell {
  env: NodeJS.ProcessEnv;
  stdout: Output;
  stderr: Output;
  /** Resolves when the user asks to stop (Ctrl-C, SIGTERM). */
  untilStopped(): Promise<void>;
  /** Puts a question to the user; missing where nobody is there to answer. */
  ask?(question: string): Promise<string>;
  /** What the process ends with: 0 done, 1 failed; 2 is kept for drift and failed checks. */
  exitCode: number;
}

/** A stream to write text to; `process.stdout` is one. */
export interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** One command, in a file of its own that is loaded only when the command is called. */
export interface CommandFile {
  /** Gives the command its options, its help and its action. */
  define(command: Command, shell: Shell): void;
}

/** Options every command takes. */
export interface GlobalOptions {
  json?: boolean;
  apiKey?: string;
  apiBase?: string;
}

/** A failure the user can do something about: `message` says what happened, `next` what to do. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  constructor(
    message: string,
    readonly next: string,
  ) {
    super(message);
  }
}

/** Takes an option or an argument that has to be something: `--stack "$STACK"`, where that isn't set, means no other one. */
export function notEmpty(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It is empty.");
  return text;
}

/**
 * The key of a command that no stack gives one.
 * @throws CommandError where there is none
 */
export function givenKey({ env }: Shell, { apiKey }: GlobalOptions): string {
  const key = (apiKey ?? env.STRIPE_API_KEY ?? "").trim();
  if (key === "") throw new CommandError("there is no key.", "Set STRIPE_API_KEY, or give --api-key.");
  return key;
}

/** Where to look after a command line that can't be understood. */
export function helpHint(words: readonly string[]): string {
  return `Run \`${["stripe-as-code", ...words].join(" ")} --help\` to see what there is.`;
}

/** The process as it is. */
export function processShell(): Shell {
  return {
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    untilStopped,
    ...(process.stdin.isTTY && process.stderr.isTTY && { ask }),
    exitCode: 0,
  };
}

/** A second Ctrl-C finds no listener any more and ends the process at once. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      resolve();
    };
    process.on("SIGINT", stop).on("SIGTERM", stop);
  });
}

/** On stderr, as what is printed may go elsewhere; Ctrl-C answers with nothing. */
async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  lines.once("close", () => ended.abort());
  try {
    return await lines.question(question, { signal: ended.signal });
  } catch {
    return "";
  } finally {
    lines.close();
  }
}

const CODES = { bold: 1, red: 31, dim: 2 } as const;

/** Whether an output understands the codes that move its cursor: it is a terminal, and none that says it is a dumb one. */
export function isScreen({ env }: Shell, { isTTY }: Output): boolean {
  return isTTY === true && env.TERM !== "dumb";
}

/** On a screen, unless NO_COLOR is set (https://no-color.org). */
export function hasColours(shell: Shell, output: Output): boolean {
  return isScreen(shell, output) && !shell.env.NO_COLOR;
}

/** Colours `text` where colours show. */
export function paint(shell: Shell, output: Output, style: keyof typeof CODES, text: string): string {
  return hasColours(shell, output) ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text;
}
