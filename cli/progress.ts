import { type Shell } from "./shell";

/** A line that is written over, on a terminal only. */
export function progressLine({ stderr }: Shell): { show: (text: string) => void; clear: () => void } {
  let shownAt = 0;
  return {
    show: (text) => {
      if (stderr.isTTY !== true || Date.now() - shownAt < 200) return;
      shownAt = Date.now();
      stderr.write(`\r\x1b[K${text}`);
    },
    clear: () => shownAt > 0 && stderr.write("\r\x1b[K"),
  };
}
