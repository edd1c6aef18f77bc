import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { messageOf } from "../provider/errors";
import { CommandError } from "./shell";

/** What Pulumi reads of a project or a stack, in the order it looks for them. */
const extensions = [".yaml", ".yml", ".json"];

/** Where a Pulumi project is. */
export interface ProjectPlace {
  folder: string;
  /** Name of the file that says what the project is. */
  file: string;
}

/** @throws CommandError where there is no such folder */
export function startFolder(cwd: string | undefined): string {
  const folder = resolve(cwd ?? process.cwd());
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return folder;
  throw new CommandError(`there is no folder ${folder}.`, "Name the project's folder with --cwd.");
}

/** The project that a folder is part of: its own file, or that of a folder above, as Pulumi has it. */
export function findProject(from: string): ProjectPlace | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = settingsFile(folder, "Pulumi");
    if (file !== undefined) return { folder, file };
    if (dirname(folder) === folder) return undefined;
  }
}

/** Name of the file that holds the settings of a project (`Pulumi`) or of one of its stacks (`Pulumi.dev`). */
export function settingsFile(folder: string, name: string): string | undefined {
  return extensions.map((extension) => name + extension).find((file) => existsSync(join(folder, file)));
}

/** What the parser says, without the lines of the file that it quotes. */
export function whyUnreadable(error: unknown): string {
  const [first = ""] = messageOf(error).split("\n");
  return first.replace(/[:.]$/, "");
}
