import { type Metadata } from "../metadata";
import { randomText, type StripeObject } from "../store";

export interface DocumentOptions {
  readonly allowed_types?: readonly string[];
  readonly require_id_number?: boolean;
  readonly require_live_capture?: boolean;
  readonly require_matching_selfie?: boolean;
}

export interface VerificationSession extends StripeObject {
  readonly object: "identity.verification_session";
  readonly client_reference_id: string | null;
  readonly client_secret: string | null;
  readonly created: number;
  readonly last_error: { readonly code: string | null; readonly reason: string | null } | null;
  readonly last_verification_report: string | null;
  readonly livemode: boolean;
  readonly metadata: Metadata;
  readonly options: { readonly document?: DocumentOptions; readonly id_number?: object } | null;
  /** May be missing; that it is where nothing was provided is unconfirmed. [openapi] */
  readonly provided_details?: { readonly email?: string; readonly phone?: string };
  /** Null until redaction is requested. [reference] */
  readonly redaction: { readonly status: "processing" | "redacted" | "validated" } | null;
  readonly related_customer: string | null;
  readonly related_customer_account: string | null;
  readonly related_person?: { readonly account: string; readonly person: string };
  /** Taken at creation and never shown. [openapi] */
  readonly return_url: string | null;
  readonly status: "canceled" | "processing" | "requires_input" | "verified";
  readonly type: "document" | "id_number" | "verification_flow";
  readonly url: string | null;
  readonly verification_flow?: string;
  /** Shown only when expanded. [openapi] */
  readonly verified_outputs: Readonly<Record<string, unknown>> | null;
}

export const sessionName = "identity.verification_session";

/** A secret and a link for one more attempt. Their forms are those of samples; each is good once. [docs: VerificationSession object] */
export function mintAccess(id: string, livemode: boolean): Pick<VerificationSession, "client_secret" | "url"> {
  const mode = livemode ? "live" : "test";
  return {
    client_secret: `${id}_secret_${mode}_${randomText(24)}`,
    url: `https://verify.stripe.com/start/${mode}_${randomText(24)}`,
  };
}
