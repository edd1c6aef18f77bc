import { type Declaration } from "./declare";
import { ConnectionError, ProviderError, StripeError } from "./errors";

/** Whether the create may have been carried out, or is still running, although its answer is an error. */
export function leavesDoubt(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  if (!(error instanceof StripeError)) return false;
  // 424: something outside of Stripe failed, and may have been reached all the same.
  return (
    error.status >= 500 ||
    error.status === 424 ||
    /upstream/.test(error.error.code ?? "") ||
    error.status === 409 ||
    error.request.replayed ||
    // A limit, or a key that is not valid any more, is refused before anything is looked up: that says nothing of an attempt
    // before it that was cut.
    ([401, 403, 429].includes(error.status) && error.request.inDoubt === true) ||
    error.error.type === "idempotency_error"
  );
}

/**
 * Whether the error is Stripe's stored answer, which it would give for a day: the next key may try. For what costs money
 * only where an earlier run got it first, so that a run that is in doubt itself never buys. A key in use is no stored answer:
 * the first request is still running.
 */
export function isStored(error: unknown, { spends }: Declaration): boolean {
  if (!(error instanceof StripeError) || error.status === 409) return false;
  if (spends) return spends.advances && error.request.replayed && error.request.attempts === 1;
  return error.request.replayed || error.error.type === "idempotency_error";
}

/**
 * The error of a create whose outcome is not known: what is known of it, and what to do.
 * @param unseen why it could not be looked for
 */
export function inDoubt(error: unknown, { spends, title }: Declaration, unseen?: Error): ProviderError {
  const otherValues = error instanceof StripeError && error.error.type === "idempotency_error" && error.status !== 409;
  const again = spends && `once you know that nothing was ${spends.done}, set ${spends.askAgain} to a new text`;
  const advice =
    spends === undefined
      ? "Run pulumi up again: it looks again, and makes no second one"
      : otherValues
        ? `An earlier run asked for it with other values. Undo the change, or, ${again}`
        : `Nothing is ${spends.done} again in this run. ` +
          (spends.advances
            ? `Run pulumi up again later: it looks again before anything is ${spends.done}`
            : `Later runs stop here too: ${again}`);
  return new ProviderError(
    "in_doubt",
    `${(error as Error).message}\n  It is not known whether the ${title} was made; looking for it ` +
      `${unseen === undefined ? "found nothing" : `failed: ${unseen.message}`}. ${advice}`,
  );
}
