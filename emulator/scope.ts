import { MissingHere } from "./missing";

/**
 * The account a control route is asked about.
 * @param own the account whose holder asks, where it is not the emulator's own: such a holder sees no other
 * @throws MissingHere where it names another account
 */
export function accountOf(values: object, own: string | undefined): { account?: string } {
  const { account = own } = values as { account?: string };
  if (own !== undefined && account !== own) throw new MissingHere(`The key has no account '${account}'`);
  return account === undefined ? {} : { account };
}
