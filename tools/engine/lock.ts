import { randomUUID } from "node:crypto";
import { readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { type EngineSystem } from "./system";

interface Owner {
  pid: number;
  host: string;
  token: string;
}

const HEARTBEAT_MS = 10_000;
// A holder writes every 10 seconds, so a minute of silence is a dead one, or a pid that now belongs to someone else.
const SILENT_MS = 60_000;
// Between a lock file's creation and its first byte lie microseconds.
const UNWRITTEN_MS = 5_000;
const POLL_MS = 1_000;

/**
 * Runs `work` while this process alone holds the lock file. A lock whose holder is dead (on this host), or hasn't
 * touched it for a minute (a shared home folder, a pid used again after a restart), is taken over.
 * `waiting` is called once, with the holder's pid, when there is someone to wait for.
 */
export async function withLock<T>(
  system: EngineSystem,
  path: string,
  waiting: (pid: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  const owner: Owner = { pid: system.pid, host: system.host, token: randomUUID() };
  let waited = false;
  while (!(await take(path, owner))) {
    const holder = await readOwner(path);
    if (await isDead(system, path, holder)) {
      await remove(path, holder);
      continue;
    }
    if (holder && !waited) waiting(holder.pid);
    waited = true;
    await system.sleep(POLL_MS);
  }
  const stop = system.every(HEARTBEAT_MS, () => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  });
  try {
    return await work();
  } finally {
    stop();
    if ((await readOwner(path))?.token === owner.token) await rm(path, { force: true });
  }
}

async function take(path: string, owner: Owner): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(owner), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** The lock's owner; undefined when there is no lock, or its writer died before it had written. */
async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Owner;
  } catch {
    return undefined;
  }
}

async function isDead(system: EngineSystem, path: string, holder: Owner | undefined): Promise<boolean> {
  if (holder?.host === system.host && !system.isAlive(holder.pid)) return true;
  try {
    const silentMs = system.now() - (await stat(path)).mtimeMs;
    return silentMs > (holder ? SILENT_MS : UNWRITTEN_MS);
  } catch {
    return false;
  }
}

/** Removes a dead lock; moved aside first, so that a lock someone took in the meantime is noticed and put back. */
async function remove(path: string, dead: Owner | undefined): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const moved = await readOwner(aside);
  if (moved && moved.token !== dead?.token) await rename(aside, path);
  else await rm(aside, { force: true });
}
