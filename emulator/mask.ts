import { type KindTable } from "./expand";

/** Put where something secret stood. */
export const masked = "••••••";

/** Keys and secrets that tell themselves by their form, wherever they stand. */
const secretTexts = /\b(whsec_|[srp]k_(?:test|live)_|[a-z]+_[A-Za-z0-9]+_secret_)[A-Za-z0-9_]+/g;

export function maskText(text: string): string {
  return text.replace(secretTexts, `$1${masked}`);
}

/** Shows what Stripe's API says without what its kinds call secret. */
export class Mask {
  readonly #kinds: KindTable;

  constructor(kinds: KindTable) {
    this.#kinds = kinds;
  }

  /** @param secrets dotted names below `value`, for what doesn't say of itself which kind it is, such as parameters */
  show(value: unknown, secrets: readonly string[] = []): unknown {
    if (typeof value === "string") return maskText(value);
    if (Array.isArray(value)) return value.map((item) => this.show(item, secrets));
    if (typeof value !== "object" || value === null) return value;
    const { object: kind } = value as { object?: unknown };
    const own = typeof kind === "string" ? this.secretsOf(kind) : secrets;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => {
        if (own.includes(name) && inner !== null && inner !== undefined && inner !== "") return [name, masked];
        // In an event: what the object beside it looked like before.
        if (name === "previous_attributes") return [name, this.show(inner, this.#secretsOfObject(kind))];
        return [name, this.show(inner, below(own, name))];
      }),
    );
  }

  secretsOf(kind: string): readonly string[] {
    return this.#kinds.get(kind)?.secrets ?? [];
  }

  #secretsOfObject(object: unknown): readonly string[] {
    const kind = (object as { object?: unknown } | null | undefined)?.object;
    return typeof kind === "string" ? this.secretsOf(kind) : [];
  }
}

function below(paths: readonly string[], name: string): readonly string[] {
  return paths.filter((path) => path.startsWith(`${name}.`)).map((path) => path.slice(name.length + 1));
}
