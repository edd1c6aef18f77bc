import { ConnectionError, messageOf, ProviderError, StripeError } from "../../provider/errors";
import { modeName } from "../../provider/config";
import { isRestrictedKey } from "../../provider/key";
import { newest } from "../../provider/object-client";
import { declarationOf, type KindName, kindNames } from "../../provider/registry";
import { type Session } from "../../provider/session";
import { type ManagedResource } from "../stack";
import { failed, type Finding, ok, skipped, warning } from "./finding";

/** What one key reaches: its own account, or a connected one. */
export interface Target {
  session: Session;
  /** Connect: the account the resources name, if they do. */
  stripeAccount: string | undefined;
  resources: ManagedResource[];
}

/** Stripe's signatures are taken for five minutes (its clients' default tolerance); a clock that is a minute off is set wrong. */
const mostSkewMs = 60_000;
/** Of webhook endpoints, in each mode of an account; some accounts have more. */
const usualEndpoints = 16;

const letItTell = "give the restricted key the permission to read the account (GET /v1/account)";

/** Which account it is, and whether it is the one that settings and state name. */
export async function lookAtAccount(target: Target): Promise<{ findings: Finding[]; reached: boolean }> {
  const { guard, snapshots } = target.session;
  const { config } = target.session.client;
  const mode = modeName(config.livemode);
  const told = (finding: Finding, reached = true) => ({ findings: [finding], reached });
  const inOther = target.resources.find(({ outputs }) => outputs.livemode === !config.livemode);
  if (inOther !== undefined) {
    const other = modeName(!config.livemode);
    const message = `the key is a ${mode} key, but ${inOther.name} is in ${other} mode`;
    return told(failed("account", message, `use a ${other} key, or the stack that the ${mode} key belongs to`));
  }
  try {
    let account: string | undefined;
    for (const recorded of recordedAccounts(target)) {
      const isThere = async () =>
        recorded !== undefined && snapshots.isThere(recorded.declaration, recorded.id, recorded.outputs);
      account = await guard.verify(target.stripeAccount, recorded?.outputs.__account, isThere);
    }
    if (account === undefined) {
      const message = `the key may not read its own account (${mode} mode), so nothing tells which one a run would change`;
      // In live mode a run refuses to write then.
      return told(config.livemode ? failed("account", message, letItTell) : warning("account", message, letItTell));
    }
    if (config.accountId === undefined && config.livemode) {
      return told(
        warning(
          "account",
          `${account}, live mode; stripe:accountId isn't set, so another account's key would be noticed late`,
          `pulumi config set stripe:accountId ${account}`,
        ),
      );
    }
    return told(
      ok("account", `${account}, ${mode} mode${config.accountId === undefined ? "" : ", as stripe:accountId says"}`),
    );
  } catch (error) {
    const { message, remedy } = explain(error);
    // Any other refusal may be of this call alone.
    const reached = !(error instanceof ConnectionError) && !(error instanceof StripeError && error.status === 401);
    return told(failed("account", message, remedy), reached);
  }
}

/** One resource for each account that the state names. */
function recordedAccounts({ resources }: Target): (ManagedResource | undefined)[] {
  const byAccount = new Map(resources.map((one) => [one.outputs.__account, one]));
  return byAccount.size === 0 ? [undefined] : [...byAccount.values()];
}

/** Tries one read of everything that the kinds call. Nothing tells of writes without writing. */
export async function lookAtPermissions(target: Target): Promise<Finding[]> {
  const { resources, session, stripeAccount } = target;
  const used = [...new Set(resources.map(({ kind }) => kind))];
  const paths = pathsOf(used.length > 0 ? used : kindNames);
  const findings = await Promise.all(
    [...paths].map(async ([path, { kinds, isOptional }]): Promise<Finding | string> => {
      try {
        await session.client.send({ method: "GET", path, params: { limit: 1 }, stripeAccount });
        return path;
      } catch (error) {
        const { message, remedy } = explain(error);
        if (!(error instanceof StripeError) || error.status !== 403) {
          return skipped("permissions", `whether ${path} may be read could not be told: ${message}`, remedy);
        }
        const need = isOptional ? "would look at" : kinds.length === 1 ? "needs" : "need";
        const what = `the key may not read ${path}, which ${kinds.join(" and ")} ${need}: ${message}`;
        const give = `${remedy}; docs/reference/permissions.md lists what each class needs`;
        // A program without resources yet may need none of them.
        return used.length > 0 && !isOptional ? failed("permissions", what, give) : warning("permissions", what, give);
      }
    }),
  );
  const readable = findings.filter((one) => typeof one === "string");
  const refused = findings.filter((one) => typeof one !== "string");
  if (readable.length === 0) return refused;
  const isRestricted = isRestrictedKey(session.client.config.apiKey);
  const more = isRestricted
    ? "; whether it may write, nothing tells without writing (docs/reference/permissions.md)"
    : "";
  return [ok("permissions", `the key may read ${readable.join(", ")}${more}`), ...refused];
}

