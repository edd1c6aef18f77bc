import { startEmulator, type Emulator } from "../../emulator";
import { type StripeObject } from "../../provider/declare";
import { compare } from "../../provider/plan";
import { declarationOf, kindNames } from "../../provider/registry";
import { Stack } from "./engine-model";
import { post } from "./post";

type Values = Record<string, unknown>;

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ balance: { usd: 100_000_000, eur: 100_000_000 } });
});
afterAll(() => emulator.close());

/** Objects of a kind that have not ended. */
function alive(object: string, isEnded: (item: StripeObject, inputs: Values) => boolean = () => false, inputs = {}) {
  return emulator.objects(object).filter((item) => !isEnded(item as StripeObject, inputs));
}

async function writes(work: () => Promise<unknown>): Promise<string[]> {
  const before = emulator.requests().length;
  await work();
  return emulator
    .requests()
    .slice(before)
    .filter(({ method }) => method !== "GET")
    .map(({ method, path }) => `${method} ${path}`);
}

describe.each(kindNames)("%s", (name) => {
  const declaration = declarationOf(name);
  const { samples, missing, object, createOnce, ends } = declaration;
  /** What Stripe doesn't delete stands, once it has ended, otherwise than when it is brought back. */
  const revived = Object.entries(declaration.revive ?? {});
  const isEnded = (item: StripeObject, inputs: Values) =>
    declaration.isEnded?.(item, inputs) === true ||
    revived.some(([param, value]) => item[param] !== value && (inputs[param] ?? value) === value);
  /** What a kind that can't be ended at Stripe leaves there. */
  const left = ends.by === "forget" ? 1 : 0;
  const minimal = samples.minimal;
  const full = samples.full;
  const updated = { ...full, ...(samples.update as Values) };
  const shapes = { minimal, full, updated };
  beforeEach(reset);

  /** An empty account, but for what the samples name. */
  async function reset(): Promise<void> {
    emulator.reset();
    for (const { path, params } of samples.needs ?? []) await post(emulator, path, params);
  }

  describe.each(Object.entries(shapes))("sample %s", (_sample, args) => {
    test("is created as declared, reads equal, and a second plan is empty", async () => {
      const stack = new Stack(declaration, emulator);
      expect(await stack.up(args)).toBe("create");
      expect(stack.state?.outputs).toMatchObject(JSON.parse(JSON.stringify(args)) as Values);
      expect(alive(object, isEnded, args)).toHaveLength(1);
      const created = stack.state;
      expect(await writes(() => stack.up(args))).toEqual([]);
      expect(await stack.refresh()).toBe(true);
      expect(stack.state).toEqual(created);
      expect(await stack.up(args)).toBe("same");
    });

    test("ends, and ending it twice is no error", async () => {
      const stack = new Stack(declaration, emulator);
      await stack.up(args);
      const { state } = stack;
      expect(await stack.destroy()).toBe("delete");
      expect(alive(object, isEnded)).toHaveLength(left);
      stack.state = state;
      expect(await stack.destroy()).toBe("delete");
    });
  });

  // A kind that costs money replaces nothing: its own tests say what is refused.
  for (const change of samples.replace as Values[]) {
    test(`${JSON.stringify(change)} replaces`, async () => {
      const stack = new Stack(declaration, emulator);
      await stack.up(minimal);
      const id = stack.state?.id;
      expect(await stack.preview({ ...minimal, ...change })).toBe("replace");
      expect(await stack.up({ ...minimal, ...change })).toBe("replace");
      expect(stack.state?.id).not.toBe(id);
      expect(alive(object, isEnded)[0]?.id).toBe(stack.state?.id);
      expect(alive(object, isEnded)).toHaveLength(1 + left);
      expect(await stack.preview({ ...minimal, ...change })).toBe("same");
    });
  }

  test.each(samples.invalid)("$args is refused at $path", async ({ args, path }) => {
    const stack = new Stack(declaration, emulator);
    const before = emulator.requests().length;
    await expect(stack.up(args)).rejects.toThrow(new RegExp(`^${path.replace(/[.[\]]/g, "\\$&")}: `, "m"));
    expect(emulator.objects(object)).toEqual([]);
    expect(emulator.requests()).toHaveLength(before);
  });

  test("calls only what its declaration tells a restricted key to be allowed", async () => {
    const { path: own, beside = [] } = declaration.api;
    const before = emulator.requests().length;
    const stack = new Stack(declaration, emulator);
    await stack.up(minimal);
    await stack.refresh();
    for (const change of samples.replace as Values[]) await stack.up({ ...minimal, ...change }).catch(() => undefined);
    await stack.destroy();
    const allowed = [{ path: own, access: "write" }, { path: "/v1/account", access: "read" }, ...beside];
    const calls = emulator.requests().slice(before);
    expect(calls.length).toBeGreaterThan(1);
    for (const { method, path } of calls) {
      const covered = allowed.some(
        (one) => `${path}/`.startsWith(`${one.path}/`) && (method === "GET" || one.access === "write"),
      );
      expect([method, path, covered]).toEqual([method, path, true]);
    }
  });

  test("what was ended outside is dropped, unless Stripe never ends this kind", async () => {
    const stack = new Stack(declaration, emulator);
    await stack.up(minimal);
    const id = stack.state?.id;
    await reset();
    if (missing === "error") {
      await expect(stack.refresh()).rejects.toThrow(
        `${id} does not exist in account ${emulator.accountId} in test mode`,
      );
      if (left === 0) await expect(stack.destroy()).rejects.toThrow(`${id} does not exist`);
      expect(stack.state?.id).toBe(id);
    } else if (missing === "kept") {
      const recorded = stack.state;
      expect(await stack.refresh()).toBe(true);
      expect(stack.state).toEqual(recorded);
      expect(await stack.preview(minimal)).toBe("same");
    } else {
      expect(await stack.refresh()).toBe(false);
      expect(await stack.up(minimal)).toBe("create");
    }
  });

  test("a lost answer to the create is no second object", async () => {
    emulator.fail({ method: "POST", path: declaration.api.path, times: 1, with: "cut-after-commit" });
    const stack = new Stack(declaration, emulator);
    await stack.up(full);
    expect(emulator.objects(object)).toHaveLength(1);
    expect(stack.state?.id).toBe(emulator.objects(object)[0]?.id);
    for (const field of declaration.outputFields.filter((output) => output.onlyOnCreate)) {
      expect(stack.state?.outputs[field.name]).toEqual(expect.stringMatching(/./));
    }
    expect(await stack.preview(full)).toBe("same");
  });

  test("state lost after the create: the next run takes the object and makes no second", async () => {
    await new Stack(declaration, emulator).up(minimal);
    const stack = new Stack(declaration, emulator);
    await stack.up(minimal);
    expect(emulator.objects(object)).toHaveLength(1);
    for (const field of declaration.outputFields.filter((output) => output.onlyOnCreate)) {
      expect(stack.state?.outputs[field.name]).toEqual(expect.stringMatching(/./));
    }
    expect(await stack.preview(minimal)).toBe("same");
    expect(await stack.destroy()).toBe("delete");
    expect(alive(object, isEnded)).toHaveLength(left);
  });

  test("a forced replacement never ends the object it finds", async () => {
    const stack = new Stack(declaration, emulator);
    await stack.up(minimal);
    const id = stack.state?.id;
    const before = stack.state;
    expect(await stack.up(minimal, { replace: true })).toBe("replace");
    expect(alive(object, isEnded).map((item) => item.id)).toEqual([id]);
    // The run died between the two: another process is asked to delete by the old state.
    const after = stack.state;
    stack.state = before;
    await stack.destroy();
    expect(alive(object, isEnded).map((item) => item.id)).toEqual([id]);
    stack.state = after;
    await stack.destroy();
    expect(alive(object, isEnded)).toHaveLength(left);
  });

  if (ends.by === "action") {
    test("an end that Stripe says yes to and doesn't bring about keeps the resource", async () => {
      const stack = new Stack(declaration, emulator);
      await stack.up(minimal);
      const [body] = alive(object, isEnded);
      emulator.fail({
        method: "POST",
        with: 200,
        body,
        when: ({ path }) => path.startsWith(`${declaration.api.path}/${stack.state?.id}`),
      });
      await expect(stack.destroy()).rejects.toThrow(/could not be (archived|canceled|deactivated|ended) and stays/);
      expect(stack.state).toBeDefined();
      await stack.destroy();
      expect(alive(object, isEnded)).toEqual([]);
    });
  }

  // What ends by being forgotten is found again, and so is what is paid for.
  if (ends.by !== "forget" && !declaration.spends) {
    test("ended before it is made again in one run: what was just ended is not taken for the new one", async () => {
      const before = new Stack(declaration, emulator);
      await before.up(minimal);
      const run = {};
      const stack = new Stack(declaration, emulator, { run });
      stack.state = before.state;
      // A neighbour's look-up reads the list while the object is still alive.
      await new Stack(declaration, emulator, { run, name: "neighbour" }).up(minimal);
      const id = stack.state?.id;
      await stack.destroy();
      await stack.up(minimal);
      expect(stack.state?.id).not.toBe(id);
      expect(alive(object, isEnded).map((item) => item.id)).toContain(stack.state?.id);
    });
  }

  // What Stripe never updates can't be tested for it.
  if (createOnce) return;

  test("an update keeps the id, sends only what changed, and is then as declared", async () => {
    const stack = new Stack(declaration, emulator);
    await stack.up(full);
    const id = stack.state?.id;
    const toldOnce = declaration.outputFields.filter((field) => field.onlyOnCreate).map((field) => field.name);
    const secrets = Object.fromEntries(toldOnce.map((field) => [field, stack.state?.outputs[field]]));
    expect(await stack.preview(updated)).toBe("update");
    expect(await writes(() => stack.up(updated))).toEqual([`POST ${declaration.api.path}/${id}`]);
    expect(stack.state?.id).toBe(id);
    expect(stack.state?.outputs).toMatchObject({ ...secrets, ...(JSON.parse(JSON.stringify(updated)) as Values) });
    const after = stack.state;
    await stack.refresh();
    expect(stack.state).toEqual(after);
    expect(await stack.preview(updated)).toBe("same");
  });

  test("removing every optional field that can be cleared clears it", async () => {
    const canGo = (field: string) => {
      const { findings, replaces } = compare(declaration, full, { ...full, [field]: undefined });
      return findings.length === 0 && replaces.length === 0;
    };
    const fixed = declaration.inputFields.filter((field) => field.fixed).map((field) => field.name);
    const kept = Object.fromEntries(
      Object.entries(full).filter(([field]) => field in minimal || fixed.includes(field) || !canGo(field)),
    );
    const stack = new Stack(declaration, emulator);
    await stack.up(full);
    expect(await stack.up(kept)).toBe("update");
    const after = stack.state;
    await stack.refresh();
    expect(stack.state).toEqual(after);
    expect(await stack.preview(kept)).toBe("same");
    expect(alive(object)[0]?.metadata).toEqual({
      pulumi_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      pulumi_stack: "contract/test",
      pulumi_name: "subject",
    });
  });

  test("metadata of other programs is left alone", async () => {
    const stack = new Stack(declaration, emulator);
    await stack.up({ ...full, metadata: { mine: "1", other: "2" } });
    await post(emulator, `${declaration.api.path}/${stack.state?.id}`, { metadata: { theirs: "3" } });
    await stack.refresh();
    expect(await stack.preview({ ...full, metadata: { mine: "1", other: "2" } })).toBe("same");
    await stack.up({ ...full, metadata: { mine: "0" } });
    expect(alive(object)[0]?.metadata).toMatchObject({ mine: "0", theirs: "3" });
    expect(alive(object)[0]?.metadata).not.toHaveProperty("other");
  });
});
