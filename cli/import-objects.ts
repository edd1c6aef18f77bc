import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { refuseAdoption } from "../provider/adoption";
import { checkInputs, hiddenPrefix } from "../provider/check";
import { type ConfigSource, modeName, readConfig, ruleContextOf } from "../provider/config";
import { type Declaration, type StripeObject } from "../provider/declare";
import { messageOf, ProviderError } from "../provider/errors";
import { endedClaim, isStamped, ownerOf, stampOf } from "../provider/identity";
import { ObjectClient } from "../provider/object-client";
import { buildOutputs } from "../provider/outputs";
import { providerText } from "../provider/provider-text";
import { declarationOf, type KindName, kindNames } from "../provider/registry";
import { heldObject, openSession, type Session } from "../provider/session";
import { Snapshots } from "../provider/snapshot";
import { toPlain } from "../provider/wire-guard";
import { type ImportFile } from "./export-project";
import { CommandError } from "./shell";
import { holdingStops, type ManagedResource, type OpenStack, wrapSecret } from "./stack";

type Values = Record<string, unknown>;

/** What became of an import. */
export interface Imported {
  imported: number;
  /** Were in the stack before. */
  present: number;
  /**
   * Of those imported, how many have the stamp of a resource that this stack had: an earlier state of it, or that of another stack with
   * its names and `stripe:owner`, which loses them.
   */
  stampedBefore: number;
}

const format = z.object({
  version: z.literal(1, { error: "must be 1: the file is of another release" }),
  account: z.string().optional(),
  livemode: z.boolean(),
  resources: z.array(
    z.object({
      kind: z.enum(kindNames as [KindName, ...KindName[]]),
      name: z.string().min(1),
      id: z.string().min(1),
      created: z.number().optional(),
      inputs: z.record(z.string(), z.unknown()),
    }),
  ),
});

/** @throws CommandError where it is no import.json */
export async function readImportFile(path: string): Promise<ImportFile> {
  const next = "Give the import.json that stripe-as-code export wrote.";
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new CommandError(`${path} can't be read: ${(error as Error).message}.`, next);
  }
  const parsed = format.safeParse(value);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path: at, message }) =>
    at.length === 0 ? "what it holds is no JSON object" : `${at.join(".")}: ${message}`,
  );
  throw new CommandError(`${path} is no import.json: ${wrong.slice(0, 10).join("; ")}.`, next);
}

/** What the file names. */
interface Candidate {
  kind: KindName;
  declaration: Declaration;
  name: string;
  id: string;
  /** With what is hidden of them. */
  inputs: Values;
  /** By what it is found, beside its id. */
  recorded: Values;
  /** The resource that the stack has by this name already. */
  own: ManagedResource | undefined;
}

/** An object as it was read, and the account it is in. */
interface Looked {
  candidate: Candidate;
  account: string | undefined;
  object: StripeObject | undefined;
}

/**
 * @throws CommandError naming everything that keeps objects from being taken; then nothing was
 */
export async function importObjects(
  stack: OpenStack,
  file: ImportFile,
  {
    settings,
    adoptFrom,
    onProgress,
  }: { settings: ConfigSource; adoptFrom?: string; onProgress: (text: string) => void },
): Promise<Imported> {
  const session = openSession(readConfig(settings), () => undefined);
  const { config } = session.client;
  if (config.livemode !== file.livemode) {
    throw new CommandError(
      `the file is of ${modeName(file.livemode)} mode, but the key is a ${modeName(config.livemode)} key.`,
      "Use the other key.",
    );
  }
  const { engineVersion: engine } = stack;
  if (engine !== undefined && (engine.major < 3 || (engine.major === 3 && engine.minor < 254))) {
    throw new CommandError(
      `the engine, ${engine.major}.${engine.minor}, can't import with a file: that takes 3.254 or later.`,
      "Update it, or let the program take the objects over: npx stripe-as-code export --adopt --out adopting" +
        `${file.livemode ? " --live" : ""}, with the --kind and such that were given before; then cd adopting && npm install && ` +
        `pulumi stack select --create ${stack.stack} && ${file.livemode ? "pulumi config set stripe:mode live && " : ""}pulumi up.`,
    );
  }
  if (config.readOnly && config.ownership === "stamp") {
    throw new CommandError(
      "stripe:readOnly is set: the objects could not be stamped as the stack's.",
      "Unset it for the import, which writes nothing else.",
    );
  }
  await session.guard.verify(undefined, file.account).catch((error: unknown) => {
    if (!ProviderError.is(error) || error.code !== "wrong_account") throw error;
    throw new CommandError(error.message.replace(/^this resource is in/, "the file is of"), "");
  });
  const organization = await stack.organization();
  const holders = new Holders(stack.resources);
  const all = file.resources.map((entry) => describe(stack, entry, { organization, holders }));
  const missing = all.filter(({ own }) => own === undefined);
  const refusals = [...saidTwice(all, file.account), ...hiddenInputs(file)];
  let read = 0;
  const looked = await Promise.all(
    all.map(async (candidate) => {
      const { problems, ...found } = await look(session, candidate, { adoptFrom, holders });
      onProgress(`${++read} of ${all.length} objects read`);
      refusals.push(...problems.map((text) => `${candidate.kind} "${candidate.name}": ${text}`));
      return { candidate, ...found };
    }),
  );
  if (refusals.length > 0) {
    throw new CommandError(
      `nothing was imported:\n  ${refusals.sort().join("\n  ")}`,
      "Mend the file, or export again.",
    );
  }
  const entries = looked.flatMap((one) => (one.candidate.own === undefined ? importEntry(session, one) : []));
  if (entries.length > 0) {
    onProgress("pulumi import");
    await holdingStops((stop) => handOver(stack, entries, stop));
  }
  // What was read before the engine worked may have changed since; without it, it was read just now.
  await stampAll(session, looked, { isOld: entries.length > 0, onProgress });
  const stampedBefore = looked.filter(
    ({ candidate, object }) =>
      candidate.own === undefined && object !== undefined && isOwnStamp(session, candidate, object),
  ).length;
  return { imported: missing.length, present: all.length - missing.length, stampedBefore };
}

