import { type ConfigSource, readConfig } from "../provider/config";
import { type Declaration, isDiscreet, type StripeObject } from "../provider/declare";
import { type Difference, isIgnored } from "../provider/drift";
import { ConnectionError, messageOf, ProviderError, StripeError } from "../provider/errors";
import { Lifecycle } from "../provider/lifecycle";
import { namesFilledIn } from "../provider/outputs";
import { declarationOf, kindNames } from "../provider/registry";
import { masksFor } from "../provider/secrecy";
import { openSession, type Session } from "../provider/session";
import { fixturesAmong } from "./fixtures";
import { labelOf } from "./label";
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
  /**
   * Where an archived object stands; the stack, as `project/stack`, that owns a foreign-owned one; why a failed one can't be told; of a
   * changed one, what a refresh took over or a run left unfinished.
   */
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
  /** What was begun before the stack was read. */
  begun?: Begun;
}

/** The account that the stack's own settings lead to, whose lists are being read. */
export interface Begun {
  account: Account;
  notes: string[];
}

/** Everything that is looked at with the same settings. */
export interface Account {
  session: Session;
  resources: ManagedResource[];
}

/**
 * Begins to read the lists that a report will want, as the engine takes its time to write out a stack of many resources. Of one whose
 * resources all have providers of their own that is for nothing.
 */
export function begin(settings: ConfigSource): Begun | undefined {
  const notes: string[] = [];
  try {
    const account = openAccount(settings, notes);
    beginLists([account]);
    return { account, notes };
  } catch {
    // Settings that can't be used are told once the stack is known to need them.
    return undefined;
  }
}

/** Pages of one list can only be read one after another. What fails is remembered, and told where they are wanted. */
function beginLists(accounts: Account[]): void {
  for (const account of accounts) {
    const { lookupLimit } = account.session.client.config;
    for (const { read } of listsOf(account)) void read(lookupLimit).catch(() => undefined);
  }
}

/**
 * Looks at the object of every resource of a stack, and at those it doesn't have. Writes nothing.
 * @throws InputError where the settings can't be used
 */
export async function lookForDrift(file: StackFile, options: DriftOptions): Promise<DriftReport> {
  const notes = options.begun?.notes ?? [];
  notes.push(...file.unknownTypes.map((type) => `resources of type ${type} are unknown to this release`));
  const accounts = accountsOf(file, options, notes);
  if (options.unmanaged) beginLists(accounts);
  // Where no resource tells that the key will not do, nothing else would.
  for (const { session, resources } of accounts)
    if (resources.length === 0) await session.guard.verify(undefined, undefined);
  if (file.replaced.length > 0) {
    notes.push(
      `objects that were replaced still have to be ended: ${file.replaced.map(({ id }) => id).join(", ")}; pulumi up does that`,
    );
  }
  let done = 0;
  const entries = new Map<ManagedResource, DriftEntry>();
  const unbelieved = new Set<ManagedResource>();
  const lookAt = async (session: Session, resource: ManagedResource) => {
    try {
      entries.set(resource, await entryOf(session, resource));
    } catch (error) {
      if (ProviderError.is(error) && error.code === "account_unknown") unbelieved.add(resource);
      const { urn, name, kind, id, declaration, outputs } = resource;
      const detail = masksFor(declaration, outputs).message(messageOf(error));
      entries.set(resource, { urn, name, kind, id, status: "failed", differences: [], detail });
    }
  };
  await Promise.all(
    accounts.flatMap(({ session, resources }) =>
      resources.map(async (resource) => {
        await lookAt(session, resource);
        options.onProgress(++done, file.resources.length);
      }),
    ),
  );
  // Under a key that may not read its account, what is gone is believed once another object has told which account it is. What
  // could not be asked for is not asked for again: that would take the patience of a whole run for each.
  for (const { session, resources } of accounts) {
    for (const resource of resources.filter((one) => unbelieved.has(one))) {
      if ((await accountOf(session, resource)) !== undefined) await lookAt(session, resource);
    }
  }
  const resources = file.resources.flatMap((resource) => entries.get(resource) ?? []);
  const unmanaged: UnmanagedEntry[] = [];
  if (!options.unmanaged) notes.push("objects that no stack has were not looked for, as --unmanaged=false says");
  else {
    const found = (await Promise.all(accounts.map((account) => unmanagedIn(account, file, notes)))).flat();
    // Two providers of a stack may be for one account.
    const byObject = new Map(
      found.map(({ account, entry }, index) => [
        account === undefined ? String(index) : JSON.stringify([account, entry.kind, entry.id]),
        entry,
      ]),
    );
    unmanaged.push(...byObject.values());
  }
  const summary: DriftReport["summary"] = {
    ...{ unchanged: 0, changed: 0, gone: 0, archived: 0, "foreign-owned": 0, failed: 0 },
    unmanaged: unmanaged.length,
  };
  for (const { status } of resources) summary[status]++;
  return {
    project: file.project,
    stack: file.stack,
    checkedAt: new Date().toISOString(),
    accounts: (await Promise.all(accounts.map((account) => describeAccounts(account, options)))).flat(),
    summary,
    resources,
    unmanaged,
    notes,
    calls: [...new Set([...accounts, ...(options.begun ? [options.begun.account] : [])])].reduce(
      (sum, { session }) => sum + session.client.traffic.calls,
      0,
    ),
  };
}

