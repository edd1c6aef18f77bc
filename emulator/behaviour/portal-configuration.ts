import { Refusal } from "../errors";
import { differingFields } from "../events";
import { type Call, defineKind } from "../kind";
import { mergeMetadata, type Metadata } from "../metadata";
import { type ParamsOf } from "../params";
import { randomText, type StripeObject } from "../store";
import { changedFeatures, type Features, mergeFeatures, newFeatures, noFeatures } from "./portal-features";

interface PortalConfiguration extends StripeObject {
  readonly object: typeof name;
  readonly active: boolean;
  readonly business_profile: BusinessProfile;
  readonly created: number;
  readonly default_return_url: string | null;
  readonly features: Features;
  readonly is_default: boolean;
  readonly livemode: boolean;
  readonly login_page: { readonly enabled: boolean; readonly url: string | null };
  readonly metadata: Metadata;
  readonly name: string | null;
  readonly updated: number;
}

interface BusinessProfile {
  readonly headline: string | null;
  readonly privacy_policy_url: string | null;
  readonly terms_of_service_url: string | null;
}

const name = "billing_portal.configuration";

const text = { type: "string" } as const;
const clearable = { type: "string", unsettable: true } as const;
const headline = { type: "string", maxLength: 60, unsettable: true } as const;

const common = {
  default_return_url: clearable,
  login_page: { type: "object", params: { enabled: { type: "boolean", required: true } } },
  name: { type: "string", maxLength: 256, unsettable: true },
} as const;

const createParams = {
  ...common,
  business_profile: {
    type: "object",
    params: { headline, privacy_policy_url: text, terms_of_service_url: text },
  },
  features: { type: "object", params: newFeatures, required: true },
  metadata: { type: "map" },
} as const;

const updateParams = {
  ...common,
  active: { type: "boolean" },
  business_profile: {
    type: "object",
    params: { headline, privacy_policy_url: clearable, terms_of_service_url: clearable },
  },
  features: { type: "object", params: changedFeatures },
  metadata: { type: "map", unsettable: true },
} as const;

/**
 * What customers may do in the portal. It is never deleted. Parameters and fields: [openapi]. The account's own default
 * configuration, which the Dashboard makes, is not there; `edit` may make one the default.
 */
export const portalConfigurationKind = defineKind({
  name,
  noun: "configuration",
  path: "/v1/billing_portal/configurations",
  idParam: "configuration",
  permission: "billing_portal_configuration",
  // It may be missing [node]; a read of a live account doesn't show it [3rd], and `expand` does:
  // https://github.com/lukasaron/terraform-provider-stripe/pull/51
  hidden: ["features.subscription_update.products"],
  create: { params: createParams, build: createConfiguration, event: "billing_portal.configuration.created" },
  retrieve: true,
  list: {
    params: { active: { type: "boolean" }, is_default: { type: "boolean" } },
    keep: (configuration: PortalConfiguration, { active, is_default: isDefault }) =>
      (active === undefined || configuration.active === active) &&
      (isDefault === undefined || configuration.is_default === isDefault),
  },
  update: { params: updateParams, apply: changeConfiguration, event: "billing_portal.configuration.updated" },
});

function createConfiguration(call: Call, params: ParamsOf<typeof createParams>): PortalConfiguration {
  const empty: PortalConfiguration = {
    id: `bpc_1${randomText(23)}`,
    object: name,
    active: true,
    application: null,
    business_profile: { headline: null, privacy_policy_url: null, terms_of_service_url: null },
    created: call.now,
    default_return_url: null,
    features: noFeatures,
    is_default: false,
    livemode: call.livemode,
    login_page: { enabled: false, url: null },
    metadata: mergeMetadata({}, params.metadata),
    name: null,
    updated: call.now,
  };
  return applyParams(call, empty, params);
}

/** That the default one can't be switched off is unconfirmed, and so is that `updated` moves with a change only. */
function changeConfiguration(
  call: Call,
  record: PortalConfiguration,
  params: ParamsOf<typeof updateParams>,
): PortalConfiguration {
  if (params.active === false && record.is_default) {
    throw new Refusal("You can't deactivate the default configuration.", { param: "active" });
  }
  const next = {
    ...applyParams(call, record, params),
    ...(params.active !== undefined && { active: params.active }),
  };
  const before = call.account.collection<PortalConfiguration>(name).get(record.id);
  const same = before !== undefined && differingFields(before, next).length === 0;
  return same ? before : { ...next, updated: call.now };
}

function applyParams(
  call: Call,
  record: PortalConfiguration,
  params: ParamsOf<typeof createParams> | ParamsOf<typeof updateParams>,
): PortalConfiguration {
  const { business_profile: profile, default_return_url: returnUrl, features, login_page: login } = params;
  checkUrl(profile?.privacy_policy_url, "business_profile[privacy_policy_url]");
  checkUrl(profile?.terms_of_service_url, "business_profile[terms_of_service_url]");
  checkUrl(returnUrl, "default_return_url");
  return {
    ...record,
    ...(profile !== undefined && { business_profile: { ...record.business_profile, ...profile } }),
    ...(returnUrl !== undefined && { default_return_url: returnUrl }),
    ...(features !== undefined && { features: mergeFeatures(call, record.features, features) }),
    ...(login !== undefined && { login_page: turnLogin(call, record.login_page, login.enabled) }),
    ...(params.name !== undefined && { name: params.name }),
  };
}

/** Switching it off ends the address [node]; switching it on again makes another (unconfirmed). */
function turnLogin(
  call: Call,
  before: PortalConfiguration["login_page"],
  enabled: boolean,
): PortalConfiguration["login_page"] {
  if (!enabled) return { enabled, url: null };
  const mode = call.livemode ? "" : "test_";
  return { enabled, url: before.url ?? `https://billing.stripe.com/p/login/${mode}${randomText(18)}` };
}

function checkUrl(url: string | null | undefined, param: string): void {
  if (url === undefined || url === null || URL.canParse(url)) return;
  throw new Refusal("Not a valid URL", { code: "url_invalid", param });
}
