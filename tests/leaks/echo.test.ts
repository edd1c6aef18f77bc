import { startEmulator, type Emulator } from "../../emulator";
import { declarationOf, type KindName } from "../../provider/registry";
import { type Declaration } from "../../provider/declare";
import { type Clock } from "../../provider/limiter";
import { Stack } from "../contract/engine-model";
import { discreetKinds, ipAddress, markedInputs, personalInputs, phone } from "./marked";
import { mark, Secrets } from "./secrets";

type Values = Record<string, unknown>;

const clock: Clock = { now: () => Date.now(), sleep: async () => undefined };
const apiKey = `sk_test_${mark}key`;

// Each case plays an operation dozens of times.
jest.setTimeout(60_000);

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ apiKey });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Words of what was planted: Stripe may quote a part of a text. */
function wordsIn(text: string): string[] {
  return text.split(/[^\w@.+-]+/).filter((word) => word.includes(mark));
}

function discreetFields(kind: KindName): string[] {
  const { inputFields, outputFields } = declarationOf(kind);
  return [...inputFields, ...outputFields].filter(({ secret, personal }) => secret || personal).map(({ name }) => name);
}

/** What Stripe, or a proxy in its place, may quote: everything secret, in the spellings it may have on the way. */
function quoted(kind: KindName, known: Values): string {
  const { secrets } = declarationOf(kind);
  const whole = discreetFields(kind).flatMap((name) => textsIn(known[name]));
  const words = secrets.flatMap((name) => textsIn(known[name])).flatMap(wordsIn);
  const texts = [apiKey, ...whole, ...words];
  const spellings = texts.flatMap((text) => [
    text,
    text.toLowerCase(),
    JSON.stringify(text),
    encodeURIComponent(text),
    new URLSearchParams({ text }).toString(),
    Buffer.from(text).toString("base64"),
  ]);
  return [...new Set(spellings)].join(" ");
}

/** Answers that quote it, wherever a message could be taken from. */
type Answer = (echo: string) => { with: number; body: unknown; headers?: Record<string, string> };
const answers: Record<string, Answer> = {
  "in every field": (echo) => ({
    with: 400,
    body: { error: { type: echo, code: echo, param: echo, message: echo, doc_url: echo, decline_code: echo } },
    headers: { "request-id": `req_${echo}` },
  }),
  "in what is no text": (echo) => ({
    with: 400,
    body: { error: { message: { text: echo }, param: [echo], code: { echo }, type: [[echo]], doc_url: { echo } } },
  }),
  "in place of an error": (echo) => ({ with: 400, body: { error: echo, message: echo } }),
  "as what is not permitted": (echo) => ({ with: 403, body: { error: { message: echo } } }),
  "as what is missing": (echo) => ({
    with: 404,
    body: { error: { code: "resource_missing", message: echo, param: echo } },
  }),
  "in a failure of its own": (echo) => ({ with: 500, body: { error: { type: "api_error", message: echo } } }),
  "in HTML": (echo) => ({ with: 502, body: `<html>${echo}</html>`, headers: { "content-type": `text/html; ${echo}` } }),
};

