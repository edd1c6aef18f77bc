import { AsyncLocalStorage } from "node:async_hooks";

const current = new AsyncLocalStorage<string>();

/**
 * Does the work of one of the engine's operations; whatever it calls, however deep, can tell which that is.
 * @param method as the engine's handlers name it: `create`, `read`, …
 * @param urn the resource's; where it isn't known nothing is told
 */
export function duringOperation<T>(method: string, urn: unknown, work: () => T): T {
  if (typeof urn !== "string") return work();
  // Escaped like an address, since a header takes no other letters; through UTF-8, since half a letter can't be escaped.
  return current.run(`${method} ${encodeURI(Buffer.from(urn).toString())}`, work);
}

/**
 * For the embedded Stripe, which shows what caused a request. A URN is a name of the user's and none of Stripe's business:
 * the caller sees to it that it never leaves this machine.
 */
export function operationHeader(): Record<string, string> {
  const operation = current.getStore();
  return operation === undefined ? {} : { "pulumi-operation": operation };
}
