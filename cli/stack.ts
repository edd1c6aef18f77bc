import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import type * as automation from "@pulumi/pulumi/automation";
import { type ConfigSource } from "../provider/config";
import { type Declaration } from "../provider/declare";
import { namesUnsaid } from "../provider/outputs";
import { declarationOf, type KindName, kindNames } from "../provider/registry";
import { typeToken } from "../provider/type-token";
import { type Engine, getEngine } from "../tools/engine/get-engine";
import { realSystem } from "../tools/engine/system";
import { findProject, startFolder, whyUnreadable } from "./project";
import { CommandError, type GlobalOptions, type Shell } from "./shell";

const load = createRequire(__filename);

type Values = Record<string, unknown>;

/** Options of the commands that look at a stack. */
export interface StackOptions extends GlobalOptions {
  /** Name of the stack; the selected one where left out. */
  stack?: string;
  /** Folder of the Pulumi project, or one below; the present one where left out. */
  cwd?: string;
}

/** A resource of this package, as a state holds it; secrets in plain text. */
export interface ManagedResource {
  urn: string;
  /** The last part of the URN. */
  name: string;
  id: string;
  kind: KindName;
  declaration: Declaration;
  outputs: Values;
  /** Names of the properties that the state keeps encrypted. */
  encrypted: ReadonlySet<string>;
  /** Paths the program told the engine to ignore. */
  ignoreChanges: readonly string[];
  /** Inputs that are not what the program said, see {@link namesUnsaid}. */
  unsaid: readonly string[];
  /** Why its last step counts as failed, if it does. */
  initErrors: readonly string[];
  /** Settings of the explicit provider it was given; empty with the default one. */
  settings: Readonly<Record<string, string>>;
}

/** A stack as its backend has it, whichever that is; nothing of the program is run. */
export interface StackFile {
  project: string;
  stack: string;
  /** `stripe:…` settings of the stack, decrypted. */
  config: Readonly<Record<string, string>>;
  /** Names of the settings that are kept in plain text. */
  plain: ReadonlySet<string>;
  resources: ManagedResource[];
  /** Objects that others took the place of, and that the next run ends. */
  replaced: Pick<ManagedResource, "id" | "outputs">[];
  /** Types of this package that this release doesn't know. */
  unknownTypes: string[];
}

interface Entry {
  urn: string;
  type: string;
  id?: string;
  inputs?: Values;
  outputs?: Values;
  provider?: string;
  /** Replaced, and still to be deleted. */
  delete?: boolean;
  /** Read only (`.get`). */
  external?: boolean;
  ignoreChanges?: string[];
  initErrors?: string[];
}

/** How the engine writes a secret (sdk/go/common/resource/sig of Pulumi). */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const ourTypes = /^pulumi-nodejs:dynamic\/stripe[:/]/;
const kindsByType = new Map(kindNames.map((kind) => [typeToken(kind), kind]));

/** A Pulumi project, opened with the engine and the environment that its commands get. */
export interface Project {
  name: string;
  workspace: automation.LocalWorkspace;
  /** Runs a `pulumi` command that the Automation API doesn't have; what it printed. */
  pulumi: (args: string[], stop?: AbortSignal) => Promise<string>;
}

/** A stack, and the engine to run on it. */
export interface OpenStack extends StackFile {
  /** Version of the engine; undefined where it doesn't tell. */
  engineVersion: { major: number; minor: number } | undefined;
  /**
   * Runs a `pulumi` command on the stack.
   * @param stop asks the engine to end in good order; its reason is the signal that this process got
   * @throws CommandError with what the engine said
   */
  run(args: string[], stop?: AbortSignal): Promise<string>;
  /** The Pulumi organization the stack belongs to, where its backend has such. */
  organization(): Promise<string | undefined>;
}

/**
 * Reads a stack's settings and state through Pulumi's Automation API.
 * @param onConfig as {@link readNamedStack} has it
 * @throws CommandError where there is no such stack, or it can't be read
 */
