import { declarationOf } from "../../provider/registry";
import { maskOf, masksFor, quote, quotingThrough } from "../../provider/secrecy";

const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("maskOf", () => {
  test.each<[what: string, secrets: string[], text: string, left: string]>([
    ["nothing known", [], "sk_test_1", "sk_test_1"],
    ["every occurrence", ["sk_test_1"], "sk_test_1, sk_test_1", "[secret], [secret]"],
    ["the longer of two, of which one is part of the other", ["jenny", "jenny.rosen"], "jenny.rosen", "[secret]"],
    ["two that overlap", ["one-two", "two-three"], "of one-two-three.", "of [secret]."],
    ["what is too short to tell anything stays", ["0", "abc", ""], "0 abc", "0 abc"],
    ["other letters", ["Jenny@Example.com"], "jenny@example.com", "[secret]"],
    ["other letters of any alphabet", ["SÖREN", "ΟΔΟΣ"], "sören ΟΔΟΣΑ", "[secret] [secret]Α"],
    ["behind letters that are longer in the other case", ["jenny"], "İİİ jenny!", "İİİ [secret]!"],
    ["what means something in a pattern", ["a.b*c(d"], "a.b*c(d aXbbc(d", "[secret] aXbbc(d"],
    ["escaped in JSON", ['a"bc\n'], JSON.stringify(['a"bc\n']), '["[secret]"]'],
    ["escaped in JSON in JSON", ['a"bc\n'], JSON.stringify(JSON.stringify(['a"bc\n'])), '"[\\"[secret]\\"]"'],
    ["as in a query", ["a b&c'"], "?name=a+b%26c%27, a%20b%26c%27, a%20b%26c'", "?name=[secret], [secret], [secret]"],
    ["JSON in a query", ['a"bc'], encodeURIComponent(JSON.stringify(['a"bc'])), "%5B%22[secret]%22%5D"],
    ["in base64", ["jenny"], base64("jenny"), "[secret]k="],
    ["JSON in base64", ['a"bcd'], base64(JSON.stringify('a"bcd')), "Im[secret]CI="],
    ["in base64 for URLs", ["??>>~~??"], Buffer.from("??>>~~??").toString("base64url"), "[secret]8"],
    ["as a path of ours", ["my_secret_1"], "mySecret1: no", "[secret]: no"],
  ])("%s", (_what, secrets, text, left) => {
    expect(maskOf(secrets)(text)).toBe(left);
  });

  test.each(
    ["", "u", "us", "use", "user:"].flatMap((before) => ["", "@", "@h", "@host"].map((after) => [before, after])),
  )("in base64 between %p and %p, as in an Authorization header", (before, after) => {
    const secret = "dest_4eC39HqLyjWD";
    const left = maskOf([secret])(base64(`${before}${secret}${after}`));
    // What is left at the ends are the neighbours' characters, with a few bits of the secret's first and last letter.
    expect(left).toMatch(/^[\w+/]*\[secret\][\w+/]*=*$/);
    expect(left.length).toBeLessThan("[secret]".length + base64(before + after).length + 8);
  });
});

