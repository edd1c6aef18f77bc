export * from "./webhook-endpoint";
export * as climate from "./climate";
