import { startEmulator, type Emulator } from "../../emulator";
import { failureOf, until, Workspace } from "./workspace";

jest.setTimeout(240_000);

let emulator: Emulator;
const open: Workspace[] = [];
beforeAll(async () => {
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterEach(() => {
  for (const workspace of open.splice(0)) workspace.close();
});
afterAll(() => emulator.close());

async function newWorkspace(stackName: string): Promise<Workspace> {
  const workspace = await Workspace.open(emulator, { stackName });
  open.push(workspace);
  return workspace;
}

const products = (count: number) => `
  for (let number = 0; number < ${count}; number++) new stripe.Product("product-" + number, { name: "Product " + number });
  new stripe.climate.Order("removal", {
    product: "climsku_biochar_spot", metricTons: "0.05", currency: "usd", maxAmountTotal: 5000 });`;

test("two runs at once on one stack: the lock lets one through, and nothing is made twice", async () => {
  const workspace = await newWorkspace("one");
  workspace.program(products(5));
  // The first is still at work, by a slow answer, when the second comes.
  emulator.fail({ method: "POST", path: "/v1/climate/orders", with: "slow:8000" });
  const first = workspace.stack.up();
  await until(() => emulator.objects("climate.order").length === 1);
  expect(await failureOf(workspace.stack.up())).toMatch(/currently locked by 1 lock/);
  await first;
  expect(emulator.objects("product")).toHaveLength(5);
  expect(emulator.objects("climate.order")).toHaveLength(1);
  await workspace.stack.up({ expectNoChanges: true });
});

test("two stacks at once in one account: each makes its own, once, and takes nothing of the other's", async () => {
  const workspaces = [await newWorkspace("one"), await newWorkspace("two")];
  for (const workspace of workspaces) {
    workspace.setEnv({ STRIPE_MAX_REQUESTS_PER_SECOND: "5" });
    workspace.program(products(6));
  }
  await Promise.all(workspaces.map((workspace) => workspace.stack.up()));
  const owners = emulator.objects("product").map(({ metadata }) => (metadata as Record<string, string>).pulumi_stack);
  expect(owners.sort()).toEqual([...Array<string>(6).fill("e2e/one"), ...Array<string>(6).fill("e2e/two")]);
  expect(emulator.objects("climate.order")).toHaveLength(2);
  for (const workspace of workspaces) await workspace.stack.up({ expectNoChanges: true });
});
