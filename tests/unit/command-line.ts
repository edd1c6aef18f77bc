import { main } from "../../cli/main";
import { type Shell } from "../../cli/shell";

interface Terminal {
  env?: NodeJS.ProcessEnv;
  tty?: boolean;
  columns?: number;
  /** What the user enters; nobody is asked where it is missing. */
  answer?: string;
}

/**
 * Runs a command line. `stop` is the user's Ctrl-C, `printed` waits for the first thing on stdout, `shows` for a text on
 * stdout or stderr.
 */
export function start(args: string[], { env = {}, tty: isTTY = false, columns, answer }: Terminal = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const questions: string[] = [];
  let stop = (): void => undefined;
  let firstOutput = (): void => undefined;
  const waiting = new Set<() => void>();
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const printed = new Promise<void>((resolve) => (firstOutput = resolve));
  const note = (to: string[], text: string): void => {
    to.push(text);
    for (const look of waiting) look();
  };
  const shell: Shell = {
    env,
    stdout: { isTTY, ...(columns !== undefined && { columns }), write: (text) => (note(out, text), firstOutput()) },
    stderr: { isTTY, write: (text) => note(err, text) },
    untilStopped: () => stopped,
    ...(answer !== undefined && {
      ask: (question: string) => {
        questions.push(question);
        return Promise.resolve(answer);
      },
    }),
    exitCode: 0,
  };
  const shows = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!out.join("").includes(text) && !err.join("").includes(text)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  const code = main(args, shell);
  return { code, printed, shows, stop, questions, out: () => out.join(""), err: () => err.join("") };
}

export async function finish(args: string[], terminal: Terminal = {}) {
  const run = start(args, terminal);
  return { code: await run.code, out: run.out(), err: run.err(), questions: run.questions };
}
