import { type DriftEntry, type DriftReport, type UnmanagedEntry } from "../../cli/drift-report";

/** A report on the account of a shop, of what is given and nothing else. */
export function reportOf(
  resources: Partial<DriftEntry>[],
  { unmanaged = [], ...rest }: Partial<DriftReport> = {},
): DriftReport {
  const summary = { unchanged: 0, changed: 0, gone: 0, archived: 0, "foreign-owned": 0, failed: 0 };
  const entries = resources.map((given): DriftEntry => {
    const { kind = "Product", name = "gold" } = given;
    const urn = `urn:pulumi:prod::shop::pulumi-nodejs:dynamic/stripe:${kind}::${name}`;
    return { urn, kind, name, id: "prod_Q1x0Gold", status: "unchanged", differences: [], ...given };
  });
  for (const { status } of entries) summary[status]++;
  return {
    ...{ project: "shop", stack: "prod", checkedAt: "2026-11-25T09:41:07.230Z" },
    ...{ accounts: [{ id: "acct_1Coffee", livemode: false }], notes: [], calls: 7, ...rest },
    ...{ summary: { ...summary, unmanaged: unmanaged.length }, resources: entries, unmanaged },
  };
}

const events = [
  ...["account.updated", "charge.captured", "charge.dispute.created", "charge.failed", "charge.refunded"],
  ...["charge.succeeded", "checkout.session.completed", "customer.created", "customer.subscription.created"],
  ...["customer.subscription.deleted", "invoice.finalized", "invoice.paid", "invoice.payment_failed"],
];

/** Something of every status, and of every way in which a value can differ. */
export function sampleReport(): DriftReport {
  const leftBehind: UnmanagedEntry = { kind: "Price", id: "price_1QLost", created: 1_795_000_000, leftBehind: true };
  return reportOf(
    [
      {
        ...{ kind: "WebhookEndpoint", name: "orders", id: "we_1QOrders", status: "changed" },
        differences: [
          {
            field: "url",
            code: "https://shop.example.com/stripe/orders",
            live: "https://shop.example.com/stripe/hooks",
          },
          { field: "enabledEvents", code: events, live: [...events.slice(0, -1), "invoice.voided", "payout.failed"] },
          { field: "description", code: "[hidden]", live: "[hidden]" },
          { field: "disabled", code: false, live: true },
        ],
      },
      {
        ...{ kind: "Product", name: "gold", status: "changed" },
        differences: [
          { field: "name", code: "Gold", live: "Silver" },
          { field: "metadata.tier", code: "1", live: undefined },
          { field: "metadata.campaign", code: undefined, live: "autumn-2026" },
          { field: "images", code: ["https://example.com/a.png"], live: [] },
          {
            field: "packageDimensions",
            code: null,
            live: { height: 12.5, length: 30, weight: 800, width: 21, note: "measured by hand in the warehouse" },
          },
        ],
      },
      { kind: "WebhookEndpoint", name: "refunds", id: "we_1QRefunds", status: "gone" },
      { kind: "Price", name: "gold-monthly", id: "price_1QMonthly", status: "archived" },
      { kind: "climate:Order", name: "removal", id: "climorder_1QRemoval", status: "archived", detail: "canceled" },
      { name: "bronze", id: "prod_Q1x0Bronze", status: "foreign-owned", detail: "shop/staging" },
      {
        ...{ kind: "Price", name: "eu-yearly", id: "price_1QEuYearly", status: "failed" },
        detail:
          "GET /v1/prices/price_1QEuYearly: 403 permission_error. The key may not read prices (req_9Kd0). Add that permission.",
      },
      ...["silver", "trial", "gift"].map((name) => ({ name, id: `prod_Q1x0${name}` })),
      { kind: "WebhookEndpoint", name: "invoices", id: "we_1QInvoices" },
      { kind: "climate:Order", name: "offset-2026", id: "climorder_1QOffset" },
    ],
    {
      unmanaged: [
        { kind: "Product", id: "prod_Q1x0ByHand", label: "Made by hand", created: 1_795_100_000, leftBehind: false },
        leftBehind,
      ],
      notes: ["unmanaged objects of kind climate order could not be looked for: 403, the key may not read them"],
    },
  );
}
