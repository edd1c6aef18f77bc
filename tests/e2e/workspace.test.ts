import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import * as os from "node:os";
import { join, resolve } from "node:path";
import { startEmulator } from "../../emulator";
import { Workspace } from "./workspace";

jest.setTimeout(180_000);

test("a package.json in the folder of temporary files says nothing of what a workspace's program loads", async () => {
  const folder = realpathSync(mkdtempSync(join(os.tmpdir(), "stripe-as-code-")));
  jest.spyOn(jest.requireActual<typeof os>("node:os"), "tmpdir").mockReturnValue(folder);
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({
      name: "stripe-as-code",
      type: "module",
      exports: { ".": "./other.js", "./provider": "./other.js" },
    }),
  );
  writeFileSync(join(folder, "other.js"), "");
  const emulator = await startEmulator();
  const workspace = await Workspace.open(emulator);
  try {
    expect(workspace.folder.startsWith(folder)).toBe(true);
    for (const [name, main] of [
      ["stripe-as-code", "sdk"],
      ["stripe-as-code/provider", "provider"],
    ] as const) {
      const args = ["-p", `require.resolve(${JSON.stringify(name)})`];
      const found = execFileSync(process.execPath, args, { cwd: workspace.folder, encoding: "utf8" }).trim();
      expect(found).toBe(resolve(__dirname, "../../dist", main, "index.js"));
    }
    workspace.program("exports.loaded = typeof stripe.Product;\n");
    expect((await workspace.stack.up()).outputs.loaded?.value).toBe("function");
  } finally {
    workspace.close();
    await emulator.close();
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true });
  }
});
