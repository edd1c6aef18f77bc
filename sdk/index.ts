export * from "./account";
export * from "./webhook-endpoint";
export * as climate from "./climate";
