import { createHash } from "node:crypto";
import { faults } from "./fault";

/** Set by `npm run matrix`. Each push takes the same sample, so that one fails only for what it changed; other seeds by hand. */
export const settings = {
  full: false,
  seed: "1",
  ...(JSON.parse(process.env.MATRIX ?? "{}") as { full?: boolean; seed?: string; only?: string }),
};

/**
 * Fails where `--case` keeps nothing: nothing would be tested.
 * @param names of all cases there are, or of those that were kept
 */
export function mustMatch(names: readonly string[]): void {
  const { only } = settings;
  if (only === undefined || names.some((name) => name.includes(only))) return;
  throw new Error(
    `--case ${JSON.stringify(only)}: no case has this text in its name. One of them is ${names[0] ?? "none"}`,
  );
}

/** Whether the fault of the case outlasts a long patience. */
export function isSlow(name: string): boolean {
  return faults.some((fault) => fault.slow && name.endsWith(` / ${fault.name}`));
}

/**
 * Which of the cases a run on every push takes, by its seed: mostly writes, where objects and money are at stake, and few that
 * kill a host, as each costs the start of a new one, or outlast a long patience.
 */
export function sampleOf(seed: string): (name: string) => boolean {
  return (name) => {
    const [, , request = "", fault = ""] = name.split(" / ");
    const isRead = / GET /.test(request);
    const share = isSlow(name) ? 0.03 : fault.startsWith("killed") ? (isRead ? 0.02 : 0.15) : isRead ? 0.06 : 0.3;
    return chance(`${seed} ${name}`) < share;
  };
}

/** In [0, 1), the same for the same text. */
export function chance(text: string): number {
  return hashed(text) / 2 ** 32;
}

/** A whole number from 0 to below the limit, the same for the same text. */
export function draw(text: string, limit: number): number {
  return hashed(text) % limit;
}

function hashed(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE();
}
