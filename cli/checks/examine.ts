import { type ConfigSource } from "../../provider/config";
import { messageOf } from "../../provider/errors";
import { withoutKeys } from "../../provider/key";
import { openSession } from "../../provider/session";
import { type Engine } from "../../tools/engine/get-engine";
import { realSystem } from "../../tools/engine/system";
import { findProject, startFolder } from "../project";
import { CommandError, type Shell } from "../shell";
import {
  type ManagedResource,
  openProject,
  orUnreadable,
  readNamedStack,
  selectedStack,
  settingsOf,
  type StackFile,
  type StackOptions,
  withoutPasswords,
} from "../stack";
import { lookAtAccount, lookAtClock, lookAtEndpoints, lookAtPermissions, type Target } from "./account";
import { lookAtBackend, lookAtLock, lookAtPassphrase } from "./backend";
import { type CheckName, failed, type Finding, ok, skipped, warning } from "./finding";
import { lookAtEngine, lookAtNode, lookAtPackages } from "./machine";
import { lookAtReads } from "./reads";
import { compareWithEnvironment, lookAtApiVersion, lookAtKey, lookAtNames, readSettings } from "./settings";

export interface ExamineOptions extends StackOptions {
  /** Milliseconds between two looks for drift. */
  driftEvery: number;
  /** Of the package this command is part of. */
  version: string;
}

/** Looks at everything that a run depends on. Writes nothing, and goes on where something fails. */
export async function examine(shell: Shell, options: ExamineOptions): Promise<Finding[]> {
  const folder = startFolder(options.cwd);
  const findings: Finding[] = [];
  findings.push(lookAtNode(process.versions.node));
  const { finding, engine } = await lookAtEngine({ ...realSystem(), env: shell.env, screen: shell.stderr });
  findings.push(finding, ...lookAtPackages(folder, options.version));
  const { findings: ofStack, file } = await examineStack(shell, options, engine);
  findings.push(...ofStack, ...(file === undefined ? [] : lookAtNames(file)));
  if (file === undefined) {
    findings.push(
      skipped("environment", "without a stack there is no config to compare with", "name one with --stack"),
    );
  } else {
    findings.push(...compareWithEnvironment(file, shell.env));
  }
  const isUnread = ofStack.some(
    ({ check, status }) => status === "failed" && (check === "backend" || check === "stack"),
  );
  findings.push(...(await examineAccounts(shell, options, file, isUnread)));
  return findings.map(hiding([options.apiKey, shell.env.STRIPE_API_KEY, file?.config["stripe:apiKey"]]));
}

/** Backend, passphrase and lock, and the stack itself where it can be read. */
async function examineStack(
  shell: Shell,
  options: ExamineOptions,
  engine: Engine | undefined,
): Promise<{ findings: Finding[]; file?: StackFile }> {
  const findings: Finding[] = [];
  const leave = (from: CheckName[], message: string, remedy: string) => {
    findings.push(...from.map((check) => skipped(check, message, remedy)));
    return { findings };
  };
  if (engine === undefined) {
    return leave(
      ["backend", "passphrase", "lock", "stack"],
      "without an engine there is nothing to ask",
      "stripe-as-code engine",
    );
  }
  const folder = startFolder(options.cwd);
  // A folder without a project is no fault of a stack that nobody named.
  if (options.stack === undefined && findProject(folder) === undefined) {
    return leave(
      ["backend", "passphrase", "lock", "stack"],
      `there is no Pulumi project in ${folder}`,
      "go to its folder, or name it with --cwd",
    );
  }
  try {
    const project = await openProject(shell, options, engine);
    const backend = await lookAtBackend(project);
    findings.push(backend.finding);
    if (backend.url === undefined) {
      return leave(["passphrase", "lock", "stack"], "the state backend can't be reached", "see backend");
    }
    const stack = options.stack ?? (await orUnreadable(() => selectedStack(project)));
    if (stack === undefined) {
      return leave(
        ["passphrase", "lock", "stack"],
        "no stack is selected",
        "name one with --stack, or run pulumi stack select",
      );
    }
    findings.push(await lookAtPassphrase(project, stack, shell.env));
    findings.push(await lookAtLock(project, stack, backend.url, (pid) => realSystem().isAlive(pid)));
    const file = await orUnreadable(() => readNamedStack(project, stack));
    findings.push(
      ok("stack", `${file.project}/${file.stack}, ${count(file.resources.length, "resource")} of this package`),
    );
    for (const type of file.unknownTypes) {
      findings.push(warning("stack", `resources of type ${type} are unknown to this release`, "take a newer one"));
    }
    return { findings, file };
  } catch (error) {
    const next =
      error instanceof CommandError ? error.next : "see what the engine says (pulumi stack), then run it again";
    const message = messageOf(error).replace(/\.$/, "");
    const told = findings.map(({ check }) => check);
    for (const check of ["backend", "passphrase", "lock"] as const) {
      if (!told.includes(check)) findings.push(skipped(check, message, next));
    }
    findings.push(failed("stack", message, next));
    return { findings };
  }
}

