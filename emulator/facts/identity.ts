/** Documents a verification may ask for. [openapi] */
export const documentTypes = ["driving_license", "id_card", "passport"] as const;

/** Why an attempt failed, and which check of its report says so. [openapi: last_error.code and the reports' error codes] */
export const failureCodes: Readonly<Record<string, "document" | "email" | "id_number" | "phone" | "selfie" | null>> = {
  abandoned: null,
  consent_declined: null,
  country_not_supported: null,
  device_not_supported: null,
  document_expired: "document",
  document_type_not_supported: "document",
  document_unverified_other: "document",
  email_unverified_other: "email",
  email_verification_declined: "email",
  id_number_insufficient_document_data: "id_number",
  id_number_mismatch: "id_number",
  id_number_unverified_other: "id_number",
  phone_unverified_other: "phone",
  phone_verification_declined: "phone",
  selfie_document_missing_photo: "selfie",
  selfie_face_mismatch: "selfie",
  selfie_manipulated: "selfie",
  selfie_unverified_other: "selfie",
  under_supported_age: null,
};

/** Stands for the text of a personal field once it is redacted. [reference] */
export const redactedText = "[redacted]";

/** An invented person, as whom every verification succeeds. */
export const samplePerson = {
  first_name: "Jenny",
  last_name: "Rosen",
  dob: { day: 1, month: 1, year: 1901 },
  sex: "female",
  address: {
    city: "San Francisco",
    country: "US",
    line1: "1234 Main St.",
    line2: null,
    postal_code: "94111",
    state: "CA",
  },
  id_number: "000000000",
  id_number_type: "us_ssn",
  document: {
    type: "driving_license",
    issuing_country: "US",
    number: "I1234562",
    issued_date: { day: 1, month: 1, year: 2020 },
    expiration_date: { day: 1, month: 1, year: 2040 },
  },
} as const;
