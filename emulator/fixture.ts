/** Parameters by their form names, such as `line_items[0][price]`. */
export type FixtureParams = Readonly<Record<string, string>>;

/** A request. A POST to a path without references makes an object, which is marked. */
export interface RequestStep {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly params?: FixtureParams;
  /** What later steps call its answer. */
  readonly as?: string;
}

/** A step in an object's life that no request asks for; Stripe, time or a person takes it. */
export interface LifeStep {
  readonly kind: string;
  readonly id: string;
  readonly to: string;
  readonly details?: FixtureParams;
  /** How Stripe comes to take it without anybody; where it isn't said, only the emulator can be told to. */
  readonly byItself?: string;
}

/**
 * What brings an event about. Texts may refer to what came before: `{product.id}` is a field of the answer that was named
 * `product`, `{products.data.0.id}` one further down.
 */
export interface Trigger {
  readonly event: string;
  readonly steps: readonly (RequestStep | LifeStep)[];
}

/** An object that a trigger made. */
export interface MadeObject {
  readonly object: string;
  readonly id: string;
}

/** Who does what the steps say. Both answer with the object, and throw where it is refused. */
export interface Stage {
  request(method: string, path: string, form: string): Promise<Readonly<Record<string, unknown>>>;
  advance(kind: string, id: string, to: string, details: FixtureParams): Promise<unknown>;
}

/** What tells objects of a trigger from others, in their metadata. */
export const triggerMark = { key: "created_by", value: "stripe-as-code trigger" } as const;

export function isLifeStep(step: RequestStep | LifeStep): step is LifeStep {
  return "to" in step;
}

/**
 * Takes the steps one after the other.
 * @param made is filled as objects come to be, so that they are known even where a later step is refused
 */
export async function playTrigger(trigger: Trigger, stage: Stage, made: MadeObject[] = []): Promise<MadeObject[]> {
  const answers: Record<string, unknown> = {};
  for (const step of trigger.steps) {
    if (isLifeStep(step)) {
      await stage.advance(step.kind, fill(step.id, answers), step.to, fillAll(step.details, answers));
      continue;
    }
    const creates = step.method === "POST" && !step.path.includes("{");
    const params = {
      ...fillAll(step.params, answers),
      ...(creates && { [`metadata[${triggerMark.key}]`]: triggerMark.value }),
    };
    const form = new URLSearchParams(params).toString();
    const answer = await stage.request(step.method, fill(step.path, answers), form);
    if (creates) made.push({ object: String(answer["object"]), id: String(answer["id"]) });
    if (step.as !== undefined) answers[step.as] = answer;
  }
  return made;
}

function fillAll(texts: FixtureParams = {}, answers: object): FixtureParams {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(text, answers)]));
}

function fill(text: string, answers: object): string {
  return text.replace(/\{([^}]+)\}/g, (reference, path: string) => {
    const value = path
      .split(".")
      .reduce<unknown>((at, field) => (at as Readonly<Record<string, unknown>> | undefined)?.[field], answers);
    if (typeof value !== "string") throw new Error(`trigger: there is no ${reference} in what was answered`);
    return value;
  });
}
