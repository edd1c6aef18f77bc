import { type Call, defineKind, type SingletonObject } from "../kind";

/** What the account has available, by settlement currency. [openapi] */
export const balanceKind = defineKind({
  name: "balance",
  noun: "balance",
  path: "/v1/balance",
  idParam: "balance",
  permission: "balance",
  extras: [
    {
      method: "GET",
      path: "/v1/balance",
      params: {},
      handle: showBalance,
    },
  ],
});

export function showBalance({ account, livemode }: Call): SingletonObject {
  const amounts = [...account.balance];
  return {
    object: "balance",
    available: amounts.map(([currency, amount]) => ({ amount, currency, source_types: { card: amount } })),
    livemode,
    pending: amounts.map(([currency]) => ({ amount: 0, currency, source_types: { card: 0 } })),
  };
}
