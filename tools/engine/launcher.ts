import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The file under whose name the engine looks for the host of dynamic providers. */
export function launcherName(platform: NodeJS.Platform): string {
  return platform === "win32" ? "pulumi-resource-pulumi-nodejs.cmd" : "pulumi-resource-pulumi-nodejs";
}

// The engine starts the host in the program's folder, so each program gets the host of its own @pulumi/pulumi: the two
// speak a private protocol and must be of one version. That is why nothing of @pulumi/pulumi is copied here.
const SHELL = `#!/bin/sh
script=$(node -p 'require.resolve("@pulumi/pulumi/cmd/dynamic-provider")') || exit 1
node "$script" "$@"
`;

const BATCH = `@echo off
setlocal
for /f "delims=" %%i in ('node -p "require.resolve('@pulumi/pulumi/cmd/dynamic-provider')"') do set SCRIPT=%%i
if not defined SCRIPT exit /b 1
node "%SCRIPT%" %*
`;

/** Puts the launcher of the dynamic provider host into `folder`; Pulumi's own downloads carry one, a Go build doesn't. */
export async function writeLauncher(platform: NodeJS.Platform, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, launcherName(platform));
  // Another process may be running it: never a half-written file under its name.
  const fresh = `${path}.${process.pid}`;
  await writeFile(fresh, platform === "win32" ? BATCH : SHELL);
  await chmod(fresh, 0o755);
  await rename(fresh, path);
}
