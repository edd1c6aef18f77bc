import { missingObject, Refusal } from "../errors";
import { documentTypes } from "../facts/identity";
import { type Call, defineKind } from "../kind";
import { mergeMetadata } from "../metadata";
import { inRange, type ParamsOf } from "../params";
import { randomText } from "../store";
import { mintAccess, sessionName, type VerificationSession } from "./verification-record";
import { reportName } from "./verification-report";
import { verificationSteps } from "./verification-steps";

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;

const options = {
  type: "object",
  params: {
    document: {
      type: "object",
      unsettable: true,
      params: {
        allowed_types: { type: "list", items: { type: "string", enum: documentTypes }, minItems: 1 },
        require_id_number: flag,
        require_live_capture: flag,
        require_matching_selfie: flag,
      },
    },
  },
} as const;

// Metadata of sessions has no empty-string branch: it is cleared key by key. [openapi]
const updateParams = {
  metadata: { type: "map" },
  options,
  provided_details: { type: "object", params: { email: text, phone: text } },
  type: { type: "string", enum: ["document", "id_number"] },
} as const;

const createParams = {
  ...updateParams,
  type: { ...updateParams.type, orElse: "verification_flow" },
  client_reference_id: text,
  related_customer: text,
  related_customer_account: text,
  related_person: {
    type: "object",
    params: { account: { type: "string", required: true }, person: { type: "string", required: true } },
  },
  return_url: text,
  verification_flow: { ...text, orElse: "type" },
} as const;

const canceled = "identity.verification_session.canceled";

/** One verification of one person. Parameters and fields: [openapi]; cancel and redact: [reference]. */
export const verificationSessionKind = defineKind({
  name: sessionName,
  noun: "verification session",
  path: "/v1/identity/verification_sessions",
  idParam: "session",
  permission: "identity_verification_session",
  secrets: ["client_secret", "url", "verified_outputs", "provided_details"],
  expandable: { last_verification_report: reportName },
  // The sensitive outputs need paths of their own. [docs: Access verification results]
  hidden: [
    "verified_outputs",
    "verified_outputs.dob",
    "verified_outputs.id_number",
    "verified_outputs.sex",
    "verified_outputs.unparsed_place_of_birth",
    "verified_outputs.unparsed_sex",
  ],
  optionalFields: ["provided_details", "related_person", "verification_flow"],
  create: { params: createParams, build: openSession, event: "identity.verification_session.created" },
  retrieve: true,
  list: {
    params: {
      client_reference_id: text,
      created: { type: "range" },
      related_customer: text,
      related_customer_account: text,
      status: { type: "string", enum: ["canceled", "processing", "requires_input", "verified"] },
    },
    keep: (session: VerificationSession, params) =>
      inRange(session.created, params.created) &&
      (["client_reference_id", "related_customer", "related_customer_account", "status"] as const).every(
        (field) => params[field] === undefined || session[field] === params[field],
      ),
  },
  update: { params: updateParams, apply: changeSession },
  actions: {
    cancel: {
      params: {},
      apply(_call, session: VerificationSession): VerificationSession {
        if (session.status !== "requires_input" || session.redaction !== null) throw wrongStatus("canceled", session);
        return { ...session, status: "canceled", client_secret: null, url: null };
      },
      event: canceled,
    },
    redact: {
      params: {},
      apply: startRedaction,
      // That the cancellation a redaction brings has its own event is unconfirmed.
      tells: (before: VerificationSession, after: VerificationSession) =>
        before.status === after.status ? undefined : canceled,
    },
  },
  steps: verificationSteps,
  /** A read while input is required gives a fresh secret and link. [openapi] */
  touch: (_call, session: VerificationSession) =>
    session.status === "requires_input" ? { ...session, ...mintAccess(session.id, session.livemode) } : session,
  /** Lists and events give no secret away (unconfirmed). */
  present({ return_url: _url, ...shown }: VerificationSession, moment) {
    return moment === "listed" || moment === "told" ? { ...shown, client_secret: null, url: null } : shown;
  },
  edit(call, before: VerificationSession, after: VerificationSession, patch) {
    if (after.status === "canceled" && before.status !== "canceled") {
      return { record: { ...after, client_secret: null, url: null }, events: [canceled] };
    }
    const step = after.status === before.status ? undefined : verificationSteps[after.status];
    return step?.take(call, { ...after, status: before.status }, patch) ?? { record: after, events: [] };
  },
});