export async function openStack(
  shell: Shell,
  options: StackOptions,
  onConfig?: (config: StackFile["config"]) => void,
): Promise<OpenStack> {
  const project = await openProject(shell, options);
  const { workspace, pulumi } = project;
  return orUnreadable(async () => {
    const name = options.stack ?? (await selectedStack(project));
    if (name === undefined) {
      throw new CommandError("no stack is selected.", "Name one with --stack, or run pulumi stack select.");
    }
    return {
      ...(await readNamedStack(project, name, onConfig)),
      engineVersion: workspace.pulumiCommand.version ?? undefined,
      run: (args, stop) =>
        sayingWhy(`pulumi ${args[0]} failed`, "Mend that, and run this again.", () =>
          pulumi([...args, "--stack", name, "--non-interactive"], stop),
        ),
      organization: async () => {
        const [first = "", ...others] = name.split("/");
        if (others.length > 0) return first === "organization" ? undefined : first;
        const { url = "" } = await workspace.whoAmI();
        // Backends of one's own have no organizations.
        return /^https:\/\/(app|api)\./.test(url) ? (await pulumi(["org", "get-default"])).trim() : undefined;
      },
    };
  });
}

/**
 * @param engine one that was found before; otherwise it is looked for, and made where there is none
 * @throws CommandError where there is no project
 */
export async function openProject(shell: Shell, { cwd }: StackOptions, engine?: Engine): Promise<Project> {
  const from = startFolder(cwd);
  const place = findProject(from);
  if (place === undefined) {
    throw new CommandError(`there is no Pulumi project in ${from}.`, "Go to its folder, or name it with --cwd.");
  }
  const { folder: workDir, file } = place;
  const finding = engine ?? getEngine({ ...realSystem(), env: shell.env, screen: shell.stderr });
  // Takes half a second to load: the engine tells its version meanwhile.
  const { LocalWorkspace, PulumiCommand } = load("@pulumi/pulumi/automation") as typeof automation;
  const found = await finding;
  // The Automation API looks for the engine on this process's own PATH.
  process.env.PATH = found.env().PATH;
  const pulumiCommand = await PulumiCommand.get();
  const envVars = Object.fromEntries(
    Object.entries({ ...shell.env, PATH: process.env.PATH }).filter((one): one is [string, string] => !!one[1]),
  );
  const workspace = await LocalWorkspace.create({ workDir, pulumiCommand, envVars });
  const name = await projectName(workspace, file);
  const pulumi = async (args: string[], stop?: AbortSignal) => {
    stop?.throwIfAborted();
    // The engine has a line or two for each resource: where that is too much, Node would kill it.
    const running = promisify(execFile)("pulumi", args, { cwd: workDir, env: envVars, maxBuffer: Infinity });
    // Ctrl-C reaches the engine by itself, and a second one would end it at once.
    stop?.addEventListener("abort", () => stop.reason !== "SIGINT" && running.child.kill("SIGINT"));
    return (await running).stdout;
  };
  return { name, workspace, pulumi };
}

async function projectName(workspace: automation.LocalWorkspace, file: string): Promise<string> {
  const unreadable = (why: string) => new CommandError(`${file} can't be read: ${why}`, `Mend ${file}.`);
  const settings: unknown = await workspace.projectSettings().catch((error: unknown) => {
    throw unreadable(`${whyUnreadable(error)}.`);
  });
  const { name } = (settings ?? {}) as { name?: unknown };
  if (typeof name !== "string" || name === "") throw unreadable("it has no name.");
  return name;
}

/** Name of the stack that is selected in this folder, if one is. */
export async function selectedStack({ workspace }: Project): Promise<string | undefined> {
  return (await workspace.stack())?.name;
}

/**
 * @param onConfig is told the settings, which are read sooner than the state of many resources
 * @throws what the Automation API throws, see {@link orUnreadable}
 */
export async function readNamedStack(
  { name: project, workspace }: Project,
  name: string,
  onConfig?: (config: StackFile["config"]) => void,
): Promise<StackFile> {
  const readConfig = async () => {
    const entries = Object.entries(await workspace.getAllConfig(name));
    const values = Object.fromEntries(entries.map(([key, { value }]) => [key, value]));
    onConfig?.(values);
    return [entries, values] as const;
  };
  const exporting = workspace.exportStack(name) as Promise<{ deployment?: { resources?: Entry[] } }>;
  const [[config, values], exported] = await Promise.all([readConfig(), exporting]);
  return {
    project,
    // As a URN has it: without the organization.
    stack: name.slice(name.lastIndexOf("/") + 1),
    config: values,
    plain: new Set(config.filter(([, { secret }]) => secret !== true).map(([key]) => key)),
    ...managed(exported.deployment?.resources ?? []),
  };
}

