import { readConfig } from "../provider/config";
import { type Declaration, isDiscreet, type StripeObject } from "../provider/declare";
import { type Difference } from "../provider/drift";
import { messageOf } from "../provider/errors";
import { Lifecycle } from "../provider/lifecycle";
import { declarationOf, kindNames } from "../provider/registry";
import { masksFor } from "../provider/secrecy";
import { openSession, type Session } from "../provider/session";
import { type ConfigSource } from "../provider/config";
import { isFixture } from "./fixtures";
import { type ManagedResource, type StackFile } from "./stack";

type Values = Record<string, unknown>;

/** One resource of the stack, and how its object at Stripe stands to it. */
export interface DriftEntry {
  urn: string;
  /** The last part of the URN. */
  name: string;
  /** Such as `Product` or `climate:Order`. */
  kind: string;
  /** Stripe's id. */
  id: string;
  status: "unchanged" | "changed" | "gone" | "archived" | "foreign-owned" | "failed";
  /** What the code says and what Stripe has, by path of the field; the values of secret and personal fields read `[hidden]`. */
  differences: Difference[];
  /** Where an archived object stands; the stack, as `project/stack`, that owns a foreign-owned one; why a failed one can't be told. */
  detail?: string;
}

/** An object that no resource of the stack has. */
export interface UnmanagedEntry {
  kind: string;
  id: string;
  /** What people call it: its name, URL or the like. */
  label?: string;
  /** Unix seconds. */
  created?: number;
  /** It carries this stack's stamp: an earlier run made it, and the state has lost it. */
  leftBehind: boolean;
}

/** The live account against the stack's state. Printed by `drift --json`; later releases add fields and change none. */
export interface DriftReport {
  project: string;
  stack: string;
  /** When it was looked, in ISO 8601. */
  checkedAt: string;
  /** Accounts that were looked at; the id is missing where the key may not tell it. */
  accounts: { id?: string; livemode: boolean }[];
  /** How many resources have each status, and how many objects are unmanaged. */
  summary: Record<DriftEntry["status"] | "unmanaged", number>;
  resources: DriftEntry[];
  unmanaged: UnmanagedEntry[];
  /** What was not looked at, and why. */
  notes: string[];
  /** Requests sent to Stripe. */
  calls: number;
}

export interface DriftOptions {
  /** Whether objects that no resource has are looked for. */
  unmanaged: boolean;
  /** Told as each resource was looked at. */
  onProgress: (done: number, of: number) => void;
  settings: (own: Readonly<Record<string, string>>) => ConfigSource;
}

/** Everything that is looked at with the same settings. */
interface Account {
  session: Session;
  resources: ManagedResource[];
}

/**
 * Looks at the object of every resource of a stack, and at those it doesn't have. Writes nothing.
 * @throws InputError where the settings can't be used
 */
export async function lookForDrift(file: StackFile, options: DriftOptions): Promise<DriftReport> {
  const notes: string[] = file.unknownTypes.map((type) => `resources of type ${type} are unknown to this release`);
  const accounts = accountsOf(file, options, notes);
  let done = 0;
  const entries = new Map<ManagedResource, DriftEntry>();
  await Promise.all(
    accounts.flatMap(({ session, resources }) =>
      resources.map(async (resource) => {
        entries.set(resource, await entryOf(session, resource));
        options.onProgress(++done, file.resources.length);
      }),
    ),
  );
  // Under a key that may not read its account, what is gone is believed once another object has told which account it is.
  for (const { session, resources } of accounts) {
    for (const resource of resources.filter((one) => entries.get(one)?.status === "failed")) {
      if ((await accountOf(session, resource)) !== undefined) entries.set(resource, await entryOf(session, resource));
    }
  }
  const resources = file.resources.flatMap((resource) => entries.get(resource) ?? []);
  const unmanaged = options.unmanaged
    ? (await Promise.all(accounts.map((account) => unmanagedIn(account, file, notes)))).flat()
    : [];
  const summary: DriftReport["summary"] = {
    ...{ unchanged: 0, changed: 0, gone: 0, archived: 0, "foreign-owned": 0, failed: 0 },
    unmanaged: unmanaged.length,
  };
  for (const { status } of resources) summary[status]++;
  return {
    project: file.project,
    stack: file.stack,
    checkedAt: new Date().toISOString(),
    accounts: await Promise.all(accounts.map(describeAccount)),
    summary,
    resources,
    unmanaged,
    notes,
    calls: accounts.reduce((sum, { session }) => sum + session.client.traffic.calls, 0),
  };
}

function accountsOf({ resources }: StackFile, { settings }: DriftOptions, notes: string[]): Account[] {
  const bySettings = new Map<string, Account>();
  const add = (own: Readonly<Record<string, string>>): Account => {
    const key = JSON.stringify(own);
    let account = bySettings.get(key);
    if (account === undefined) {
      const session = openSession(readConfig(settings(own)), (_urn, severity, message) => {
        if (severity === "warning") notes.push(message);
      });
      bySettings.set(key, (account = { session, resources: [] }));
    }
    return account;
  };
  for (const resource of resources) add(resource.settings).resources.push(resource);
  // An empty stack has an account all the same.
  if (bySettings.size === 0) add({});
  return [...bySettings.values()];
}

