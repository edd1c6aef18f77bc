import { z } from "zod";
import { type Finding, type RuleContext } from "./declare";
import { InputError } from "./errors";
import { accountId, apiVersion } from "./formats";
import { isOrganizationKey, isSecretKey, modeOf } from "./key";
import { type SettingName } from "./setting-names";

/** The `Stripe-Version` this release was written for: the version of the public spec its answers are checked against. */
export const pinnedApiVersion = "2026-08-26.dahlia";

/** Settings of one provider instance, validated. */
export interface Config {
  apiKey: string;
  livemode: boolean;
  apiBase: string;
  apiVersion: string;
  accountId?: string;
  stripeAccount?: string;
  stripeContext?: string;
  owner: string;
  ownership: "stamp" | "none";
  /** Objects of one kind searched for our stamp; Infinity for all. */
  lookupLimit: number;
  maxRequestsPerSecond: number;
  /** Whether that was set: it is then the rate a run starts at, too. */
  rateIsGiven: boolean;
  /** Smallest units by lower-case currency. */
  maxSpend?: Record<string, number>;
  readOnly: boolean;
  /** Whether the engine saves the state after each step; without that (docs/fast-mode.md) a killed run is in no state. */
  checkpoints: boolean;
  timeoutMs: number;
}

/** For messages. */
export function modeName(livemode: boolean): "test" | "live" {
  return livemode ? "live" : "test";
}

/** What rules and hooks are told of the settings; where there are none, as far as it is known without. */
export function ruleContextOf(config: Config | undefined): RuleContext {
  const apiVersion = config?.apiVersion ?? pinnedApiVersion;
  return { livemode: config?.livemode, apiVersion, pinned: apiVersion === pinnedApiVersion };
}

/** Where a setting comes from: stack config first, then the environment. */
export interface ConfigSource {
  /** Reads `stripe:<name>` of the stack's config, decrypted. */
  config(name: string): string | undefined;
  env: Record<string, string | undefined>;
}

const wholeNumber = z
  .string()
  .regex(/^\d+$/, "must be a whole number")
  .transform((text) => Number(text));

const settings = z.object({
  apiKey: z
    .string({ error: "is missing: set STRIPE_API_KEY, or run pulumi config set --secret stripe:apiKey" })
    .refine(isSecretKey, {
      error: "must be a secret or restricted key (sk_test_…, sk_live_…, rk_test_…, rk_live_…, sk_org_…)",
    }),
  apiBase: z.url({ protocol: /^https?$/, error: "must be a URL such as https://api.stripe.com" }).optional(),
  apiVersion: apiVersion().optional(),
  accountId: accountId().optional(),
  mode: z.enum(["test", "live"], { error: "must be test or live" }).optional(),
  stripeAccount: accountId().optional(),
  stripeContext: z.string().optional(),
  owner: z.string().min(1).optional(),
  ownership: z.enum(["stamp", "none"], { error: "must be stamp or none" }).optional(),
  lookupLimit: wholeNumber.optional(),
  maxRequestsPerSecond: wholeNumber.refine((rate) => rate > 0, "must be at least 1").optional(),
  maxSpend: z
    .string()
    .transform((text, context) => {
      try {
        return z.record(z.string().regex(/^[a-z]{3}$/), z.int().nonnegative()).parse(JSON.parse(text));
      } catch {
        context.addIssue({ code: "custom", message: 'must be JSON such as {"usd": 50000}, in smallest units' });
        return z.NEVER;
      }
    })
    .optional(),
  readOnly: z.enum(["true", "false", "1", "0"], { error: "must be true or false" }).optional(),
  timeoutSeconds: wholeNumber
    .refine((seconds) => seconds > 0, "must be at least 1")
    // Node's timers end a longer one at once.
    .refine((seconds) => seconds <= 86_400, "must be at most 86400, a day")
    .optional(),
} satisfies Record<SettingName, z.ZodType>);

const defaultBase = "https://api.stripe.com";

/** Environment variable of a setting; `stripeAccount` and `stripeContext` already carry the product's name. */
export function variable(name: string): string {
  return `STRIPE_${name
    .replace(/^stripe/, "")
    .replace(/(?!^)[A-Z]/g, "_$&")
    .toUpperCase()}`;
}