/** Customers, persons and flows are not emulated: ids that look like theirs are taken. Texts unconfirmed. */
function openSession(call: Call, params: ParamsOf<typeof createParams>): VerificationSession {
  const {
    type,
    verification_flow: flow,
    related_customer: customer,
    related_customer_account: customerAccount,
  } = params;
  if (type === undefined && flow === undefined) {
    throw new Refusal("Missing required param: type.", { code: "parameter_missing", param: "type" });
  }
  if (type !== undefined && flow !== undefined) {
    throw new Refusal("You may only specify one of these parameters: type, verification_flow.", {
      code: "parameters_exclusive",
      param: "type",
    });
  }
  if (flow !== undefined) checkId("verification flow", flow, "vf_", "verification_flow");
  if (customer !== undefined) checkId("customer", customer, "cus_", "related_customer");
  if (customerAccount !== undefined) checkId("account", customerAccount, "acct_", "related_customer_account");
  if (params.related_person !== undefined) {
    checkId("account", params.related_person.account, "acct_", "related_person[account]");
    checkId("person", params.related_person.person, "person_", "related_person[person]");
  }
  if (params.return_url !== undefined && !URL.canParse(params.return_url)) {
    throw new Refusal("Not a valid URL", { code: "url_invalid", param: "return_url" });
  }
  checkDetails(params.provided_details);
  const id = `vs_1${randomText(23)}`;
  const finalType = type ?? "verification_flow";
  return {
    id,
    object: sessionName,
    client_reference_id: params.client_reference_id ?? null,
    ...mintAccess(id, call.livemode),
    created: call.now,
    last_error: null,
    last_verification_report: null,
    livemode: call.livemode,
    metadata: mergeMetadata({}, params.metadata),
    options: mergeOptions(finalType, null, params.options),
    ...(params.provided_details !== undefined && { provided_details: params.provided_details }),
    redaction: null,
    related_customer: customer ?? null,
    related_customer_account: customerAccount ?? null,
    ...(params.related_person !== undefined && { related_person: params.related_person }),
    return_url: params.return_url ?? null,
    status: "requires_input",
    type: finalType,
    ...(flow !== undefined && { verification_flow: flow }),
    verified_outputs: null,
  };
}

function checkId(noun: string, id: string, prefix: string, param: string): void {
  if (!id.startsWith(prefix) || id.length === prefix.length) throw missingObject(noun, id, param, 400);
}

function checkDetails(details: { readonly email?: string; readonly phone?: string } | undefined): void {
  if (details?.email !== undefined && !/^[^@\s]+@[^@\s]+$/.test(details.email)) {
    throw new Refusal(`Invalid email address: ${details.email}`, {
      code: "email_invalid",
      param: "provided_details[email]",
    });
  }
  if (details?.phone !== undefined && !/^\+[\d ()-]{5,}$/.test(details.phone)) {
    throw new Refusal("Invalid phone number: it must begin with + and its country code.", {
      param: "provided_details[phone]",
    });
  }
}

/** Named options are set, others stay, "" forgets those of the document: a nested merge, unconfirmed. */
function mergeOptions(
  type: VerificationSession["type"],
  before: VerificationSession["options"],
  change: ParamsOf<typeof updateParams>["options"],
): VerificationSession["options"] {
  const document = change?.document === null ? {} : { ...before?.document, ...change?.document };
  const shown = type !== "id_number" || Object.keys(document).length > 0;
  return { ...(shown && { document }), ...(type === "id_number" && { id_number: {} }) };
}

/** Only `requires_input` lets the check change [openapi]; metadata may always, unless redacted [reference]. */
function changeSession(
  _call: Call,
  session: VerificationSession,
  params: ParamsOf<typeof updateParams>,
): VerificationSession {
  if (session.redaction !== null) {
    throw new Refusal("This VerificationSession is redacted or being redacted and cannot be updated.");
  }
  const { type, options: changed, provided_details: details } = params;
  if ((type ?? changed ?? details) === undefined) return session;
  if (session.status !== "requires_input") throw wrongStatus("updated", session);
  if (type !== undefined && session.verification_flow !== undefined) {
    throw new Refusal("The type of a session with a verification_flow cannot be changed.", { param: "type" });
  }
  checkDetails(details);
  const nextType = type ?? session.type;
  return {
    ...session,
    type: nextType,
    options: mergeOptions(nextType, session.options, changed),
    ...(details !== undefined && { provided_details: { ...session.provided_details, ...details } }),
  };
}

/** A session that still requires input is canceled by it. [reference] */
function startRedaction(_call: Call, session: VerificationSession): VerificationSession {
  if (session.redaction !== null || (session.status !== "requires_input" && session.status !== "verified")) {
    throw wrongStatus("redacted", session);
  }
  const status = session.status === "requires_input" ? "canceled" : session.status;
  return { ...session, status, client_secret: null, url: null, redaction: { status: "processing" } };
}

/** A wrong status is most likely a plain 400; its text and that it has no code are unconfirmed. */
function wrongStatus(verb: string, { status, redaction }: VerificationSession): Refusal {
  const standing = redaction === null ? status : `${status} and its redaction ${redaction.status}`;
  return new Refusal(`This VerificationSession cannot be ${verb} because its status is ${standing}.`);
}
