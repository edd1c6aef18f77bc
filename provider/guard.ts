import { type StripeClient } from "./client";
import { modeName } from "./config";
import { InputError, ProviderError, StripeError } from "./errors";
import { isOrganizationKey } from "./key";

/**
 * Knows which account the key acts on, asked of Stripe once per account before the first call that decides anything.
 * https://docs.stripe.com/api/accounts/retrieve: GET /v1/account returns the account a request acts on.
 */
export class AccountGuard {
  private readonly asked = new Map<string | null, Promise<string | undefined>>();
  /** What Stripe answered. */
  private readonly acting = new Map<string | null, string>();
  /** The accounts that resources of the state are in. */
  private readonly recorded = new Map<string | null, string>();

  constructor(private readonly client: StripeClient) {}

  /**
   * Remembers the account of a resource that nothing is asked for, so that nothing new is made beside it in another one.
   * Makes no call.
   * @param stripeAccount the connected account of the resource, if it names one
   * @param recorded the account its object was written to, if it is known
   * @throws ProviderError where the settings, the key or another resource say another account
   */
  remember(stripeAccount: string | undefined, recorded: unknown): void {
    if (typeof recorded !== "string") return;
    const { accountId, stripeAccount: setting } = this.client.config;
    const connected = stripeAccount ?? setting;
    const named = connected ?? accountId;
    if (named !== undefined && named !== recorded) {
      const by = connected === undefined ? "stripe:accountId" : "stripeAccount";
      throw wrongAccount(`this resource is in account ${recorded}, but ${by} is ${named}`);
    }
    const acting = this.acting.get(connected ?? null);
    if (acting !== undefined && acting !== recorded) throw this.elsewhere("this resource is", recorded, acting);
    const other = this.recorded.get(connected ?? null) ?? recorded;
    if (other !== recorded) {
      throw wrongAccount(`this resource is in account ${recorded}, but others with the same settings are in ${other}`);
    }
    this.recorded.set(connected ?? null, recorded);
  }

  /**
   * The account calls act on; undefined where a restricted key may not tell.
   * @param stripeAccount the connected account of the resource, if it names one
   * @param recorded the account an existing object was written to, if any
   * @param isThere whether that object can be read: a key that reads it acts on its account
   * @throws ProviderError where it isn't the account the settings or the state name
   */
  async verify(
    stripeAccount: string | undefined,
    recorded: unknown,
    isThere: () => Promise<boolean> = () => Promise.resolve(false),
  ): Promise<string | undefined> {
    const { accountId, livemode, readOnly, stripeAccount: setting, stripeContext } = this.client.config;
    if (stripeAccount !== undefined && stripeContext !== undefined) {
      throw new InputError([
        { path: "stripeAccount", message: "and stripe:stripeContext exclude each other: set one" },
      ]);
    }
    const mode = modeName(livemode);
    const connected = stripeAccount ?? setting;
    let account = await this.account(connected ?? null);
    if (account === undefined && typeof recorded === "string" && (await isThere())) {
      account = recorded;
      this.asked.set(connected ?? null, Promise.resolve(account));
    }
    if (accountId !== undefined) {
      const own = known(connected === undefined ? account : await this.account(null));
      if (own !== accountId) {
        throw new ProviderError(
          "wrong_account",
          `the ${mode} key belongs to account ${own}, but stripe:accountId is ${accountId}. Nothing was done. Use the key ` +
            "of that account, or correct stripe:accountId",
        );
      }
    }
    if (connected !== undefined && account !== undefined && account !== connected) {
      throw new ProviderError(
        "wrong_account",
        `stripeAccount is ${connected}, but Stripe acts on ${account}. Nothing was done`,
      );
    }
    if (livemode && !readOnly) known(account);
    if (account !== undefined && typeof recorded === "string" && recorded !== account) {
      throw this.elsewhere("this resource is", recorded, account);
    }
    const others = this.recorded.get(connected ?? null);
    if (account !== undefined && others !== undefined && others !== account) {
      throw this.elsewhere("other resources of this stack are", others, account);
    }
    return account;
  }

  /** The account that Stripe said calls act on, the wrong one too; undefined where it has not. */
  told(stripeAccount: string | undefined): string | undefined {
    return this.acting.get(stripeAccount ?? this.client.config.stripeAccount ?? null);
  }

  private elsewhere(subject: string, recorded: string, acting: string): ProviderError {
    const mode = modeName(this.client.config.livemode);
    return wrongAccount(`${subject} in account ${recorded}, but the ${mode} key acts on account ${acting}`);
  }

  private account(stripeAccount: string | null): Promise<string | undefined> {
    let answer = this.asked.get(stripeAccount);
    if (answer === undefined) {
      answer = this.ask(stripeAccount);
      this.asked.set(stripeAccount, answer);
      // A failure isn't remembered: the next resource asks again.
      answer.catch(() => this.asked.delete(stripeAccount));
    }
    return answer;
  }

  private async ask(stripeAccount: string | null): Promise<string | undefined> {
    try {
      const { body } = await this.client.send({ method: "GET", path: "/v1/account", stripeAccount });
      // An account has no livemode, but a balance has: the client refuses one of the other mode.
      if (isOrganizationKey(this.client.config.apiKey)) {
        await this.client.send({ method: "GET", path: "/v1/balance", stripeAccount });
      }
      this.acting.set(stripeAccount, String(body.id));
      return String(body.id);
    } catch (error) {
      if (!(error instanceof StripeError) || error.status !== 403) throw error;
      // Stripe's refusal of a restricted key names the account (seen in third-party transcripts; unconfirmed).
      const named = /acct_\w+/.exec(error.error.message ?? "")?.[0];
      if (named !== undefined) this.acting.set(stripeAccount, named);
      return named;
    }
  }
}

function wrongAccount(what: string): ProviderError {
  const todo = "Nothing was done and nothing is forgotten. Use the key of that account";
  return new ProviderError("wrong_account", `${what}. ${todo}`);
}

function known(account: string | undefined): string {
  if (account !== undefined) return account;
  throw new ProviderError(
    "account_unknown",
    "the key may not read its own account, so it can't be told which account it would change. Give the restricted key the " +
      "permission to read the account",
  );
}