/**
 * Reads and validates every setting; all failures at once.
 * @throws InputError naming each setting as `stripe:<name>`; never quotes a key.
 */
export function readConfig(source: ConfigSource): Config {
  const given: Record<string, string> = {};
  for (const name of Object.keys(settings.shape)) {
    const value = (source.config(name) ?? source.env[variable(name)])?.trim();
    if (value !== undefined && value !== "") given[name] = value;
  }
  const parsed = settings.safeParse(given);
  const issues = parsed.error?.issues ?? [];
  for (const { path } of issues) delete given[String(path[0])];
  const findings = [
    ...issues.map(({ path, message }) => ({ path: `stripe:${path.join(".")}`, message })),
    ...contradictions(given),
  ];
  if (!parsed.success || findings.length > 0) throw new InputError(findings);
  const { mode, timeoutSeconds, readOnly, lookupLimit, ...rest } = parsed.data;
  const livemode = isLiveKey(rest.apiKey, mode);
  const checkpoints = !/^(1|true)$/i.test(source.env.PULUMI_SKIP_CHECKPOINTS ?? "");
  // Without checkpoints a killed run may have left any number of objects that only a look-up finds.
  const usualLimit = checkpoints ? 300 : Infinity;
  return {
    ...rest,
    livemode,
    apiBase: (rest.apiBase ?? defaultBase).replace(/\/+$/, ""),
    apiVersion: rest.apiVersion ?? pinnedApiVersion,
    owner: rest.owner ?? "",
    ownership: rest.ownership ?? "stamp",
    lookupLimit: lookupLimit === undefined ? usualLimit : lookupLimit === 0 ? Infinity : lookupLimit,
    maxRequestsPerSecond: rest.maxRequestsPerSecond ?? (livemode ? 25 : 20),
    rateIsGiven: rest.maxRequestsPerSecond !== undefined,
    readOnly: readOnly === "true" || readOnly === "1",
    checkpoints,
    timeoutMs: (timeoutSeconds ?? 80) * 1000,
  };
}

/** An organization key tells no mode: what isn't said to be test is treated as live. */
function isLiveKey(apiKey: string, mode: string | undefined): boolean {
  return isOrganizationKey(apiKey) ? mode !== "test" : modeOf(apiKey) === "live";
}

/** What each setting allows, but not all of them together; those that are wrong in themselves are left out. */
function contradictions(given: Record<string, string>): Finding[] {
  const { apiKey, apiBase, mode, stripeAccount, stripeContext } = given;
  const findings: Finding[] = [];
  const add = (name: string, message: string) => findings.push({ path: `stripe:${name}`, message });
  const livemode = apiKey !== undefined && isLiveKey(apiKey, mode);
  const organization = apiKey !== undefined && isOrganizationKey(apiKey);
  if (livemode && mode !== "live") {
    add(
      "mode",
      organization
        ? "an organization key does not tell its mode: set stripe:mode to test or live"
        : "the key is a live key: run pulumi config set stripe:mode live to let this stack touch the live account",
    );
  }
  if (apiKey !== undefined && !livemode && mode === "live") {
    add("mode", "is live, but the key is a test key: give a live key, or set stripe:mode test");
  }
  if (apiBase !== undefined) {
    const base = new URL(apiBase);
    const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(base.hostname);
    if (base.username !== "" || base.password !== "") add("apiBase", "must not hold a user name or password");
    if (base.protocol === "http:" && !loopback) {
      add("apiBase", "must be https: plain http is taken on loopback only, as the key would travel in clear");
    }
    if ((livemode || organization) && base.origin !== defaultBase) {
      const kind = organization ? "an organization" : "a live";
      add("apiBase", `must be ${defaultBase} with ${kind} key: the key would be sent elsewhere`);
    }
  }
  if (stripeAccount !== undefined && stripeContext !== undefined) {
    add("stripeContext", "and stripe:stripeAccount exclude each other: set one");
  }
  if (organization && stripeContext === undefined) {
    // https://docs.stripe.com/keys#organization-api-keys: such a key must name the account each call is about.
    add("stripeContext", "is required with an organization key: set the acct_… it should act on");
  }
  return findings;
}
