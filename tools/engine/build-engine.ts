import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { findNoGo, goBuild, inModule } from "./go-build";
import { programName } from "./inspect-folder";
import { packageRoot } from "./package-root";
import { type EngineSystem } from "./system";
import { WANTED_VERSION } from "./version";

/** The Go programs of the engine, each built in the module folder that pins it. */
const PROGRAMS = [
  { name: "pulumi", module: "cli", path: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
  {
    name: "pulumi-language-nodejs",
    module: "language-nodejs",
    path: "github.com/pulumi/pulumi/sdk/nodejs/cmd/pulumi-language-nodejs/v3",
  },
];

/** Without the stamp `pulumi version` prints nothing, and the Automation API refuses such an engine. */
const LINKER_FLAGS = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${WANTED_VERSION}`;

/**
 * Builds the engine from Go modules into `root/bin`.
 * @returns why it failed; undefined when it did what it was told.
 */
export async function buildEngine(system: EngineSystem, root: string): Promise<string | undefined> {
  const noGo = await findNoGo(system);
  if (noGo !== undefined) return noGo;
  await mkdir(join(root, "bin"), { recursive: true });
  for (const { name, module, path } of PROGRAMS) {
    const failure = await inModule(system, join(packageRoot(), "tools", "engine", module), (at) =>
      goBuild(system, { name, version: WANTED_VERSION, path, linkerFlags: LINKER_FLAGS, ...at }, output(name)),
    );
    if (failure !== undefined) return failure;
  }
  return undefined;

  function output(name: string): string {
    return join(root, "bin", programName(system.platform, name));
  }
}
