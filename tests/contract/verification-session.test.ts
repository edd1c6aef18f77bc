import { startEmulator, type Emulator } from "../../emulator";
import { type Clock } from "../../provider/limiter";
import { verificationSession } from "../../provider/resources/identity/verification-session";
import { Stack } from "./engine-model";

const clock: Clock = { now: () => time, sleep: async () => undefined };
const kind = "identity.verification_session";
const path = "/v1/identity/verification_sessions";
const args = {
  type: "document",
  providedDetails: { email: "PLANTED@example.com" },
  metadata: { note: "PLANTED note" },
};

let emulator: Emulator;
let time = Date.now();
beforeAll(async () => {
  emulator = await startEmulator({ now: () => time });
});
beforeEach(() => {
  time = Date.now();
  emulator.reset();
});
afterAll(() => emulator.close());

const newStack = (config?: Record<string, string>) =>
  new Stack(verificationSession as never, emulator, { clock, config });
const session = () => emulator.objects(kind)[0];
const advance = (to: string) => emulator.advance(kind, String(session()?.id), to);
const posts = () => emulator.requests().filter(({ method, path: at }) => method === "POST" && at.startsWith(path));

test("what becomes of a verification is no difference, and nothing is asked to be made again", async () => {
  const stack = newStack();
  await stack.up(args);
  for (const status of ["processing", "requires_input", "processing", "verified"]) {
    advance(status);
    await stack.refresh();
    expect(stack.state?.outputs.status).toBe(status);
    expect(await stack.up(args)).toBe("same");
  }
  expect(posts()).toHaveLength(1);
});

test("a refresh mints no new client secret: the one that the person has stays good", async () => {
  const stack = newStack();
  await stack.up(args);
  const { clientSecret, url } = stack.state?.outputs ?? {};
  expect(clientSecret).toMatch(/^vs_\w+_secret_/);
  await stack.refresh();
  expect(stack.state?.outputs).toMatchObject({ clientSecret, url });
  expect(emulator.requests().filter(({ method, path: at }) => method === "GET" && at.startsWith(`${path}/`))).toEqual(
    [],
  );
  advance("processing");
  await stack.refresh();
  expect(stack.state?.outputs).not.toHaveProperty("clientSecret");
});

test("a session read but not managed is retrieved, with a fresh secret", async () => {
  await newStack().up(args);
  const reader = newStack();
  reader.state = { id: String(session()?.id), inputs: {}, outputs: { __get: true, __provider: "p", __urn: "u" } };
  await reader.refresh();
  const first = reader.state.outputs.clientSecret;
  await reader.refresh();
  expect(reader.state.outputs.clientSecret).toMatch(/_secret_/);
  expect(reader.state.outputs.clientSecret).not.toBe(first);
});

describe("state", () => {
  test("canceled is asked for in place, said, and kept", async () => {
    const stack = newStack();
    await stack.up(args);
    const id = stack.state?.id;
    expect(await stack.preview({ ...args, state: "canceled" })).toBe("update");
    expect(await stack.up({ ...args, state: "canceled" })).toBe("update");
    expect(session()).toMatchObject({ id, status: "canceled" });
    expect(stack.messages.join()).toContain(`verification session ${id} is canceled, which can't be undone`);
    await stack.refresh();
    expect(await stack.up({ ...args, state: "canceled" })).toBe("same");
    for (const undone of [args, { ...args, state: "open" }]) {
      await expect(stack.preview(undone)).rejects.toThrow(
        "state: can't go back to open from canceled: nothing undoes it",
      );
    }
    expect(posts()).toHaveLength(2);
  });

  test("canceled and other changes: first the changes, then the cancellation", async () => {
    const stack = newStack();
    await stack.up(args);
    await stack.up({
      ...args,
      metadata: { note: "new" },
      options: { document: { requireIdNumber: true } },
      state: "canceled",
    });
    expect(session()).toMatchObject({ status: "canceled", metadata: { note: "new" } });
  });

  test("is refused where the session can't go there, both named: by what is recorded, and by what is", async () => {
    const stack = newStack();
    await stack.up(args);
    advance("processing");
    const text =
      /state: canceled is asked for, but the session is processing: Stripe cancels one only while it requires input/;
    await expect(stack.up({ ...args, state: "canceled" })).rejects.toThrow(text);
    // What failed is asked for again.
    await expect(stack.up({ ...args, state: "canceled" })).rejects.toThrow(text);
    await stack.refresh();
    // It may move on before the call: only what is final is refused in preview.
    expect(await stack.preview({ ...args, state: "canceled" })).toBe("update");
    await expect(stack.up({ ...args, state: "redacted" })).rejects.toThrow("redacted is asked for");
    expect(posts()).toHaveLength(1);
    advance("verified");
    await stack.refresh();
    await expect(stack.preview({ ...args, state: "canceled" })).rejects.toThrow("the session is verified");
    expect(await stack.up(args)).toBe("same");
  });

  test.each(["canceled", "redacted"])("%s makes nothing that isn't there", async (state) => {
    await expect(newStack().up({ ...args, state })).rejects.toThrow(
      `state: a new identity verification session is open: none is made in order to be ${state}`,
    );
    expect(session()).toBeUndefined();
  });

  test("canceled after the state was lost takes the session that was canceled", async () => {
    const stack = newStack();
    await stack.up(args);
    await stack.up({ ...args, state: "canceled" });
    const lost = newStack();
    await lost.up({ ...args, state: "canceled" });
    expect(lost.state?.id).toBe(stack.state?.id);
    const open = newStack();
    await open.up(args);
    expect(open.state?.id).not.toBe(stack.state?.id);
  });

  test("canceled outside is no difference", async () => {
    const stack = newStack();
    await stack.up(args);
    emulator.edit(kind, String(stack.state?.id), { status: "canceled" });
    await stack.refresh();
    expect(await stack.up(args)).toBe("same");
  });
});