/** @throws CommandError in the place of what the engine couldn't do */
export function orUnreadable<T>(work: () => Promise<T>): Promise<T> {
  return sayingWhy("the stack can't be read", "Check --stack, the backend (pulumi whoami) and its passphrase.", work);
}

/** Does what has to be cleaned up after: asked to stop, this process goes on until that is done. */
export async function holdingStops<T>(work: (stop: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => stop.abort(signal);
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    return await work(stop.signal);
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

async function sayingWhy<T>(what: string, next: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const message = typeof error === "string" ? `stopped by ${error}` : (error as Error).message;
    throw new CommandError(`${what}: ${tellingLines(message)}`, next);
  }
}

/** Where the settings of a resource come from: the command line, then its provider, the stack's config, the environment. */
export function settingsOf(
  { env }: Shell,
  { apiKey, apiBase }: GlobalOptions,
  config: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>> = {},
  { writes = false } = {},
): ConfigSource {
  const given: Record<string, string | undefined> = {
    // Whatever else is set: nothing is written.
    ...(!writes && { "stripe:readOnly": "true" }),
    "stripe:apiKey": apiKey,
    "stripe:apiBase": apiBase,
  };
  return { config: (name) => given[`stripe:${name}`] ?? own[`stripe:${name}`] ?? config[`stripe:${name}`], env };
}

function managed(entries: Entry[]): Pick<StackFile, "resources" | "replaced" | "unknownTypes"> {
  const all = entries.filter(({ type, external }) => ourTypes.test(type) && !external);
  const ours = all.filter(({ delete: condemned }) => !condemned);
  const replaced = all
    .filter((entry) => entry.delete)
    .map(({ id = "", outputs = {} }) => ({ id, outputs: unwrapped(outputs) as Values }));
  const unknownTypes = [...new Set(ours.map(({ type }) => type).filter((type) => !kindsByType.has(type)))];
  const resources = ours.flatMap((entry): ManagedResource[] => {
    const { urn, type, id = "", inputs = {}, outputs = {}, provider = "", ignoreChanges = [], initErrors = [] } = entry;
    const kind = kindsByType.get(type);
    if (kind === undefined) return [];
    const encrypted = Object.keys(outputs).filter((name) => holdsSecret(outputs[name]));
    return [
      {
        ...{ urn, id, kind, ignoreChanges, initErrors, declaration: declarationOf(kind) },
        unsaid: namesUnsaid(inputs, outputs),
        name: urn.slice(urn.lastIndexOf("::") + 2),
        outputs: unwrapped(outputs) as Values,
        encrypted: new Set(encrypted),
        settings: settingsOfProvider(entries, provider),
      },
    ];
  });
  return { resources, replaced, unknownTypes };
}

/** @param reference URN and id, as a resource names its provider */
function settingsOfProvider(entries: Entry[], reference: string): Record<string, string> {
  const entry = entries.find(({ urn, id }) => `${urn}::${id}` === reference);
  // The default provider has a copy of the stack's config as it was at the last `up`; the config itself is newer.
  if (entry === undefined || /::default(_\d+)*$/.test(entry.urn)) return {};
  const inputs = Object.entries(unwrapped(entry.inputs ?? {}) as Values);
  return Object.fromEntries(inputs.filter((one): one is [string, string] => typeof one[1] === "string"));
}

/** A value as the engine writes a secret into a state. */
export function wrapSecret(value: unknown): Values {
  return { [signature]: secretSignature, plaintext: JSON.stringify(value) };
}

function holdsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isSecret(value) || Object.values(value).some(holdsSecret);
}

function isSecret(value: object): value is { plaintext: string } {
  return (value as Values)[signature] === secretSignature;
}

function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== "object" || value === null) return value;
  if (isSecret(value)) return JSON.parse(value.plaintext) as unknown;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrapped(inner)]));
}

/** The Automation API wraps what the engine says in what it says itself. */
export function tellingLines(message: string): string {
  const lines = message.split("\n").filter((line) => /^\s*(stderr: )?error: /.test(line));
  const told = [...new Set(lines.map((line) => line.replace(/^\s*(stderr: )?error: /, "")))].join("; ");
  return `${withoutPasswords((told === "" ? message.trim() : told).replace(/\.$/, ""))}.`;
}

/** The engine quotes a backend's URL as it was given. */
export function withoutPasswords(text: string): string {
  return text.replace(/(\w:\/\/)[^\s/@"']*(?::[^\s"']*)?@/g, "$1[hidden]@");
}
