import { Secrets } from "./secrets";

const text = 'Jenny "O\'Neill" & söns/42+x';

test.each<[how: string, spelling: string]>([
  ["plain", text],
  ["JSON-escaped", JSON.stringify({ name: [text] })],
  ["URL-encoded", encodeURIComponent(text)],
  ["URL-encoded", new URLSearchParams({ name: text }).toString()],
  ...["", "a", "ab", "abc"].flatMap((before) =>
    ["", "y", "yz"].map((after): [string, string] => [
      "base64-encoded",
      Buffer.from(before + text + after).toString("base64"),
    ]),
  ),
])("what is %s is found: %s", (how, spelling) => {
  const secrets = new Secrets();
  secrets.add("the name", text);
  const found = secrets.readableIn(`before ${spelling} after`);
  expect(found.some((what) => what.startsWith(`the name, ${how}: `))).toBe(true);
  expect(secrets.readableIn("Jenny Oneill")).toEqual([]);
});
