import * as pulumi from "@pulumi/pulumi";
import { type SettingName, settingNames } from "../provider/setting-names";

/** Settings of one account; what is left out is taken from the stack's config, then from the environment. */
export interface ProviderArgs extends Partial<Record<SettingName, pulumi.Input<unknown>>> {
  /** Secret or restricted key, always kept as a secret. */
  apiKey?: pulumi.Input<string>;
  /** Base of the API; plain http on loopback only. */
  apiBase?: pulumi.Input<string>;
  /** `Stripe-Version` of every call. */
  apiVersion?: pulumi.Input<string>;
  /** The account the key must belong to, `acct_…`. */
  accountId?: pulumi.Input<string>;
  /** A live key works only where this is `live`. */
  mode?: pulumi.Input<"test" | "live">;
  /** Connect: the account all calls act on, `acct_…`. */
  stripeAccount?: pulumi.Input<string>;
  /** Path of accounts for organization keys; excludes `stripeAccount`. */
  stripeContext?: pulumi.Input<string>;
  /** Tells equal project and stack names in different backends apart. */
  owner?: pulumi.Input<string>;
  /** `none` leaves no stamp on objects, and loses what it is for. */
  ownership?: pulumi.Input<"stamp" | "none">;
  /** Newest objects of a kind searched for our stamp before its first create; 0 for all. */
  lookupLimit?: pulumi.Input<number>;
  /** Most requests in a second. */
  maxRequestsPerSecond?: pulumi.Input<number>;
  /** Most that new climate orders of a run may cost together, by lower-case currency, in its smallest unit. */
  maxSpend?: pulumi.Input<Record<string, number>>;
  /** Refuses every write. */
  readOnly?: pulumi.Input<boolean>;
  /** Patience with one request, in seconds. */
  timeoutSeconds?: pulumi.Input<number>;
}

/**
 * One Stripe account among several in a program: passed as `{ provider }` to its resources and functions. What it is given beats
 * the stack's config, which beats the environment.
 *
 * @example
 * const eu = new stripe.Provider("eu", { apiKey: config.requireSecret("euKey"), accountId: "acct_…" });
 * new stripe.WebhookEndpoint("orders", { url, enabledEvents: ["*"] }, { provider: eu });
 */
export class Provider extends pulumi.ProviderResource {
  /** The settings as given and as configured, by name; those of the environment are read where they are used. */
  readonly settings: pulumi.Output<Partial<Record<SettingName, string>>>;
  /** Whether the mode is live, or will be known only later. */
  readonly live: boolean;

  constructor(name: string, args: ProviderArgs = {}, opts?: pulumi.ResourceOptions) {
    const wrong = Object.keys(args).filter((key) => !(settingNames as readonly string[]).includes(key));
    if (wrong.length > 0) {
      throw new pulumi.RunError(
        `stripe.Provider "${name}": ${wrong.join(", ")} is no setting; it has ${settingNames.join(", ")}`,
      );
    }
    // The provider's process is told its own arguments only, not the stack's config.
    const config = new pulumi.Config("stripe");
    const settings: Partial<Record<SettingName, pulumi.Input<string>>> = {};
    for (const key of settingNames) {
      const given: pulumi.Input<unknown> = args[key];
      const value = given === undefined ? config.get(key) : pulumi.output(given).apply(textOf);
      if (value !== undefined) settings[key] = key === "apiKey" ? pulumi.secret(value) : value;
    }
    const inputs: pulumi.Inputs = {};
    for (const [key, value] of Object.entries(settings)) inputs[`stripe:${key}`] = value;
    super("pulumi-nodejs", name, inputs, opts);
    this.settings = pulumi.output(settings);
    const mode = args.mode ?? config.get("mode") ?? process.env.STRIPE_MODE;
    this.live = mode !== undefined && mode !== "test";
  }
}

/** Settings travel as text, as they do from the stack's config. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
