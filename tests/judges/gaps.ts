/** What a judge can't judge. */
export interface Gap {
  readonly judge: "Stripe's OpenAPI" | "stripe-mock";
  /** Operations, such as `GET /v1/prices/{price}`, or events, such as `event price.updated`. */
  readonly about: RegExp;
  readonly reason: string;
}

/** Everything that a judge leaves out; the closing line counts what each row let pass. */
export const gaps: readonly Gap[] = [
  {
    judge: "Stripe's OpenAPI",
    about: /^(?:GET|POST) \/v1\/crypto\/onramp|^event crypto\.onramp/,
    reason: "no OpenAPI that Stripe publishes has the onramp",
  },
  {
    judge: "stripe-mock",
    about: /^(?:GET|POST) \/v1\/crypto\/onramp/,
    reason: "it knows what Stripe's OpenAPI has, which lacks the onramp",
  },
];