describe("masksFor", () => {
  const session = declarationOf("identity:VerificationSession");
  const request = declarationOf("forwarding:Request");
  const sent = (body: unknown) => ({ request: { body: typeof body === "string" ? body : JSON.stringify(body) } });

  test("masks secret and personal values of inputs and of what is recorded, and no others", () => {
    const inputs = { type: "document", clientReferenceId: "case-10", providedDetails: { email: "a@example.com" } };
    const recorded = { returnUrl: "https://example.com/a", clientSecret: "vs_secret", status: "verified" };
    const text = "document case-10 a@example.com https://example.com/a vs_secret verified";
    const { quotation } = masksFor(session, inputs, recorded);
    expect(quotation(text)).toBe("document case-10 [secret] [secret] [secret] verified");
  });

  test("masks fields of a body in JSON, and words of any other, but no names of fields", () => {
    const json = masksFor(request, sent({ cardholder: [{ full_name: "Jenny Rosen" }] }));
    expect(json.quotation("cardholder full_name Jenny Rosen")).toBe("cardholder full_name [secret]");
    const xml = masksFor(request, sent("<name>Jenny-Rosen</name>"));
    expect(xml.quotation("no Jenny-Rosen")).toBe("no [secret]");
  });

  test("words that any message is made of stay readable where others say them, but for such as are a field of a body", () => {
    const xml = masksFor(request, sent("<request><note>the request answered</note><name>Jenny7</name></request>"));
    const text = "the destination answered 402 to a forwarding request of Jenny7";
    expect(xml.quotation(text)).toBe("the destination answered 402 to a forwarding request of [secret]");
    expect(masksFor(request, sent({ note: "answered" })).quotation(text)).toMatch(/^the destination \[secret\] 402/);
  });

  const words = {
    method: "POST",
    kind: "request",
    put: "card_number",
    type: "forwarding.request",
    at: "2026",
    in: "Stripe",
  };
  const secrets = {
    key: "sk_4eC39HqLyjWD",
    name: "Jenny Rosen",
    pin: "735173",
    hash: "deadbeefdeadbeefdeadbeefdeadbeef",
  };

  test("plain words and short texts that a body holds stay in our own messages; all else is masked there too", () => {
    const { message, quotation } = masksFor(request, sent({ ...words, ...secrets }));
    const ours = "POST /v1/forwarding/requests in 2026 with card_number: Stripe gave no reason, forwarding.request";
    expect(message(ours)).toBe(ours);
    for (const word of Object.values(words)) expect(quotation(`It was ${word}.`)).toBe("It was [secret].");
    for (const secret of Object.values(secrets)) expect(message(`It was ${secret}.`)).toBe("It was [secret].");
  });

  test("what is quoted while a resource is at work goes through its mask, others' at the same time through theirs", async () => {
    const quoted = ["Jenny Rosen", "Other Name"].map((name) =>
      quotingThrough(masksFor(request, sent({ name })).quotation, async () => {
        await Promise.resolve();
        return quote("Jenny Rosen and Other Name");
      }),
    );
    expect(await Promise.all(quoted)).toEqual(["[secret] and Other Name", "Jenny Rosen and [secret]"]);
    expect(quote("Jenny Rosen")).toBe("Jenny Rosen");
  });

  test.each([100, 500])("a quotation is cut off, and not so that a part of a secret of %i names stays", (names) => {
    const secret = "Jenny-7".repeat(names);
    const { quotation } = masksFor(request, sent({ secret }));
    for (const at of [0, 1_000, 1_990, 1_999]) {
      const quoted = quotingThrough(quotation, () => quote("-".repeat(at) + secret + "-".repeat(30_000)));
      expect(quoted.length).toBeLessThan(2_100);
      expect(quoted).not.toMatch(/J/);
    }
  });

  // A message that can't be made takes the id of what was made with it.
  const long = (separator: string) => Array.from({ length: 50_000 }, (_, index) => `Word${index}`).join(separator);
  test.each<[what: string, body: string, part: string]>([
    ["one long text", "a1".repeat(500_000), "a1".repeat(500_000)],
    ["one long text of what has to be escaped", '"\u0000'.repeat(500_000), '"\u0000'.repeat(500_000)],
    ["many words", long(" "), "Word49999"],
    [
      "many fields",
      JSON.stringify(Array.from({ length: 20_000 }, (_, index) => ({ sku: `Word${index}` }))),
      "Word19999",
    ],
    ["a deep list", "[".repeat(5_000) + '"Word99"' + "]".repeat(5_000), "Word99"],
    ["half a character", "\ud800 %%% Word99", "Word99"],
  ])("a body of any size: %s", (_what, body, part) => {
    const { message, quotation } = masksFor(request, sent(body));
    expect(message(`it was refused: ${part}`)).toBe("it was refused: [secret]");
    const before = performance.now();
    // Whoever answers may quote all of it.
    quotation(body + long(";"));
    message(body + long(";"));
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  test("what was redacted is no secret", () => {
    expect(masksFor(session, { returnUrl: "[redacted]" }).message("it is being redacted: [redacted]")).toBe(
      "it is being redacted: [redacted]",
    );
  });
});
