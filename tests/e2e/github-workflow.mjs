// Prints what GitHub's own parser has against the workflows of its arguments, as a list. A process of its own: the parser is an
// ES module, which jest does not load, and it imports its schema as only a bundler does, without saying that it is JSON.
import { readFileSync } from "node:fs";
import { register } from "node:module";
import { basename } from "node:path";
import { argv } from "node:process";

const importJson = `export const load = (url, context, next) =>
  next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context);`;
register(`data:text/javascript,${encodeURIComponent(importJson)}`);

const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import("@actions/workflow-parser");

const found = [];
for (const path of argv.slice(2)) {
  const file = { name: basename(path), content: readFileSync(path, "utf8") };
  const { context, value } = parseWorkflow(file, new NoOperationTraceWriter());
  // What the schema can't say, such as whether a schedule is one, is seen where the parsed text becomes a workflow.
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  found.push(...context.errors.getErrors().map(({ message }) => message));
}
console.log(JSON.stringify(found));
