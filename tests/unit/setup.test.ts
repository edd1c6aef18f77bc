import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

test("where node_modules is a symbolic link nothing is installed: npm ci would empty the folder it points to", () => {
  const folder = mkdtempSync(join(tmpdir(), "setup-test-"));
  try {
    const others = join(folder, "others");
    mkdirSync(others);
    writeFileSync(join(others, "kept"), "");
    const checkout = join(folder, "checkout");
    mkdirSync(join(checkout, "tools"), { recursive: true });
    cpSync(resolve(__dirname, "../../tools/setup.mjs"), join(checkout, "tools", "setup.mjs"));
    symlinkSync(others, join(checkout, "node_modules"));
    const { status, stdout, stderr } = spawnSync(process.execPath, ["tools/setup.mjs"], {
      cwd: checkout,
      encoding: "utf8",
    });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(`set-up stopped: node_modules is a symbolic link to ${others}`);
    expect(readdirSync(others)).toEqual(["kept"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
