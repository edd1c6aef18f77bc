import { rm } from "node:fs/promises";
import { join } from "node:path";
import { lastLine } from "./inspect-folder";
import { showProgress } from "./progress";
import { type EngineSystem } from "./system";
import { WANTED_VERSION } from "./version";

// Without a network this must end while the user still watches; with one, the script itself is a few kilobytes.
const CONNECT_SECONDS = 5;
const SCRIPT_SECONDS = 20;
const INSTALL_MS = 15 * 60_000;

/**
 * Runs Pulumi's own installer (https://get.pulumi.com) so that it fills `root/bin` and edits no shell profile.
 * Its options are those the Automation API of `@pulumi/pulumi` passes.
 * @returns why it failed; undefined when it did what it was told.
 */
export async function runInstaller(system: EngineSystem, root: string): Promise<string | undefined> {
  const windows = system.platform === "win32";
  const script = join(root, windows ? "install.ps1" : "install.sh");
  const progress = showProgress(system, `Downloading Pulumi ${WANTED_VERSION} with Pulumi's installer`);
  const fail = (cause: string): string => {
    progress.end(`not possible: ${cause}`);
    return cause;
  };

  const limits = ["--connect-timeout", `${CONNECT_SECONDS}`, "--max-time", `${SCRIPT_SECONDS}`];
  const url = `https://get.pulumi.com/install.${windows ? "ps1" : "sh"}`;
  const fetched = await system.run("curl", ["-fsSL", ...limits, "-o", script, url], { env: system.env });
  if (fetched.code !== 0) {
    return fail(fetched.problem ? `curl: ${fetched.problem}` : (lastLine(fetched.stderr) ?? `curl: ${fetched.code}`));
  }

  progress.note("installing");
  const [command, args] = windows
    ? ["powershell.exe", ["-NoProfile", "-InputFormat", "None", "-ExecutionPolicy", "Bypass", "-File", script]]
    : ["/bin/sh", [script]];
  const options = windows
    ? ["-NoEditPath", "-InstallRoot", root, "-Version", WANTED_VERSION]
    : ["--no-edit-path", "--install-root", root, "--version", WANTED_VERSION];
  const installed = await system.run(command, [...args, ...options], {
    env: system.env,
    timeoutMs: INSTALL_MS,
    onLine: (line) => progress.note(line.trim()),
  });
  if (installed.code !== 0) {
    return fail(installed.problem ?? lastLine(installed.stderr) ?? `exit code ${installed.code}`);
  }
  await rm(script, { force: true });
  progress.end("done");
  return undefined;
}
