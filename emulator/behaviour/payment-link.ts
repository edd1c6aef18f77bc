import { defineKind, type Call } from "../kind";
import { mergeMetadata } from "../metadata";
import { pageOf } from "../page";
import { type ParamsOf } from "../params";
import { randomText, type StripeObject } from "../store";
import {
  changedItemsParam,
  changeItems,
  isRecurring,
  linkItemKind,
  makeItems,
  newItemsParam,
  showItem,
} from "./payment-link-items";
import { linkChanges, linkName, linkParams, type PaymentLink } from "./payment-link-record";
import { applySettings, emptySettings } from "./payment-link-settings";

const path = "/v1/payment_links";
const sublist = "line_items";

const createParams = {
  ...linkParams,
  currency: { type: "string" },
  line_items: newItemsParam,
  managed_payments: { type: "unbuilt" },
} as const;

const updateParams = { ...linkChanges, active: { type: "boolean" }, line_items: changedItemsParam } as const;

/** A page anyone can buy at, by its public address. It is never deleted. Parameters and fields: [openapi]. */
export const paymentLinkKind = defineKind({
  name: linkName,
  noun: "payment link",
  path,
  idParam: "payment_link",
  permission: "payment_link",
  hidden: [sublist],
  optionalFields: ["name_collection", "optional_items"],
  create: { params: createParams, build: createLink, event: "payment_link.created" },
  retrieve: true,
  list: {
    params: { active: { type: "boolean" } },
    keep: (link: PaymentLink, { active }) => active === undefined || link.active === active,
  },
  update: {
    params: updateParams,
    apply(call, link: PaymentLink, params): PaymentLink {
      const items = changeItems(link.line_items, params.line_items);
      const next = applySettings(link, params, isRecurring(call, items));
      const path = link.url.slice(link.url.lastIndexOf("/") + 1);
      return {
        ...next,
        ...(params.active !== undefined && { active: params.active }),
        line_items: items,
        url: publicUrl(next.submit_type, path),
      };
    },
    event: "payment_link.updated",
  },
  sublists: { [sublist]: { items: linkItemKind, of: showItems } },
  /** Expanded, the lines are the first page of their list; that it holds ten is unconfirmed. */
  complete: (call, link: PaymentLink) => ({
    ...link,
    line_items: pageOf(
      showItems(call, link),
      {},
      { noun: linkItemKind.noun, url: `${path}/${link.id}/${sublist}` },
      (item) => item,
    ),
  }),
});

function createLink(call: Call, params: ParamsOf<typeof createParams>): PaymentLink {
  const { currency, items } = makeItems(call, params.line_items, params.currency);
  const key = `${call.livemode ? "" : "test_"}${randomText(14)}`;
  const fresh: PaymentLink = {
    id: `plink_1${randomText(23)}`,
    object: linkName,
    active: true,
    ...emptySettings,
    currency,
    line_items: items,
    livemode: call.livemode,
    metadata: mergeMetadata({}, params.metadata),
    url: "",
  };
  const link = applySettings(fresh, params, isRecurring(call, items));
  return { ...link, url: publicUrl(link.submit_type, key) };
}

/** The way of speaking decides the host. [node: submit_type] That of `subscribe` is unconfirmed. */
function publicUrl(submitType: string, key: string): string {
  const host = submitType === "book" || submitType === "donate" ? submitType : "buy";
  return `https://${host}.stripe.com/${key}`;
}

function showItems(call: Call, link: PaymentLink): readonly StripeObject[] {
  return link.line_items.map((item) => showItem(call, item, link.currency));
}
