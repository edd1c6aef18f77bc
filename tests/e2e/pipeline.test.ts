import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { version } from "@pulumi/pulumi/package.json";
import { type Emulator, startEmulator } from "../../emulator";
import { getEngine } from "../../tools/engine/get-engine";
import { post } from "../contract/post";
import { Checkout } from "./checkout";
import {
  type GitHubJob,
  type GitHubWorkflow,
  type GitLabJob,
  type GitLabPipeline,
  type JobRun,
  runGitHubJob,
  runGitLabJob,
} from "./pipeline-job";
import { faultsOfPipeline, faultsOfWorkflows } from "./pipeline-syntax";

jest.setTimeout(300_000);

const { load } = createRequire(__filename)("js-yaml") as { load: (text: string) => unknown };
const repository = resolve(__dirname, "../..");
const example = join(repository, "examples", "pipeline");
const read = (path: string) => readFileSync(join(example, path), "utf8");

const workflowFolder = join(".github", "workflows");
const workflowFiles = readdirSync(join(example, workflowFolder)).map((file) => join(workflowFolder, file));
const workflows = Object.fromEntries(
  workflowFiles.map((file) => {
    const text = read(file);
    return [basename(file, ".yml"), { ...(load(text) as GitHubWorkflow), text }];
  }),
);
const gitLab = load(read(".gitlab-ci.yml")) as GitLabPipeline;
const jobOf = (workflow: string): GitHubJob => {
  const jobs = Object.values(workflows[workflow]?.jobs ?? {});
  expect(jobs).toHaveLength(1);
  return jobs[0] as GitHubJob;
};

