import { missingObject } from "../errors";
import { type Call, defineKind } from "../kind";
import { type StripeObject } from "../store";

interface AccountObject extends StripeObject {
  readonly object: "account";
}

const name = "account";

/** The account a key belongs to. It has no `livemode`; all fields but `id` and `object` may be missing. [openapi] */
export const accountKind = defineKind({
  name,
  noun: "account",
  path: "/v1/accounts",
  idParam: "account",
  permission: "account",
  retrieve: true,
  extras: [
    {
      method: "GET",
      path: "/v1/account",
      params: {},
      handle(call) {
        const { id } = call.account;
        const own = call.account.collection(name).get(id);
        if (own === undefined) throw missingObject("account", id, "account", 404);
        return own;
      },
    },
  ],
  /** Any change of status or property is told of. [openapi: account.updated] */
  edit: (_call, _before, record) => ({ record, events: ["account.updated"] }),
  seed: (call: Call): readonly AccountObject[] => [
    {
      id: call.account.id,
      object: name,
      business_profile: { name: "Emulated account", support_email: null, url: null },
      business_type: "company",
      capabilities: { card_payments: "active", transfers: "active" },
      charges_enabled: true,
      country: call.settings.country,
      created: call.now,
      default_currency: call.settings.defaultCurrency,
      details_submitted: true,
      email: "owner@example.com",
      metadata: {},
      payouts_enabled: true,
      type: "standard",
    },
  ],
});
