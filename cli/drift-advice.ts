import { type DriftEntry, type DriftReport } from "./drift-report";

/** What can be wrong with a resource. */
export type Wrong = Exclude<DriftEntry["status"], "unchanged">;

/** The sign each status has before it. */
export const marks: Readonly<Record<DriftEntry["status"] | "unmanaged", string>> = {
  ...{ changed: "~", gone: "-", archived: "×", "foreign-owned": "!", failed: "?" },
  ...{ unmanaged: "+", unchanged: "=" },
};

/** What to do about each, as nothing was done; in the order they are told. */
export const advice: Readonly<Record<Wrong, string>> = {
  changed: "pulumi up --refresh sets it back to what the code says; or change the code.",
  gone: "pulumi up --refresh makes it again.",
  archived:
    "declare active: true, where the kind has it, and pulumi up --refresh brings it back; what was canceled or ended is taken out of " +
    "the program, or made anew by an input of its own: an order by repurchase, which buys again, all else by triggers.",
  "foreign-owned": "take it out of this program, or out of the other stack.",
  failed: "see the reason.",
};

export const wrongs = Object.keys(advice) as Wrong[];

/** How many resources are not as the code says; those that couldn't be looked at are not known to be. */
export function countDrift({ summary }: DriftReport): number {
  return summary.changed + summary.gone + summary.archived + summary["foreign-owned"];
}
