import { checkInputs } from "../provider/check";
import { type ConfigSource, readConfig, ruleContextOf } from "../provider/config";
import { type Declaration, type Field, type StripeObject } from "../provider/declare";
import { StripeError } from "../provider/errors";
import { inputsOf, untoldInputs, withheldInputs } from "../provider/exported";
import { ObjectClient } from "../provider/object-client";
import { declarationOf, type KindName, kindNames } from "../provider/registry";
import { openSession } from "../provider/session";
import { fixturesAmong } from "./fixtures";
import { addressOf, labelOf } from "./label";

type Values = Record<string, unknown>;

/** One object, and the resource that declares it. */
export interface ExportedResource {
  kind: KindName;
  declaration: Declaration;
  /** Name of the resource: unique in its kind. */
  name: string;
  id: string;
  /** Unix seconds: tells another object that has the same id in another account. */
  created?: number;
  inputs: Values;
}

interface Kind {
  kind: KindName;
  declaration: Declaration;
}

/** An object, as Stripe lists it. */
interface Found extends Kind {
  object: StripeObject;
}

/** An account's configuration. */
export interface ExportedAccount {
  /** Missing where the key may not tell it. */
  account: string | undefined;
  livemode: boolean;
  resources: ExportedResource[];
  /** What was left out, or can't be known. */
  notes: string[];
}

export interface Selection {
  /** All but the transient ones where left out. */
  kinds?: readonly KindName[];
  /** Unix seconds. */
  createdAfter?: number;
  createdBefore?: number;
  metadata?: [string, string][];
  archived?: boolean;
  /** Told how many objects were read so far. */
  onProgress: (count: number) => void;
}

/**
 * Reads all objects of some kinds, page by page.
 * @throws InputError where the settings can't be used
 */
export async function readAccount(source: ConfigSource, selection: Selection): Promise<ExportedAccount> {
  const notes: string[] = [];
  const config = readConfig(source);
  const { client, guard } = openSession(config, (_urn, _severity, message) => notes.push(message));
  const account = await guard.verify(undefined, undefined);
  // In the order in which one refers to another, however they were asked for.
  const asked = kindNames.filter((kind) => selection.kinds?.includes(kind) ?? true);
  const all = asked.map((kind) => ({ kind, declaration: declarationOf(kind) }));
  const kinds = all.filter(({ kind, declaration }) => {
    if (selection.kinds !== undefined || declaration.transient !== true) return true;
    notes.push(`${kind}: made by applications as they run, and left out; --kind ${kind} takes them`);
    return false;
  });
  let count = 0;
  const readAll = async (declaration: Declaration): Promise<StripeObject[]> => {
    const list = new ObjectClient(client, declaration, {});
    const objects: StripeObject[] = [];
    let after: string | undefined;
    do {
      const page = await list.page(after);
      objects.push(...page.objects);
      selection.onProgress((count += page.objects.length));
      after = isReadFarEnough(objects, selection) ? undefined : page.next;
    } while (after !== undefined);
    return objects;
  };
  const refused = new Map<KindName, StripeError>();
  const lists = await Promise.all(
    kinds.map(async ({ kind, declaration }) => {
      const objects = await readAll(declaration).catch((error: unknown) => {
        if (selection.kinds !== undefined || !(error instanceof StripeError) || error.status !== 403) throw error;
        refused.set(kind, error);
        return [];
      });
      return objects.map((object): Found => ({ kind, declaration, object }));
    }),
  );
  for (const { kind } of kinds) {
    const refusal = refused.get(kind);
    // A key that may read nothing has read no account.
    if (refusal !== undefined && refused.size === kinds.length) throw refusal;
    if (refusal !== undefined)
      notes.push(`${kind}: left out, as the key may not read it. Stripe says: ${refusal.reason}`);
  }
  const fixtures = fixturesAmong(lists.flat().map(({ object }) => object));
  const kept = lists.map((found) =>
    found.filter((one) => !fixtures.has(one.object.id) && isWanted(one, selection, notes)),
  );
  const sorted = kept.map((found) => found.sort((one, other) => byAge(one.object, other.object))).flat();
  const names = new Names();
  const byId = new Map<string, string>();
  const resources = sorted.flatMap(({ kind, declaration, object }): ExportedResource[] => {
    const inputs = inputsOf(declaration, object);
    // What older versions of the API made may be nothing that a program can say: it would keep all others from being run.
    const wrong = checkInputs(declaration, inputs, ruleContextOf(config));
    if (wrong.length > 0) {
      const told = wrong.map(({ path, message }) => `${path}: ${message}`).join("; ");
      notes.push(`${kind} ${object.id} is left out, as it can't be declared: ${told}`);
      return [];
    }
    const name = names.of(kind, nameFor(declaration, object, byId));
    byId.set(`${declaration.object} ${object.id}`, name);
    const found = typeof object.created === "number" && { created: object.created };
    return [{ kind, declaration, name, id: object.id, ...found, inputs }];
  });
  notes.push(...kinds.flatMap((one, index) => whatCopiesLack(one, kept[index] ?? [], byId)));
  for (const declaration of new Set(resources.map((one) => one.declaration))) {
    notes.push(...whatIsLeftOut(declaration));
    for (const { name, onlyOnCreate } of declaration.outputFields) {
      if (onlyOnCreate === undefined) continue;
      notes.push(
        `Stripe told the ${name} of the ${declaration.title} once, when it was made: set it in the config, as index.ts says`,
      );
    }
  }
  notes.push(...kinds.flatMap(({ kind }) => openSecrets(kind, resources)));
  return { account, livemode: config.livemode, resources, notes: [...new Set(notes)] };
}

