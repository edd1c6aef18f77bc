import * as pulumi from "@pulumi/pulumi";
import * as stripe from "stripe-as-code";

const { VerificationSessionState: State, VerificationSessionStatus: Status } = stripe.identity;

const config = new pulumi.Config();
// Neither canceled nor redacted can be undone.
const state = config.get("state", { allowedValues: Object.values(State) }) ?? State.Open;
// Nothing personal stands in the program: what is known of the person comes from the config, encrypted.
const email = config.getSecret("email");

const session = new stripe.identity.VerificationSession("person", {
  type: "document",
  options: {
    document: { allowedTypes: ["passport", "id_card"], requireLiveCapture: true, requireMatchingSelfie: true },
  },
  providedDetails: email && { email },
  returnUrl: "https://example.com/verified",
  metadata: { case: config.get("case") ?? "0" },
  state,
  // Stripe redacts no session that was canceled.
  onDelete: state === State.Canceled ? "retain" : "redact",
  expandVerifiedOutputs: config.getBoolean("readVerifiedOutputs") ?? true,
});

/** What the session has in one status only. */
function when<T>(status: stripe.identity.VerificationSessionStatus, value: pulumi.Output<T>) {
  return session.status.apply((now) => (now === status ? value : null));
}

export const id = session.id;
export const status = session.status;
// For the person, for about a day. Secret, as all that follows is: `pulumi stack output --show-secrets`.
export const page = when(Status.RequiresInput, session.url);
export const lastName = when(
  Status.Verified,
  session.verifiedOutputs.apply((person) => person?.lastName),
);
export const reports = stripe.identity
  .getVerificationReportsOutput({ verificationSession: session.id })
  .apply((all) => all.map((report) => ({ id: report.id, document: report.document?.status })));
