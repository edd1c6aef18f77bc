import { declarationOf, kindNames, type KindName } from "../../provider/registry";
import { mark } from "./secrets";

type Values = Record<string, unknown>;

/** Digits, as these fields take no letters; no other text of a test holds them. */
export const phone = "+49 7351 735173";
export const ipAddress = "198.51.100.173";

/** Valid inputs of each kind that has secret ones, with a mark in every one of them. */
const planted: Partial<Record<KindName, Values>> = {
  WebhookEndpoint: { signingSecret: `whsec_${mark}` },
  "identity:VerificationSession": { providedDetails: { email: `jenny.${mark}+x@example.com`, phone } },
  "crypto:OnrampSession": {
    destinationNetworks: ["ethereum", "stellar"],
    destinationNetwork: "ethereum",
    walletAddresses: { ethereum: `0x${mark}`, stellar: `G${mark}`, destinationTags: { stellar: `tag ${mark}` } },
    kycDetails: { first_name: `Jenny "${mark}" Rosen`, last_name: `${mark} & ${mark}é` },
    customerIpAddress: ipAddress,
  },
  "forwarding:Request": {
    paymentMethod: `pm_${mark}`,
    request: {
      body: JSON.stringify({ note: `sold to ${mark}`, number: "" }),
      headers: [{ name: "Destination-API-Key", value: `Bearer ${mark}=` }],
    },
  },
};

/** The kinds that have something secret or personal. */
export const discreetKinds = kindNames.filter((kind) => {
  const { inputFields, outputFields } = declarationOf(kind);
  return [...inputFields, ...outputFields].some(({ secret, personal }) => secret || personal);
});

/** The sample with everything in it, all that is secret marked. */
export function markedInputs(kind: KindName): Values {
  return { ...declarationOf(kind).samples.full, ...planted[kind] };
}

/** Values of the inputs that are personal but no secrets, which the engine shows: our messages leave them out. */
export function personalInputs(kind: KindName): Values {
  const fields = declarationOf(kind).inputFields.filter(({ personal, secret }) => personal && !secret);
  return Object.fromEntries(
    fields.map(({ name, metadata }) => [name, metadata ? { note: `${mark} note` } : `https://example.com/${mark}`]),
  );
}