function accountsOf({ resources }: StackFile, { settings, begun }: DriftOptions, notes: string[]): Account[] {
  const bySettings = new Map<string, Account>();
  const add = (own: Readonly<Record<string, string>>): Account => {
    const key = JSON.stringify(own);
    const isOwn = Object.keys(own).length === 0;
    const account = bySettings.get(key) ?? (isOwn ? begun?.account : undefined) ?? openAccount(settings(own), notes);
    bySettings.set(key, account);
    return account;
  };
  for (const resource of resources) add(resource.settings).resources.push(resource);
  // An empty stack has an account all the same.
  if (bySettings.size === 0) add({});
  return [...bySettings.values()];
}

/** @throws InputError where the settings can't be used */
function openAccount(settings: ConfigSource, notes: string[]): Account {
  const session = openSession(readConfig(settings), (_urn, severity, message) => {
    if (severity === "warning") notes.push(message);
  });
  return { session, resources: [] };
}

async function entryOf(session: Session, resource: ManagedResource): Promise<DriftEntry> {
  const { urn, name, kind, id, declaration, outputs, ignoreChanges } = resource;
  const about = { urn, name, kind, id };
  const drift = await new Lifecycle(declaration, session).drift(id, outputs, ignoreChanges);
  if (drift.status === "gone") return { ...about, status: "gone", differences: [] };
  const differences = discreet(resource, drift.differences);
  const { status, detail } =
    drift.status === "unchanged" || drift.status === "changed" ? inState(resource, drift.status) : drift;
  return { ...about, status, differences, ...(detail !== undefined && { detail }) };
}

/** What the state has against a resource, whose object may well be as it is recorded. */
function inState(
  { initErrors, unsaid, ignoreChanges, declaration, outputs }: ManagedResource,
  status: "unchanged" | "changed",
): Pick<DriftEntry, "status" | "detail"> {
  if (initErrors.length > 0) {
    const reasons = masksFor(declaration, outputs).message(initErrors.join("; "));
    return {
      status: status === "changed" ? status : "failed",
      detail: `the last pulumi up left it unfinished: ${reasons}`,
    };
  }
  const taken = unsaid.filter((name) => !isIgnored(name, ignoreChanges));
  if (taken.length === 0) return { status };
  const detail = `the state has what Stripe has in ${taken.join(", ")}, not what the code says: pulumi preview tells that`;
  return { status: "changed", detail };
}

/** Nothing that is a secret, or of a person, is told, and how many parts of it differ neither. */
function discreet({ declaration, encrypted }: ManagedResource, differences: Difference[]): Difference[] {
  const hidden = new Map<string, Difference>();
  return differences.flatMap((difference) => {
    const [root = ""] = difference.field.split(".");
    const field = declaration.inputFields.find(({ name }) => name === root);
    if (!encrypted.has(root) && (field === undefined || !isDiscreet(field))) return [difference];
    const known = hidden.get(root);
    const one = known ?? { field: root, code: undefined, live: undefined };
    if (difference.code !== undefined) one.code = "[hidden]";
    if (difference.live !== undefined) one.live = "[hidden]";
    hidden.set(root, one);
    return known === undefined ? [one] : [];
  });
}

async function accountOf(session: Session, { outputs }: Pick<ManagedResource, "outputs">): Promise<string | undefined> {
  return session.guard.verify(outputs.stripeAccount as string | undefined, outputs.__account).catch(() => undefined);
}

/** The key's own account and the connected ones that resources name, each with what is recorded of a resource in it. */
function recordedIn({ resources }: Account): Map<string | undefined, Values> {
  const recorded = new Map<string | undefined, Values>([[undefined, {}]]);
  for (const { outputs } of resources) {
    const stripeAccount = outputs.stripeAccount as string | undefined;
    if (outputs.__account !== undefined || !recorded.has(stripeAccount)) recorded.set(stripeAccount, outputs);
  }
  return recorded;
}

