/** Ways to pay a link may offer. [openapi, node; an open list] */
export const linkPaymentMethods: readonly string[] = `
affirm afterpay_clearpay alipay alma au_becs_debit bacs_debit bancontact billie bizum blik boleto card
cashapp eps fpx giropay grabpay ideal klarna konbini link mb_way mobilepay multibanco oxxo p24 pay_by_bank
paynow paypal paypay payto pix promptpay satispay scalapay sepa_debit sequra sofort sunbit swish twint upi
us_bank_account wechat_pay zip
`
  .trim()
  .split(/\s+/);

/** Countries a link may ship to. [openapi] */
export const shippingCountries: readonly string[] = `
AC AD AE AF AG AI AL AM AO AQ AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY
BZ CA CD CF CG CH CI CK CL CM CN CO CR CV CW CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FO FR GA
GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IS IT JE JM JO JP
KE KG KH KI KM KN KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MK ML MM MN MO MQ MR MS MT
MU MV MW MX MY MZ NA NC NE NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PY QA RE RO RS RU
RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV
TW TZ UA UG US UY UZ VA VC VE VG VN VU WF WS XK YE YT ZA ZM ZW ZZ
`
  .trim()
  .split(/\s+/);

/** [node: descriptions of line_items, custom_fields, adjustable_quantity] */
export const linkLimits = { items: 20, customFields: 3, largestQuantity: 999_999, usualMaximum: 99 } as const;
