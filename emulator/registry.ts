import { accountKind } from "./behaviour/account";
import { balanceKind } from "./behaviour/balance";
import { climateOrderKind } from "./behaviour/climate-order";
import { climateProductKind } from "./behaviour/climate-product";
import { climateSupplierKind } from "./behaviour/climate-supplier";
import { eventKind } from "./behaviour/event";
import { eventDestinationKind } from "./behaviour/event-destination";
import { forwardingRequestKind } from "./behaviour/forwarding-request";
import { onrampQuotesKind } from "./behaviour/onramp-quotes";
import { onrampSessionKind } from "./behaviour/onramp-session";
import { paymentLinkKind } from "./behaviour/payment-link";
import { portalConfigurationKind } from "./behaviour/portal-configuration";
import { priceKind } from "./behaviour/price";
import { productKind } from "./behaviour/product";
import { thinEventKind } from "./behaviour/thin-event";
import { verificationReportKind } from "./behaviour/verification-report";
import { verificationSessionKind } from "./behaviour/verification-session";
import { webhookEndpointKind } from "./behaviour/webhook-endpoint";
import { type Kind } from "./kind";

/** Every kind the emulator imitates; a new one is its own file and one row here. */
export const kinds: readonly Kind[] = [
  accountKind,
  balanceKind,
  climateOrderKind,
  climateProductKind,
  climateSupplierKind,
  eventKind,
  eventDestinationKind,
  forwardingRequestKind,
  onrampQuotesKind,
  onrampSessionKind,
  paymentLinkKind,
  portalConfigurationKind,
  priceKind,
  productKind,
  thinEventKind,
  verificationReportKind,
  verificationSessionKind,
  webhookEndpointKind,
];