/** The resources of a stack, by name and by the objects they hold. */
class Holders {
  readonly byUrn: ReadonlyMap<string, ManagedResource>;
  private readonly byObject = new Map<string, ManagedResource[]>();

  constructor(resources: ManagedResource[]) {
    this.byUrn = new Map(resources.map((one) => [one.urn, one]));
    for (const one of resources) {
      const key = `${one.kind} ${one.id}`;
      this.byObject.set(key, [...(this.byObject.get(key) ?? []), one]);
    }
  }

  /** Another resource that has the object. An id of one's own may be in use in several accounts; one that isn't known may be any. */
  of({ kind, id, inputs }: Candidate, account: string | undefined): string | undefined {
    const isHere = ({ __account: recorded, stripeAccount }: Values) =>
      [recorded ?? stripeAccount, account].some((one) => one === undefined) || (recorded ?? stripeAccount) === account;
    const holders = this.byObject.get(`${kind} ${id}`) ?? [];
    return holders.find(({ urn, outputs }) => urn !== inputs.__urn && isHere(outputs))?.urn;
  }
}

/** What one state can't hold: a name for two objects, or an object under two names. */
function saidTwice(all: Candidate[], account: string | undefined): string[] {
  const names = new Set<string>();
  const holders = new Map<string, string>();
  return all.flatMap(({ kind, name, id, inputs }) => {
    const about = `${kind} "${name}":`;
    if (names.has(`${kind} ${name}`)) return [`${about} is in the file twice`];
    names.add(`${kind} ${name}`);
    const object = heldObject(inputs.stripeAccount ?? account, inputs, `${kind} ${id}`);
    const holder = holders.get(object);
    if (holder !== undefined) return [`${about} ${id} is in the file as "${holder}" too`];
    holders.set(object, name);
    return [];
  });
}

/** What only this package sends along never comes out of a file. */
function hiddenInputs({ resources }: ImportFile): string[] {
  return resources.flatMap(({ kind, name, inputs }) =>
    Object.keys(inputs)
      .filter((input) => input.startsWith(hiddenPrefix))
      .map((input) => `${kind} "${name}": ${input}: is no input of ${declarationOf(kind).kind}`),
  );
}

function describe(
  { project, stack }: OpenStack,
  { kind, name, id, created, inputs }: ImportFile["resources"][number],
  { organization, holders }: { organization: string | undefined; holders: Holders },
): Candidate {
  const declaration = declarationOf(kind);
  const untold = declaration.outputFields.flatMap(({ onlyOnCreate }) =>
    onlyOnCreate === undefined ? [] : [[onlyOnCreate.policy, "leave-empty"] as const],
  );
  const __urn = `urn:pulumi:${stack}::${project}::${declaration.type}::${name}`;
  const hidden: Values = { __urn, __owner: organization };
  const whole = { ...inputs, ...(Object.fromEntries(untold) as Values), ...hidden };
  const recorded = { ...whole, created };
  return { kind, declaration, name, id, inputs: whole, recorded, own: holders.byUrn.get(__urn) };
}

