import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../engine/package-root";
import { formatPage } from "./format";
import { writePages } from "./pages";

/** `npm run docs`: writes every page of docs/reference/, and removes those of kinds that are gone. */
async function main(): Promise<void> {
  const folder = join(packageRoot(), "docs", "reference");
  mkdirSync(folder, { recursive: true });
  const pages = writePages();
  for (const file of readdirSync(folder)) {
    if (!pages.some((page) => page.file === file)) rmSync(join(folder, file));
  }
  for (const page of pages) writeFileSync(join(folder, page.file), await formatPage(page.text));
  console.log(`docs/reference/: ${pages.length} pages`);
}

void main();
