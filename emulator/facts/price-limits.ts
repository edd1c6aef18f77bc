/** Decimals of `unit_amount_decimal` and its like. [openapi: "at most 12 decimal places"] */
export const amountDecimals = 12;

/** A period lasts three years at most: 3 years, 36 months, 156 weeks. [openapi] The days follow from it (unconfirmed). */
export const longestPeriods = { day: 1095, week: 156, month: 36, year: 3 } as const;

/** How the refusal of a longer period calls its prices. */
export const periodNames = { day: "daily", week: "weekly", month: "monthly", year: "yearly" } as const;

/** Images and marketing features a product may have. [openapi] */
export const productLimits = { images: 8, features: 15 } as const;
