import { createHash } from "node:crypto";

/**
 * Which of the cases a run on every push takes, by its seed: mostly writes, where objects and money are at stake, and few that
 * kill a host, as each costs the start of a new one.
 */
export function sampleOf(seed: string): (name: string) => boolean {
  return (name) => {
    const [, , request = "", fault = ""] = name.split(" / ");
    const isRead = / GET /.test(request);
    const share = fault.startsWith("killed") ? (isRead ? 0.03 : 0.25) : isRead ? 0.1 : 0.5;
    return chance(`${seed} ${name}`) < share;
  };
}

/** In [0, 1), the same for the same text. */
function chance(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32;
}
