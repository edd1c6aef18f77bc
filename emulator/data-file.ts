import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { types } from "node:util";
import { type Snapshot } from "./emulator";

/** Changes within this time are written together; as much is lost where the process is killed. */
const writeAfterMs = 100;

/** What a data file holds: who the account is, and all there is. */
export interface Kept {
  readonly format: 1;
  readonly apiKey: string;
  readonly accountId: string;
  readonly snapshot: Snapshot;
}

/** Keeps all there is in a file, which a later start reads. Each writing replaces the whole file at once. */
export class DataFile {
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** When the file was written last, in nanoseconds: by another time another's writing is told. */
  #written: bigint | undefined;
  #lost = false;

  constructor(
    private readonly path: string,
    private readonly contents: () => Kept,
    /** Told where a writing failed, while the emulator goes on. */
    private readonly onFailure: (message: string) => void,
  ) {}

  /** Writes soon; what happens until then is written with it. */
  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#writing = this.#writing.then(() => this.#write());
    }, writeAfterMs).unref();
  }

  /**
   * Writes at once, so that a start tells what would fail later.
   * @throws TypeError where the file can't be written
   */
  open(): void {
    try {
      this.#removeDrafts();
      writeFileSync(this.#draft, this.#text(), { mode: 0o600 });
      this.#written = timeOf(this.#draft);
      renameSync(this.#draft, this.path);
    } catch (error) {
      throw new TypeError(`startEmulator: the data file can't be written: ${(error as Error).message}`);
    }
  }

  /** Writes what is still to be written. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#write();
  }

  get #draft(): string {
    return `${this.path}.${process.pid}.draft`;
  }

  /** What a killed emulator had begun to write, secrets included. */
  #removeDrafts(): void {
    const folder = dirname(this.path);
    for (const name of readdirSync(folder)) {
      const [, pid] = name.startsWith(`${basename(this.path)}.`) ? (/\.(\d+)\.draft$/.exec(name) ?? []) : [];
      if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(folder, name));
    }
  }

  #text(): string {
    return JSON.stringify(this.contents(), writeCollection);
  }

  /** Whoever has written the file meanwhile keeps it: what two write in turn would be neither's. */
  async #write(): Promise<void> {
    if (this.#lost) return;
    try {
      const found = timeOf(this.path);
      if (found !== undefined && found !== this.#written) {
        this.#lost = true;
        throw new Error("somebody else, perhaps another emulator, writes it; nothing more is kept from here on");
      }
      await writeFile(this.#draft, this.#text(), { mode: 0o600 });
      this.#written = timeOf(this.#draft);
      await rename(this.#draft, this.path);
    } catch (error) {
      this.onFailure(`the data file could not be written: ${(error as Error).message}`);
    }
  }
}

function timeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 asks only whether it is there.
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Maps and sets, for which JSON has no words, as lists under a name that no field of Stripe's has. */
function writeCollection(_name: string, value: unknown): unknown {
  if (types.isMap(value)) return { $map: [...value] };
  if (types.isSet(value)) return { $set: [...value] };
  return value;
}

function readCollection(_name: string, value: unknown): unknown {
  const { $map: map, $set: set } = (value ?? {}) as { $map?: unknown; $set?: unknown };
  if (Array.isArray(map)) return new Map(map as [unknown, unknown][]);
  return Array.isArray(set) ? new Set(set) : value;
}

/**
 * What an earlier emulator left in the file; undefined where there is none.
 * @throws TypeError for a file that is something else: nothing is overwritten
 */
export function readDataFile(path: string): Kept | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new TypeError(`startEmulator: the data file can't be read: ${(error as Error).message}`);
  }
  try {
    const kept = JSON.parse(text, readCollection) as Partial<Kept> | null;
    if (kept?.format === 1 && kept.snapshot !== undefined) return kept as Kept;
  } catch {
    // Said below, as for any other text.
  }
  throw noDataFile(path);
}

/** For a file that doesn't hold what an emulator left. */
export function noDataFile(path: string): TypeError {
  return new TypeError(`startEmulator: ${path} is no data file of an emulator; it was left as it is`);
}