/** Of each object of a kind; nothing is advised that would make one anew. */
function whatIsLeftOut(declaration: Declaration): string[] {
  const { title } = declaration;
  const untold = untoldInputs(declaration);
  const withDefault = untold.filter((field) => field.default !== undefined);
  const notes = withDefault.map(
    ({ name }) =>
      `Stripe doesn't tell ${name} of ${title}s: it is left out. Where it was set, declare it in index.ts and, before an ` +
      "import, in import.json; later it would ask for a new object",
  );
  const stays = "left out. What isn't declared is never compared; declared later, it may ask for a new object";
  const list = (fields: Field[]) => fields.map(({ name }) => name).join(", ");
  const unsaid = untold.filter((field) => field.default === undefined);
  if (unsaid.length > 0) notes.push(`Stripe doesn't tell ${list(unsaid)} of ${title}s: ${stays}`);
  const withheld = withheldInputs(declaration);
  if (withheld.length > 0) notes.push(`${list(withheld)} of ${title}s: secret or personal, and ${stays}`);
  return notes;
}

/** Of objects of one kind: those that are exported, by their names. */
function whatCopiesLack({ kind, declaration }: Kind, found: Found[], byId: ReadonlyMap<string, string>): string[] {
  const { object: type, notCopied, inputFields } = declaration;
  if (notCopied === undefined) return [];
  const { param, text } = notCopied;
  const { refersTo } = inputFields.find((field) => field.param === param) ?? {};
  const lacking = found.flatMap(({ object }) => {
    const name = byId.get(`${type} ${object.id}`);
    const value = object[param];
    if (name === undefined) return [];
    if (typeof value === "string") return `${name} (${byId.get(`${refersTo} ${value}`) ?? value})`;
    return value === true ? name : [];
  });
  return lacking.length === 0 ? [] : [`${kind} ${lacking.join(", ")}: ${text}`];
}

/** A program is read by many. */
function openSecrets(kind: KindName, resources: ExportedResource[]): string[] {
  const found = resources.filter((one) => {
    const { url } = one.inputs;
    return one.kind === kind && typeof url === "string" && addressOf(url) !== url;
  });
  if (found.length === 0) return [];
  return [
    `url of ${kind} ${found.map(({ name }) => name).join(", ")}: a password, query or the like is written down here in plain text. ` +
      "If it is secret, put the url into the config with pulumi config set --secret, and read it in index.ts with config.requireSecret",
  ];
}

/**
 * Whether the rest of a list is older than what is asked for: lists are newest first (docs.stripe.com/pagination). One that turns out
 * not to be is read to its end. Not every list can be filtered by `created`, so none is.
 */
function isReadFarEnough(objects: StripeObject[], { createdAfter }: Selection): boolean {
  if (createdAfter === undefined) return false;
  const times = objects.map(({ created }) => Number(created));
  const isNewestFirst = times.every((time, index) => index === 0 || time <= Number(times[index - 1]));
  return isNewestFirst && Number(times.at(-1)) < createdAfter;
}

function isWanted(
  { kind, declaration, object }: Found,
  { createdAfter = -Infinity, createdBefore = Infinity, metadata = [], archived }: Selection,
  notes: string[],
): boolean {
  const created = Number(object.created);
  if (created < createdAfter || created >= createdBefore) return false;
  if (!metadata.every(([key, value]) => object.metadata?.[key] === value)) return false;
  const isOver =
    object.active === false ? archived !== true : declaration.isEnded?.(object, { active: false }) === true;
  if (isOver)
    notes.push(
      `${kind}: what is archived or canceled is left out${object.active === false ? "; --archived takes it too" : ""}`,
    );
  return !isOver;
}

function byAge(one: StripeObject, other: StripeObject): number {
  return Number(one.created) - Number(other.created) || (one.id < other.id ? -1 : 1);
}

/** What people call it; where it has no name of its own, that of what it belongs to. */
function nameFor(declaration: Declaration, object: StripeObject, byId: Map<string, string>): string {
  const own = labelOf(declaration, object);
  if (own !== undefined) return own.replace(/^https?:\/\//, "");
  const owner = declaration.inputFields
    .map(({ refersTo, param }) => byId.get(`${refersTo} ${String(object[param])}`))
    .find(Boolean);
  const { kind } = declaration;
  return owner === undefined ? `${kind} ${object.id.slice(-6)}` : `${owner} ${kind}`;
}

/** Names of resources: lower-case words, each once in its kind. */
class Names {
  private readonly taken = new Set<string>();

  of(kind: string, label: string): string {
    const plain = label
      .normalize("NFKD")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 50);
    const base = plain === "" ? kind.toLowerCase().replace(":", "-") : plain;
    let name = base;
    for (let count = 2; this.taken.has(`${kind} ${name}`); count++) name = `${base}-${count}`;
    this.taken.add(`${kind} ${name}`);
    return name;
  }
}
