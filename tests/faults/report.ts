import { type CaseResult, type MatrixResult } from "./matrix";
import { known } from "./known";
import { type Harm } from "./oracle";

/** The one line a run of the matrix ends with. */
export function summary({ results }: Pick<MatrixResult, "results">, seed: string): string {
  const count = (harm: Harm) =>
    results.filter(({ verdict }) => verdict.problems.some((problem) => problem.harm === harm)).length;
  const excused = results.filter((result) => isKnown(result));
  const reasons = known.filter(({ cases }) => excused.some(({ name }) => cases.test(name))).map(({ reason }) => reason);
  return (
    `fault matrix: ${results.length} cases, ${count("duplicate")} duplicates, ${count("orphan")} orphans, ` +
    `${count("lost secret")} lost secrets, ${count("double purchase")} double purchases` +
    (excused.length > 0 ? `; ${excused.length} known to fail: ${reasons.join("; ")}` : "") +
    ` (seed ${seed})`
  );
}

/** A case that fails for a reason that is written down. */
export function isKnown({ name, verdict }: CaseResult): boolean {
  return verdict.problems.length > 0 && known.some(({ cases }) => cases.test(name));
}

/** What went wrong, and how to see it again. */
export function failures(results: CaseResult[], seed: string): string[] {
  return results
    .filter((result) => result.verdict.problems.length > 0 && !isKnown(result))
    .map(({ name, verdict }) => {
      const problems = verdict.problems.map(({ harm, text }) => `\n  ${harm}: ${text}`).join("");
      return `${name}${problems}\n  again: npm run matrix -- --seed ${seed} --case ${JSON.stringify(name)}`;
    });
}
