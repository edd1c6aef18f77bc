import { closest, distance } from "fastest-levenshtein";

/** The word somebody has most likely meant; undefined where none is near. */
export function closestWord(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const near = closest(word, known);
  return distance(word, near) <= Math.max(2, word.length / 3) ? near : undefined;
}
