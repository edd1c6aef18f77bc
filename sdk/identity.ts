import type { z } from "zod";
import type { verificationReport } from "../provider/resources/identity/verification-report";
import type { verificationSession } from "../provider/resources/identity/verification-session";
import { getter, lister, outputOf, type WithSecrets } from "./function";
import { type ResourceClass, resourceClass } from "./resource-class";
import type { ArgsOf, PropertiesOf } from "./types";

type Declared = typeof verificationSession;

/** Arguments of {@link VerificationSession}. */
export interface VerificationSessionArgs extends ArgsOf<Declared> {}

/**
 * One verification of one person's identity. It begins when the resource is created, is never begun again by what becomes of
 * it, and is canceled, where Stripe still allows that, when the resource is deleted.
 *
 * @example
 * const session = new stripe.identity.VerificationSession("kyc", { type: "document", metadata: { user: "42" } });
 * export const status = session.status;
 */
export const VerificationSession: ResourceClass<VerificationSessionArgs, PropertiesOf<Declared>> = resourceClass<
  VerificationSessionArgs,
  Declared
>("identity:VerificationSession");
export type VerificationSession = InstanceType<typeof VerificationSession>;

/** Where a verification stands. */
export const VerificationSessionStatus = {
  RequiresInput: "requires_input",
  Processing: "processing",
  Verified: "verified",
  Canceled: "canceled",
} as const;
export type VerificationSessionStatus = (typeof VerificationSessionStatus)[keyof typeof VerificationSessionStatus];

/** What a session's `state` can ask for. */
export const VerificationSessionState = { Open: "open", Canceled: "canceled", Redacted: "redacted" } as const;
export type VerificationSessionState = (typeof VerificationSessionState)[keyof typeof VerificationSessionState];

type Report = z.output<z.ZodObject<(typeof verificationReport)["shape"]>>;
type Personal = "document" | "email" | "idNumber" | "phone" | "selfie";

/** What an attempt to verify someone found out. What is personal in it is secret, wherever it is put. */
export type VerificationReport = WithSecrets<Report, Personal>;

/** What narrows reports down. */
export type VerificationReportsArgs = z.input<z.ZodObject<(typeof verificationReport)["params"]>>;

/** The report with this id (`vr_…`). Rejects where Stripe has none. */
export const getVerificationReport = getter<{ id: string }, Report, Personal>(
  "stripe:identity/getVerificationReport",
  "identity:VerificationReports",
);
/** {@link getVerificationReport} for an id that is an Output; all of it is secret. */
export const getVerificationReportOutput = outputOf(getVerificationReport);

/** Every report, newest first; of one session, reference, type or time where the arguments say so. */
export const getVerificationReports = lister<Report, VerificationReportsArgs, Personal>(
  "stripe:identity/getVerificationReports",
  "identity:VerificationReports",
);
/** {@link getVerificationReports} for arguments that are Outputs; all of it is secret. */
export const getVerificationReportsOutput = outputOf(getVerificationReports);
