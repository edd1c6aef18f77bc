// `npm run matrix [-- --full] [-- --seed <text>] [-- --case <part of a name>] [-- --planted]`: the fault matrix alone. As in
// `npm test` it takes a sample of the cases; `--full` takes all of them, `--planted` proves that it notices.
// `npm run matrix -- --crash [--seed <text>] [--case <part of a name>] [--planted]`: the crash matrix alone.
import { spawnSync } from "node:child_process";
import { argv, env, execPath } from "node:process";
import { parseArgs } from "node:util";
import { root, setUp } from "./setup.mjs";

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    crash: { type: "boolean" },
    full: { type: "boolean" },
    planted: { type: "boolean" },
    seed: { type: "string" },
    case: { type: "string" },
  },
});
setUp();
const settings = { full: values.full, seed: values.seed, only: values.case };
const project = values.crash ? "crash" : "faults";
// Cases on the real engine have names of their own.
const isBatch = values.case?.startsWith("engine /");
const part = values.crash ? "matrix" : isBatch ? "batches" : values.case === undefined ? "(matrix|batches)" : "matrix";
const file = `tests/${project}/${values.planted ? "planted" : part}`;
const { status } = spawnSync(
  execPath,
  ["node_modules/jest/bin/jest.js", "--runInBand", "--selectProjects", project, "--testPathPatterns", file],
  {
    cwd: root,
    stdio: "inherit",
    env: { ...env, MATRIX: JSON.stringify(settings) },
  },
);
process.exitCode = status ?? 1;
