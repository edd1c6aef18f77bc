import { z } from "zod";
import {
  atEnd,
  clearable,
  computed,
  defineResource,
  expanded,
  fixed,
  has,
  held,
  local,
  metadata,
  personal,
  reference,
  secret,
  set,
  writeOnly,
  type Finding,
} from "../../declare";
import { accountId } from "../../formats";

type Values = Record<string, unknown>;

const documentType = z.enum(["driving_license", "id_card", "passport"]);

/** What Stripe does where it isn't told (docs.stripe.com/api/identity/verification_sessions/create). */
const flag = () => has(z.boolean(), { default: false });

const document = {
  /** Documents that are taken: `driving_license`, `id_card`, `passport`; all of them where left out. Order carries no meaning. */
  allowedTypes: has(set(z.array(documentType).min(1, { error: "must name at least one, or be left out" })), {
    default: documentType.options,
  }).optional(),
  /** Ask for the number of the document and check it. */
  requireIdNumber: flag().optional(),
  /** Take pictures with the camera only; no uploads. */
  requireLiveCapture: flag().optional(),
  /** Compare the document's picture with the person's face. */
  requireMatchingSelfie: flag().optional(),
};

const options = {
  /** How a document is checked. */
  document: clearable(z.strictObject(document)).optional(),
};

const providedDetails = {
  /** The person's email address. */
  email: z.email().optional(),
  /** The person's phone number, with `+` and its country code. */
  phone: z
    .string()
    .regex(/^\+[\d ()-]{5,}$/, "must begin with + and the country code")
    .optional(),
};

const relatedPerson = {
  /** The connected account the person belongs to, `acct_…`. */
  account: accountId(),
  /** The person, `person_…`. */
  person: z.string().regex(/^person_\w+$/, "must be a person's id, which starts with person_"),
};

const address = z.object({
  city: z.string().optional(),
  country: z.string().optional(),
  line1: z.string().optional(),
  line2: z.string().optional(),
  postalCode: z.string().optional(),
  state: z.string().optional(),
});

/** A day, its parts as numbers. */
export const date = z.object({ day: z.number().optional(), month: z.number().optional(), year: z.number().optional() });

export { address };

/** Where a session stands, of the places its `state` can name. Both Stripe's object and what is recorded have these fields. */
function stateOf({ status, redaction }: Values): string {
  return redaction != null ? "redacted" : status === "canceled" ? "canceled" : "open";
}

/**
 * One verification of one person's identity, begun when the resource is created.
 * https://docs.stripe.com/api/identity/verification_sessions
 */
