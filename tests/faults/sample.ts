import { createHash } from "node:crypto";
import { faults } from "./fault";

/**
 * Which of the cases a run on every push takes, by its seed: mostly writes, where objects and money are at stake, and few that
 * kill a host, as each costs the start of a new one, or outlast a long patience.
 */
export function sampleOf(seed: string): (name: string) => boolean {
  return (name) => {
    const [, , request = "", fault = ""] = name.split(" / ");
    const isRead = / GET /.test(request);
    const slow = faults.some(({ name, slow }) => slow && name === fault);
    const share = slow ? 0.03 : fault.startsWith("killed") ? (isRead ? 0.03 : 0.25) : isRead ? 0.1 : 0.5;
    return chance(`${seed} ${name}`) < share;
  };
}

/** In [0, 1), the same for the same text. */
export function chance(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32;
}
