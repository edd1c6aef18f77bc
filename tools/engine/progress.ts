import { type EngineSystem } from "./system";

/** A long step being shown. */
export interface Progress {
  /** What the step is busy with now, e.g. `812 packages compiled`. */
  note(text: string): void;
  /** Ends the step with its last word and the time it took. */
  end(text: string): void;
}

const REDRAW_MS = 500;
const REPEAT_MS = 20_000;

/**
 * Shows a step that takes long: on a terminal one line, rewritten with the elapsed seconds; elsewhere, and on CI
 * whose terminals are logs, a line at once and one every 20 seconds.
 */
export function showProgress(system: EngineSystem, title: string): Progress {
  const { screen } = system;
  const live = screen.isTTY === true && !system.env.CI;
  const startedAt = system.now();
  let detail = "";
  const elapsed = (): string => {
    const seconds = Math.round((system.now() - startedAt) / 1000);
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  };
  const line = (): string => `${title}: ${elapsed()}${detail && `, ${detail}`}`;
  // A line wider than the terminal wraps, and a wrapped line can't be rewritten.
  const draw = (): unknown => screen.write(`\r\x1b[2K${line().slice(0, (screen.columns ?? 80) - 1)}`);

  if (live) draw();
  else screen.write(`${title} …\n`);
  const stop = system.every(live ? REDRAW_MS : REPEAT_MS, () => (live ? draw() : screen.write(`${line()}\n`)));
  return {
    note: (text) => {
      detail = text;
    },
    end: (text) => {
      stop();
      screen.write(`${live ? "\r\x1b[2K" : ""}${title}: ${text} (${elapsed()})\n`);
    },
  };
}
