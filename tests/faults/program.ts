import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const repository = resolve(__dirname, "../..");

/** The folder of a program: all that a dynamic host needs of one is where this package is found. */
export class ProgramFolder {
  readonly path = mkdtempSync(join(tmpdir(), "stripe-as-code-faults-"));

  /** @param packageFolder where the package is: the repository, or a copy of it with a defect */
  constructor(packageFolder = repository) {
    mkdirSync(join(this.path, "node_modules"));
    symlinkSync(packageFolder, join(this.path, "node_modules", "stripe-as-code"));
    writeFileSync(join(this.path, "package.json"), '{ "private": true }\n');
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
