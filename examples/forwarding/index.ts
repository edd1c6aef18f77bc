import * as pulumi from "@pulumi/pulumi";
import * as stripe from "stripe-as-code";

const config = new pulumi.Config();

// Sent once. Stripe puts the card's data into the placeholders; the destination's own key goes into a header.
const charge = new stripe.forwarding.Request("charge", {
  url: "https://api.checkout.com/payments",
  paymentMethod: config.get("paymentMethod") ?? "pm_1PqYhA2eZvKYlo2C",
  replacements: ["card_number", "card_expiry"],
  request: {
    body: JSON.stringify({ amount: 1000, currency: "USD", number: "", expiry_month: "", expiry_year: "" }),
    headers: [{ name: "Authorization", value: config.getSecret("destinationKey") ?? "sk_of_the_destination" }],
  },
});

export const sentAt = charge.created;
export const answer = charge.responseDetails;
