import { createRequire } from "node:module";
import { type Command } from "commander";
import type * as imports from "./import-objects";
import { progressLine } from "./progress";
import { notEmpty, type Shell } from "./shell";
import type * as stacks from "./stack";

const load = createRequire(__filename);

const DESCRIPTION = `Takes the objects of an exported account into the stack, so that the next preview shows no change.

FILE is the import.json that stripe-as-code export wrote. Each object is read again, and nothing is taken if one of them can't be. Then each is stamped as the stack's own, in its metadata. What the stack has already is left as it is, so an import that broke off is run again.`;

const EXAMPLES = `
Examples:
  $ stripe-as-code import import.json
  $ stripe-as-code import import.json --stack prod && pulumi preview --expect-no-changes`;

const next = "Next: pulumi preview --expect-no-changes\n";

/** `stripe-as-code import` */
export function define(command: Command, shell: Shell): void {
  command
    .description(DESCRIPTION)
    .argument("<file>", "import.json of stripe-as-code export", notEmpty)
    .option("-s, --stack <name>", "stack that takes them (default: the selected one)", notEmpty)
    .option("-C, --cwd <dir>", "folder of the Pulumi project (default: this one)", notEmpty)
    .option("--adopt-from <stack>", "project/stack that manages the objects now, and gives them up", notEmpty)
    .addHelpText("after", EXAMPLES)
    .action(async (path: string) => {
      const options = command.optsWithGlobals<stacks.StackOptions & { adoptFrom?: string }>();
      const { readImportFile, importObjects } = load("./import-objects") as typeof imports;
      const { openStack, settingsOf } = load("./stack") as typeof stacks;
      const file = await readImportFile(path);
      const stack = await openStack(shell, options);
      const progress = progressLine(shell);
      const result = await importObjects(stack, file, {
        ...(options.adoptFrom !== undefined && { adoptFrom: options.adoptFrom }),
        settings: settingsOf(shell, options, stack.config, {}, { writes: true }),
        onProgress: (text) => progress.show(text),
      }).finally(() => progress.clear());
      if (options.json === true) shell.stdout.write(`${JSON.stringify(result)}\n`);
      else {
        const { imported, present, stampedBefore } = result;
        if (stampedBefore > 0) {
          shell.stderr.write(
            `Note: ${stampedBefore} of them carry the stamp of a resource that ${stack.project}/${stack.stack} had before. If a stack of ` +
              "the same name in another backend has them, it has lost them to this one: give each its own stripe:owner.\n",
          );
        }
        shell.stdout.write(`${whatIsThere(imported, present, `${stack.project}/${stack.stack}`)}\n${next}`);
      }
    });
}

export function whatIsThere(imported: number, present: number, stack: string): string {
  if (imported + present === 0) return "The file names no objects.";
  if (imported === 0)
    return present === 1 ? `The object is in ${stack} already.` : `All ${present} objects are in ${stack} already.`;
  const before = present === 0 ? "" : `, ${present} ${present === 1 ? "was" : "were"} there before`;
  return `${imported} ${imported === 1 ? "object is" : "objects are"} in ${stack} now${before}.`;
}
