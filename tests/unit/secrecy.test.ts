import { declarationOf } from "../../provider/registry";
import { hider, hiderOf } from "../../provider/secrecy";

describe("hider", () => {
  test.each<[what: string, secrets: string[], text: string, left: string]>([
    ["nothing known", [], "sk_test_1", "sk_test_1"],
    ["every occurrence", ["sk_test_1"], "sk_test_1, sk_test_1", "[secret], [secret]"],
    ["the longer of two, of which one is part of the other", ["jenny", "jenny.rosen"], "jenny.rosen", "[secret]"],
    ["what is too short to tell anything stays", ["0", "abc", ""], "0 abc", "0 abc"],
    ["other letters", ["Jenny@Example.com"], "jenny@example.com", "[secret]"],
    ["what means something in a pattern", ["a.b*c(d"], "a.b*c(d aXbbc(d", "[secret] aXbbc(d"],
    ["escaped in JSON", ['a"bc\n'], JSON.stringify(['a"bc\n']), '["[secret]"]'],
    ["as in a query", ["a b&c'"], "?name=a+b%26c%27, a%20b%26c%27, a%20b%26c'", "?name=[secret], [secret], [secret]"],
    ["in base64", ["jenny"], Buffer.from("jenny").toString("base64"), "[secret]k="],
    ["as a path of ours", ["my_secret_1"], "mySecret1: no", "[secret]: no"],
  ])("%s", (_what, secrets, text, left) => {
    expect(hider(secrets)(text)).toBe(left);
  });
});

describe("hiderOf", () => {
  const session = declarationOf("identity:VerificationSession");
  const request = declarationOf("forwarding:Request");

  test("hides secret and personal values of inputs and of what is recorded, and no others", () => {
    const inputs = { type: "document", clientReferenceId: "case-10", providedDetails: { email: "a@example.com" } };
    const recorded = { returnUrl: "https://example.com/a", clientSecret: "vs_secret", status: "verified" };
    const text = "document case-10 a@example.com https://example.com/a vs_secret verified";
    expect(hiderOf(session, inputs, recorded)(text)).toBe("document case-10 [secret] [secret] [secret] verified");
  });

  test("hides fields of a body in JSON, and words of any other, but no names of fields", () => {
    const json = { request: { body: JSON.stringify({ cardholder: [{ full_name: "Jenny Rosen" }] }) } };
    expect(hiderOf(request, json)("cardholder full_name Jenny Rosen")).toBe("cardholder full_name [secret]");
    const xml = { request: { body: "<name>Jenny-Rosen</name>" } };
    expect(hiderOf(request, xml)("no Jenny-Rosen")).toBe("no [secret]");
  });

  test("words that any message is made of stay readable", () => {
    const xml = { request: { body: "<request><note>the request answered</note><name>Jenny7</name></request>" } };
    const text = "the destination answered 402 to a forwarding request of Jenny7";
    expect(hiderOf(request, xml)(text)).toBe("the destination answered 402 to a forwarding request of [secret]");
  });

  // A message that can't be made takes the id of what was made with it.
  test.each<[what: string, body: string, part: string]>([
    ["one long text", "a1".repeat(500_000), "a1".repeat(500_000)],
    ["many words", Array.from({ length: 50_000 }, (_, index) => `Word${index}`).join(" "), "Word49999"],
    [
      "many fields",
      JSON.stringify(Array.from({ length: 20_000 }, (_, index) => ({ sku: `Word${index}` }))),
      "Word19999",
    ],
    ["a deep list", "[".repeat(5_000) + '"Word9"' + "]".repeat(5_000), "Word9"],
    ["half a character", "\ud800 %%% Word99", "Word99"],
  ])("a body of any size: %s", (_what, body, part) => {
    expect(hiderOf(request, { request: { body } })(`it was refused: ${part}.`)).toBe("it was refused: [secret].");
  });

  test("what was redacted is no secret", () => {
    expect(hiderOf(session, { returnUrl: "[redacted]" })("it is being redacted: [redacted]")).toBe(
      "it is being redacted: [redacted]",
    );
  });
});
