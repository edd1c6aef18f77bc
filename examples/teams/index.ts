import * as stripe from "stripe-as-code";

const course = new stripe.Product("course", { name: "Evening course" });

const fee = new stripe.Price("course-fee", {
  product: course.id,
  currency: "usd",
  unitAmount: 4_500, // in cents
  lookupKey: "course-fee",
});

const bookings = new stripe.WebhookEndpoint("bookings", {
  url: "https://example.com/bookings",
  enabledEvents: ["checkout.session.completed"],
});

export const courseFee = fee.id;
export const signingSecret = bookings.secret;
