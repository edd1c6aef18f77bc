import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Options } from "prettier";
import * as estree from "prettier/plugins/estree";
import * as markdown from "prettier/plugins/markdown";
import * as typescript from "prettier/plugins/typescript";
import { format } from "prettier/standalone";
import { packageRoot } from "../engine/package-root";

/** Formats a page as `npm run format` would, with its lines wrapped. The standalone prettier runs under jest, too. */
export function formatPage(text: string): Promise<string> {
  const settings = JSON.parse(readFileSync(join(packageRoot(), ".prettierrc.json"), "utf8")) as Options;
  const plugins = [markdown, typescript, estree];
  return format(text, { ...settings, parser: "markdown", proseWrap: "always", plugins });
}
