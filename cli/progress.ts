import { isScreen, type Shell } from "./shell";

/** A line that is written over, on a terminal only. */
export function progressLine(shell: Shell): { show: (text: string) => void; clear: () => void } {
  const { stderr } = shell;
  let shownAt = 0;
  return {
    show: (text) => {
      if (!isScreen(shell, stderr) || Date.now() - shownAt < 200) return;
      shownAt = Date.now();
      stderr.write(`\r\x1b[K${text}`);
    },
    clear: () => shownAt > 0 && stderr.write("\r\x1b[K"),
  };
}