/**
 * Settings, key and all that Stripe tells, for every key that the stack uses.
 * @param isUnread there is a stack, and its config is not known
 */
async function examineAccounts(
  shell: Shell,
  options: ExamineOptions,
  file: StackFile | undefined,
  isUnread: boolean,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  let clock: Finding | undefined;
  for (const { own, resources } of bySettings(file?.resources ?? [])) {
    const isDefault = Object.keys(own).length === 0;
    const whose = isUnread
      ? " (without the stack's config, which could not be read)"
      : isDefault
        ? ""
        : ` (of the stripe.Provider of ${resources[0]?.name ?? ""})`;
    const source = settingsOf(shell, options, file?.config ?? {}, own);
    const read = readSettings(unforced(source, own, file), whose);
    // The config may have what the environment lacks.
    const isNoWord = isUnread && read.config === undefined;
    findings.push(...read.findings.map((one) => (isNoWord ? skipped("settings", one.message, "see stack") : one)));
    if (read.config === undefined) {
      const checks = ["key", "api-version", "account", "permissions", "endpoints", "reads"] as const;
      findings.push(...checks.map((check) => skipped(check, `the settings can't be used${whose}`, "see settings")));
      continue;
    }
    const { config } = read;
    const isPlain = isDefault && options.apiKey === undefined && file?.plain.has("stripe:apiKey") === true;
    findings.push(lookAtKey(config, isPlain && file?.config["stripe:apiKey"]?.trim() === config.apiKey));
    findings.push(lookAtApiVersion(config));
    const session = openSession({ ...config, readOnly: true }, () => undefined);
    const connected = new Set(resources.map(({ outputs }) => outputs.stripeAccount as string | undefined));
    if (connected.size === 0) connected.add(undefined);
    for (const stripeAccount of connected) {
      const here = resources.filter(({ outputs }) => outputs.stripeAccount === stripeAccount);
      findings.push(...(await examineTarget({ session, stripeAccount, resources: here })));
    }
    if (clock === undefined || clock.status === "skipped") clock = lookAtClock({ session });
    findings.push(
      file === undefined
        ? skipped("reads", "without a stack nothing tells what a drift job would read", "name one with --stack")
        : lookAtReads({ config, resources }, options.driftEvery),
    );
  }
  findings.push(
    clock ?? skipped("clock", "Stripe was not asked, so there is no clock to compare with", "see settings"),
  );
  return findings;
}

async function examineTarget(target: Target): Promise<Finding[]> {
  const { findings, reached } = await lookAtAccount(target);
  if (!reached) {
    const checks = ["permissions", "endpoints"] as const;
    return [...findings, ...checks.map((check) => skipped(check, "Stripe gave no answer to this key", "see account"))];
  }
  return [...findings, ...(await lookAtPermissions(target)), await lookAtEndpoints(target)];
}

interface Own {
  own: Readonly<Record<string, string>>;
  resources: ManagedResource[];
}

/** Resources by the settings they are given; the stack's own where there are none. */
function bySettings(resources: readonly ManagedResource[]): Own[] {
  const groups = new Map<string, Own>();
  for (const resource of resources) {
    const key = JSON.stringify(resource.settings);
    const group = groups.get(key) ?? { own: resource.settings, resources: [] };
    group.resources.push(resource);
    groups.set(key, group);
  }
  return groups.size === 0 ? [{ own: {}, resources: [] }] : [...groups.values()];
}

/** The same with `stripe:readOnly` as it is set, so that a wrong one is told. */
function unforced(source: ConfigSource, own: Own["own"], file: StackFile | undefined): ConfigSource {
  const set = own["stripe:readOnly"] ?? file?.config["stripe:readOnly"];
  return { env: source.env, config: (name) => (name === "readOnly" ? set : source.config(name)) };
}

/** No text of a finding quotes a key, whoever it is from. */
function hiding(keys: readonly (string | undefined)[]): (finding: Finding) => Finding {
  const hide = (text: string): string =>
    keys
      .filter((key) => key !== undefined && key.trim() !== "")
      .reduce((left: string, key) => left.replaceAll(key?.trim() ?? "", "[key]"), withoutKeys(withoutPasswords(text)));
  return ({ message, remedy, ...rest }) => ({
    ...{ ...rest, message: hide(message) },
    ...(remedy !== undefined && { remedy: hide(remedy) }),
  });
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