/** The object as it is now, and why it can't be taken as it is declared; if it was taken before, why it isn't the stack's any more. */
async function look(
  session: Session,
  candidate: Candidate,
  { adoptFrom, holders }: { adoptFrom: string | undefined; holders: Holders },
): Promise<Omit<Looked, "candidate"> & { problems: string[] }> {
  const { declaration, id, inputs, own } = candidate;
  try {
    const account = await session.guard.verify(inputs.stripeAccount as string | undefined, undefined);
    const object = await session.snapshots.find(declaration, id, candidate.recorded);
    const problems: string[] = [];
    const holder = holders.of(candidate, account);
    if (own !== undefined && own.id !== id) problems.push(`the stack has ${own.id} by this name, not ${id}`);
    else if (holder !== undefined) problems.push(`${id} is in the stack already, as ${holder}`);
    if (object !== undefined) {
      const other = anotherObject(candidate, object);
      problems.push(...(other ?? unfit(session, candidate, object, { adoptFrom, isHeld: holder !== undefined })));
    }
    // What is gone since is the next refresh's business.
    else if (own === undefined) problems.push(`${id} does not exist in this account and mode`);
    return { account, object, problems };
  } catch (error) {
    return { account: undefined, object: undefined, problems: [messageOf(error)] };
  }
}

/**
 * Whether it only has the id of what was exported, or of what the stack has: an id of one's own may be in use in several accounts, and a
 * file from a key that may not name its account says of none.
 */
function anotherObject({ id, recorded, own }: Candidate, { created }: StripeObject): string[] | undefined {
  const before = own?.outputs.created ?? recorded.created;
  if (before === undefined || before === created) return undefined;
  const [then, now] = [before, created].map((time) => new Date(Number(time) * 1000).toISOString());
  const whose = own === undefined ? "the file's" : "the stack's";
  return [`${id} is another object than ${whose}, probably in another account: created at ${now}, not at ${then}`];
}

/** Why an object can't be had as it is declared. */
function unfit(
  session: Session,
  candidate: Candidate,
  object: StripeObject,
  { adoptFrom, isHeld }: { adoptFrom: string | undefined; isHeld: boolean },
): string[] {
  const { declaration, id, inputs, own } = candidate;
  const { config } = session.client;
  const problems: string[] = [];
  const stamp = stampOf(declaration, inputs, ownerOf(inputs, config));
  const adoption = refuseAdoption(declaration, { ...inputs, adoptFrom }, stamp, object);
  const findings = own
    ? adoption.filter(({ path }) => path === "adopt")
    : [...checkInputs(declaration, inputs, ruleContextOf(config)), ...adoption];
  if (declaration.spends && declaration.createOnce && inputs.adopt === undefined) {
    problems.push(
      `adopt: must be ${JSON.stringify(id)}: nothing else would keep a lost state from having another one ${declaration.spends.done}`,
    );
  }
  // A resource whose name was changed in the state is restamped by the next run, which knows of it.
  const isAsRecorded = own === undefined || own.outputs.__urn === inputs.__urn;
  const isForgotten = !isHeld && isAsRecorded && object.metadata?.pulumi_stack === stamp.pulumi_stack;
  for (const { path, message } of findings) {
    if (path !== "adopt") problems.push(`${path}: ${message}`);
    else if (!isForgotten) problems.push(message.replace("set adoptFrom:", "give --adopt-from"));
    else if (adoptFrom !== stamp.pulumi_stack && !isOwnStamp(session, candidate, object)) {
      problems.push(
        `${id} is managed as "${object.metadata?.pulumi_name}" in a stack named ${stamp.pulumi_stack}, and this one has no resource ` +
          `for it. If it was this one's, give --adopt-from "${stamp.pulumi_stack}"`,
      );
    }
  }
  if (own === undefined && declaration.isEnded?.(object, inputs) === true) problems.push(`${id} has ended`);
  if (isMarked(declaration, session)) problems.push(...withoutRoom(object, stamp));
  return problems;
}

/**
 * Whether the stamp is that of a resource this very stack had: `pulumi state delete` leaves an object so. In another backend there
 * may be a stack of the same name, but not one of the same identities.
 */
function isOwnStamp({ client }: Session, { declaration, inputs }: Candidate, { metadata = {} }: StripeObject): boolean {
  const urn = String(inputs.__urn);
  const before = urn.slice(0, urn.indexOf(declaration.type) + declaration.type.length);
  const former = { ...inputs, __urn: `${before}::${metadata.pulumi_name}` };
  return stampOf(declaration, former, ownerOf(inputs, client.config)).pulumi_id === metadata.pulumi_id;
}

/** https://docs.stripe.com/api/metadata: at most 50 keys. */
function withoutRoom({ id, metadata = {} }: StripeObject, stamp: object): string[] {
  const count = Object.keys(metadata).length;
  const sum = Object.keys({ ...metadata, ...stamp }).length;
  if (sum <= 50) return [];
  return [
    `${id} has ${count} keys in its metadata: with the stamp, ${Object.keys(stamp).join(", ")}, it would have ${sum}, and Stripe ` +
      "takes 50. Take some away, or leave it out of the file and the program",
  ];
}

