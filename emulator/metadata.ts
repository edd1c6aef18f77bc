import { Refusal } from "./errors";
import { metadataLimits } from "./facts/limits";

export type Metadata = Readonly<Record<string, string>>;

/** What a request changes: a null removes its key, which v1 spells as an empty value. */
export type MetadataChange = Readonly<Record<string, string | null>>;

/** Refuses a key or a value beyond the limits. [docs: Metadata] The texts are unconfirmed. */
export function checkMetadataPair(key: string, value: string, path: string, param: string): void {
  const { keyLength, valueLength } = metadataLimits;
  if (key === "" || /[[\]]/.test(key)) {
    throw new Refusal("Metadata keys can't be empty or contain square brackets.", { param: path });
  }
  if ([...key].length > keyLength) {
    throw new Refusal(
      `Metadata keys can have up to ${keyLength} characters, but you passed in a key that is ${[...key].length} ` +
        `characters. Invalid key: ${key}`,
      { param: path },
    );
  }
  if ([...value].length > valueLength) {
    throw new Refusal(
      `Metadata values can have up to ${valueLength} characters, but you passed in a value that is ` +
        `${[...value].length} characters. Invalid value: ${value}`,
      { param },
    );
  }
}

/**
 * Named keys are set, nulls remove their key, null removes all, keys left out stay. [docs: Metadata]
 * Refuses more than 50 keys in the result; that text is unconfirmed.
 */
export function mergeMetadata(present: Metadata, change: MetadataChange | null | undefined): Metadata {
  if (change === undefined) return present;
  if (change === null) return {};
  const merged = new Map(Object.entries(present));
  for (const [key, value] of Object.entries(change)) {
    if (value === null) merged.delete(key);
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
