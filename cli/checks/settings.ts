import {
  type Config,
  type ConfigSource,
  modeName,
  pinnedApiVersion,
  readConfig,
  variable,
} from "../../provider/config";
import { InputError } from "../../provider/errors";
import { isOrganizationKey, isRestrictedKey } from "../../provider/key";
import { misspelledSetting, settingNames } from "../../provider/setting-names";
import { type StackFile } from "../stack";
import { failed, type Finding, ok, warning } from "./finding";

/** What the settings of one account were read as; undefined where they can't be used. */
export interface SettingsRead {
  findings: Finding[];
  config?: Config;
}

/**
 * Reads every setting as the provider would.
 * @param whose said where it isn't the stack's own
 */
export function readSettings(source: ConfigSource, whose: string): SettingsRead {
  try {
    return { findings: [ok("settings", `all settings are readable${whose}`)], config: readConfig(source) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return {
      findings: error.findings.map(({ path, message }) => {
        const name = path.replace(/^stripe:/, "").replace(/\..*/, "");
        return failed("settings", `stripe:${name}${whose} ${message}`, waysToSet(name));
      }),
    };
  }
}

/** Keys of the config that nothing reads. */
export function lookAtNames(file: Pick<StackFile, "config">): Finding[] {
  return Object.keys(file.config).flatMap((key) => {
    const name = /^stripe:(.+)$/.exec(key)?.[1];
    if (name === undefined || (settingNames as readonly string[]).includes(name)) return [];
    const near = misspelledSetting(name);
    const remove = `pulumi config rm ${key}`;
    if (near === undefined) return [warning("settings", `${key} is no setting, and is ignored`, remove)];
    // The program stops at such a name.
    return [failed("settings", `${key} is no setting; stripe:${near} was meant`, `${remove}; ${waysToSet(near)}`)];
  });
}

/** Settings that are in the stack's config and in the environment, and not the same. */
export function compareWithEnvironment(
  { config, plain }: Pick<StackFile, "config" | "plain">,
  env: NodeJS.ProcessEnv,
): Finding[] {
  const findings = settingNames.flatMap((name) => {
    const [key, inEnv] = [`stripe:${name}`, variable(name)];
    const [one, other] = [config[key]?.trim() ?? "", env[inEnv]?.trim() ?? ""];
    if (one === "" || other === "" || one === other) return [];
    const isSecret = name === "apiKey" || !plain.has(key);
    const values = isSecret ? "" : ` (${one}, not ${other})`;
    return [
      warning(
        "environment",
        `${key} and ${inEnv} differ: the stack's config wins${values}`,
        `to have the environment's: pulumi config rm ${key}; to keep the config's: unset ${inEnv}`,
      ),
    ];
  });
  return findings.length > 0 ? findings : [ok("environment", "no setting of the config contradicts the environment")];
}

/** What kind of key it is, and how it is kept. */
export function lookAtKey({ apiKey, livemode }: Config, isPlain: boolean): Finding {
  const kind = isOrganizationKey(apiKey) ? "organization" : isRestrictedKey(apiKey) ? "restricted" : "secret";
  const what = `${kind} key, ${modeName(livemode)} mode`;
  if (!isPlain) return ok("key", what);
  return warning(
    "key",
    `${what}; it is in the stack's config in plain text`,
    "roll the key in Stripe's Dashboard, then pulumi config set --secret stripe:apiKey",
  );
}

export function lookAtApiVersion({ apiVersion }: Config): Finding {
  if (apiVersion === pinnedApiVersion) return ok("api-version", `Stripe-Version ${apiVersion}`);
  return warning(
    "api-version",
    `Stripe-Version is ${apiVersion}; this release was written for ${pinnedApiVersion}, and fields may differ`,
    "leave it out (pulumi config rm stripe:apiVersion, unset STRIPE_API_VERSION), or take a release for that version",
  );
}

function waysToSet(name: string): string {
  const flag = name === "apiKey" ? "--secret " : "";
  return `pulumi config set ${flag}stripe:${name}, or set ${variable(name)}`;
}
