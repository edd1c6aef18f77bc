import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { startEmulator } from "../../emulator";
import { version } from "@pulumi/pulumi/package.json";
import { Workspace } from "./workspace";

jest.setTimeout(300_000);

const repository = resolve(__dirname, "../..");

test("every example, outside the repository with the packed tarball installed, goes up, previews and refreshes clean, and goes down", async () => {
  const emulator = await startEmulator();
  const workspace = await Workspace.open(emulator, { link: false });
  const npm = (args: string[], cwd: string) =>
    execFileSync("npm", [...args, "--no-audit", "--no-fund", "--loglevel", "error"], {
      cwd,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  try {
    const { folder } = workspace;
    npm(["pack", "--ignore-scripts", "--pack-destination", folder], repository);
    const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "outside", private: true }));
    npm(
      [
        "install",
        "--prefer-offline",
        `./${tarball}`,
        `@pulumi/pulumi@${version}`,
        "typescript@5.9.3",
        "@types/node@20",
      ],
      folder,
    );
    writeFileSync(join(folder, "Pulumi.yaml"), "name: outside\nruntime: nodejs\nmain: program/\n");
    const examples = readdirSync(join(repository, "examples"));
    expect(examples).toContain("quickstart");
    mkdirSync(join(folder, "program"));
    await workspace.select();
    const { stack } = workspace;
    for (const example of examples) {
      cpSync(join(repository, "examples", example), join(folder, "program"), { recursive: true });
      await stack.up();
      await stack.preview({ expectNoChanges: true });
      await stack.refresh({ expectNoChanges: true });
      await stack.destroy();
      rmSync(join(folder, "program", "index.ts"));
    }
    expect(emulator.objects("webhook_endpoint")).toEqual([]);
    expect(emulator.objects("climate.order")).toMatchObject([{ status: "canceled" }]);
    expect(emulator.forwarded()).toHaveLength(1);

    const help = execFileSync(join(folder, "node_modules", ".bin", "stripe-as-code"), ["--help"], { encoding: "utf8" });
    expect(help).toContain("emulator");
  } finally {
    workspace.close();
    await emulator.close();
  }
});
