export * from "./account";
export * from "./catalogue";
export * from "./provider";
export * from "./webhook-endpoint";
export * as billingPortal from "./billing-portal";
export * as climate from "./climate";
export * as crypto from "./crypto";
export * as forwarding from "./forwarding";
export * as identity from "./identity";