/** What the kinds call, which of them do, and whether all of them can do without. */
function pathsOf(kinds: readonly KindName[]): Map<string, { kinds: KindName[]; isOptional: boolean }> {
  const paths = new Map<string, { kinds: KindName[]; isOptional: boolean }>();
  for (const kind of kinds) {
    const { path: own, beside = [] } = declarationOf(kind).api;
    for (const { path, optional = false } of [{ path: own, optional: undefined }, ...beside]) {
      const known = paths.get(path) ?? { kinds: [], isOptional: true };
      paths.set(path, { kinds: [...known.kinds, kind], isOptional: known.isOptional && optional });
    }
  }
  return paths;
}

/** How many webhook endpoints are left. */
export async function lookAtEndpoints({ session, stripeAccount }: Target): Promise<Finding> {
  const { client } = session;
  const mode = modeName(client.config.livemode);
  let used: number;
  try {
    used = (await newest(client.list("/v1/webhook_endpoints", { stripeAccount }), Infinity)).objects.length;
  } catch (error) {
    const { message, remedy } = explain(error);
    return skipped("endpoints", `how many webhook endpoints there are could not be told: ${message}`, remedy);
  }
  const told = `${used} of ${usualEndpoints} webhook endpoints of the account are used in ${mode} mode`;
  if (used < usualEndpoints) return ok("endpoints", told);
  if (used > usualEndpoints) {
    return ok(
      "endpoints",
      `${used} webhook endpoints in ${mode} mode: this account has a higher limit than the usual ${usualEndpoints}`,
    );
  }
  return warning(
    "endpoints",
    `${told}: unless Stripe has raised the limit the next one is refused, and so is a replacement, which is created first`,
    "delete one that is no longer used (stripe-as-code webhook_endpoints list), or ask Stripe for a higher limit",
  );
}

/** How far this machine's clock is from Stripe's, by the date of its last answer. */
export function lookAtClock({ session }: Pick<Target, "session">): Finding {
  const { clockAheadMs } = session.client;
  if (clockAheadMs === undefined) {
    return skipped(
      "clock",
      "no answer carried a date to compare the clock with",
      "see account, or look at a proxy in between",
    );
  }
  const seconds = Math.round(Math.abs(clockAheadMs) / 1000);
  if (Math.abs(clockAheadMs) <= mostSkewMs)
    return ok("clock", `the clock is within ${Math.max(1, seconds)} s of Stripe's`);
  return warning(
    "clock",
    `the clock is ${seconds} s ${clockAheadMs > 0 ? "ahead of" : "behind"} Stripe's: signatures of events are taken for 300 s`,
    "set the clock (timedatectl set-ntp true, or your system's time service)",
  );
}

/** What failed, in one line, and what to do about it. */
function explain(error: unknown): { message: string; remedy: string } {
  if (error instanceof StripeError) {
    const { requestId } = error.request;
    const id = requestId === undefined ? "" : `, request ${requestId}`;
    return { message: `${error.reason} (HTTP ${error.status}${id})`, remedy: error.advice };
  }
  if (error instanceof ConnectionError) {
    return { message: error.reason, remedy: "check the network, HTTPS_PROXY, and stripe:apiBase" };
  }
  if (ProviderError.is(error)) {
    return {
      message: error.message,
      remedy:
        error.code === "account_unknown"
          ? letItTell
          : "give the key of the account that settings and state name, or correct them",
    };
  }
  return { message: messageOf(error), remedy: "run it again; if that stays, tell us with this message" };
}
