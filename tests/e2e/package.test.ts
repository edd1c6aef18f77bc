import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { driftPage } from "../../cli/drift-page";
import { startEmulator } from "../../emulator";
import { version } from "@pulumi/pulumi/package.json";
import { sampleReport } from "../unit/drift-sample";
import { Workspace } from "./workspace";

jest.setTimeout(600_000);

const repository = resolve(__dirname, "../..");
/** What examples have beside a program. */
const beside: Record<string, string[]> = { bootstrap: ["consumer"], pipeline: [".github", ".gitlab-ci.yml"] };

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
    // Its page is made of files that are packed beside what is compiled.
    const installed = join(folder, "node_modules/stripe-as-code/dist/cli/drift-page.js");
    const packed = jest.requireActual<{ driftPage: typeof driftPage }>(installed);
    expect(packed.driftPage(sampleReport())).toBe(driftPage(sampleReport()));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: outside\nruntime: nodejs\nmain: program/\n");
    const examples = readdirSync(join(repository, "examples"));
    const listed = readFileSync(join(repository, "README.md"), "utf8").matchAll(
      /^\| \[`[\w-]+`\]\(examples\/([\w-]+)\)/gm,
    );
    expect(Array.from(listed, ([, example]) => example).sort()).toEqual(examples);
    await workspace.select();
    const { stack } = workspace;
    // Asked for by bootstrap, and good for all.
    await stack.setConfig("stripe:accountId", { value: emulator.accountId });
    for (const example of examples) {
      const packed = join(folder, "node_modules", "stripe-as-code", "examples", example);
      const files = readdirSync(packed).filter((name) => !(beside[example] ?? []).includes(name));
      expect(files).toEqual(["Pulumi.yaml", "README.md", "index.ts", "package.json", "tsconfig.json"]);
      cpSync(packed, join(folder, "program"), { recursive: true });
      await stack.up();
      await stack.preview({ expectNoChanges: true });
      await stack.refresh({ expectNoChanges: true });
      await stack.destroy();
      rmSync(join(folder, "program"), { recursive: true });
    }
    expect(emulator.objects("webhook_endpoint")).toEqual([]);
    // One of quickstart, one of climate.
    expect(emulator.objects("climate.order")).toMatchObject([{ status: "canceled" }, { status: "canceled" }]);
    expect(emulator.objects("identity.verification_session")).toMatchObject([
      { status: "canceled", redaction: { status: "processing" } },
    ]);
    const [products, prices] = [emulator.objects("product"), emulator.objects("price")];
    expect(products.map(({ name }) => name).sort()).toEqual([
      "Evening course",
      "Extras",
      "Gold plan",
      "Pro plan",
      "Requests",
      "Starter plan",
      "Team plan",
    ]);
    expect(prices.map(({ lookup_key }) => lookup_key).sort()).toEqual([
      "course-fee",
      "extras-large",
      "extras-medium",
      "extras-small",
      "gold-monthly",
      "gold-yearly",
      "pro-month",
      "pro-year",
      "requests",
      "starter-month",
      "starter-year",
      "team-monthly",
      "tip",
      "trial",
    ]);
    for (const sold of [...products, ...prices]) expect(sold).toMatchObject({ active: false });
    expect(emulator.objects("crypto.onramp_session")).toHaveLength(1);
    expect(emulator.forwarded()).toHaveLength(1);

    const help = execFileSync(join(folder, "node_modules", ".bin", "stripe-as-code"), ["--help"], { encoding: "utf8" });
    expect(help).toContain("emulator");
  } finally {
    workspace.close();
    await emulator.close();
  }
});
