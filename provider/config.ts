import { z } from "zod";
import { InputError } from "./errors";

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
  /** Smallest units by lower-case currency. */
  maxSpend?: Record<string, number>;
  readOnly: boolean;
  timeoutMs: number;
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

const account = z.string().regex(/^acct_\w+$/, "must be an account id such as acct_1Nv0FGQ9RKHgCVdK");

const settings = z.object({
  apiKey: z
    .string({ error: "is missing: set STRIPE_API_KEY, or run pulumi config set --secret stripe:apiKey" })
    .regex(/^(sk|rk)_(test|live|org)/, {
      error: "must be a secret or restricted key (sk_test_…, sk_live_…, rk_test_…, rk_live_…, sk_org_…)",
    }),
  apiBase: z.url({ protocol: /^https?$/, error: "must be a URL such as https://api.stripe.com" }).optional(),
  apiVersion: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/, `must be an API version such as ${pinnedApiVersion}`)
    .optional(),
  accountId: account.optional(),
  mode: z.enum(["test", "live"], { error: "must be test or live" }).optional(),
  stripeAccount: account.optional(),
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
  timeoutSeconds: wholeNumber.refine((seconds) => seconds > 0, "must be at least 1").optional(),
});

const defaultBase = "https://api.stripe.com";

/** Environment variable of a setting; `stripeAccount` and `stripeContext` already carry the product's name. */
function variable(name: string): string {
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
  const given = Object.fromEntries(
    Object.keys(settings.shape).flatMap((name) => {
      const value = source.config(name) ?? source.env[variable(name)];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
  const parsed = settings.safeParse(given);
  if (!parsed.success) {
    throw new InputError(
      parsed.error.issues.map((issue) => ({ path: `stripe:${issue.path.join(".")}`, message: issue.message })),
    );
  }
  const { mode, timeoutSeconds, readOnly, lookupLimit, ...rest } = parsed.data;
  const livemode = isLiveKey(rest.apiKey, mode);
  const findings = contradictions({ ...rest, mode, livemode });
  if (findings.length > 0) throw new InputError(findings);
  return {
    ...rest,
    livemode,
    apiBase: (rest.apiBase ?? defaultBase).replace(/\/+$/, ""),
    apiVersion: rest.apiVersion ?? pinnedApiVersion,
    owner: rest.owner ?? "",
    ownership: rest.ownership ?? "stamp",
    lookupLimit: lookupLimit === undefined ? 300 : lookupLimit === 0 ? Infinity : lookupLimit,
    maxRequestsPerSecond: rest.maxRequestsPerSecond ?? (livemode ? 25 : 20),
    readOnly: readOnly === "true" || readOnly === "1",
    timeoutMs: (timeoutSeconds ?? 80) * 1000,
  };
}

/** An organization key tells no mode: what isn't known to be test is treated as live. */
function isLiveKey(apiKey: string, mode: "test" | "live" | undefined): boolean {
  if (/^(sk|rk)_test/.test(apiKey)) return false;
  return /^(sk|rk)_live/.test(apiKey) || mode !== "test";
}

function contradictions(config: {
  apiKey: string;
  apiBase?: string;
  mode?: "test" | "live";
  livemode: boolean;
  stripeAccount?: string;
  stripeContext?: string;
}): { path: string; message: string }[] {
  const findings: { path: string; message: string }[] = [];
  const add = (name: string, message: string) => findings.push({ path: `stripe:${name}`, message });
  if (config.livemode && config.mode !== "live") {
    add(
      "mode",
      "the key is a live key: run pulumi config set stripe:mode live to let this stack touch the live account",
    );
  }
  if (!config.livemode && config.mode === "live") {
    add("mode", "is live, but the key is a test key: give a live key, or set stripe:mode test");
  }
  if (config.apiBase !== undefined) {
    const base = new URL(config.apiBase);
    const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(base.hostname);
    if (base.protocol === "http:" && !loopback) {
      add("apiBase", "must be https: plain http is taken on loopback only, as the key would travel in clear");
    }
    if (config.livemode && base.origin !== defaultBase) {
      add("apiBase", `must be ${defaultBase} with a live key: the key would be sent elsewhere`);
    }
  }
  if (config.stripeAccount !== undefined && config.stripeContext !== undefined) {
    add("stripeContext", "and stripe:stripeAccount exclude each other: set one");
  }
  return findings;
}
