import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Checkout } from "./checkout";

type Variables = Readonly<Record<string, string>>;

/** What the tests read of a step; that it is one is for GitHub's own parser to say. */
type GitHubStep =
  | { uses: string; if?: string; with: Readonly<Record<string, unknown>> }
  | { run: string; name: string; id?: string; if?: string; env?: Variables };

export interface GitHubJob {
  if?: string;
  "runs-on": string;
  "timeout-minutes": number;
  environment: string;
  steps: GitHubStep[];
}

/** A workflow, which its platform's parser has let pass. */
export interface GitHubWorkflow {
  on: object;
  permissions: object;
  concurrency: { group: string };
  defaults: object;
  jobs: Readonly<Record<string, GitHubJob>>;
}

export interface GitLabJob {
  rules: ReadonlyArray<{ if: string }>;
  variables?: Variables;
  script: readonly string[];
  allow_failure?: { exit_codes: number };
  artifacts?: { when: "always" | "on_failure" | "on_success"; paths: readonly string[] };
}

/** The same of GitLab's: jobs, and beside them what holds for all. */
export interface GitLabPipeline {
  workflow: Pick<GitLabJob, "rules">;
  default: { image: string; before_script: readonly string[] };
  [job: string]: unknown;
}

/** What a job came to, as the page of its pipeline shows it. */
export interface JobRun {
  status: "passed" | "warning" | "failed";
  /** Name of the step that failed first. */
  failedStep?: string;
  out: string;
  /** Files that are kept, by their paths. */
  artifacts: Record<string, string>;
}

/** How a job is run without its platform. */
interface Circumstances {
  checkout: Checkout;
  /** Of the job's environment. */
  secrets: Readonly<Record<string, string>>;
  /** Where the platform's image has its programs. */
  path: string;
  /** Lines that are left out, as an earlier run in the same copy has done them. */
  isDone?: (line: string) => boolean;
}

/** Runs a job's steps with what GitHub's runner gives them; actions of others are what their names say, in short. */
export async function runGitHubJob(
  job: GitHubJob,
  { checkout, secrets, path, isDone }: Circumstances,
): Promise<JobRun> {
  const files = { GITHUB_PATH: "path", GITHUB_OUTPUT: "output", GITHUB_STEP_SUMMARY: "summary" };
  const told = Object.fromEntries(
    Object.entries(files).map(([name, file]) => [name, join(checkout.folder, `.github-${file}`)]),
  );
  for (const file of Object.values(told)) writeFileSync(file, "");
  const contentOf = (name: keyof typeof files) => readFileSync(told[name] ?? "", "utf8");
  const outputs: Record<string, string> = {};
  const run: JobRun = { status: "passed", out: "", artifacts: {} };
  for (const step of job.steps) {
    refuseUnknown(step, ["name", "id", "if", "uses", "with", "env", "run"]);
    if (!isToRun(step.if, run.status, outputs)) continue;
    if ("uses" in step) {
      if (step.uses.includes("/upload-artifact@")) keep(checkout, [String(step.with.path)], run);
      continue;
    }
    if (isDone?.(step.run) === true) continue;
    const env = Object.fromEntries(
      Object.entries(step.env ?? {}).map(([name, value]) => [name, filledIn(value, secrets)]),
    );
    const found = contentOf("GITHUB_PATH").split("\n").filter(Boolean).reverse();
    const PATH = [...found, path].join(delimiter);
    writeFileSync(told.GITHUB_OUTPUT ?? "", "");
    const { code, out } = await checkout.run(step.run, { ...told, ...env, PATH });
    run.out += out;
    for (const line of contentOf("GITHUB_OUTPUT").split("\n").filter(Boolean)) {
      const [name = "", value = ""] = line.split("=");
      outputs[`steps.${step.id}.outputs.${name}`] = value;
    }
    if (code !== 0) Object.assign(run, { status: "failed", failedStep: run.failedStep ?? step.name });
  }
  run.out += contentOf("GITHUB_STEP_SUMMARY");
  return run;
}

/** Runs a job as GitLab's runner does: all lines in one shell. */
export async function runGitLabJob(
  pipeline: GitLabPipeline,
  name: string,
  { checkout, secrets, path, isDone }: Circumstances,
): Promise<JobRun> {
  const job = pipeline[name] as GitLabJob;
  const elsewhere = ["stage", "rules", "interruptible", "resource_group", "timeout", "environment"];
  refuseUnknown(job, [...elsewhere, "variables", "script", "allow_failure", "artifacts"]);
  const script = [...pipeline.default.before_script, ...job.script].filter((line) => isDone?.(line) !== true);
  const { code, out } = await checkout.run(script.join("\n"), { ...secrets, ...job.variables, PATH: path });
  const isWarning = code === job.allow_failure?.exit_codes;
  const run: JobRun = { status: code === 0 ? "passed" : isWarning ? "warning" : "failed", out, artifacts: {} };
  const kept = job.artifacts?.when === "always" || (job.artifacts?.when === "on_success") === (code === 0);
  if (job.artifacts !== undefined && kept) keep(checkout, job.artifacts.paths, run);
  return run;
}

/** @throws Error for a key of which nothing is known here: no job is run otherwise than its platform would */
function refuseUnknown(of: object, known: readonly string[]): void {
  const unknown = Object.keys(of).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new Error(`this test runs nothing with ${unknown.join(", ")}`);
}

/** @throws Error for a condition it doesn't know: no step is run, or left out, by a guess */
function isToRun(condition: string | undefined, status: string, outputs: Readonly<Record<string, string>>): boolean {
  if (condition === undefined) return status === "passed";
  if (condition === "${{ !cancelled() }}") return true;
  const [, name, value] = /^(steps\.\w+\.outputs\.\w+) == '(\w+)'$/.exec(condition) ?? [];
  if (name === undefined) throw new Error(`a condition that this test can't judge: ${condition}`);
  return status === "passed" && outputs[name] === value;
}

/** @throws Error for an expression other than a secret that the environment has */
function filledIn(value: string, secrets: Readonly<Record<string, string>>): string {
  return value.replace(/\$\{\{(.*?)\}\}/g, (_, expression: string) => {
    const [, name] = /^ secrets\.(\w+) $/.exec(expression) ?? [];
    const secret = name === undefined ? undefined : secrets[name];
    if (secret === undefined) throw new Error(`nothing is known of ${expression}`);
    return secret;
  });
}

function keep(checkout: Checkout, paths: readonly string[], run: JobRun): void {
  for (const path of paths) {
    const file = join(checkout.folder, path);
    if (!existsSync(file)) continue;
    run.artifacts[path] = readFileSync(file, "utf8");
    // The next run begins with a checkout that has none.
    rmSync(file);
  }
}
