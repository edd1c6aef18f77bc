import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../emulator";

/** Gives each test of a file an empty account and an empty folder. */
export function eachWithFolder(give: (emulator: Emulator, folder: string) => void): void {
  let emulator: Emulator;
  let folder: string;
  beforeAll(async () => {
    emulator = await startEmulator();
  });
  beforeEach(() => {
    emulator.reset();
    folder = mkdtempSync(join(tmpdir(), "stripe-as-code-"));
    give(emulator, folder);
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  afterAll(() => emulator.close());
}

/** Where a command line reads its settings from, in the place of a shell and a stack. */
export function settingsFor(emulator: Emulator) {
  const given: Record<string, string> = { apiKey: emulator.apiKey, apiBase: emulator.url };
  return { config: (name: string) => given[name], env: {} };
}
