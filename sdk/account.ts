import type { z } from "zod";
import type { account } from "../provider/resources/account";
import { outputOf, singleton } from "./function";

/** The account a key acts on. */
export type Account = z.output<z.ZodObject<(typeof account)["shape"]>>;

/** The account the key acts on; another connected one with `{ stripeAccount }` as the second argument. */
export const getAccount = singleton<Account>("stripe:index/getAccount", "Account");
/** {@link getAccount} as an Output. */
export const getAccountOutput = outputOf(getAccount);
