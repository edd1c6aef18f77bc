/** The compiled handlers that the Pulumi engine's dynamic host loads. Programs import `stripe-as-code` instead. */
export { handler } from "./runtime";
