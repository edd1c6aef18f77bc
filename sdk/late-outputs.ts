import * as rpc from "@pulumi/pulumi/runtime/rpc";
import { withoutTraces } from "./stack-traces";

/**
 * Pulumi makes an Output of each property of a resource when it is registered: four promises each, and a dozen more behind them.
 * Most properties of a Stripe object are neither declared by a program nor read by it. Those are made here when they are first
 * read, before or after the engine has answered, and are then exactly what Pulumi would have made.
 */

type Resolve = (...answer: unknown[]) => void;
type Transfer = (onto: object, label: string, props: Record<string, unknown>) => Record<string, Resolve>;

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

/**
 * From here on, resources of the class get some of their properties late.
 * @param isLate whether this property of these is
 * @returns what undoes it
 */
export function transferLate(prototype: object, isLate: (name: string, value: unknown) => boolean): () => void {
  const pulumi = rpc as { transferProperties?: Transfer };
  const transfer = pulumi.transferProperties;
  // It is Pulumi's own, and may be elsewhere in a later release: then all properties are made at once, as ever.
  if (transfer === undefined || Object.getOwnPropertyDescriptor(pulumi, "transferProperties")?.writable !== true) {
    return () => undefined;
  }
  const make: Transfer = (...args) => withoutTraces(() => transfer(...args));
  pulumi.transferProperties = (onto, label, props) => {
    if (!Object.prototype.isPrototypeOf.call(prototype, onto)) return transfer(onto, label, props);
    const entries = Object.entries(props);
    const now = entries.filter(([name, value]) => !isLate(name, value));
    const resolvers = make(onto, label, Object.fromEntries(now));
    const answers = new Map<string, unknown[]>();
    const made = new Map<string, Resolve>();
    for (const [name, value] of entries) {
      if (!isLate(name, value)) continue;
      resolvers[name] = (...answer) => {
        answers.set(name, answer);
        made.get(name)?.(...answer);
      };
    }
    makers.set(onto, (name) => {
      if (made.has(name) || Object.hasOwn(onto, name)) return;
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