export const verificationSession = defineResource({
  kind: "VerificationSession",
  namespace: "identity",
  object: "identity.verification_session",
  api: {
    path: "/v1/identity/verification_sessions",
    source: "https://docs.stripe.com/api/identity/verification_sessions",
    // A retrieve makes a new client secret and url, and the one the person holds may then no longer do.
    readByList: true,
  },
  inputs: {
    /** What is verified: a `document`, or an `id_number`. Required unless `verificationFlow` says it. */
    type: computed(z.enum(["document", "id_number"]), {
      usual: (_type, session) => session.verification_flow != null,
    }).optional(),
    /** A flow that was set up in the Dashboard, `vf_…`, in place of `type`. */
    verificationFlow: fixed(z.string().regex(/^vf_\w+$/, "must be the id of a flow, which starts with vf_")).optional(),
    /** How the verification is done. */
    options: z.strictObject(options).optional(),
    /** What is known of the person beforehand: `email`, `phone`. */
    providedDetails: personal(secret(z.strictObject(providedDetails))).optional(),
    /**
     * Your own name for the case; our `pulumi_id` where left out, so that the session can be found. Nothing personal: it stays
     * after redaction.
     */
    clientReferenceId: fixed(reference(computed(z.string().min(1)))).optional(),
    /** Where the person's browser goes afterwards. */
    returnUrl: fixed(personal(writeOnly(z.url()))).optional(),
    /** The customer this is about, `cus_…`. */
    relatedCustomer: fixed(
      z.string().regex(/^cus_\w+$/, "must be the id of a customer, which starts with cus_"),
    ).optional(),
    /** The account this is about where it is a customer, `acct_…`. */
    relatedCustomerAccount: fixed(accountId()).optional(),
    /** The person of a connected account this is about. */
    relatedPerson: fixed(z.strictObject(relatedPerson)).optional(),
    /** Your own keys and values, at most 46; Stripe erases all metadata when it redacts. */
    metadata: personal(metadata()).optional(),
    /**
     * Where the session should stand: `open` where left out, `canceled`, or `redacted`, which erases what is known of the person
     * within four days. Neither can be undone.
     */
    state: local(z.enum(["open", "canceled", "redacted"]), { default: "open" }).optional(),
    /** What deleting the resource does: `cancel` where Stripe allows it, the default, `redact`, or `retain`. */
    onDelete: atEnd(z.enum(["cancel", "redact", "retain"])).optional(),
    /** Whether `verifiedOutputs` is read; the key needs the permission to. */
    expandVerifiedOutputs: local(z.boolean()).optional(),
  },
  outputs: {
    /** For Stripe's widget: good once, and for about a day. Read with `.get` at the time of use for a fresh one. */
    clientSecret: held(secret(z.string().optional()), isOpen),
    /** Page of Stripe's for the person, as short-lived as `clientSecret`. */
    url: held(secret(z.string().optional()), isOpen),
    /** `requires_input`, `processing`, `verified` or `canceled`. */
    status: z.string(),
    /** Why the last attempt failed: `code`, such as `document_expired`, and `reason`. */
    lastError: personal(secret(z.object({ code: z.string().optional(), reason: z.string().optional() }).optional())),
    /** The newest report, `vr_…`; see `stripe.identity.getVerificationReport`. */
    lastVerificationReport: z.string().optional(),
    /** Present once redaction was asked for: `status` is `processing`, then `redacted`. */
    redaction: z.object({ status: z.string() }).optional(),
    /** What was found out about the person, where `expandVerifiedOutputs` asks for it and the session is verified. */
    verifiedOutputs: expanded(
      personal(
        secret(
          z
            .object({
              address: address.optional(),
              dob: date.optional(),
              email: z.string().optional(),
              firstName: z.string().optional(),
              idNumber: z.string().optional(),
              idNumberType: z.string().optional(),
              lastName: z.string().optional(),
              phone: z.string().optional(),
              sex: z.string().optional(),
              unparsedPlaceOfBirth: z.string().optional(),
              unparsedSex: z.string().optional(),
            })
            .optional(),
        ),
      ),
      ({ expandVerifiedOutputs }) => expandVerifiedOutputs === true,
    ),
    /** When it was created, in Unix seconds. */
    created: z.number(),
    livemode: z.boolean(),
  },
  missing: "error",
  // By its stamp or, beyond the newest, by what its list can be filtered by.
  route: ({ clientReferenceId }, pulumiId) => ({ filter: { client_reference_id: clientReferenceId ?? pulumiId } }),
  transient: true,
  isEnded: (session, { state = "open" }) => stateOf(session) !== "open" && stateOf(session) !== state,
  isRedacted: ({ redaction }) => redaction != null,
  states: {
    field: "state",
    first: "open",
    of: stateOf,
    isFinal: ({ status, redaction }) => redaction != null || status === "verified" || status === "canceled",
    moves: {
      canceled: {
        action: "cancel",
        refused: (session) =>
          stateOf(session) !== "open" || session.status !== "requires_input"
            ? `canceled is asked for, but the session is ${standing(session)}: Stripe cancels one only while it requires input`
            : undefined,
        done: ({ id }) => `verification session ${id} is canceled, which can't be undone`,
      },
      redacted: {
        action: "redact",
        erases: true,
        refused: (session) =>
          session.status === "requires_input" || session.status === "verified"
            ? undefined
            : `redacted is asked for, but the session is ${standing(session)}: Stripe redacts one that requires input or is verified`,
        done: ({ id }) =>
          `verification session ${id} is being redacted, which takes up to four days and can't be undone. Take what is personal out ` +
          "of the program too; older copies of the stack's state still hold what they held",
      },
    },
  },
  ends: {
    by: "action",
    words:
      "canceled while it requires input, and left as it is with what is known of the person after that; with " +
      '`onDelete: "redact"` it is redacted, with `"retain"` left as it is',
    choose: ({ onDelete = "cancel" }, session) => {
      const now = `verification session ${session.id} is ${standing(session)}`;
      if (session.redaction != null) return undefined;
      if (onDelete === "redact") {
        if (session.status === "requires_input" || session.status === "verified") {
          return { action: "redact", reached: ({ redaction }) => redaction != null };
        }
        const again = session.status === "processing" ? "Run again when it is done, or set" : "Set";
        const advice = `${again} onDelete: "retain", run pulumi up, then delete it`;
        return { refuse: `${now}: Stripe redacts only one that requires input or is verified. ${advice}` };
      }
      if (session.status === "canceled") return undefined;
      if (onDelete === "retain") return { leave: `${now} and stays so with its data, as onDelete says` };
      return session.status === "requires_input"
        ? { action: "cancel", reached: ({ status }) => status === "canceled" }
        : {
            leave: `${now} and can't be canceled: it stays at Stripe with what is known of the person; onDelete: "redact" erases that`,
          };
    },
    done: (session) =>
      session.redaction != null
        ? `verification session ${session.id} is being redacted, which takes up to four days and can't be undone`
        : `verification session ${session.id} is canceled, which can't be undone; what is known of the person stays at Stripe`,
    failed: (session) =>
      `verification session ${session.id} could not be ended and stays ${standing(session)}. To forget it here, set onDelete: ` +
      '"retain", run pulumi up, then delete it',
  },
  rules: [
    {
      fields: ["type", "verificationFlow"],
      check: ({ type, verificationFlow }): Finding[] =>
        type === undefined && verificationFlow === undefined
          ? [{ path: "type", message: "give type (document or id_number), or verificationFlow" }]
          : type !== undefined && verificationFlow !== undefined
            ? [{ path: "type", message: "and verificationFlow exclude each other: the flow says what is verified" }]
            : [],
    },
  ],
  refuse: (olds, _news, changed, replaces) =>
    replaces.length > 0 || (olds.status !== "verified" && olds.status !== "canceled")
      ? []
      : changed
          .filter((field) => field === "type" || field === "options" || field === "providedDetails")
          .map((path) => ({
            path,
            message: `can't be changed any more: the session is ${standing(olds)}. Undo it, or change triggers to begin a new session`,
          })),
  samples: {
    minimal: { type: "document" },
    full: {
      type: "document",
      options: {
        document: { allowedTypes: ["passport", "id_card"], requireLiveCapture: false, requireMatchingSelfie: true },
      },
      providedDetails: { email: "jenny@example.com", phone: "+1 555 0100" },
      clientReferenceId: "case-0",
      returnUrl: "https://example.com/done",
      relatedCustomer: "cus_NffrFeUfNV2Hib",
      relatedPerson: { account: "acct_1Nv0FGQ9RKHgCVdK", person: "person_1Nv0FGQ9RKHgCVdK" },
      metadata: { case: "0", tier: "false" },
      state: "open",
      onDelete: "cancel",
      expandVerifiedOutputs: false,
    },
    update: {
      type: "id_number",
      options: { document: { requireLiveCapture: true } },
      providedDetails: { email: "jenny.rosen@example.com", phone: "+1 555 0100" },
      metadata: { case: "1" },
      onDelete: "redact",
    },
    replace: [{ clientReferenceId: "case-1" }, { returnUrl: "https://example.com/other" }, { triggers: ["again"] }],
    invalid: [
      { args: {}, path: "type" },
      { args: { type: "document", verificationFlow: "vf_1" }, path: "type" },
      { args: { type: "selfie" }, path: "type" },
      {
        args: { type: "document", options: { document: { allowedTypes: [] } } },
        path: "options.document.allowedTypes",
      },
      {
        args: { type: "document", options: { document: { allowedTypes: ["visa"] } } },
        path: "options.document.allowedTypes[0]",
      },
      {
        args: { type: "document", options: { document: { requireSelfie: true } } },
        path: "options.document.requireSelfie",
      },
      { args: { type: "document", providedDetails: { email: "jenny" } }, path: "providedDetails.email" },
      { args: { type: "document", providedDetails: { phone: "555" } }, path: "providedDetails.phone" },
      { args: { type: "document", relatedPerson: { account: "acct_1" } }, path: "relatedPerson.person" },
      { args: { type: "document", relatedCustomer: "jenny" }, path: "relatedCustomer" },
      { args: { type: "document", returnUrl: "done" }, path: "returnUrl" },
      { args: { type: "document", state: "closed" }, path: "state" },
      { args: { type: "document", metadata: { a: "x".repeat(501) } }, path: "metadata.a" },
    ],
  },
});

function isOpen({ status, redaction }: Values): boolean {
  return status === "requires_input" && redaction == null;
}

function standing({ status, redaction }: Values): string {
  const of = redaction as { status?: string } | null | undefined;
  return of == null ? String(status) : `${String(status)} and its redaction is ${String(of.status)}`;
}
