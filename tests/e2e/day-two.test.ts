import Stripe from "stripe";
import { type DriftReport } from "../../cli/drift-report";
import { type Emulator } from "../../emulator";
import { ExportedProject } from "./exported-project";
import { eachInItsWorkspace } from "./workspace";

jest.setTimeout(240_000);

let emulator: Emulator;
let project: ExportedProject;
let stripe: Stripe;
eachInItsWorkspace((given, workspace) => {
  emulator = given;
  project = new ExportedProject(workspace);
  const { hostname: host, port } = new URL(given.url);
  stripe = new Stripe(given.apiKey, { host, port, protocol: "http", maxNetworkRetries: 0 });
});

test("an account that grew by hand comes under code, drifts, is told of, and is set right", async () => {
  // Made by hand, as Stripe's own client does.
  const hooks = [
    await stripe.webhookEndpoints.create({ url: "https://shop.example/paid", enabled_events: ["invoice.paid"] }),
    await stripe.webhookEndpoints.create({
      url: "https://shop.example/all",
      enabled_events: ["*"],
      description: "All",
    }),
  ];
  const [paid, all] = hooks.map(({ id }) => id) as [string, string];
  const gold = await stripe.products.create({ name: "Gold", metadata: { tier: "1" } });
  const silver = await stripe.products.create({ name: "Silver", id: "silver" });
  const monthly = await stripe.prices.create({
    ...{ product: gold.id, currency: "usd", unit_amount: 1500, lookup_key: "gold-monthly" },
    recurring: { interval: "month" },
  });

  expect((await project.export()).code).toBe(0);
  await project.install();
  const imported = await project.import();
  expect([imported.code, imported.err]).toEqual([0, ""]);
  await project.pulumi("preview", "--expect-no-changes", "--stack", "copy");
  expect((await project.drift()).code).toBe(0);

  // Somebody clicks in the Dashboard.
  await stripe.webhookEndpoints.update(paid, { enabled_events: ["*"] });
  await stripe.products.update(gold.id, { description: "Shiny", metadata: { tier: "9", of: "theirs" } });
  await stripe.webhookEndpoints.del(all);
  await stripe.prices.update(monthly.id, { active: false });
  await stripe.products.update(silver.id, { active: false });
  const added = await stripe.products.create({ name: "Bronze" });

  const found = await project.drift("--json");
  expect(found.code).toBe(2);
  const { resources, unmanaged } = JSON.parse(found.out) as DriftReport;
  const told = Object.fromEntries(resources.map(({ id, status, differences }) => [id, [status, ...differences]]));
  expect(told).toEqual({
    [paid]: ["changed", { field: "enabledEvents", code: ["invoice.paid"], live: ["*"] }],
    [all]: ["gone"],
    [gold.id]: ["changed", { field: "metadata.tier", code: "1", live: "9" }],
    [silver.id]: ["archived", { field: "active", code: true, live: false }],
    [monthly.id]: ["archived", { field: "active", code: true, live: false }],
  });
  expect(unmanaged.map(({ id }) => id)).toEqual([added.id]);

  const untouched = await stripe.products.retrieve(added.id);
  await project.pulumi("up", "--yes", "--skip-preview", "--refresh", "--stack", "copy");
  expect((await stripe.webhookEndpoints.retrieve(paid)).enabled_events).toEqual(["invoice.paid"]);
  const after = await stripe.products.retrieve(gold.id);
  // What the code doesn't declare is left as it is.
  expect([after.description, after.metadata]).toMatchObject(["Shiny", { tier: "1", of: "theirs" }]);
  expect((await stripe.prices.retrieve(monthly.id)).active).toBe(true);
  expect((await stripe.products.retrieve(silver.id)).active).toBe(true);
  expect(await stripe.products.retrieve(added.id)).toEqual(untouched);
  const { data } = await stripe.webhookEndpoints.list();
  expect(data.map(({ url }) => url).sort()).toEqual(["https://shop.example/all", "https://shop.example/paid"]);
  expect(emulator.objects("price")).toHaveLength(1);

  const clean = await project.drift("--json");
  expect([clean.code, (JSON.parse(clean.out) as DriftReport).summary.unchanged]).toEqual([0, 5]);
});