describe("what the platforms publish of their syntax", () => {
  test("has nothing against any file", () => {
    expect(faultsOfWorkflows(workflowFiles.map((file) => join(example, file)))).toEqual([]);
    expect(faultsOfPipeline(join(example, ".gitlab-ci.yml"))).toBe("");
  });

  /** Judges a file with a mistake in it. */
  function planted<T>(file: string, from: string, to: string, judge: (path: string) => T): T {
    const folder = mkdtempSync(join(tmpdir(), "stripe-as-code-"));
    try {
      expect(read(file)).toContain(from);
      const path = join(folder, basename(file));
      writeFileSync(path, read(file).replace(from, to));
      return judge(path);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test.each([
    ["        run: npm ci", "        shel: sh\n        run: npm ci", "Unexpected value 'shel'"],
    ["timeout-minutes: 15", "timeout-minutes: soon", "Unexpected value 'soon'"],
    ["!cancelled()", "!canceled()", "Unrecognized function: 'canceled'"],
    ["17 5 * * 1-5", "17 25 * * 1-5", "Invalid cron expression"],
  ])("tells of a mistake in a workflow: %j become %j", (from, to, fault) => {
    const faults = planted(join(workflowFolder, "drift.yml"), from, to, (path) => faultsOfWorkflows([path]));
    expect(faults).toEqual([expect.stringContaining(fault)]);
  });

  test.each([
    ["    - if: ", "    - unless: ", "'unless' property is not expected to be here at workflow.rules.0"],
    ["\n  interruptible: true", "\n      when: sometimes\n  interruptible: true", "at preview.rules.0.when"],
    ["exit_codes: 2", "exit_codes: two", "'exit_codes' property type must be integer at drift.allow_failure"],
    ["stage: deploy", "stage: production", "stage:production not found for up"],
  ])("tells of a mistake in GitLab's file: %j become %j", (from, to, fault) => {
    expect(planted(".gitlab-ci.yml", from, to, faultsOfPipeline)).toContain(fault);
  });
});

test("what is run is pinned by its version, and may no more than read the repository", () => {
  for (const workflow of Object.values(workflows)) {
    expect(workflow.permissions).toEqual({ contents: "read" });
    // GitHub's default shell has no pipefail.
    expect(workflow.defaults).toEqual({ run: { shell: "bash" } });
    for (const job of Object.values(workflow.jobs)) {
      expect(job["runs-on"]).toMatch(/^ubuntu-\d+\.\d+$/);
      expect(job["timeout-minutes"]).toBeLessThanOrEqual(30);
      for (const { uses } of job.steps.filter((step) => "uses" in step)) {
        expect(uses).toMatch(/^actions\/(checkout|setup-node|upload-artifact)@v\d+\.\d+\.\d+$/);
      }
    }
  }
  expect(gitLab.default.image).toMatch(/^node:\d+\.\d+\.\d+-\w+$/);
});

describe("GitHub's files", () => {
  test("there is one for each occasion, and only main is deployed, one run at a time and protected", () => {
    expect(Object.keys(workflows).sort()).toEqual(["deploy", "drift", "preview"]);
    expect(workflows.preview?.on).toEqual({ pull_request: null });
    expect(workflows.deploy?.on).toEqual({ push: { branches: ["main"] } });
    expect(workflows.drift?.on).toHaveProperty("schedule");
    expect(workflows.deploy?.concurrency).toEqual({ group: "production", "cancel-in-progress": false });
    // GitHub drops a run that waits where another comes to wait: nothing else may wait with a deployment.
    const groups = Object.values(workflows).map(({ concurrency }) => concurrency.group);
    expect(new Set(groups).size).toBe(groups.length);
    expect(["preview", "deploy", "drift"].map((name) => jobOf(name).environment)).toEqual([
      "stripe-read",
      "production",
      "stripe-read",
    ]);
  });

  test.each(["preview", "deploy", "drift"])(
    "%s: the steps that run this package alone see secrets, and no expression is pasted into a shell",
    (name) => {
      const { steps, if: condition } = jobOf(name);
      for (const step of steps) {
        if ("uses" in step) {
          if (step.uses.includes("/checkout@")) expect(step.with).toEqual({ "persist-credentials": false });
          expect(JSON.stringify(step)).not.toContain("secrets.");
          continue;
        }
        expect(step.run).not.toContain("${{");
        const values = Object.entries(step.env ?? {}).filter(([key]) => key !== "STRIPE_READ_ONLY");
        for (const [key, value] of values) expect(value).toBe(`\${{ secrets.${key} }}`);
        if (values.length > 0) expect(step.run).toMatch(/^(.*\n)?(pulumi|npx stripe-as-code) (preview|up|drift) /);
      }
      const told = workflows[name]?.text.match(/secrets\.\w+/g) ?? [];
      expect([...told].sort()).toEqual([
        "secrets.PULUMI_BACKEND_URL",
        "secrets.PULUMI_CONFIG_PASSPHRASE",
        "secrets.STRIPE_API_KEY",
      ]);
      const fork = "github.event.pull_request.head.repo.full_name == github.repository";
      expect(condition).toBe(name === "preview" ? fork : undefined);
    },
  );
});

test("GitLab's file: one job for each occasion, only what the default branch holds is deployed, one run at a time", () => {
  const { workflow, preview, up, drift, ...rest } = gitLab;
  expect(Object.keys(rest)).toEqual(["default"]);
  const jobs = { preview, up, drift } as Record<string, GitLabJob>;
  const occasions = Object.entries(jobs).map(([name, { rules }]) => [name, rules.map((rule) => rule.if)]);
  expect(Object.fromEntries(occasions)).toEqual({
    preview: ['$CI_PIPELINE_SOURCE == "merge_request_event"'],
    up: ['$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH'],
    drift: ['$CI_PIPELINE_SOURCE == "schedule"'],
  });
  expect(workflow.rules.map((rule) => rule.if).sort()).toEqual(
    Object.values(jobs)
      .flatMap(({ rules }) => rules.map((rule) => rule.if))
      .sort(),
  );
  expect(jobs.up).toMatchObject({
    interruptible: false,
    resource_group: "production",
    environment: { name: "production" },
  });
  for (const job of [jobs.preview, jobs.drift]) {
    expect(job).toMatchObject({
      environment: { name: "stripe-read", action: "access" },
      variables: { STRIPE_READ_ONLY: "true" },
    });
  }
});

describe.each(["GitHub", "GitLab"])("%s's jobs", (platform) => {
  const readKey = "rk_test_reader";
  const passphrase = "planted-passphrase";
  let emulator: Emulator;
  let checkout: Checkout;
  let enginePath: string | undefined;
  beforeAll(async () => {
    const may = ["product_read", "price_read", "webhook_endpoint_read"];
    emulator = await startEmulator({ restrictedKeys: { [readKey]: may } });
    enginePath = (await getEngine()).env().PATH;
    const npm = { npm_config_prefer_offline: "true", npm_config_audit: "false", npm_config_fund: "false" };
    checkout = await Checkout.of("pipeline", { ...npm, STRIPE_API_BASE: emulator.url, CI: "true" }, { link: false });
    const packed = mkdtempSync(join(tmpdir(), "stripe-as-code-"));
    const pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", packed];
    execFileSync("npm", pack, { cwd: repository, stdio: "ignore" });
    const wanted = JSON.parse(read("package.json")) as { dependencies: object };
    Object.assign(wanted.dependencies, { "@pulumi/pulumi": version });
    writeFileSync(join(checkout.folder, "package.json"), JSON.stringify(wanted));
    // What the README says to type, with the package where it is; the job does the rest.
    const lines = [...read("README.md").matchAll(/^ +((?:cp|npm install) .*?) +#/gm)].map(([, line = ""]) => line);
    const script = lines.join("\n").replace(/\.\.\/(\S+\/)?(?=stripe-as-code-)/g, `${packed}/`);
    await checkout.succeed(script, { npm_config_package_lock_only: "true", npm_config_loglevel: "error" });
    rmSync(packed, { recursive: true });
    // Nothing outside of the repository: npm ci would find it in this machine's cache alone.
    const { dependencies } = JSON.parse(readFileSync(join(checkout.folder, "package.json"), "utf8")) as typeof wanted;
    expect(dependencies).toHaveProperty("stripe-as-code", expect.stringMatching(/^file:stripe-as-code-[\d.]+tgz$/));
  });
  afterAll(async () => {
    checkout.close();
    await emulator.close();
  });

  const installed = new Set<string>();
  async function run(job: "preview" | "up" | "drift", key: string): Promise<JobRun> {
    const given = {
      checkout,
      secrets: {
        STRIPE_API_KEY: key,
        PULUMI_CONFIG_PASSPHRASE: passphrase,
        PULUMI_BACKEND_URL: `file://${checkout.stateFolder}?metadata=skip`,
      },
      path: process.env.PATH ?? "",
      // The same in each job, and each takes its time.
      isDone: (line: string) => line.startsWith("npm ci") && installed.size === installed.add(line).size,
    };
    const ended =
      platform === "GitHub"
        ? await runGitHubJob(jobOf(job === "up" ? "deploy" : job), given)
        : await runGitLabJob(gitLab, job, given);
    for (const hidden of [readKey, emulator.apiKey, passphrase, "whsec_"]) {
      expect(JSON.stringify(ended)).not.toContain(hidden);
    }
    return ended;
  }
  const writes = () => emulator.requests().filter(({ method }) => method !== "GET").length;

  test("preview writes nothing, up makes it, drift is told from a failure to look for it, with the report of either", async () => {
    const setUp = `pulumi stack init prod && pulumi config set stripe:accountId ${emulator.accountId} --stack prod`;
    await checkout.succeed(setUp, { PATH: enginePath, PULUMI_CONFIG_PASSPHRASE: passphrase });

    const preview = await run("preview", readKey);
    expect([preview.status, preview.out]).toEqual(["passed", expect.stringMatching(/\+ 4 to create/)]);
    expect(emulator.requests().length).toBeGreaterThan(0);
    expect(writes()).toBe(0);

    const up = await run("up", emulator.apiKey);
    expect([up.status, up.out]).toEqual(["passed", expect.stringMatching(/\+ 4 created/)]);
    const made = writes();

    const clean = await run("drift", readKey);
    expect([clean.status, clean.out]).toEqual(["passed", expect.stringContaining("3 unchanged")]);
    expect(clean.artifacts["drift.html"]).toMatch(/^<!doctype html>/i);

    const [product] = emulator.objects("product");
    await post(emulator, `/v1/products/${product?.id}`, { name: "Renamed by hand" });
    const drifted = await run("drift", readKey);
    expect(drifted.out).toMatch(/~ Product team .*changed/);
    expect(drifted.artifacts["drift.html"]).toContain("Renamed by hand");
    expect([drifted.status, drifted.failedStep]).toEqual(
      platform === "GitHub" ? ["failed", "Tell of drift"] : ["warning", undefined],
    );

    // A key that is no longer good: there is drift, but nobody saw it.
    const blind = await run("drift", "rk_test_revoked");
    expect([blind.status, blind.failedStep]).toEqual(["failed", platform === "GitHub" ? "Look for drift" : undefined]);
    expect(blind.artifacts["drift.html"]).toContain("Invalid API Key");
    expect(writes()).toBe(made + 1);
  });
});
