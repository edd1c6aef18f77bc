import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Node 22's, which gitlab-ci-local wants from the first line on. */
const setUnion = "Set.prototype.union ??= function (other) { return new Set([...this, ...other]); };";

/** What GitHub's own parser, with the schema it publishes, has against workflows; nothing where they are right. */
export function faultsOfWorkflows(paths: readonly string[]): string[] {
  const judge = join(__dirname, "github-workflow.mjs");
  return JSON.parse(execFileSync(process.execPath, [judge, ...paths], { encoding: "utf8" })) as string[];
}

/** What GitLab's published schema, as gitlab-ci-local applies it, has against a pipeline; nothing where it is right. */
export function faultsOfPipeline(path: string): string {
  const folder = mkdtempSync(join(tmpdir(), "stripe-as-code-"));
  try {
    cpSync(path, join(folder, ".gitlab-ci.yml"));
    const main = resolve(__dirname, "../../node_modules/gitlab-ci-local/dist/index.js");
    const preload = `data:text/javascript,${encodeURIComponent(setUnion)}`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", preload, main, "--list"], {
      cwd: folder,
      // Its settings are in the home folder.
      env: { PATH: process.env.PATH, HOME: folder },
      encoding: "utf8",
    });
    return status === 0 ? "" : stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
