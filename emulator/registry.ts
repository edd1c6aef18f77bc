import { accountKind } from "./behaviour/account";
import { balanceKind } from "./behaviour/balance";
import { webhookEndpointKind } from "./behaviour/webhook-endpoint";
import { type Kind } from "./kind";

/** Every kind the emulator imitates. */
export const kinds: readonly Kind[] = [accountKind, balanceKind, webhookEndpointKind];
