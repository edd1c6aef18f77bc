import { type Schema } from "./spec";

/** What a judge can't judge. */
export interface Gap {
  readonly judge: "Stripe's OpenAPI" | "stripe-mock";
  /**
   * An operation, such as `GET /v1/prices/{price}`, or an event, such as `event price.updated`. Before the mock the path
   * and the decoded form follow: `POST /v1/products/{id} /v1/products/prod_1 name=Gold&active=true`.
   */
  readonly about: RegExp;
  readonly reason: string;
}

/** What Stripe has and its OpenAPI lacks, and so its mock. */
const undescribed = [
  {
    about: /^(?:GET|POST) \/v1\/crypto\/onramp|^event crypto\.onramp/,
    reason: "no OpenAPI that Stripe publishes has the onramp",
  },
  {
    about: /^POST \/v1\/(?:stripecli\/sessions|events\/[^/]+\/retry)\b/,
    reason: "what only Stripe's CLI calls is in no OpenAPI",
  },
];

/** Everything that a judge leaves out; the closing line counts what each row let pass. */
export const gaps: readonly Gap[] = [
  ...undescribed.map((row): Gap => ({ judge: "Stripe's OpenAPI", ...row })),
  ...undescribed.map((row): Gap => ({ judge: "stripe-mock", ...row })),
  { judge: "stripe-mock", about: /^\w+ \/v2\//, reason: "it has v1 only" },
  {
    judge: "stripe-mock",
    about: /^\w+ \S+ \S*%2F/,
    reason: "it decodes a slash in an id before it looks for the path",
  },
  {
    judge: "stripe-mock",
    about: /^(?:GET|POST) \/v1\/products \S+ .*\btype=(?:good|service)\b/,
    reason: "the public OpenAPI hides a product's type, which stripe-node has",
  },
  {
    judge: "stripe-mock",
    about: /^POST \/v1\/(?:products|prices)\b.*\btax_details\b/,
    reason: "tax_details came with endive, after its version of the API",
  },
  {
    judge: "stripe-mock",
    about: /^POST \/v1\/(?:prices|payment_links)\b.*\brecurring\]?\[trial_period_days\]/,
    reason: "the public OpenAPI hides recurring.trial_period_days, which stripe-node has",
  },
  {
    judge: "stripe-mock",
    about: /^GET \/v1\/identity\/.*expand\[\d*\]=\S*\b(?:number|id_number|dob|expiration_date)\b/,
    reason: "it breaks on an expansion that leads to no object",
  },
  {
    judge: "stripe-mock",
    about: /\[7\]=\S*\[2\]=/,
    reason: "it wants every index of a list; that Stripe takes a list with gaps is unconfirmed",
  },
];

const nullable = (schema: Schema): Schema => ({ ...schema, nullable: true });

/** Fields that Stripe answers with and its public OpenAPI, or its version of the API, lacks; the second pass lets them pass. */
export const unlisted: Readonly<Record<string, Readonly<Record<string, Schema>>>> = {
  product: {
    // Of older versions of the API, which the public OpenAPI hides. [stripe-node 23.1.0; the OpenAPI in Stripe's CLI 1.50.4]
    type: { type: "string", enum: ["good", "service"] },
    // Came with endive, after this OpenAPI. [stripe-node 23.1.0]
    tax_details: nullable({
      type: "object",
      properties: { performance_location: nullable({ type: "string" }), tax_code: nullable({ type: "string" }) },
    }),
  },
  recurring: {
    // As a product's type. [stripe-node 23.1.0; the OpenAPI in Stripe's CLI 1.50.4]
    trial_period_days: nullable({ type: "integer" }),
  },
};
