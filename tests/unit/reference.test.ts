import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { kindNames } from "../../provider/registry";
import { formatPage } from "../../tools/reference/format";
import { fileOf, writePages } from "../../tools/reference/pages";

/** The compiler reads all of provider/ and sdk/. */
jest.setTimeout(60_000);

const folder = join(__dirname, "../../docs/reference");
const files = [...kindNames.map(fileOf), "functions.md", "permissions.md", "README.md"];
/** Stripe's word for it says it all. */
const plain = ["livemode"];

const pages = writePages();

function pageOf(file: string) {
  const page = pages.find((one) => one.file === file);
  if (page === undefined) throw new Error(`no page ${file} is written`);
  return page;
}

test("every kind has a page of its own, and nothing else is there", () => {
  expect(pages.map((page) => page.file).sort()).toEqual([...new Set(files)].sort());
  const present = existsSync(folder) ? readdirSync(folder) : [];
  const orphans = present.filter((file) => !files.includes(file));
  if (orphans.length > 0) throw new Error(`docs/reference/ has ${orphans.join(", ")} of no kind: run npm run docs`);
});

test.each(files)("%s is what the declarations say", async (file) => {
  const path = join(folder, file);
  const present = existsSync(path) ? readFileSync(path, "utf8").replaceAll("\r\n", "\n") : "";
  const written = await formatPage(pageOf(file).text);
  if (present === written) return;
  const lines = present.split("\n");
  const at = written.split("\n").findIndex((line, index) => line !== lines[index]);
  throw new Error(
    `docs/reference/${file} is not what the declarations say: run npm run docs. Line ${at + 1} should be\n` +
      `  ${written.split("\n")[at] ?? "the end"}\nand is\n  ${lines[at] ?? "missing"}`,
  );
});

test.each(files)("%s explains every field", (file) => {
  const missing = pageOf(file).unexplained.filter((name) => !plain.includes(name));
  if (missing.length > 0) {
    throw new Error(`docs/reference/${file}: write a JSDoc line above ${missing.join(", ")} in the declaration`);
  }
});

test("what is written at a field, its type and its facts are on the page", () => {
  const { text } = pageOf("webhook-endpoint.md");
  expect(text).toContain(
    '- **`onSecretLost`** (`"fail" | "leave-empty"`, optional): What to do when the signing secret can\'t be known:',
  );
  expect(text).toContain("(`boolean`, optional): Receives events of connected accounts");
  expect(text).toMatch(/`secret`\*\* \(`string`\): .* _Encrypted in state; told at creation only/);
  expect(text).toContain('new stripe.WebhookEndpoint("orders", {');
});

test("a change that a kind refuses is not said to replace", () => {
  const { text } = pageOf("climate-order.md");
  expect(text).toMatch(/`product`\*\* .* _A change is refused, unless `repurchase` changes too\._/);
  expect(text).not.toContain("A change replaces");
});