/** Whether an import leaves the stack's stamp on objects of a kind. */
function isMarked(declaration: Declaration, { client }: Session): boolean {
  return declaration.createOnce !== true && isStamped(declaration, client.config.ownership);
}

/** A resource as `pulumi import --file` takes it (engine 3.254 and later). */
function importEntry(session: Session, { candidate, account, object }: Looked): object[] {
  const { kind, declaration, name, id, inputs } = candidate;
  if (object === undefined) return [];
  // Who took it over before left a claim: it is ours from here on, and an older state is told from it by the stamp.
  const claim = object.metadata?.pulumi_claim;
  const __claim = isMarked(declaration, session) && claim !== endedClaim ? claim : undefined;
  const told = buildOutputs(declaration, { ...inputs, __account: account, __claim }, object);
  for (const { name: output, onlyOnCreate } of declaration.outputFields) {
    if (onlyOnCreate !== undefined) told[output] ??= inputs[onlyOnCreate.known] ?? "";
  }
  const complete = (values: Values) => {
    const plain: Values = { ...toPlain(values), __provider: providerText(kind) };
    for (const secret of declaration.secrets)
      if (plain[secret] !== undefined) plain[secret] = wrapSecret(plain[secret]);
    return plain;
  };
  return [{ type: declaration.type, name, id, inputs: complete(inputs), outputs: complete(told) }];
}

/** In a file of its own, which only this user can read and which is gone afterwards. */
async function handOver(stack: OpenStack, resources: object[], stop: AbortSignal): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "stripe-as-code-import-"));
  try {
    const path = join(folder, "import.json");
    await writeFile(path, JSON.stringify({ resources }), { mode: 0o600, flag: "wx" });
    const options = ["--yes", "--skip-preview", "--generate-code=false", "--protect=false"];
    await stack.run(["import", "--file", path, ...options], stop);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Marks the objects as the stack's: with that, a lost state finds them again, and no other stack takes them.
 * @throws CommandError naming those that could not be, and those that another stack took over since they were read: they are left to it
 */
async function stampAll(
  session: Session,
  looked: Looked[],
  { isOld, onProgress }: { isOld: boolean; onProgress: (text: string) => void },
): Promise<void> {
  const unmarked = looked.flatMap(({ candidate, object }) => {
    const { declaration, inputs, own } = candidate;
    if (object === undefined || !isMarked(declaration, session) || declaration.isRedacted?.(object) === true) return [];
    const stamp = stampOf(declaration, inputs, ownerOf(inputs, session.client.config));
    const { pulumi_id: id, pulumi_claim: claim } = object.metadata ?? {};
    const isEnded = claim === endedClaim;
    // Of what the stack has already, the mark says that its own resource ended it.
    return id === stamp.pulumi_id && !(isEnded && own === undefined)
      ? []
      : [{ candidate, object, metadata: isEnded ? { ...stamp, pulumi_claim: "" } : stamp }];
  });
  // All are read before the first is written: from then on pages may be older than what they tell of.
  const again = new Snapshots(session.client);
  const find = ({ candidate: { declaration, id, recorded }, object: { created } }: (typeof unmarked)[number]) =>
    again.find(declaration, id, { ...recorded, created });
  const now = isOld ? await Promise.all(unmarked.map(find)) : unmarked.map(({ object }) => object);
  let done = 0;
  const [lost, unstamped]: [string[], string[]] = [[], []];
  await Promise.all(
    unmarked.map(async ({ candidate, object, metadata }, index) => {
      const { declaration, kind, name, id, inputs } = candidate;
      const live = now[index];
      const isSame = (key: string) => live?.metadata?.[key] === object.metadata?.[key];
      if (live !== undefined && !["pulumi_id", "pulumi_claim"].every(isSame)) {
        lost.push(`${kind} "${name}": ${id} was taken over by the stack ${live.metadata?.pulumi_stack} meanwhile`);
        return;
      }
      try {
        if (live !== undefined) await new ObjectClient(session.client, declaration, inputs).post(id, { metadata });
        onProgress(`${++done} of ${unmarked.length} objects stamped`);
      } catch (error) {
        unstamped.push(`${kind} "${name}": ${messageOf(error)}`);
      }
    }),
  );
  if (unstamped.length > 0) {
    throw new CommandError(
      `all is imported, but these don't carry the stack's stamp, and a lost state would not find them:\n  ${[...unstamped, ...lost].sort().join("\n  ")}`,
      "Mend that (the key has to be one that may write), and run this import again.",
    );
  }
  if (lost.length === 0) return;
  throw new CommandError(
    `all is imported, but these are another stack's now:\n  ${lost.sort().join("\n  ")}`,
    "Take them out of this program, or out of the other stack and import again with --adopt-from.",
  );
}
