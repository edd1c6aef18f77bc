// `npm run matrix [-- --full] [-- --seed <text>] [-- --case <part of a name>] [-- --planted]`: the fault matrix alone. As in
// `npm test` it takes a sample of the cases; `--full` takes all of them, `--planted` proves that it notices.
import { spawnSync } from "node:child_process";
import { argv, env, execPath } from "node:process";
import { parseArgs } from "node:util";
import { root, setUp } from "./setup.mjs";

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    full: { type: "boolean" },
    planted: { type: "boolean" },
    seed: { type: "string" },
    case: { type: "string" },
  },
});
setUp();
const settings = { full: values.full, seed: values.seed, only: values.case };
// Cases on the real engine have names of their own.
const part = values.case?.startsWith("engine /")
  ? "batches"
  : values.case === undefined
    ? "(matrix|batches)"
    : "matrix";
const file = `tests/faults/${values.planted ? "planted" : part}`;
const { status } = spawnSync(
  execPath,
  ["node_modules/jest/bin/jest.js", "--runInBand", "--selectProjects", "faults", "--testPathPatterns", file],
  { cwd: root, stdio: "inherit", env: { ...env, FAULT_MATRIX: JSON.stringify(settings) } },
);
process.exitCode = status ?? 1;
