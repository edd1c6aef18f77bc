import * as rpc from "@pulumi/pulumi/runtime/rpc";
import { withoutTraces } from "./stack-traces";

/**
 * Pulumi makes an Output of each property of a resource when it is registered: four promises each, and a dozen more behind them.
 * Most properties of a Stripe object are neither declared by a program nor read by it. Those are made here when they are first
 * read, before or after the engine has answered, and are then what Pulumi would have made.
 */

type Resolve = (...answer: unknown[]) => void;
type Transfer = (
  onto: object,
  label: string,
  props: Record<string, unknown>,
  ...more: unknown[]
) => Record<string, Resolve>;

const pulumi = rpc as unknown as { transferProperties: Transfer };

/** Pulumi's own, under every layer of ours: resources may be made while another one is. */
const originals = new WeakMap<Transfer, Transfer>();

/** Makes a property of a resource that wasn't made yet. */
const makers = new WeakMap<object, (name: string) => void>();

/** The same accessor for every resource: it makes way for the Output when it is first read. */
const accessors = new Map<string, PropertyDescriptor>();

function accessorOf(name: string): PropertyDescriptor {
  let accessor = accessors.get(name);
  if (accessor === undefined) {
    const get = function (this: object): unknown {
      makers.get(this)?.(name);
      return Object.getOwnPropertyDescriptor(this, name)?.value;
    };
    // Where a program's closure captures a resource, Pulumi leaves out what is marked so.
    accessor = { configurable: true, enumerable: true, get: Object.assign(get, { doNotCapture: true }) };
    accessors.set(name, accessor);
  }
  return accessor;
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
  const before = pulumi.transferProperties;
  const original = originals.get(before) ?? before;
  const make: Transfer = (...args) => withoutTraces(() => original(...args));
  const transfer: Transfer = (onto, label, props, ...more) => {
    if (!Object.prototype.isPrototypeOf.call(prototype, onto)) return before(onto, label, props, ...more);
    const late = [...always.filter((name) => name in props), ...names.filter((name) => props[name] === undefined)];
    const now: Record<string, unknown> = {};
    for (const name of Object.keys(props)) if (!late.includes(name)) now[name] = props[name];
    const resolvers = make(onto, label, now, ...more);
    const answers = new Map<string, unknown[]>();
    const made = new Map<string, Resolve>();
    for (const name of late) {
      Object.defineProperty(onto, name, accessorOf(name));
      resolvers[name] = (...answer) => {
        answers.set(name, answer);
        made.get(name)?.(...answer);
      };
    }
    makers.set(onto, (name) => {
      // Pulumi makes no property that is there.
      Reflect.deleteProperty(onto, name);
      const resolve = make(onto, label, { [name]: props[name] }, ...more)[name];
      if (resolve === undefined) return;
      made.set(name, resolve);
      const answer = answers.get(name);
      if (answer !== undefined) resolve(...answer);
    });
    return resolvers;
  };
  originals.set(transfer, original);
  pulumi.transferProperties = transfer;
  return () => {
    pulumi.transferProperties = before;
  };
}
