import { eventKind, type EventRecord } from "../events";
import { failureCodes, redactedText, samplePerson } from "../facts/identity";
import { redactionSeconds } from "../facts/limits";
import { type Call, type Edited, type Step, withoutHidden } from "../kind";
import { type Collection, type StripeObject } from "../store";
import { mintAccess, type VerificationSession } from "./verification-record";
import { checksOf, makeReport, reportName, type VerificationReport } from "./verification-report";

/** Where a session may go by itself. [openapi; docs: How sessions work] */
export const verificationSteps: Readonly<Record<string, Step<VerificationSession>>> = {
  processing: {
    from: ({ status, redaction }) => status === "requires_input" && redaction === null,
    // That an earlier error is forgotten here, not at the end, is unconfirmed.
    take: (_call, session) => ({
      record: { ...session, status: "processing", last_error: null, client_secret: null, url: null },
      events: ["identity.verification_session.processing"],
    }),
  },
  verified: {
    from: ({ status }) => status === "processing",
    take(call, session, details) {
      const report = fileReport(call, session, null);
      const outputs = { ...verifiedOutputs(session), ...(details["verified_outputs"] as object | undefined) };
      return {
        record: {
          ...session,
          status: "verified",
          client_secret: null,
          url: null,
          last_error: null,
          last_verification_report: report.id,
          verified_outputs: outputs,
        },
        events: ["identity.verification_session.verified"],
      };
    },
  },
  requires_input: {
    from: ({ status }) => status === "processing",
    take(call, session, details) {
      const error = readError(details["last_error"]);
      const report = fileReport(call, session, error);
      return {
        record: {
          ...session,
          status: "requires_input",
          ...mintAccess(session.id, session.livemode),
          last_error: error,
          last_verification_report: report.id,
        },
        events: ["identity.verification_session.requires_input"],
      };
    },
  },
  redacted: {
    from: ({ redaction }) => redaction?.status === "processing",
    afterSeconds: redactionSeconds,
    take: redactSession,
  },
};

function readError(given: unknown): NonNullable<VerificationSession["last_error"]> {
  const error = { code: "document_unverified_other", reason: null, ...(given as { code?: string } | undefined) };
  if (!Object.hasOwn(failureCodes, error.code)) {
    throw new Error(
      `advance: '${error.code}' is no reason Stripe gives; it has ${Object.keys(failureCodes).join(", ")}`,
    );
  }
  return { ...error, reason: error.reason ?? "The verification did not succeed." };
}

function fileReport(
  call: Call,
  session: VerificationSession,
  error: VerificationSession["last_error"],
): VerificationReport {
  return call.account.collection<VerificationReport>(reportName).put(makeReport(call, session, error));
}

function verifiedOutputs(session: VerificationSession): Readonly<Record<string, unknown>> {
  const { document, id_number, email, phone } = checksOf(session);
  const { address, dob, first_name, id_number: number, id_number_type, last_name, sex } = samplePerson;
  return {
    address: document === undefined ? null : address,
    dob,
    email: email ?? null,
    first_name,
    id_number: id_number ? number : null,
    id_number_type: id_number ? id_number_type : null,
    last_name,
    phone: phone ?? null,
    sex: document === undefined ? null : sex,
    unparsed_place_of_birth: null,
    unparsed_sex: null,
  };
}

/**
 * The end of a redaction: metadata is erased and personal data replaced, in the session, its reports and its events.
 * [reference] What becomes of fields that are no text (here: null), and that `client_reference_id` and the ids of the
 * related customer and person stay, is unconfirmed.
 */
function redactSession(call: Call, session: VerificationSession): Edited<VerificationSession> {
  const { provided_details: details, last_error: error } = session;
  const record: VerificationSession = {
    ...session,
    metadata: {},
    ...(details !== undefined && { provided_details: redact(details) as VerificationSession["provided_details"] }),
    last_error: error === null ? null : { ...error, reason: redactedText },
    redaction: { status: "redacted" },
    return_url: null,
    verified_outputs: redact(session.verified_outputs) as VerificationSession["verified_outputs"],
  };
  const reports = call.account.collection<VerificationReport>(reportName);
  for (const report of reports.oldestFirst()) {
    if (report.verification_session === session.id) reports.put(redactReport(report));
  }
  redactEvents(call.account.collection<EventRecord>(eventKind), record);
  return { record, events: ["identity.verification_session.redacted"] };
}

const checks = ["document", "email", "id_number", "phone", "selfie"];
/** What a check was of and what came out. Of these the reference allows no `[redacted]`, as it does of `sex`. [openapi] */
const kept = ["status", "error", "type", "id_number_type", "issuing_country"];

function redactReport(report: VerificationReport): VerificationReport {
  const redacted = Object.entries(report).map(([name, value]): [string, unknown] => {
    if (!checks.includes(name)) return [name, value];
    return [name, redact(value)];
  });
  return { ...report, ...Object.fromEntries(redacted) };
}

/** Text becomes the placeholder; what holds no text becomes null. */
function redact(value: unknown): unknown {
  if (typeof value === "string") return redactedText;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const fields = Object.entries(value).map(([field, inner]): [string, unknown] => [
    field,
    kept.includes(field) ? inner : redact(inner),
  ]);
  return fields.every(([, inner]) => inner === null) ? null : Object.fromEntries(fields);
}

function redactEvents(events: Collection<EventRecord>, session: VerificationSession): void {
  for (const event of events.oldestFirst()) {
    if (event.data.object["id"] !== session.id) continue;
    const { metadata, last_error } = session;
    const details = session.provided_details !== undefined && { provided_details: session.provided_details };
    const object: StripeObject = { ...event.data.object, id: session.id, ...details, metadata };
    const error = object["last_error"] === null ? null : last_error;
    events.put({ ...event, data: { object: withoutHidden(["verified_outputs"], { ...object, last_error: error }) } });
  }
}
