import { type DriftReport } from "./drift-report";

/** The report as one self-contained page. */
export function driftPage(report: DriftReport): string {
  return `<!doctype html><pre>${JSON.stringify(report).replaceAll("<", "&lt;")}</pre>`;
}
