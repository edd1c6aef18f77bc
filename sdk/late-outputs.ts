import * as rpc from "@pulumi/pulumi/runtime/rpc";
import { withoutTraces } from "./stack-traces";

/**
 * Pulumi makes an Output of each property of a resource when it is registered: four promises each, and a dozen more behind them.
 * Most properties of a Stripe object are neither declared by a program nor read by it. Those are made here when they are first
 * read, before or after the engine has answered, and are then exactly what Pulumi would have made.
 */

type Resolve = (...answer: unknown[]) => void;
type Transfer = (onto: object, label: string, props: Record<string, unknown>) => Record<string, Resolve>;

const pulumi = rpc as unknown as { transferProperties: Transfer };

/** What makes a property of a resource, where it wasn't made yet. */
const makers = new WeakMap<object, (name: string) => void>();

/** Gives the class an accessor for each property that may be made late. */
export function acceptLateOutputs(prototype: object, names: Iterable<string>): void {
  for (const name of names) {
    const get = function (this: object): unknown {
      makers.get(this)?.(name);
      return Object.getOwnPropertyDescriptor(this, name)?.value;
    };
    // Where a program's closure captures a resource, Pulumi leaves out what is marked so.
    Object.defineProperty(prototype, name, {
      configurable: true,
      get: Object.assign(get, { doNotCapture: true }),
      set(this: object, value: unknown) {
        Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true });
      },
    });
  }
}

/** Whether properties can be made late: what makes them is Pulumi's own, and may be elsewhere in a later release. */
export function canTransferLate(): boolean {
  return Object.getOwnPropertyDescriptor(pulumi, "transferProperties")?.writable === true;
}

/**
 * From here on, resources of the class get these properties late: those that have no value in their props, or aren't in them.
 * @param always made late, whatever their value
 * @returns what undoes it
 */
export function transferLate(prototype: object, names: readonly string[], always: readonly string[]): () => void {
  if (!canTransferLate()) return () => undefined;
  const transfer = pulumi.transferProperties;
  const make: Transfer = (...args) => withoutTraces(() => transfer(...args));
  pulumi.transferProperties = (onto, label, props) => {
    if (!Object.prototype.isPrototypeOf.call(prototype, onto)) return transfer(onto, label, props);
    const late = new Set([...always, ...names.filter((name) => props[name] === undefined)]);
    const now: Record<string, unknown> = {};
    for (const name of Object.keys(props)) if (!late.has(name)) now[name] = props[name];
    const resolvers = make(onto, label, now);
    const answers = new Map<string, unknown[]>();
    const made = new Map<string, Resolve>();
    for (const name of late) {
      resolvers[name] = (...answer) => {
        answers.set(name, answer);
        made.get(name)?.(...answer);
      };
    }
    makers.set(onto, (name) => {
      if (!late.has(name) || made.has(name)) return;
      const resolve = make(onto, label, { [name]: props[name] })[name];
      if (resolve === undefined) return;
      made.set(name, resolve);
      const answer = answers.get(name);
      if (answer !== undefined) resolve(...answer);
    });
    return resolvers;
  };
  return () => {
    pulumi.transferProperties = transfer;
  };
}
