import { join } from "node:path";
import { type Command } from "commander";
import { type Engine, getEngine } from "../tools/engine/get-engine";
import { pathFolders, programName } from "../tools/engine/inspect-folder";
import { realSystem } from "../tools/engine/system";
import { type GlobalOptions, paint, type Shell } from "./shell";

const DESCRIPTION = `Says where the Pulumi engine is, and installs one when there is none.

It is looked for in the folder STRIPE_AS_CODE_ENGINE names, on the PATH and in your cache folder. When it is nowhere, Pulumi's own installer puts it into the cache folder, else it is built there from Go modules (Go 1.26 or newer).`;

const EXAMPLES = `
Examples:
  $ stripe-as-code engine
  $ export PATH="$(stripe-as-code engine --json | jq -r .bin):$PATH"`;

const SOURCES: Record<Engine["source"], string> = {
  environment: "named by STRIPE_AS_CODE_ENGINE",
  path: "already on the PATH",
  cache: "made earlier",
  installer: "just installed by Pulumi's installer",
  build: "just built from Go modules",
};

/** `stripe-as-code engine` */
export function define(command: Command, shell: Shell): void {
  command
    .description(DESCRIPTION)
    .addHelpText("after", EXAMPLES)
    .action(async () => {
      const { json } = command.optsWithGlobals<GlobalOptions>();
      const system = { ...realSystem(), env: shell.env, screen: shell.stderr };
      const engine = await getEngine(system);
      const pulumi = join(engine.bin, programName(system.platform, "pulumi"));
      const { bin, version, source } = engine;
      // More than `bin` where an engine found on the PATH came without the dynamic host's launcher.
      const path = pathFolders(engine.env({ PATH: "" }));
      if (json) shell.stdout.write(`${JSON.stringify({ bin, pulumi, version, source, path })}\n`);
      else shell.stdout.write(`${describe(shell, engine, pulumi, system.platform)}\n`);
    });
}

function describe(shell: Shell, engine: Engine, pulumi: string, platform: NodeJS.Platform): string {
  const title = paint(shell, shell.stdout, "bold", `Pulumi ${engine.version}`);
  const lines = [`${title}  ${pulumi}  (${SOURCES[engine.source]})`];
  if (engine.source !== "path") {
    const command =
      platform === "win32" ? `$env:Path = "${engine.bin};$env:Path"` : `export PATH="${engine.bin}:$PATH"`;
    lines.push("", "To have it on the PATH of this shell:", `  ${command}`);
  }
  return lines.join("\n");
}
