/** Stands in everything secret or personal that a test makes up itself. */
export const mark = "PLANTED";

/** Texts that nobody may be able to read, and where they can be read all the same. */
export class Secrets {
  private readonly spellings = new Map<string, string>();

  constructor() {
    this.add("what was planted", mark);
  }

  /** @param name what it is called where it is found */
  add(name: string, text: unknown): void {
    if (typeof text !== "string" || text.length < 6) throw new Error(`${name} is no text that could be looked for`);
    const form = new URLSearchParams({ "": text }).toString().slice(1);
    const spellings: Record<string, string[]> = {
      plain: [text],
      "JSON-escaped": [JSON.stringify(text).slice(1, -1)],
      "URL-encoded": [form, form.replaceAll("+", "%20"), encodeURIComponent(text)],
      "base64-encoded": base64Of(text),
    };
    for (const [how, all] of Object.entries(spellings)) {
      for (const spelling of all) if (!this.spellings.has(spelling)) this.spellings.set(spelling, `${name}, ${how}`);
    }
  }

  /** What of it can be read in a text, with what stands around it. */
  readableIn(text: string): string[] {
    return [...this.spellings].flatMap(([spelling, what]) => {
      const at = text.indexOf(spelling);
      return at < 0 ? [] : [`${what}: …${text.slice(Math.max(0, at - 80), at + spelling.length + 40)}…`];
    });
  }
}

/** How a text looks in base64, wherever in what was encoded it stood: without the characters its neighbours have a share in. */
function base64Of(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const whole = (before + bytes.length) % 3 === 0;
    return encoded.slice(before === 0 ? 0 : before + 1, whole ? undefined : -1);
  });
}
