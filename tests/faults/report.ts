import { known } from "./known";
import { type Harm, type Verdict } from "./verdict";

export interface CaseResult {
  name: string;
  verdict: Verdict;
}

/**
 * The one line a run of a matrix ends with.
 * @param what it is, and what its cases are called: `fault matrix`, `cases`
 */
export function summary([matrix, cases]: [string, string], results: CaseResult[], seed: string): string {
  const count = (harm: Harm) =>
    results.filter(({ verdict }) => verdict.problems.some((problem) => problem.harm === harm)).length;
  const excused = results.filter((result) => isKnown(result));
  const reasons = known.filter(({ cases }) => excused.some(({ name }) => cases.test(name))).map(({ reason }) => reason);
  return (
    `${matrix}: ${results.length} ${cases}, ${count("duplicate")} duplicates, ${count("orphan")} orphans, ` +
    `${count("lost secret")} lost secrets, ${count("double purchase")} double purchases` +
    (excused.length > 0 ? `; ${excused.length} known to fail: ${reasons.join("; ")}` : "") +
    ` (seed ${seed})`
  );
}

/** A case that fails for a reason that is written down. */
export function isKnown({ name, verdict }: CaseResult): boolean {
  return verdict.problems.length > 0 && known.some(({ cases }) => cases.test(name));
}

/**
 * What went wrong, and how to see it again.
 * @param options of `npm run matrix` that lead to the matrix
 */
export function failures(results: CaseResult[], options = ""): string[] {
  return results
    .filter((result) => result.verdict.problems.length > 0 && !isKnown(result))
    .map(({ name, verdict }) => {
      const problems = verdict.problems.map(({ harm, text }) => `\n  ${harm}: ${text}`).join("");
      return `${name}${problems}\n  again: npm run matrix -- ${options}--case ${JSON.stringify(name)}`;
    });
}
