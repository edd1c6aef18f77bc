import { failureCodes, samplePerson } from "../facts/identity";
import { type Call, defineKind } from "../kind";
import { inRange } from "../params";
import { randomText, type StripeObject } from "../store";
import { type DocumentOptions, type VerificationSession } from "./verification-record";

export interface VerificationReport extends StripeObject {
  readonly object: "identity.verification_report";
  readonly client_reference_id: string | null;
  readonly created: number;
  readonly livemode: boolean;
  readonly type: VerificationSession["type"];
  readonly verification_session: string;
}

export const reportName = "identity.verification_report";

/** What an attempt to verify someone found out: read-only, one per attempt. Fields: [openapi]. */
export const verificationReportKind = defineKind({
  name: reportName,
  noun: "verification report",
  path: "/v1/identity/verification_reports",
  idParam: "report",
  permission: "identity_verification_report",
  // Sensitive results come only when named. [docs: Access verification results]
  hidden: [
    "document.dob",
    "document.expiration_date",
    "document.number",
    "document.sex",
    "id_number.dob",
    "id_number.id_number",
  ],
  secrets: [
    ...["address", "dob", "expiration_date", "first_name", "last_name", "number", "sex"].map(
      (name) => `document.${name}`,
    ),
    ...["dob", "first_name", "id_number", "last_name"].map((name) => `id_number.${name}`),
    "email.email",
    "phone.phone",
  ],
  optionalFields: ["document", "email", "id_number", "options", "phone", "selfie", "verification_flow"],
  retrieve: true,
  list: {
    params: {
      client_reference_id: { type: "string" },
      created: { type: "range" },
      type: { type: "string", enum: ["document", "id_number"] },
      verification_session: { type: "string" },
    },
    keep: (report: VerificationReport, params) =>
      (params.client_reference_id === undefined || report.client_reference_id === params.client_reference_id) &&
      inRange(report.created, params.created) &&
      (params.type === undefined || report.type === params.type) &&
      (params.verification_session === undefined || report.verification_session === params.verification_session),
  },
});

interface Failure {
  readonly code: string | null;
  readonly reason: string | null;
}

/** The report of an attempt; `failure` is null where everything was verified. Only what was checked is in it. [openapi] */
export function makeReport(call: Call, session: VerificationSession, failure: Failure | null): VerificationReport {
  const { document: wanted, id_number: numberWanted, email, phone } = checksOf(session);
  const failed = failure === null ? null : (failureCodes[failure.code ?? ""] ?? null);
  const outcome = (check: string): object => ({
    error: failed === check ? failure : null,
    status: failed === check ? "unverified" : "verified",
  });
  const file = (): string => `file_1${randomText(23)}`;
  const { first_name, last_name, dob, sex, address, id_number, id_number_type, document } = samplePerson;
  const front = file();
  return {
    id: `vr_1${randomText(23)}`,
    object: reportName,
    client_reference_id: session.client_reference_id,
    created: call.now,
    ...(wanted !== undefined && {
      document: {
        ...outcome("document"),
        ...document,
        address,
        dob,
        files: [front],
        first_name,
        last_name,
        sex,
        unparsed_place_of_birth: null,
        unparsed_sex: null,
      },
    }),
    ...(email !== undefined && { email: { ...outcome("email"), email } }),
    ...(numberWanted && {
      id_number: { ...outcome("id_number"), dob, first_name, id_number, id_number_type, last_name },
    }),
    livemode: session.livemode,
    options: session.options ?? {},
    ...(phone !== undefined && { phone: { ...outcome("phone"), phone } }),
    ...(wanted?.require_matching_selfie === true && {
      selfie: { ...outcome("selfie"), document: front, selfie: file() },
    }),
    type: session.type,
    ...(session.verification_flow !== undefined && { verification_flow: session.verification_flow }),
    verification_session: session.id,
  };
}

/** What a session checks. A flow's checks are set in the Dashboard; here all are made (unconfirmed). */
export function checksOf(session: VerificationSession): {
  readonly document: DocumentOptions | undefined;
  readonly id_number: boolean;
  readonly email: string | undefined;
  readonly phone: string | undefined;
} {
  const flow = session.type === "verification_flow";
  const document = session.type === "id_number" ? undefined : (session.options?.document ?? {});
  return {
    document,
    id_number: session.type === "id_number" || document?.require_id_number === true,
    email: flow ? session.provided_details?.email : undefined,
    phone: flow ? session.provided_details?.phone : undefined,
  };
}
