import { z } from "zod";
import { type DataSource } from "../declare";

/** The account a key acts on. https://docs.stripe.com/api/accounts/object */
export const account = {
  path: "/v1/account",
  shape: {
    /** `acct_…`. */
    id: z.string(),
    /** What the business shows its customers. */
    businessProfile: z
      .object({
        /** Four-digit merchant category code. */
        mcc: z.string().optional(),
        name: z.string().optional(),
        supportEmail: z.string().optional(),
        supportPhone: z.string().optional(),
        supportUrl: z.string().optional(),
        url: z.string().optional(),
      })
      .optional(),
    /** `company`, `government_entity`, `individual` or `non_profit`. */
    businessType: z.string().optional(),
    /** Whether it can take payments. */
    chargesEnabled: z.boolean().optional(),
    /** Two-letter country code. */
    country: z.string().optional(),
    /** When it was created, in Unix seconds. */
    created: z.number().optional(),
    /** Lower-case ISO code of the currency used where none is named. */
    defaultCurrency: z.string().optional(),
    /** Whether everything Stripe asked for was handed in. */
    detailsSubmitted: z.boolean().optional(),
    email: z.string().optional(),
    /** Whether Stripe can pay out. */
    payoutsEnabled: z.boolean().optional(),
    /** `standard`, `express`, `custom` or `none`. */
    type: z.string().optional(),
  },
} satisfies DataSource;