async function entryOf(session: Session, resource: ManagedResource): Promise<DriftEntry> {
  const { urn, name, kind, id, declaration, outputs } = resource;
  const about = { urn, name, kind, id };
  try {
    const drift = await new Lifecycle(declaration, session).drift(id, outputs);
    if (drift.status === "gone") return { ...about, status: "gone", differences: [] };
    const differences = drift.differences.filter(({ field }) => !isIgnored(resource, field));
    const status = drift.status === "changed" && differences.length === 0 ? "unchanged" : drift.status;
    const { detail } = drift;
    return {
      ...{ ...about, status, differences: differences.map((one) => discreet(resource, one)) },
      ...(detail !== undefined && { detail }),
    };
  } catch (error) {
    const detail = masksFor(declaration, outputs).message(messageOf(error));
    return { ...about, status: "failed", differences: [], detail };
  }
}

function isIgnored({ ignoreChanges }: ManagedResource, field: string): boolean {
  return ignoreChanges.some((path) => path === "*" || field === path || field.startsWith(`${path}.`));
}

/** Nothing that is a secret, or of a person, is told. */
function discreet({ declaration, encrypted }: ManagedResource, difference: Difference): Difference {
  const [root = ""] = difference.field.split(".");
  const field = declaration.inputFields.find(({ name }) => name === root);
  if (!encrypted.has(root) && (field === undefined || !isDiscreet(field))) return difference;
  const hide = (value: unknown) => (value === undefined ? undefined : "[hidden]");
  return { field: root, code: hide(difference.code), live: hide(difference.live) };
}

async function accountOf(session: Session, { outputs }: Pick<ManagedResource, "outputs">): Promise<string | undefined> {
  return session.guard.verify(outputs.stripeAccount as string | undefined, outputs.__account).catch(() => undefined);
}

async function describeAccount({ session, resources }: Account): Promise<{ id?: string; livemode: boolean }> {
  const { livemode } = session.client.config;
  const recorded = resources.find(({ outputs }) => outputs.__account !== undefined)?.outputs;
  const id = await accountOf(session, { outputs: recorded ?? {} });
  return { ...(id !== undefined && { id }), livemode };
}

/** Objects of the configuration that no resource has, newest first, up to the look-up limit of each kind. */
async function unmanagedIn(
  { session, resources }: Account,
  file: StackFile,
  notes: string[],
): Promise<UnmanagedEntry[]> {
  const { lookupLimit } = session.client.config;
  const connected = [
    ...new Set([undefined, ...resources.map(({ outputs }) => outputs.stripeAccount as string | undefined)]),
  ];
  const held = new Set<unknown>(resources.flatMap(({ id, outputs }) => [id, ...madeWith(outputs)]));
  const kinds = kindNames.map((kind) => declarationOf(kind)).filter(({ transient }) => transient !== true);
  const all = await Promise.all(
    kinds.flatMap((declaration) =>
      connected.map(async (stripeAccount) => {
        try {
          const { objects, cutShort } = await session.snapshots.newest(declaration, { stripeAccount }, lookupLimit);
          if (cutShort) {
            notes.push(
              `only the newest ${objects.length} objects of kind ${declaration.title} were looked at for unmanaged ones: ` +
                "stripe:lookupLimit raises that, 0 looks at all",
            );
          }
          return objects.map((object) => ({ declaration, object }));
        } catch (error) {
          notes.push(`unmanaged objects of kind ${declaration.title} could not be looked for: ${messageOf(error)}`);
          return [];
        }
      }),
    ),
  );
  const found = all.flat();
  const fixtures = fixturesAmong(found.map(({ object }) => object));
  return found.flatMap(({ declaration, object }) => {
    if (held.has(object.id) || fixtures.has(object.id) || isDone(declaration, object)) return [];
    const { pulumi_id: stamp, pulumi_stack: owner } = object.metadata ?? {};
    const leftBehind = owner === `${file.project}/${file.stack}`;
    // What another stack manages is its business.
    if (stamp !== undefined && !leftBehind) return [];
    const label = ["name", "nickname", "url", "lookup_key"]
      .map((name) => object[name])
      .find((one) => typeof one === "string");
    const { created } = object;
    return [
      {
        ...{ kind: declaration.name, id: object.id, leftBehind },
        ...(typeof label === "string" && { label }),
        ...(typeof created === "number" && { created }),
      },
    ];
  });
}

/** What Stripe filled in, such as the default price that was made with a product: it belongs to the resource. */
function madeWith(outputs: Values): unknown[] {
  return typeof outputs.__computed === "string" ? outputs.__computed.split(",").map((name) => outputs[name]) : [];
}

/** What came to its end is no longer part of the configuration. */
function isDone({ isEnded }: Declaration, object: StripeObject): boolean {
  return object.active === false || isEnded?.(object, {}) === true;
}

/** What was made to bring an event about, and what belongs to it. */
function fixturesAmong(objects: StripeObject[]): Set<string> {
  const fixtures = new Set(objects.filter(isFixture).map(({ id }) => id));
  for (const { id, product } of objects) if (typeof product === "string" && fixtures.has(product)) fixtures.add(id);
  return fixtures;
}