describe("redaction", () => {
  test.each([
    ["requires_input", []],
    ["verified", ["processing", "verified"]],
  ])(
    "of a session that is %s: nothing is compared or updated from then on, and nothing personal is in state",
    async (_status, steps) => {
      const stack = newStack();
      await stack.up({ ...args, expandVerifiedOutputs: true });
      steps.forEach(advance);
      await stack.refresh();
      const redacted = { ...args, expandVerifiedOutputs: true, state: "redacted" };
      await stack.up(redacted);
      expect(session()?.redaction).toEqual({ status: "processing" });
      expect(stack.messages.join()).toMatch(/is being redacted, which takes up to four days and can't be undone/);
      for (const days of [5, 0]) {
        await stack.refresh();
        const { outputs, inputs } = stack.state ?? {};
        expect(outputs?.clientReferenceId).toBe(session()?.client_reference_id);
        expect(JSON.stringify([outputs, inputs])).not.toMatch(/PLANTED|Jenny|_secret_/);
        expect(outputs).toMatchObject({ providedDetails: { email: "[redacted]" }, metadata: { note: "[redacted]" } });
        expect(await stack.up(redacted)).toBe("same");
        // Nor does it come back from the program that still says it.
        expect(JSON.stringify(stack.state)).not.toMatch(/PLANTED/);
        time += days * 86_400_000;
      }
      expect(session()?.redaction).toEqual({ status: "redacted" });
      const before = posts().length;
      // Whatever the program says, personal or not: Stripe never takes it.
      expect(await stack.up({ ...redacted, metadata: { other: "1" }, options: { document: {} } })).toBe("same");
      expect(stack.messages.join()).toMatch(/is redacted and never changes again; not changed: options/);
      const moved = new Stack(verificationSession as never, emulator, { clock, name: "renamed" });
      moved.state = stack.state;
      expect(await moved.up(redacted)).toBe("same");
      expect(await stack.up({ ...redacted, onDelete: "retain" })).toBe("update");
      expect(posts()).toHaveLength(before);
      expect(await stack.destroy()).toBe("delete");
      expect(posts()).toHaveLength(before);
    },
  );

  test("new triggers begin another session", async () => {
    const stack = newStack();
    await stack.up(args);
    await stack.up({ ...args, state: "redacted" });
    await stack.refresh();
    expect(await stack.up({ ...args, triggers: ["again"] })).toBe("replace");
    expect(emulator.objects(kind)).toHaveLength(2);
    expect(session()?.provided_details).toEqual({ email: "PLANTED@example.com" });
  });

  test("outside is no difference", async () => {
    const stack = newStack();
    await stack.up(args);
    advance("processing");
    advance("verified");
    emulator.edit(kind, String(stack.state?.id), { redaction: { status: "redacted" }, metadata: {} });
    await stack.refresh();
    expect(await stack.up(args)).toBe("same");
  });
});

describe("what is personal", () => {
  const redacted = { ...args, state: "redacted" };

  test("is out of the recorded inputs as soon as redaction is asked for, and may go from the program in the same edit", async () => {
    const stack = newStack();
    await stack.up({ ...args, returnUrl: "https://example.com/PLANTED" });
    await stack.up({ ...redacted, returnUrl: "https://example.com/PLANTED" });
    expect(JSON.stringify(stack.state)).not.toMatch(/PLANTED/);
    const other = new Stack(verificationSession as never, emulator, { clock, name: "other" });
    await other.up(args);
    expect(await other.up({ type: "document", state: "redacted" })).toBe("update");
    expect(JSON.stringify(other.state)).not.toMatch(/PLANTED/);
  });

  test("is not taken for redacted because it says so", async () => {
    const stack = newStack();
    await stack.up({ ...args, metadata: { note: "[redacted]" } });
    expect(await stack.up({ ...args, metadata: { note: "open" } })).toBe("update");
    expect(session()?.metadata).toMatchObject({ note: "open" });
  });
});

test("a redaction that is on its way when the state is lost is found, and nothing is written to it", async () => {
  const first = newStack();
  await first.up(args);
  await first.up({ ...args, state: "redacted" });
  const before = posts().length;
  const lost = newStack();
  await lost.up({ ...args, state: "redacted" });
  expect(lost.state?.id).toBe(first.state?.id);
  // The stored answer to the create, and no claim.
  expect(
    posts()
      .slice(before)
      .map(({ path: at }) => at),
  ).toEqual([]);
});

test("someone else's session is never taken for this one: whom it relates to is compared whole", async () => {
  await newStack().up({ ...args, relatedCustomer: "cus_JENNY" });
  const stack = newStack();
  await stack.up(args);
  expect(emulator.objects(kind)).toHaveLength(2);
  expect(session()).toMatchObject({ id: stack.state?.id, related_customer: null });
});

test("where the person is sent to can't be read: the run says so of a session it takes", async () => {
  await newStack().up({ ...args, returnUrl: "https://example.com/a" });
  time += 25 * 3_600_000;
  const stack = newStack();
  await stack.up({ ...args, returnUrl: "https://example.com/b" });
  expect(stack.messages.join()).toMatch(/Stripe does not tell returnUrl of vs_\w+, which was made by an earlier run/);
});

describe("deleting", () => {
  test.each([
    ["processing", ["processing"]],
    ["verified", ["processing", "verified"]],
  ])("a session that is %s can't cancel: it says so and what remains", async (status, steps) => {
    const stack = newStack();
    await stack.up(args);
    steps.forEach(advance);
    await stack.destroy();
    expect(stack.messages.join()).toMatch(
      new RegExp(`is ${status} and can't be canceled: it stays at Stripe with what is known`),
    );
    expect(session()?.status).toBe(status);
  });

  test("redacts where it is asked to, a canceled one only if Stripe does", async () => {
    const stack = newStack();
    await stack.up({ ...args, onDelete: "redact" });
    advance("processing");
    await expect(stack.destroy()).rejects.toThrow(
      "is processing: Stripe redacts only one that requires input or is verified. Run again when it is done",
    );
    advance("verified");
    await stack.destroy();
    expect(session()?.redaction).toEqual({ status: "processing" });
    const other = new Stack(verificationSession as never, emulator, { clock, name: "other" });
    await other.up({ ...args, onDelete: "redact" });
    await other.up({ ...args, onDelete: "redact", state: "canceled" });
    await expect(other.destroy()).rejects.toThrow(
      /is canceled: Stripe redacts only one that .* Set onDelete: "retain"/,
    );
    expect(other.state).toBeDefined();
  });

  test("retains", async () => {
    const stack = newStack();
    await stack.up({ ...args, onDelete: "retain" });
    await stack.destroy();
    expect(session()?.status).toBe("requires_input");
    expect(stack.messages.join()).toMatch(/is requires_input and stays so with its data, as onDelete says/);
  });
});

test("what is verified is read only where it is asked for", async () => {
  const stack = newStack();
  await stack.up(args);
  advance("processing");
  advance("verified");
  await stack.refresh();
  expect(stack.state?.outputs).not.toHaveProperty("verifiedOutputs");
  const asked = { ...args, expandVerifiedOutputs: true };
  expect(await stack.up(asked)).toBe("update");
  expect(stack.state?.outputs.verifiedOutputs).toMatchObject({ firstName: expect.any(String) as string });
  await stack.refresh();
  expect(stack.state?.outputs.verifiedOutputs).toMatchObject({ firstName: expect.any(String) as string });
  expect(await stack.up(args)).toBe("update");
  expect(stack.state?.outputs).not.toHaveProperty("verifiedOutputs");
});

test("a change that Stripe takes only before it is verified is refused in preview afterwards", async () => {
  const stack = newStack();
  await stack.up(args);
  advance("processing");
  advance("verified");
  await stack.refresh();
  await expect(stack.preview({ ...args, type: "id_number" })).rejects.toThrow(
    /type: can't be changed any more: the session is verified\. Undo it, or change triggers/,
  );
  expect(await stack.up({ ...args, metadata: { note: "still" } })).toBe("update");
});

test("an option that is taken out of the program goes back to Stripe's default", async () => {
  const stack = newStack();
  await stack.up({ ...args, options: { document: { requireMatchingSelfie: true, allowedTypes: ["passport"] } } });
  await stack.up({ ...args, options: { document: { allowedTypes: ["passport"] } } });
  expect(session()?.options).toMatchObject({
    document: { require_matching_selfie: false, allowed_types: ["passport"] },
  });
  await stack.up(args);
  expect(session()?.options).toEqual({ document: {} });
  await expect(stack.up({ type: "document", metadata: args.metadata })).rejects.toThrow(
    "providedDetails: can't be removed at Stripe: give it a value",
  );
});

test("beyond the newest a session is found by one filtered call", async () => {
  const limited = { "stripe:lookupLimit": "1" };
  await newStack(limited).up(args);
  const id = session()?.id;
  const reference = session()?.client_reference_id;
  expect(reference).toMatch(/^[0-9a-f]{32}$/);
  for (const name of ["a", "b"]) await new Stack(verificationSession as never, emulator, { clock, name }).up(args);
  time += 25 * 3_600_000;
  const lost = newStack(limited);
  await lost.up(args);
  expect(lost.state?.id).toBe(id);
  expect(emulator.objects(kind)).toHaveLength(3);
  expect(lost.messages.join()).not.toMatch(/raise stripe:lookupLimit/);
});
