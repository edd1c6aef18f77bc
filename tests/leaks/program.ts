import { markedInputs } from "./marked";
import { mark } from "./secrets";

const text = (value: unknown) => JSON.stringify(value);

/** A program with everything that has something secret, exported whole, in parts, and through a component. */
export function program({ version = 1 } = {}): string {
  const hook = { ...markedInputs("WebhookEndpoint"), description: `Version ${version}` };
  const kyc = {
    ...markedInputs("identity:VerificationSession"),
    expandVerifiedOutputs: true,
    clientReferenceId: undefined,
  };
  const buy = { ...markedInputs("crypto:OnrampSession"), sourceAmount: `1${version}.50` };
  const details = { email: `open.${version}.${mark}@example.com` };
  return `
    const hook = new stripe.WebhookEndpoint("hook", ${text(hook)}, { ignoreChanges: ["metadata"] });
    const kyc = new stripe.identity.VerificationSession("kyc", ${text(kyc)});
    const failed = new stripe.identity.VerificationSession("failed", ${text({ ...kyc, returnUrl: undefined })});
    const open = new stripe.identity.VerificationSession("open", { type: "document", providedDetails: ${text(details)} });
    const buy = new stripe.crypto.OnrampSession("buy", ${text(buy)});
    const charge = new stripe.forwarding.Request("charge", ${text(markedInputs("forwarding:Request"))});

    // Secrets of the program's own, in arguments that are none by themselves.
    new stripe.Product("holder", {
      name: "Gold", description: pulumi.secret("${mark} ${version}"), images: [pulumi.secret("https://example.com/${mark}.png")],
      metadata: { version: "${version}", hook: hook.secret, note: pulumi.secret("${mark}") } });

    class Group extends pulumi.ComponentResource {
      constructor() {
        super("my:group:Group", "group");
        this.inner = new stripe.WebhookEndpoint("inner", { url: "https://example.com/inner", enabledEvents: ["*"] }, { parent: this });
        this.registerOutputs({ inner: this.inner, secret: this.inner.secret, list: [{ deep: this.inner.secret }] });
      }
    }
    const group = new Group();

    const read = stripe.identity.VerificationSession.get("read", open.id);
    exports.whole = { hook, kyc, failed, open, buy, charge, group, read };
    exports.hook = hook;
    exports.parts = [
      hook.secret, { deep: [kyc.url, kyc.clientSecret] }, pulumi.interpolate\`secret=\${hook.secret}\`,
      kyc.verifiedOutputs.apply((found) => found && found.firstName), failed.lastError.apply((error) => error && error.reason),
      buy.transactionDetails.apply((details) => details.walletAddress), charge.responseDetails.apply(({ body }) => body),
      open.providedDetails.apply(({ email }) => email), read.providedDetails.apply((details) => details && details.email),
    ];
    exports.encoded = hook.secret.apply((secret) => Buffer.from(secret).toString("base64"));
    exports.reports = stripe.identity.getVerificationReportsOutput({ verificationSession: kyc.id });
    exports.report = kyc.lastVerificationReport.apply(async (id) => id && { ...(await stripe.identity.getVerificationReport({ id })) });`;
}

/** A program of another stack, which passes on what it takes from this one. */
export const consumer = `
    const source = new pulumi.StackReference("organization/e2e/e2e");
    const parts = source.requireOutput("parts");
    new stripe.Product("copy", { name: "Copy", description: parts.apply(([secret]) => secret), metadata: { secret: source.getOutput("encoded") } });
    exports.parts = parts;
    exports.hook = source.getOutput("hook");
    exports.one = parts.apply(([secret]) => ({ secret }));`;

/** What is there before any stack knows of it, and is taken over. */
export interface Found {
  hook: string;
  person: string;
  charge: string;
}

/** Takes over what is there, and brings it up to date. */
export function adopting({ hook, person }: Found): string {
  const { signingSecret } = markedInputs("WebhookEndpoint");
  const { providedDetails } = markedInputs("identity:VerificationSession");
  return `
    new stripe.WebhookEndpoint("taken", ${text({ url: "https://example.com/taken", enabledEvents: ["*"], signingSecret, adopt: hook })});
    new stripe.identity.VerificationSession("taken-person", ${text({ type: "document", providedDetails, adopt: person })});`;
}

/** Declares what can't be changed otherwise than it is. */
export const unlike = ({ charge }: Found) => `
    new stripe.forwarding.Request("unlike", { ...${text(markedInputs("forwarding:Request"))}, adopt: "${charge}" });`;

/** What is refused, half made and in doubt, in one program. */
export const failing = `
  new stripe.WebhookEndpoint("half", ${text(markedInputs("WebhookEndpoint"))});
  new stripe.identity.VerificationSession("kyc", ${text(markedInputs("identity:VerificationSession"))});
  new stripe.crypto.OnrampSession("buy", ${text(markedInputs("crypto:OnrampSession"))});
  new stripe.forwarding.Request("charge", ${text(markedInputs("forwarding:Request"))});`;

/** Wrong inputs. */
export const wrong = `
  new stripe.identity.VerificationSession("kyc", { type: "document", providedDetails: { email: "${mark}", phone: ["${mark}"] } });`;

/** A function that fails, on a line that holds a key: Node shows the line of what nobody caught. */
export const throwing = ({ url, apiKey }: { url: string; apiKey: string }) => `
  stripe.identity.getVerificationReport({ id: "vr_1" }, { provider: new stripe.Provider("p", { apiKey: "${apiKey}", apiBase: "${url}" }) });`;
