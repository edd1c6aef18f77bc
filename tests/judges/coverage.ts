import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Judge } from "./exchange";
import { gaps, unlisted } from "./gaps";

const columns: readonly Judge[] = ["pass 1", "pass 2", "stripe-mock", "stripe-node", "Stripe CLI"];

/** Operations that Stripe's CLI saw succeed; its own test holds the list against what it sees. */
export const seenByStripeCli = join(__dirname, "seen-by-stripe-cli.json");

/** The page that says of each operation who has seen it succeed and found nothing wrong. */
export function coverage(operations: readonly string[], seen: ReadonlyMap<string, ReadonlySet<Judge>>): string {
  const cli = new Set(JSON.parse(readFileSync(seenByStripeCli, "utf8")) as string[]);
  const has = (operation: string, judge: Judge): boolean =>
    judge === "Stripe CLI" ? cli.has(operation) : seen.get(operation)?.has(judge) === true;
  const rows = [...new Set([...operations, ...cli])].sort((one, other) => (path(one) < path(other) ? -1 : 1));
  const counts = columns.map((judge) => `${rows.filter((row) => has(row, judge)).length} of ${rows.length}`);
  return [
    "# Who has seen what the emulator does",
    "",
    "<!-- Written by tests/judges/client.test.ts from what its judges saw: never edit by hand. -->",
    "",
    "One row per operation of the embedded Stripe, and who has seen it succeed in `tests/judges` and found nothing wrong",
    "with it: Stripe's OpenAPI in its two passes (everything is there and of its type; nothing else is there), `stripe-mock`, to",
    "which the request was sent as well, Stripe's client for Node and Stripe's CLI.",
    "Every other test's answers and requests are judged by the first three, too.",
    "",
    table([
      ["operation", ...columns.map((judge) => (judge.startsWith("pass") ? `OpenAPI, ${judge}` : judge))],
      ["---", ...columns.map(() => "---")],
      ...rows.map((row) => [`\`${row}\``, ...columns.map((judge) => (has(row, judge) ? "seen" : ""))]),
      ["all", ...counts],
    ]),
    "",
    "What a judge leaves out, and why:",
    "",
    ...gaps.map(({ judge, reason }) => `- ${judge}: ${reason}`),
    ...Object.entries(unlisted).map(
      ([name, fields]) => `- Stripe's OpenAPI, pass 2: ${Object.keys(fields).join(" and ")} of ${name}, which it lacks`,
    ),
    "",
    "`tests/judges/gaps.ts` says to which requests, events and fields each of these applies.",
    "",
  ].join("\n");
}

function path(operation: string): string {
  const [method = "", path = ""] = operation.split(" ");
  return `${path} ${method}`;
}

function table(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
