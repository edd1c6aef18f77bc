import { spawnSync } from "node:child_process";
import { argv, env, execPath } from "node:process";
import { parseArgs } from "node:util";
import { root, setUp, StepFailed } from "./setup.mjs";

const help = `Runs the fault matrix alone: its cases in process, and its batches on the real engine.

  npm run matrix -- [options]

  --crash         the crash matrix instead
  --full          all cases; without it a sample, as in npm test
  --seed <text>   draws another sample, or other crashes
  --case <text>   only cases with this text in their names; names that begin with "engine /" are of the batches
  --planted       proves that the matrix notices mistakes planted in the provider
  --help          prints this`;

const options = {
  crash: { type: "boolean" },
  full: { type: "boolean" },
  planted: { type: "boolean" },
  seed: { type: "string" },
  case: { type: "string" },
  help: { type: "boolean" },
};

try {
  const { values } = parseArgs({ args: argv.slice(2), options });
  if (values.help) console.log(help);
  else run(values);
} catch (error) {
  const isWrongCall = String(error.code).startsWith("ERR_PARSE_ARGS");
  console.error(`error: ${isWrongCall || error instanceof StepFailed ? error.message : error.stack}`);
  if (isWrongCall) console.error("npm run matrix -- --help tells what there is");
  process.exitCode = 1;
}

function run({ crash, full, planted, seed, case: only }) {
  setUp();
  const project = crash ? "crash" : "faults";
  // Cases on the real engine have names of their own.
  const isBatch = only?.startsWith("engine /");
  const part = crash ? "matrix" : isBatch ? "batches" : only === undefined ? "(matrix|batches)" : "matrix";
  const file = `tests/${project}/${planted ? "planted" : part}`;
  const { status } = spawnSync(
    execPath,
    ["node_modules/jest/bin/jest.js", "--runInBand", "--selectProjects", project, "--testPathPatterns", file],
    { cwd: root, stdio: "inherit", env: { ...env, MATRIX: JSON.stringify({ full, seed, only }) } },
  );
  process.exitCode = status ?? 1;
}
