import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { z } from "zod";
import { type Checkout } from "./checkout";

const variables = z.record(z.string(), z.string());
const text = z.string().min(1);

/** Actions of GitHub's own, by the version that was looked at. */
const action = z.string().regex(/^actions\/(checkout|setup-node|upload-artifact)@v\d+\.\d+\.\d+$/);
const gitHubStep = z.union([
  z.strictObject({
    ...{ name: text.optional(), id: text.optional(), if: text.optional(), uses: action },
    with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  }),
  z.strictObject({ name: text, id: text.optional(), if: text.optional(), env: variables.optional(), run: text }),
]);

/** The part of GitHub's workflow syntax that the example makes use of, and nothing beside it. */
export const gitHubWorkflow = z.strictObject({
  name: text,
  on: z.union([
    z.strictObject({ pull_request: z.null() }),
    z.strictObject({ push: z.strictObject({ branches: z.array(text).min(1) }) }),
    z.strictObject({
      schedule: z.tuple([z.strictObject({ cron: z.string().regex(/^([\d*,/-]+ ){4}[\d*,/-]+$/) })]),
      workflow_dispatch: z.null(),
    }),
  ]),
  permissions: z.strictObject({ contents: z.literal("read") }),
  concurrency: z.strictObject({ group: text, "cancel-in-progress": z.boolean() }),
  defaults: z.strictObject({ run: z.strictObject({ shell: z.literal("bash") }) }),
  jobs: z.record(
    text,
    z.strictObject({
      if: text.optional(),
      "runs-on": z.string().regex(/^ubuntu-\d+\.\d+$/),
      "timeout-minutes": z.number().int().positive(),
      environment: text,
      steps: z.array(gitHubStep).min(1),
    }),
  ),
});
export type GitHubJob = z.infer<typeof gitHubWorkflow>["jobs"][string];

const rules = z.array(z.strictObject({ if: text })).min(1);
const minutes = z.string().regex(/^\d+ minutes$/);
const lines = z.array(text).min(1);
const gitLabJob = z.strictObject({
  stage: z.enum(["build", "test", "deploy"]),
  rules,
  interruptible: z.boolean().optional(),
  resource_group: text.optional(),
  timeout: minutes.optional(),
  environment: z.strictObject({ name: text, action: z.enum(["access", "prepare", "verify"]).optional() }),
  variables: variables.optional(),
  script: lines,
  allow_failure: z.strictObject({ exit_codes: z.number().int() }).optional(),
  artifacts: z
    .strictObject({
      when: z.enum(["always", "on_failure", "on_success"]),
      access: z.enum(["developer", "none"]),
      expire_in: text,
      paths: lines,
    })
    .optional(),
});
export type GitLabJob = z.infer<typeof gitLabJob>;

/** The same of GitLab's. */
export const gitLabPipeline = z
  .object({
    workflow: z.strictObject({ rules }),
    default: z.strictObject({
      image: z.string().regex(/^node:\d+\.\d+\.\d+-\w+$/),
      timeout: minutes,
      before_script: lines,
    }),
  })
  .catchall(gitLabJob);
export type GitLabPipeline = z.infer<typeof gitLabPipeline>;

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
  const script = [...pipeline.default.before_script, ...job.script].filter((line) => isDone?.(line) !== true);
  const { code, out } = await checkout.run(script.join("\n"), { ...secrets, ...job.variables, PATH: path });
  const isWarning = code === job.allow_failure?.exit_codes;
  const run: JobRun = { status: code === 0 ? "passed" : isWarning ? "warning" : "failed", out, artifacts: {} };
  const kept = job.artifacts?.when === "always" || (job.artifacts?.when === "on_success") === (code === 0);
  if (job.artifacts !== undefined && kept) keep(checkout, job.artifacts.paths, run);
  return run;
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
