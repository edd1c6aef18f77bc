import { z } from "zod";
import { type DataSource, secret } from "../../declare";
import { address, date } from "./verification-session";

const error = z.object({ code: z.string().optional(), reason: z.string().optional() }).optional();

/** What an attempt to verify someone found out. https://docs.stripe.com/api/identity/verification_reports */
export const verificationReport = {
  path: "/v1/identity/verification_reports",
  params: {
    /** Reports of this session, `vs_…`. */
    verificationSession: z.string().optional(),
    /** Reports of this type: `document` or `id_number`. */
    type: z.enum(["document", "id_number"]).optional(),
    /** Reports of sessions with this reference. */
    clientReferenceId: z.string().optional(),
    /** Reports of this time, in Unix seconds: one, or bounds. */
    created: z
      .union([
        z.int(),
        z.object({
          gt: z.int().optional(),
          gte: z.int().optional(),
          lt: z.int().optional(),
          lte: z.int().optional(),
        }),
      ])
      .optional(),
  },
  shape: {
    /** `vr_…`. */
    id: z.string(),
    /** `document`, `id_number` or `verification_flow`. */
    type: z.string(),
    /** The session it is of, `vs_…`. */
    verificationSession: z.string().optional(),
    clientReferenceId: z.string().optional(),
    /** When it was made, in Unix seconds. */
    created: z.number(),
    livemode: z.boolean(),
    verificationFlow: z.string().optional(),
    /** What was asked to be checked. */
    options: z
      .object({
        document: z
          .object({
            allowedTypes: z.array(z.string()).optional(),
            requireIdNumber: z.boolean().optional(),
            requireLiveCapture: z.boolean().optional(),
            requireMatchingSelfie: z.boolean().optional(),
          })
          .optional(),
      })
      .optional(),
    /** What the document says, where one was checked; `status` is `verified` or `unverified`. */
    document: secret(
      z
        .object({
          status: z.string(),
          error,
          address: address.optional(),
          dob: date.optional(),
          expirationDate: date.optional(),
          /** Ids of the pictures. */
          files: z.array(z.string()).optional(),
          firstName: z.string().optional(),
          issuedDate: date.optional(),
          issuingCountry: z.string().optional(),
          lastName: z.string().optional(),
          number: z.string().optional(),
          sex: z.string().optional(),
          type: z.string().optional(),
          unparsedPlaceOfBirth: z.string().optional(),
          unparsedSex: z.string().optional(),
        })
        .optional(),
    ),
    /** The email address, where it was checked. */
    email: secret(z.object({ status: z.string(), error, email: z.string().optional() }).optional()),
    /** The id number, where it was checked. */
    idNumber: secret(
      z
        .object({
          status: z.string(),
          error,
          dob: date.optional(),
          firstName: z.string().optional(),
          idNumber: z.string().optional(),
          idNumberType: z.string().optional(),
          lastName: z.string().optional(),
        })
        .optional(),
    ),
    /** The phone number, where it was checked. */
    phone: secret(z.object({ status: z.string(), error, phone: z.string().optional() }).optional()),
    /** The picture of the face, where it was compared with the document's; both are ids of files. */
    selfie: secret(
      z
        .object({ status: z.string(), error, document: z.string().optional(), selfie: z.string().optional() })
        .optional(),
    ),
  },
} satisfies DataSource;
