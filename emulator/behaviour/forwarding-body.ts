import { replacedFields, type Replacement } from "../facts/forwarding";

/** Put where something secret stood. The mark Stripe uses is unconfirmed. */
const redactedMark = "[REDACTED]";

const secretName =
  /authorization|cookie|password|secret|token|api[-_]?key|(?:^|[-_])key$|signature|credential|cryptogram/i;

interface Placeholder {
  readonly name: RegExp;
  readonly value: string;
}

/**
 * The body with card data where its placeholders are: fields of the usual names that are "" or 0 in JSON, empty in XML.
 * [docs: Forward card details] Undefined for a body that is neither.
 */
export function injectCard(body: string, wanted: readonly Replacement[]): string | undefined {
  const places = wanted.flatMap((replacement): readonly Placeholder[] => replacedFields[replacement]);
  const find = (name: string): string | undefined => places.find((place) => place.name.test(name))?.value;
  return rewrite(body, (name, value) => {
    const found = value === "" || value === 0 ? find(name) : undefined;
    if (found === undefined) return value;
    return value === 0 ? Number(found) : found;
  });
}

/** The body as it may be kept: card data and secrets gone, of a number its first six and last four digits left. */
export function redactBody(body: string): string {
  const fields = Object.values(replacedFields).flat();
  const redacted = rewrite(body, (name, value) => {
    if (typeof value !== "string" && typeof value !== "number") return value;
    if (value === "" || value === 0) return value;
    const masked = maskNumbers(String(value));
    if (masked !== String(value)) return masked;
    return secretName.test(name) || fields.some((field) => field.name.test(name)) ? redactedMark : value;
  });
  return maskNumbers(redacted ?? body);
}

/** Headers as they may be kept. */
export function redactHeaders<H extends { readonly name: string; readonly value: string }>(headers: readonly H[]): H[] {
  return headers.map((header) => ({
    ...header,
    value: secretName.test(header.name) ? redactedMark : maskNumbers(header.value),
  }));
}

type Scalar = string | number | boolean | null;

/** Every named value of a JSON or XML text replaced by what `change` says; undefined for any other text. */
function rewrite(body: string, change: (name: string, value: Scalar) => Scalar): string | undefined {
  if (/^\s*</.test(body)) {
    return body.replace(
      /<([\w:.-]+)([^<>]*)>([^<>]*)<\/\1>/g,
      (_all, name: string, attributes: string, value: string) =>
        `<${name}${attributes}>${String(change(name.split(":").at(-1) ?? name, value))}</${name}>`,
    );
  }
  try {
    return JSON.stringify(walk(JSON.parse(body) as unknown, "", change));
  } catch {
    return undefined;
  }
}

function walk(value: unknown, name: string, change: (name: string, value: Scalar) => Scalar): unknown {
  if (Array.isArray(value)) return value.map((inner) => walk(inner, name, change));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, key, change)]));
  }
  return change(name, value as Scalar);
}

/** Hides the middle of whatever could be a card number. */
function maskNumbers(text: string): string {
  return text.replace(/(?<!\d)\d{13,19}(?!\d)/g, (digits) =>
    passesLuhn(digits) ? `${digits.slice(0, 6)}${"*".repeat(digits.length - 10)}${digits.slice(-4)}` : digits,
  );
}

function passesLuhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const doubled = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}
