import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { refuseAdoption } from "../provider/adoption";
import { checkInputs, hiddenPrefix } from "../provider/check";
import { type ConfigSource, modeName, readConfig, ruleContextOf } from "../provider/config";
import { type Declaration, type StripeObject } from "../provider/declare";
import { messageOf } from "../provider/errors";
import { isStamped, ownerOf, stampOf } from "../provider/identity";
import { ObjectClient } from "../provider/object-client";
import { buildOutputs } from "../provider/outputs";
import { providerText } from "../provider/provider-text";
import { declarationOf, type KindName, kindNames } from "../provider/registry";
import { heldObject, openSession, type Session } from "../provider/session";
import { toPlain } from "../provider/wire-guard";
import { type ImportFile } from "./export-project";
import { CommandError } from "./shell";
import { holdingStops, type OpenStack, wrapSecret } from "./stack";

type Values = Record<string, unknown>;

/** What became of an import. */
export interface Imported {
  imported: number;
  /** Were in the stack before. */
  present: number;
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
  const wrong = parsed.error.issues.map(({ path: at, message }) => `${at.join(".")}: ${message}`);
  throw new CommandError(`${path} is no import.json: ${wrong.slice(0, 10).join("; ")}.`, next);
}

interface Taken {
  kind: KindName;
  declaration: Declaration;
  name: string;
  id: string;
  /** With what is hidden of them. */
  inputs: Values;
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
      "Update it, or export with --adopt: pulumi up then takes the objects over.",
    );
  }
  const account = await session.guard.verify(undefined, file.account);
  const organization = await stack.organization();
  const present = new Map(stack.resources.map(({ urn, id }) => [urn, id]));
  const all = file.resources.map((entry) => describe(stack, entry, organization));
  const missing = all.filter(({ inputs }) => !present.has(String(inputs.__urn)));
  const refusals = [...saidTwice(all), ...hiddenInputs(file)];
  const held = new Map(stack.resources.map(({ id, urn }) => [id, urn]));
  let read = 0;
  const entries = await Promise.all(
    all.map(async (taken) => {
      const urn = String(taken.inputs.__urn);
      const own = present.get(urn);
      const { object, problems } = await look(session, taken, { adoptFrom, isPresent: own !== undefined });
      onProgress(`${++read} of ${all.length} objects read`);
      const holder = held.get(taken.id) ?? urn;
      if (own !== undefined && own !== taken.id) problems.push(`the stack has ${own} by this name, not ${taken.id}`);
      else if (holder !== urn) problems.push(`${taken.id} is in the stack already, as ${holder}`);
      refusals.push(...problems.map((text) => `${taken.kind} "${taken.name}": ${text}`));
      return object === undefined || own !== undefined ? [] : [importEntry(taken, object, account)];
    }),
  );
  if (refusals.length > 0) {
    throw new CommandError(
      `nothing was imported:\n  ${refusals.sort().join("\n  ")}\n`,
      "Mend the file, or export again.",
    );
  }
  if (entries.flat().length > 0) {
    onProgress("pulumi import");
    await holdingStops((stop) => handOver(stack, entries.flat(), stop));
  }
  await stampAll(session, all, onProgress);
  return { imported: missing.length, present: all.length - missing.length };
}

/** What one state can't hold: a name for two objects, or an object under two names. */
function saidTwice(all: Taken[]): string[] {
  const names = new Set<string>();
  const holders = new Map<string, string>();
  return all.flatMap(({ kind, name, id, inputs }) => {
    const about = `${kind} "${name}":`;
    if (names.has(`${kind} ${name}`)) return [`${about} is in the file twice`];
    names.add(`${kind} ${name}`);
    const object = heldObject(undefined, inputs, `${kind} ${id}`);
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
  { kind, name, id, inputs }: ImportFile["resources"][number],
  organization: string | undefined,
): Taken {
  const declaration = declarationOf(kind);
  const untold = declaration.outputFields.flatMap(({ onlyOnCreate }) =>
    onlyOnCreate === undefined ? [] : [[onlyOnCreate.policy, "leave-empty"] as const],
  );
  const hidden: Values = {
    __urn: `urn:pulumi:${stack}::${project}::${declaration.type}::${name}`,
    __owner: organization,
  };
  const whole = { ...inputs, ...(Object.fromEntries(untold) as Values), ...hidden };
  return { kind, declaration, name, id, inputs: whole };
}

/** The object as it is now, and why it can't be taken as it is declared; if it was taken before, why it isn't the stack's any more. */
async function look(
  session: Session,
  { declaration, id, inputs }: Taken,
  { adoptFrom, isPresent }: { adoptFrom: string | undefined; isPresent: boolean },
): Promise<{ object?: StripeObject; problems: string[] }> {
  try {
    const object = await session.snapshots.find(declaration, id, inputs);
    // What is gone since is the next refresh's business.
    if (object === undefined) return { problems: isPresent ? [] : [`${id} does not exist in this account and mode`] };
    const { config } = session.client;
    const stamp = stampOf(declaration, inputs, ownerOf(inputs, config));
    const adoption = refuseAdoption(declaration, { ...inputs, adoptFrom }, stamp, object);
    const findings = isPresent
      ? adoption.filter(({ path }) => path === "adopt")
      : [...checkInputs(declaration, inputs, ruleContextOf(config)), ...adoption];
    const problems = findings.map(({ path, message }) =>
      path === "adopt" ? message.replace("set adoptFrom:", "give --adopt-from") : `${path}: ${message}`,
    );
    if (isMarked(declaration, session)) problems.push(...withoutRoom(object, stamp));
    return { object, problems };
  } catch (error) {
    return { problems: [messageOf(error)] };
  }
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
function importEntry(
  { kind, declaration, name, id, inputs }: Taken,
  object: StripeObject,
  account: string | undefined,
): object {
  const told = buildOutputs(declaration, { ...inputs, __account: account }, object);
  for (const { name: output, onlyOnCreate } of declaration.outputFields) {
    if (onlyOnCreate !== undefined) told[output] ??= inputs[onlyOnCreate.known] ?? "";
  }
  const complete = (values: Values) => {
    const plain: Values = { ...toPlain(values), __provider: providerText(kind) };
    for (const secret of declaration.secrets)
      if (plain[secret] !== undefined) plain[secret] = wrapSecret(plain[secret]);
    return plain;
  };
  return { type: declaration.type, name, id, inputs: complete(inputs), outputs: complete(told) };
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

/** Marks the objects as the stack's: with that, a lost state finds them again, and no other stack takes them. */
async function stampAll(session: Session, all: Taken[], onProgress: (text: string) => void): Promise<void> {
  let done = 0;
  await Promise.all(
    all.map(async ({ declaration, id, inputs }) => {
      if (!isMarked(declaration, session)) return;
      const stamp = stampOf(declaration, inputs, ownerOf(inputs, session.client.config));
      const objects = new ObjectClient(session.client, declaration, inputs);
      const object = await objects.find(id, inputs);
      if (object !== undefined && object.metadata?.pulumi_id !== stamp.pulumi_id) {
        await objects.post(id, { metadata: stamp });
      }
      onProgress(`${++done} of ${all.length} objects stamped`);
    }),
  );
}
