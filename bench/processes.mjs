// Runs a command and watches the processes it starts: the peak memory and the processor time of each, as Linux tells them.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const everyMs = 50;
/** Linux counts processor time in hundredths of a second (sysconf _SC_CLK_TCK). */
const tickMs = 10;

/** What a process of a run is there for, by its command line. */
const parts = [
  ["host", /dynamic-provider/],
  ["program", /pulumi-language-nodejs-exec|nodejs[\\/]cmd[\\/]run|cmd\/run/],
  ["engine", /^\S*pulumi\s/],
];

/**
 * Runs a command to its end.
 * @returns milliseconds it took, what it printed, its exit code, and by part of the run the peak memory in MB and the processor time
 */
export async function watch(command, args, { cwd, env }) {
  const started = performance.now();
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const printed = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"]) child[stream].on("data", (data) => (printed[stream] += data));
  const seen = new Map();
  const timer = setInterval(() => look(child.pid, seen), everyMs);
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearInterval(timer);
  const usage = {};
  for (const { part, mb, cpuMs } of seen.values()) {
    const known = usage[part] ?? { mb: 0, cpuMs: 0 };
    usage[part] = { mb: Math.max(known.mb, mb), cpuMs: known.cpuMs + cpuMs };
  }
  return { wallMs: performance.now() - started, ...printed, code, usage };
}

/** Remembers the newest figures of every process below one. */
function look(root, seen) {
  const parents = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // The name in brackets may hold spaces.
      const fields = readFileSync(`/proc/${name}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      parents.set(Number(name), {
        parent: Number(fields[1]),
        cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs,
      });
    } catch {
      // It has ended since.
    }
  }
  for (const [pid, { cpuMs }] of parents) {
    if (!isBelow(pid, root, parents)) continue;
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      const part = parts.find(([, pattern]) => pattern.test(line))?.[0];
      const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
      if (part !== undefined && kilobytes !== undefined) seen.set(pid, { part, mb: Number(kilobytes) / 1024, cpuMs });
    } catch {
      // It has ended since.
    }
  }
}

function isBelow(pid, root, parents) {
  for (let at = pid; at !== undefined && at > 1; at = parents.get(at)?.parent) if (at === root) return true;
  return false;
}
