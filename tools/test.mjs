// `npm test [-- jest arguments]`: set-up, then the checks, then the tests; the last line is the sum of it all.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, execPath, platform } from "node:process";
import { announce, root, setUp, StepFailed } from "./setup.mjs";

const CHECKS = ["check:types", "check:lint", "check:format"];
/**
 * Whose files start engines or hosts, which would starve beside many others: two files at a time, whatever the machine has, and a
 * matrix, which keeps the machine busy by itself, beside nothing else.
 */
const HEAVY = [["faults"], ["crash"], ["leaks", "browser", "e2e"]];

const sum = { passed: 0, failed: 0, skipped: 0 };
const reports = mkdtempSync(join(tmpdir(), "stripe-as-code-test-"));
try {
  setUp();
  for (const check of CHECKS) runCheck(check);
  const before = sum.passed + sum.failed;
  const { projects, rest } = readArguments(argv.slice(2));
  runJest(
    projects.filter((name) => !HEAVY.flat().includes(name)),
    rest,
  );
  for (const group of HEAVY) {
    runJest(
      projects.filter((name) => group.includes(name)),
      ["--maxWorkers=2", ...rest],
    );
  }
  if (sum.passed + sum.failed === before) fail("no test ran");
} catch (error) {
  fail(error instanceof StepFailed ? `set-up stopped: ${error.message}` : (error?.stack ?? String(error)));
} finally {
  rmSync(reports, { recursive: true, force: true });
}
process.exitCode = sum.failed === 0 ? 0 : 1;
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ""}`);

function fail(text) {
  console.error(`error: ${text}`);
  sum.failed++;
}

function runCheck(name) {
  announce(name);
  const shell = platform === "win32";
  const { status } = spawnSync("npm", ["run", "--silent", name], { cwd: root, stdio: "inherit", shell });
  if (status === 0) sum.passed++;
  else fail(`${name} failed`);
}

/** Splits off `--selectProjects a b`: which projects run beside each other is decided here. */
function readArguments(args) {
  const all = createRequire(import.meta.url)("../jest.config.js").projects.map((project) => project.displayName);
  const at = args.indexOf("--selectProjects");
  if (at < 0) return { projects: all, rest: args };
  const after = args.slice(at + 1);
  const next = after.findIndex((arg) => arg.startsWith("-"));
  const names = next < 0 ? after : after.slice(0, next);
  for (const name of names) if (!all.includes(name)) throw new Error(`no project named ${name}; there are ${all}`);
  return { projects: names, rest: [...args.slice(0, at), ...after.slice(names.length)] };
}

function runJest(projects, args) {
  if (projects.length === 0) return;
  announce(`tests: ${projects.join(", ")}`);
  const report = join(reports, `${projects[0]}.json`);
  const command = ["node_modules/jest/bin/jest.js", ...args, "--passWithNoTests", "--json", `--outputFile=${report}`];
  // Last, since it takes every word after it for a project. Jest's report goes to stderr, its JSON to the file.
  const { status } = spawnSync(execPath, [...command, "--selectProjects", ...projects], {
    cwd: root,
    stdio: "inherit",
  });
  const result = readReport(report);
  if (!result) return fail("jest ended without a report");
  sum.passed += result.numPassedTests;
  sum.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  sum.skipped += result.numPendingTests + result.numTodoTests;
  if (status !== 0 && result.numFailedTests + result.numRuntimeErrorTestSuites === 0) {
    fail(`jest ended with exit code ${status}`);
  }
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