interface Scene {
  kind: KindName;
  stack: Stack;
  inputs: Values;
}
/** What a resource goes through, after what has to be there before. */
interface Operation {
  before?: (scene: Scene) => Promise<unknown>;
  run: (scene: Scene) => Promise<unknown>;
}
const operations: Record<string, Operation> = {
  create: { run: ({ stack, inputs }) => stack.up(inputs) },
  replace: {
    before: ({ stack, inputs }) => stack.up(inputs),
    run: ({ stack, inputs }) => stack.up({ ...inputs, triggers: ["another"] }),
  },
  update: {
    before: ({ stack, inputs }) => stack.up(inputs),
    run: ({ stack, inputs }) => stack.up({ ...inputs, metadata: { changed: "0" } }),
  },
  refresh: { before: ({ stack, inputs }) => stack.up(inputs), run: ({ stack }) => stack.refresh() },
  destroy: { before: ({ stack, inputs }) => stack.up(inputs), run: ({ stack }) => stack.destroy() },
  adopt: {
    before: async ({ stack, inputs }) => {
      await stack.up(inputs);
      stack.state = undefined;
    },
    run: ({ kind, stack, inputs }) =>
      stack.up({ ...inputs, adopt: String(emulator.objects(declarationOf(kind).object)[0]?.id) }),
  },
  "adopt what differs": {
    before: async ({ kind, stack }) => {
      await stack.up(declarationOf(kind).samples.full);
      stack.state = undefined;
    },
    run: ({ kind, stack, inputs }) =>
      stack.up({
        ...inputs,
        adopt: String(emulator.objects(declarationOf(kind).object)[0]?.id),
        adoptFrom: "contract/test",
      }),
  },
};

// What can't be updated is replaced instead, and what is only forgotten asks nothing.
const isIdle = ({ createOnce, ends }: Declaration, operation: string) =>
  (operation === "update" && createOnce) || (operation === "destroy" && ends.by === "forget");
const cases = discreetKinds.flatMap((kind) =>
  Object.keys(operations)
    .filter((operation) => !isIdle(declarationOf(kind), operation))
    .map((operation) => [kind, operation] as const),
);

test.each(cases)("%s, %s: what Stripe quotes of secrets, and wherever, is not said", async (kind, operation) => {
  const calls = await play(kind, operation);
  expect(calls).toBeGreaterThan(0);
  // Each request of the operation in turn is the first that is answered so.
  for (const answer of Object.keys(answers)) {
    for (let skip = 0; skip < calls; skip++) expect(await play(kind, operation, { answer, skip })).toBeGreaterThan(0);
    // What is looked up in between succeeds, and what became of the write stays in doubt.
    await play(kind, operation, { answer, skip: 0, method: "POST" });
  }
});

/**
 * Plays an operation, and looks through all that comes of it.
 * @returns how many requests of the operation were met by the fault; without one, how many there are
 */
async function play(
  kind: KindName,
  operation: string,
  fault?: { answer: string; skip: number; method?: string },
): Promise<number> {
  emulator.reset();
  const declaration = declarationOf(kind);
  const stack = new Stack(declaration, emulator, { clock });
  const scene = { kind, stack, inputs: { ...markedInputs(kind), ...personalInputs(kind) } };
  const { before, run } = operations[operation] as Operation;
  await before?.(scene);
  // A create is told nothing of the object that it replaces.
  const known = { ...(operation !== "replace" && stack.state?.outputs), ...scene.inputs };
  const secrets = new Secrets();
  secrets.add("the key", apiKey);
  secrets.add("the phone number", phone);
  secrets.add("the address in the internet", ipAddress);
  for (const name of declaration.secrets) if (typeof known[name] === "string") secrets.add(name, known[name]);
  const earlier = emulator.requests().length;
  if (fault !== undefined) {
    const { answer, ...met } = fault;
    emulator.fail({ ...met, times: Infinity, ...(answers[answer] as Answer)(quoted(kind, known)) });
  }
  const error = await run(scene).then(
    () => undefined,
    (thrown: unknown) => thrown as Error & { reasons?: string[] },
  );
  const open = Object.entries({ ...stack.state?.inputs, ...stack.state?.outputs }).filter(
    ([name]) => !discreetFields(kind).includes(name),
  );
  const said = [
    error?.message,
    String(error),
    error?.stack?.replace(/^ +at .*$/gm, ""),
    error?.reasons,
    stack.messages,
    open,
  ];
  expect(secrets.readableIn(JSON.stringify(said))).toEqual([]);
  const requests = emulator.requests().slice(earlier);
  return fault === undefined ? requests.length : requests.filter(({ fault }) => fault !== undefined).length;
}
