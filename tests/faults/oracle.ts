import { type Declaration } from "../../provider/declare";
import { type Outcome } from "./case";
import { booksOf, judgeBooks } from "./books";
import { type Fault } from "./fault";
import { compare, isThere } from "./ledger";
import { type Operation, type Task } from "./operation";
import { type Harm, type Problem, type Verdict } from "./verdict";

/**
 * What an operation, a fault at it and the recovery came to: by what the operation has to leave at Stripe, and in detail compared
 * with the same without a fault. Told by the emulator's books and the state, never by what the provider says of itself.
 * @param clean the same without a fault: the outcome itself where it is without one
 */
export function judge(
  outcome: Outcome,
  clean: Outcome,
  { resource, declaration, operation }: Task,
  fault: Fault | undefined,
): Verdict {
  const problems: Problem[] = [];
  const add = (harm: Harm, text: string) => problems.push({ harm, text });
  const { ledger, state } = outcome;
  const errors = [outcome.faulted, ...outcome.recoveries, outcome.again, outcome.refreshed].flatMap(
    ({ error }) => error ?? [],
  );
  if (fault !== undefined && outcome.hit === undefined)
    add("not recovered", "the fault met no request: nothing was tested");
  for (const error of errors) if (error.startsWith("hang")) add("hang", error);
  const last = outcome.again.error;
  const asked = last !== undefined && mayAsk(declaration, operation, fault, outcome.hit) && asks(last, declaration);

  // What the engine has never heard of nobody can end: it is found again when the resource comes back.
  const unheardOf = outcome.known ? undefined : operation.givenUp?.unheardOf;
  // What is given up after a fault is not tried again: it may never have been made.
  const neverMade = fault !== undefined && operation.givenUp !== undefined && ledger.made.length === 0;
  const left = neverMade ? [] : (unheardOf ?? operation.leaves);
  const mayLack = unheardOf !== undefined || (asked && fault !== undefined);
  problems.push(...judgeBooks(ledger, booksOf(declaration, resource, left), mayLack));
  if (outcome.wrongSecrets.length > 0) add("lost secret", `in state, not Stripe's: ${outcome.wrongSecrets.join(", ")}`);
  if (fault?.forbids) {
    const written = outcome.requests.filter((request) => !request.startsWith("GET "));
    if (written.length > 0) add("wrong account", `written to another account: ${written.join(", ")}`);
    if (outcome.faulted.error === undefined) add("wrong account", `the run was ${outcome.faulted.step}`);
  }
  if (asked || unheardOf !== undefined) return { problems, asked };

  if (last !== undefined) add("not recovered", `the last up failed: ${last}`);
  else if (outcome.again.step !== clean.again.step) add("not recovered", `the last up was ${outcome.again.step}`);
  if (outcome.refreshed.error !== undefined) add("not recovered", `refresh failed: ${outcome.refreshed.error}`);
  if (outcome.drift !== undefined) add("not recovered", `refresh found a change: ${outcome.drift}`);
  if (outcome.unfinished) add("orphan", "what was replaced is still there");
  const { extra, missing } = compare(ledger, clean.ledger);
  if (extra.length > 0 || (missing.length > 0 && !neverMade)) {
    add("orphan", `at Stripe\n  there: ${extra.join(", ")}\n  should be: ${missing.join(", ")}`);
  }
  if (state?.text !== clean.state?.text) {
    add("not recovered", `in state: ${state?.text ?? "nothing"}\n  should be: ${clean.state?.text ?? "nothing"}`);
  }
  if (state !== undefined && !isThere(ledger, state.id)) add("orphan", `${state.id} in state is not at Stripe`);
  return { problems, asked };
}

/**
 * Where nobody can know what became of a request, or what was made has ended and costs money, to stop is right: it is said, and
 * nothing is made twice.
 */
function mayAsk(
  { api, spends, outputFields }: Declaration,
  { losesState, longAgo, adopts, asksAnew }: Operation,
  fault: Fault | undefined,
  hit: string | undefined,
): boolean {
  const metCreate = hit === `POST ${api.path}`;
  const toldOnce = outputFields.some((field) => field.onlyOnCreate);
  const answerGone = (metCreate && fault?.storesFailure) || (losesState && longAgo && !adopts);
  return (
    (toldOnce && answerGone === true) ||
    (spends?.advances === false && metCreate) ||
    (spends !== undefined && asksAnew === true)
  );
}

/** Whether an error says that nobody can know, and what to do about it. */
export function asks(error: string, { spends }: Declaration): boolean {
  return spends === undefined
    ? /Nothing was done\. If [^.]+\. Else give \w+; or change triggers/.test(error)
    : /It is not known whether|Later runs stop here too|Nothing was \w+\. Declare what it is, or set/.test(error);
}
