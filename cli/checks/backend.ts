import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseObject } from "../../provider/json";
import { messageOf } from "../../provider/errors";
import { settingsFile, whyUnreadable } from "../project";
import { type Project, tellingLines } from "../stack";
import { failed, type Finding, ok, skipped } from "./finding";

/** Where the state is, and who one is there. */
export async function lookAtBackend({ workspace }: Project): Promise<{ finding: Finding; url?: string }> {
  try {
    const { user, url = "" } = await workspace.whoAmI();
    return { finding: ok("backend", `${url} as ${user}`), url };
  } catch (error) {
    return {
      finding: failed(
        "backend",
        `the state backend can't be reached: ${tellingLines(messageOf(error))}`,
        "pulumi login <backend URL>, or set PULUMI_BACKEND_URL (and PULUMI_ACCESS_TOKEN for Pulumi Cloud)",
      ),
    };
  }
}

/** Whether there is a passphrase, where the stack's secrets need one; whether it is the right one shows as the stack is read. */
export async function lookAtPassphrase(
  { workspace }: Project,
  stack: string,
  env: NodeJS.ProcessEnv,
): Promise<Finding> {
  const settingsName = settingsFile(workspace.workDir, `Pulumi.${basename(stack)}`);
  if (settingsName === undefined) {
    return skipped(
      "passphrase",
      `there is no Pulumi.${basename(stack)}.yaml that would tell how the secrets of the stack are encrypted`,
      "commit the file: without it a stack that others made can't be read",
    );
  }
  let settings: Awaited<ReturnType<typeof workspace.stackSettings>> = {};
  try {
    settings = await workspace.stackSettings(basename(stack));
  } catch (error) {
    // The Automation API stumbles over an empty file, which the engine takes.
    if (!(error instanceof TypeError)) {
      return failed("passphrase", `${settingsName} can't be read: ${whyUnreadable(error)}`, `mend ${settingsName}`);
    }
  }
  const { secretsProvider = "", encryptionSalt } = settings;
  if (encryptionSalt === undefined) {
    return ok("passphrase", `none is needed (${secretsProvider === "" ? "the backend's secrets" : secretsProvider})`);
  }
  // One that is set to nothing is a passphrase, too.
  if (env.PULUMI_CONFIG_PASSPHRASE !== undefined) return ok("passphrase", "PULUMI_CONFIG_PASSPHRASE is set");
  const file = env.PULUMI_CONFIG_PASSPHRASE_FILE;
  if (file !== undefined && existsSync(file)) return ok("passphrase", "PULUMI_CONFIG_PASSPHRASE_FILE is set");
  return failed(
    "passphrase",
    file === undefined
      ? "the secrets of the stack are encrypted with a passphrase, and none is set"
      : `PULUMI_CONFIG_PASSPHRASE_FILE names ${file}, which isn't there`,
    "set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it",
  );
}

/**
 * Whether another run holds the stack. A state in a folder keeps locks as files; Pulumi Cloud tells of an update under way.
 * @param url of the backend
 * @param isAlive whether this machine has a process of that id
 */
export async function lookAtLock(
  { name, workspace }: Project,
  stack: string,
  url: string,
  isAlive: (pid: number) => boolean,
): Promise<Finding> {
  const otherwise = `if pulumi up says that it is locked and nobody is at it: ${cancel(stack)}`;
  if (!/^(file|https?):/.test(url)) {
    return skipped("lock", "whether the stack is locked can't be told of this backend without writing", otherwise);
  }
  let summary;
  try {
    if (url.startsWith("file:")) return lockInFolder(name, stack, folderOf(url, workspace.workDir), isAlive);
    summary = (await workspace.listStacks()).find((one) => basename(one.name) === basename(stack));
  } catch (error) {
    const message = `whether the stack is locked could not be told: ${tellingLines(messageOf(error))}`;
    return skipped("lock", message, otherwise);
  }
  if (summary?.updateInProgress !== true) return ok("lock", "no update is in progress");
  return failed("lock", "an update of the stack is in progress", `wait for its end; if it died: ${cancel(stack)}`);
}

function cancel(stack: string): string {
  return `pulumi cancel --yes --stack ${stack}`;
}

/** `file://~`, a path relative to the project, or an absolute one. */
function folderOf(url: string, workDir: string): string {
  const [path = ""] = url.slice("file://".length).split("?");
  if (path.startsWith("~")) return join(homedir(), path.slice(1));
  return path.startsWith("/") ? fileURLToPath(`file://${path}`) : resolve(workDir, path);
}

function lockInFolder(project: string, stack: string, root: string, isAlive: (pid: number) => boolean): Finding {
  const locks = join(root, ".pulumi", "locks");
  // By project, or in the older layout by stack alone.
  const folders = [join(locks, "organization", project, basename(stack)), join(locks, basename(stack))];
  const holders = folders.flatMap((folder) => {
    const files = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
    return files.filter((one) => one.isFile()).map((one) => parseObject(readFileSync(join(folder, one.name), "utf8")));
  });
  const holder = holders[0];
  if (holders.length === 0) return ok("lock", "nobody holds the stack");
  const { pid, username, hostname: host, timestamp } = holder ?? {};
  const who = `process ${String(pid)} of ${String(username)} on ${String(host)} since ${String(timestamp)}`;
  const by = `the stack is locked by ${holder === undefined ? "a run that doesn't say which" : who}`;
  if (host !== hostname() || typeof pid !== "number") {
    return failed("lock", by, `wait for its end; if it died: ${cancel(stack)}`);
  }
  if (isAlive(pid)) return failed("lock", `${by}, which is running`, "wait for its end");
  return failed(
    "lock",
    `${by}, which is no more`,
    `${cancel(stack)}; then pulumi up finds what the run that died has made`,
  );
}
