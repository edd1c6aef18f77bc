import { startEmulator, type Emulator } from "../../emulator";
import { declarationOf } from "../../provider/registry";
import { Stack } from "./engine-model";
import { fakeClock } from "../unit/fake-clock";
import { post } from "./post";

// Reads of one run of the engine, gathered into pages of lists.

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const product = (name: string, run: object) => new Stack(declarationOf("Product"), emulator, { name, run });
/** Paths that were asked for since, less the question for the account. */
function asked(since: number): string[] {
  const calls = emulator.requests().slice(since);
  return calls.filter(({ path }) => path !== "/v1/account").map(({ method, path }) => `${method} ${path}`);
}

async function made(count: number): Promise<Stack[]> {
  const run = {};
  const stacks = Array.from({ length: count }, (_, index) => product(`product-${index}`, run));
  for (const [index, stack] of stacks.entries()) await stack.up({ name: `Product ${index}` });
  return stacks;
}

/** The same resources in another run. */
function again(stacks: Stack[]): Stack[] {
  const run = {};
  return stacks.map(({ state }, index) => Object.assign(product(`product-${index}`, run), { state }));
}

/** As the engine does: no more than eight of them at a time. */
async function refresh(stacks: Stack[]): Promise<void> {
  const left = [...stacks];
  const lane = async () => {
    for (let stack = left.shift(); stack !== undefined; stack = left.shift()) await stack.refresh();
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

test("a refresh of many asks for pages, not for each", async () => {
  const stacks = await made(230);
  const changed = stacks[7]?.state?.id ?? "";
  await post(emulator, `/v1/products/${changed}`, { name: "Edited" });
  const since = emulator.requests().length;
  const next = again(stacks);
  await refresh(next);
  expect(asked(since)).toEqual(Array<string>(3).fill("GET /v1/products"));
  expect(next[7]?.state?.outputs.name).toBe("Edited");
  expect(next[8]?.state?.outputs).toEqual(stacks[8]?.state?.outputs);
});

test("what is on no page is asked for before it is taken for gone", async () => {
  const [gone, there] = await made(2);
  if (gone === undefined || there === undefined) throw new Error("nothing was made");
  await fetch(`${emulator.url}/v1/products/${gone.state?.id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${emulator.apiKey}` },
  });
  const since = emulator.requests().length;
  const next = again([gone, there]);
  await refresh(next);
  expect(asked(since).sort()).toEqual(["GET /v1/products", `GET /v1/products/${gone.state?.id}`]);
  expect(next.map(({ state }) => state?.id)).toEqual([undefined, there.state?.id]);
});

test("few resources of a large account cost no more than a page and a read each", async () => {
  const [oldest] = await made(1);
  if (oldest === undefined) throw new Error("nothing was made");
  for (let count = 0; count < 250; count++) await post(emulator, "/v1/products", { name: `Other ${count}` });
  const since = emulator.requests().length;
  await refresh(again([oldest]));
  expect(asked(since)).toEqual(["GET /v1/products", `GET /v1/products/${oldest.state?.id}`]);
});

test("a list that can't be read doesn't keep its objects from being read", async () => {
  const stacks = await made(2);
  emulator.fail({ path: "/v1/products", times: Infinity, with: 403, body: { error: { message: "no list for you" } } });
  const next = again(stacks);
  await refresh(next);
  expect(next.map(({ state }) => state?.outputs)).toEqual(stacks.map(({ state }) => state?.outputs));
});

test("what this run has written since is read again", async () => {
  const [stack] = await made(1);
  if (stack === undefined) throw new Error("nothing was made");
  const [next] = again([stack]);
  await next?.refresh();
  await next?.up({ name: "Renamed" });
  await next?.refresh();
  expect(next?.state?.outputs.name).toBe("Renamed");
});

/** As the engine does: the newest first, no more than eight at a time. */
async function destroy(stacks: Stack[]): Promise<void> {
  const left = [...stacks].reverse();
  const lane = async () => {
    for (let stack = left.shift(); stack !== undefined; stack = left.shift()) await stack.destroy();
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

test("what many are ended by is read in pages, in whatever order they end", async () => {
  for (const order of [(stacks: Stack[]) => stacks, (stacks: Stack[]) => [...stacks].reverse()]) {
    const stacks = await made(230);
    const since = emulator.requests().length;
    await destroy(order(again(stacks)));
    const calls = asked(since);
    expect(calls.filter((call) => call === "GET /v1/products")).toHaveLength(3);
    // The oldest may be asked for before as many pages as it takes may be turned.
    expect(calls.filter((call) => call.startsWith("GET /v1/products/")).length).toBeLessThanOrEqual(2);
    expect(emulator.objects("product")).toEqual([]);
  }
});

test("what another stack took over is left alone, though it was read before", async () => {
  const [first, second] = await made(2);
  if (first === undefined || second === undefined) throw new Error("nothing was made");
  const { clock, advance } = fakeClock(Date.now());
  const run = {};
  const [one, other] = [first, second].map(({ state }, index) =>
    Object.assign(new Stack(declarationOf("Product"), emulator, { name: `product-${index}`, run, clock }), { state }),
  );
  await one?.destroy();
  await post(emulator, `/v1/products/${second.state?.id}`, { metadata: { pulumi_claim: "another" } });
  await advance(2_001);
  await other?.destroy();
  expect(emulator.objects("product").map(({ id }) => id)).toEqual([second.state?.id]);
  expect(one?.messages.join()).toContain("was taken over by a later state");
});
