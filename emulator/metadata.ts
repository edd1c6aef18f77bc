import { Refusal } from "./errors";
import { metadataLimits } from "./facts/limits";

export type Metadata = Readonly<Record<string, string>>;

/**
 * Named keys are set, empty values remove their key, null removes all, keys left out stay. [docs: Metadata]
 * Refuses more than 50 keys in the result; that text is unconfirmed.
 */
export function mergeMetadata(present: Metadata, change: Metadata | null | undefined): Metadata {
  if (change === undefined) return present;
  if (change === null) return {};
  const merged = new Map(Object.entries(present));
  for (const [key, value] of Object.entries(change)) {
    if (value === "") merged.delete(key);
    else merged.set(key, value);
  }
  if (merged.size > metadataLimits.keys) {
    throw new Refusal(
      `Metadata can have up to ${metadataLimits.keys} keys, but this request would make it ${merged.size}.`,
      {
        param: "metadata",
      },
    );
  }
  return Object.fromEntries(merged);
}
