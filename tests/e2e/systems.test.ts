import { type Emulator } from "../../emulator";
import { eachInItsWorkspace, stampedName, type Workspace } from "./workspace";

jest.setTimeout(300_000);

/** Planted in what is personal: once it is redacted, state has none of it, encrypted neither. */
const planted = "PLANTED";

let emulator: Emulator;
let workspace: Workspace;
eachInItsWorkspace((...given) => ([emulator, workspace] = given));

const only = (kind: string, holds: Record<string, unknown> = {}) => {
  const found = emulator
    .objects(kind)
    .filter((object) => Object.entries(holds).every(([field, value]) => object[field] === value));
  expect(found).toHaveLength(1);
  return found[0] ?? { id: "", object: "" };
};
const stampedAs = (kind: string, name: string) => emulator.objects(kind).find((object) => stampedName(object) === name);

const program = ({ state = "open", unitAmount = 1000 } = {}) => `
  new stripe.WebhookEndpoint("orders", { url: "https://example.com/stripe", enabledEvents: ["invoice.paid"] });
  const order = new stripe.climate.Order("removal", {
    product: "climsku_biochar_spot", metricTons: "0.05", currency: "usd", maxAmountTotal: 5000 });
  new stripe.forwarding.Request("charge", {
    url: "https://api.checkout.com/payments", paymentMethod: "pm_card", replacements: ["card_number"],
    request: { body: JSON.stringify({ number: "" }) } });
  new stripe.crypto.OnrampSession("buy", {
    destinationNetwork: "ethereum", walletAddresses: { ethereum: "0x0" } });

  const details = { email: "${planted}@example.com", phone: "+1 555 0100" };
  const kyc = new stripe.identity.VerificationSession("kyc", {
    type: "document", providedDetails: details, expandVerifiedOutputs: true, onDelete: "redact" });
  new stripe.identity.VerificationSession("kept", { type: "document", providedDetails: details });
  new stripe.identity.VerificationSession("erased", { type: "document", providedDetails: details, state: "${state}" });
  new stripe.identity.VerificationSession("waiting", { type: "id_number" });
  exports.reports = stripe.identity.getVerificationReportsOutput({ verificationSession: kyc.id });
  exports.report = kyc.lastVerificationReport.apply(async (id) =>
    id && { document: (await stripe.identity.getVerificationReport({ id })).document });

  const gold = new stripe.Product("gold", { name: "Gold plan", productId: "gold", images: ["https://example.com/0.png"] });
  const monthly = new stripe.Price("monthly", {
    product: gold.id, currency: "usd", unitAmount: ${unitAmount}, recurring: { interval: "month" }, lookupKey: "gold-monthly" });
  const free = new stripe.Price("free", { product: gold.id, currency: "usd", unitAmount: 0 });
  const steps = new stripe.Price("steps", {
    product: gold.id, currency: "usd", billingScheme: "tiered", tiersMode: "volume", recurring: { interval: "year" },
    tiers: [{ upTo: 10, unitAmount: 0 }, { upTo: "inf", unitAmountDecimal: "0.5" }],
    currencyOptions: { eur: { tiers: [{ upTo: "inf", unitAmount: 1 }] } } });
  const priced = pulumi.all([monthly.id, free.id, steps.id]).apply(() => "gold");
  exports.found = priced.apply((id) => stripe.getPrice({ lookupKey: id + "-monthly" })).apply((price) => price.unitAmount);
  exports.prices = stripe.getPricesOutput({ product: priced, active: true }).apply((all) => all.length);
  exports.products = stripe.getProductsOutput({ ids: [gold.id] }).apply((all) => all.map((product) => product.name));`;

test("one program with every system: up, nothing to do, lives advanced without a difference, down with all that can't be undone named", async () => {
  const { stack } = workspace;
  workspace.program(program());
  const { summary, outputs } = await stack.up({ diff: true });
  expect(summary.resourceChanges).toMatchObject({ create: 13 });
  expect(outputs).toMatchObject({ found: { value: 1000 }, prices: { value: 3 }, products: { value: ["Gold plan"] } });
  await stack.up({ expectNoChanges: true });
  await stack.refresh({ expectNoChanges: true });

  const kinds = "identity.verification_session";
  const idOf = (name: string) => String(stampedAs(kinds, name)?.id);
  const ids = { kyc: idOf("kyc"), kept: idOf("kept"), erased: idOf("erased"), waiting: idOf("waiting") };
  for (const id of [ids.kyc, ids.kept]) for (const to of ["processing", "verified"]) emulator.advance(kinds, id, to);
  emulator.advance("crypto.onramp_session", only("crypto.onramp_session").id, "requires_payment");
  emulator.edit("climate.order", only("climate.order").id, { product_substituted_at: 1, delayed_at: 2 });
  await stack.refresh();
  const again = await stack.up({ expectNoChanges: true });
  expect(again.outputs.reports).toMatchObject({ secret: true, value: [{ verificationSession: ids.kyc }] });
  expect(again.outputs.report).toMatchObject({ value: { document: { firstName: "Jenny" } } });

  const old = only("price", { lookup_key: "gold-monthly" }).id;
  workspace.program(program({ state: "redacted", unitAmount: 1200 }));
  const changed = await stack.up({ diff: true });
  expect(changed.summary.resourceChanges).toMatchObject({ replace: 1, update: 1 });
  // With --diff the engine writes messages to standard error.
  expect(changed.stderr).toMatch(new RegExp(`price ${old} is archived`));
  expect(changed.stderr).toMatch(new RegExp(`verification session ${ids.erased} is being redacted`));
  emulator.advance(kinds, ids.erased, "redacted");
  await stack.refresh();
  await stack.up({ expectNoChanges: true });
  const redacted = (await workspace.resources()).erased;
  expect(JSON.stringify([redacted?.inputs, redacted?.outputs])).not.toContain(planted);

  const { stdout } = await stack.destroy();
  for (const named of [
    /climate order climorder_\w+ is canceled: \d+\.\d\d usd comes back, \d+\.\d\d usd of fees does not/,
    /forwarded request was sent and can't be undone/,
    /onramp session can't be ended at Stripe: it stays requires_payment/,
    new RegExp(`verification session ${ids.kyc} is being redacted, which takes up to four days and can't be undone`),
    new RegExp(`verification session ${ids.kept} is verified and can't be canceled: it stays at Stripe`),
    new RegExp(`verification session ${ids.waiting} is canceled, which can't be undone`),
    /price price_\w+ is archived: Stripe deletes no price/,
    /product gold is not deleted by Stripe: it is archived/,
  ]) {
    expect(stdout).toMatch(named);
  }
  expect(emulator.objects("price").map(({ active }) => active)).toEqual([false, false, false, false]);
  expect(only("product")).toMatchObject({ active: false });
  expect(emulator.objects("webhook_endpoint")).toEqual([]);
  expect(emulator.forwarded()).toHaveLength(1);
  expect(Object.keys(await workspace.resources())).toEqual([]);
});
