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

/** The account such a route acts on: the emulator's own where none is named. */
export function actingOn(values: object, own: string | undefined, { accountId }: { accountId: string }): string {
  return accountOf(values, own).account ?? accountId;
}

/** Whether something is of an account; of any where none is named. */
export function isOf(account: string | undefined): (one: { readonly account?: string }) => boolean {
  return (one) => account === undefined || one.account === account;
}