/** Those that were looked at. */
async function describeAccounts(
  account: Account,
  { unmanaged }: DriftOptions,
): Promise<{ id?: string; livemode: boolean }[]> {
  const { session, resources } = account;
  const named = new Set(resources.map(({ outputs }) => outputs.stripeAccount as string | undefined));
  const looked = [...recordedIn(account)].filter(([one]) => unmanaged || named.has(one) || resources.length === 0);
  return Promise.all(
    looked.map(async ([stripeAccount, outputs]) => {
      // A key of another account is not the key that was meant: all the more should it be said whose it is.
      const id = (await accountOf(session, { outputs })) ?? session.guard.told(stripeAccount);
      return { ...(id !== undefined && { id }), livemode: session.client.config.livemode };
    }),
  );
}

/** The lists of the kinds that are configuration, in every account that the resources are in. */
function listsOf(account: Account) {
  const kinds = kindNames.map((kind) => declarationOf(kind)).filter(({ transient }) => transient !== true);
  const accounts = [...recordedIn(account)];
  return kinds.flatMap((declaration) =>
    accounts.map(([stripeAccount, { __account: recorded }]) => ({
      ...{ declaration, stripeAccount, recorded },
      /** The newest so many, with those that were read before. */
      read: (limit: number) => account.session.snapshots.newest(declaration, { stripeAccount }, limit),
    })),
  );
}

/** Objects of the configuration that no resource has, newest first, up to the look-up limit of each kind. */
async function unmanagedIn(
  account: Account,
  file: StackFile,
  notes: string[],
): Promise<{ account: string | undefined; entry: UnmanagedEntry }[]> {
  const { session } = account;
  const { lookupLimit } = session.client.config;
  const holders = new Map<unknown, unknown[]>();
  for (const { id, outputs } of [...file.resources, ...file.replaced]) {
    for (const held of [id, ...madeWith(outputs)]) holders.set(held, [...(holders.get(held) ?? []), outputs.__account]);
  }
  // An id of one's own may be in use in several accounts.
  const isHeld = (id: string, account: string | undefined) =>
    holders.get(id)?.some((recorded) => recorded === undefined || account === undefined || recorded === account) ===
    true;
  const unread = new Map<string, { kinds: Set<string>; message: string }>();
  const all = await Promise.all(
    listsOf(account).map(async ({ declaration, stripeAccount, recorded, read }) => {
      try {
        const acting = await session.guard.verify(stripeAccount, recorded).catch((error: unknown) => {
          if (ProviderError.is(error) && error.code !== "account_unknown") throw error;
          return undefined;
        });
        const { objects, cutShort } = await read(lookupLimit);
        if (cutShort) {
          notes.push(
            `only the newest ${objects.length} objects of kind ${declaration.title} were looked at for unmanaged ones: ` +
              "stripe:lookupLimit raises that, 0 looks at all",
          );
        }
        return objects.map((object) => ({ account: acting, declaration, object }));
      } catch (error) {
        // Nothing in another account is missing from this stack, whose resources tell that it is the wrong one.
        if (ProviderError.is(error) && error.code === "wrong_account") return [];
        const cause = causeOf(error);
        const known = unread.get(cause) ?? { kinds: new Set(), message: messageOf(error) };
        known.kinds.add(declaration.title);
        unread.set(cause, known);
        return [];
      }
    }),
  );
  for (const { kinds, message } of unread.values()) {
    notes.push(`unmanaged objects of kind ${[...kinds].sort().join(", ")} could not be looked for: ${message}`);
  }
  const found = all.flat();
  const fixtures = fixturesAmong(found.map(({ object }) => object));
  return found.flatMap(({ account, declaration, object }) => {
    if (isHeld(object.id, account) || fixtures.has(object.id) || isDone(declaration, object)) return [];
    const { pulumi_id: stamp, pulumi_stack: owner } = object.metadata ?? {};
    const leftBehind = owner === `${file.project}/${file.stack}`;
    // What another stack manages is its business.
    if (stamp !== undefined && !leftBehind) return [];
    const label = labelOf(declaration, object);
    const { created } = object;
    const entry = {
      ...{ kind: declaration.name, id: object.id, leftBehind },
      ...(label !== undefined && { label }),
      ...(typeof created === "number" && { created }),
    };
    return [{ account, entry }];
  });
}

/** What keeps a list from being read, whichever list it is: one reason is told once. */
function causeOf(error: unknown): string {
  if (error instanceof StripeError) return `${error.status} ${error.reason}`;
  return error instanceof ConnectionError ? error.code : messageOf(error);
}

/** What Stripe filled in, such as the default price that was made with a product: it belongs to the resource. */
function madeWith(outputs: Values): unknown[] {
  return namesFilledIn(outputs).map((name) => outputs[name]);
}

/** What came to its end is no longer part of the configuration. */
function isDone({ isEnded }: Declaration, object: StripeObject): boolean {
  return object.active === false || isEnded?.(object, {}) === true;
}
