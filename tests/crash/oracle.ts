import { type Books, judgeBooks } from "../faults/books";
import { compare, isThere } from "../faults/ledger";
import { asks } from "../faults/oracle";
import { type Harm, type Problem, type Verdict } from "../faults/verdict";
import { declarationOf, kindNames } from "../../provider/registry";
import { type Outcome, type Step } from "./play";

/**
 * What a crash and the recovery from it came to: by what the program has to leave at Stripe, and in detail compared with the same
 * without a crash. Told by the emulator's books and the state.
 * @param clean the same without a crash: the outcome itself where it is without one
 */
export function judge(outcome: Outcome, clean: Outcome, expected: Books): Verdict {
  const problems: Problem[] = [];
  const add = (harm: Harm, text: string) => problems.push({ harm, text });
  const { crashed, ups, again, ledger, state } = outcome;
  if (crashed !== undefined && crashed.at === undefined)
    add("not recovered", `the moment never came: nothing was tested. ${told(crashed)}`);
  for (const step of [crashed, ...ups, again]) if (step?.hung) add("hang", `no end: ${told(step)}`);
  if (!outcome.quiet) add("hang", "a process of the crashed run outlived it");

  for (const step of ups.slice(0, -1)) if (!mayAsk(outcome, step)) add("not recovered", `up failed: ${told(step)}`);
  const last = ups.at(-1);
  if (last?.code !== 0) add("not recovered", `the last up failed: ${last && told(last)}`);
  if (again.code !== 0) add("not recovered", `an up after all that found something to do: ${told(again)}`);
  if (outcome.unfinished.length > 0) add("not recovered", `in state: ${outcome.unfinished.join(", ")}`);

  problems.push(...judgeBooks(ledger, expected));
  if (outcome.wrongSecrets.length > 0) add("lost secret", `in state, not Stripe's: ${outcome.wrongSecrets.join(", ")}`);
  const { extra, missing } = compare(ledger, clean.ledger);
  if (extra.length + missing.length > 0)
    add("orphan", `at Stripe\n  there: ${extra.join(", ")}\n  should be: ${missing.join(", ")}`);
  for (const { id } of state) if (!isThere(ledger, id)) add("orphan", `${id} in state is not at Stripe`);
  const [is, should] = [state, clean.state].map((entries) => entries.map(({ text }) => text).sort());
  if (JSON.stringify(is) !== JSON.stringify(should)) {
    const only = (list: string[] = [], others: string[] = []) =>
      list.filter((text) => !others.includes(text)).join("\n  ");
    add("not recovered", `in state: ${only(is, should)}\n  should be: ${only(should, is)}`);
  }
  return { problems, asked: ups.length > 1 };
}

/** The end of what the engine printed, which is what it has to say. */
function told({ output }: Step): string {
  return output.slice(Math.max(0, output.indexOf("Diagnostics:")));
}

/** Only where the request at which the run died may have spent money is it right to stop once, and to say so. */
function mayAsk({ crashed }: Outcome, { output }: Step): boolean {
  return kindNames
    .map(declarationOf)
    .some((one) => one.spends !== undefined && crashed?.at === `POST ${one.api.path}` && asks(output, one));
}
