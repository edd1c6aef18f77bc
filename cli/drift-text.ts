import { advice, marks, wrongs } from "./drift-advice";
import { type DriftReport } from "./drift-report";
import { paint, type Shell } from "./shell";
import { showLine, showText, showTime } from "./show";

/**
 * The report for a terminal.
 * @param html where the page is, if one was written
 */
export function driftText(shell: Shell, report: DriftReport, html: string | undefined): string {
  const { project, stack, accounts, summary, resources, unmanaged, notes, calls } = report;
  const where = accounts.map(
    ({ id = "an account the key may not name", livemode }) => `${id} (${livemode ? "live" : "test"})`,
  );
  const lines = [paint(shell, shell.stdout, "bold", `${project}/${stack} against ${where.join(", ")}`), ""];
  const reasons = new Set<string>();
  for (const { kind, name, id, status, differences, detail } of resources) {
    if (status === "unchanged") continue;
    // A key that will not do is the reason for every resource.
    const why = detail === undefined ? "" : reasons.has(detail) ? " (the same)" : ` (${showLine(detail)})`;
    if (status === "failed" && detail !== undefined) reasons.add(detail);
    const head = `${marks[status]} ${kind} ${showText(name)}  ${showText(id)}  ${status}${why}`;
    lines.push(paint(shell, shell.stdout, status === "failed" || status === "gone" ? "red" : "bold", head));
    const width = Math.max(0, ...differences.map(({ field }) => field.length));
    for (const { field, code, live } of differences) {
      lines.push(`    ${field.padEnd(width)}  code: ${showValue(code)}  live: ${showValue(live)}`);
    }
  }
  for (const { kind, id, label, created, leftBehind } of unmanaged) {
    const when = created === undefined ? "" : `  ${showTime(created)} UTC`;
    const why = leftBehind ? "unmanaged (an earlier run of this stack made it)" : "unmanaged";
    lines.push(`+ ${kind} ${showText(label ?? "")}  ${showText(id)}  ${why}${when}`.replace(/ {3,}/g, "  "));
  }
  if (lines.length > 2) lines.push("");
  const counts = [...wrongs.filter((status) => summary[status] > 0), "unmanaged" as const, "unchanged" as const];
  lines.push(`${counts.map((status) => `${summary[status]} ${status}`).join(", ")}; ${calls} calls.`);
  for (const status of wrongs) if (summary[status] > 0) lines.push(`${status}: ${advice[status]}`);
  for (const note of new Set(notes)) lines.push(`Note: ${showLine(note)}`);
  if (html !== undefined) lines.push(`Page: ${html}`);
  return `${lines.join("\n")}\n`;
}

/** One line, as a value of the code or of Stripe; nothing at all reads `nothing`. */
function showValue(value: unknown): string {
  return value === undefined ? "nothing" : showText(JSON.stringify(value));
}
