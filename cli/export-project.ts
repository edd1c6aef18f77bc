import { constants, existsSync } from "node:fs";
import { access, mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { type Described } from "../provider/declare";
import { messageOf } from "../provider/errors";
import { mapParts } from "../provider/plan";
import { type KindName } from "../provider/registry";
import { OLDEST_VERSION } from "../tools/engine/version";
import { type ExportedAccount, type ExportedResource } from "./export-account";
import { ownPackage } from "./own-package";
import { CommandError } from "./shell";
import { Code, toTypeScript } from "./typescript";

type Values = Record<string, unknown>;

/** What an export left on disk. */
export interface Written {
  folder: string;
  files: string[];
  /** How many of each kind. */
  counts: Record<string, number>;
  notes: string[];
}

/** What `import` reads. */
export interface ImportFile {
  version: 1;
  account?: string;
  livemode: boolean;
  resources: { kind: KindName; name: string; id: string; created?: number; inputs: Values }[];
}

const names = ["index.ts", "package.json", "tsconfig.json", "Pulumi.yaml", ".gitignore", "import.json"];

/** @throws CommandError where nothing can be written: whoever has a large account shall not read it first to be told so */
export async function checkFolder(folder: string): Promise<void> {
  let path = resolve(folder);
  while (!existsSync(path)) path = dirname(path);
  if (!(await stat(path)).isDirectory()) throw unwritable(folder, `${path} is no folder`);
  await access(path, constants.W_OK).catch(() => {
    throw unwritable(folder, `nothing may be written in ${path}`);
  });
}

function unwritable(folder: string, why: string): CommandError {
  return new CommandError(`--out ${folder}: ${why}.`, "Nothing was written. Name another folder.");
}

/** One by one: where the system lets none be made, such as in /proc, Node's own way to make several never ends. */
async function makeFolder(path: string): Promise<void> {
  if (existsSync(path)) return;
  await makeFolder(dirname(path));
  await mkdir(path);
}

/** @throws CommandError where something would be written over */
export function refuseOldFiles(folder: string): void {
  const there = names.filter((name) => existsSync(join(folder, name)));
  if (there.length === 0) return;
  throw new CommandError(
    `${folder} holds ${there.join(", ")} already.`,
    "Nothing was written. Give another folder with --out.",
  );
}

/** Writes the program, and what it takes to run it. */
export async function writeProject(
  folder: string,
  account: ExportedAccount,
  { name, adopt }: { name: string; adopt?: boolean },
): Promise<Written> {
  const { resources, notes, livemode } = account;
  const files: Record<string, string> = {
    "index.ts": programOf(account, adopt === true),
    "package.json": json(packageOf(name)),
    "tsconfig.json": json({
      compilerOptions: {
        strict: true,
        target: "es2022",
        module: "commonjs",
        moduleResolution: "node",
        skipLibCheck: true,
      },
      files: ["index.ts"],
    }),
    "Pulumi.yaml": `name: ${name}\nruntime: nodejs\ndescription: What a Stripe account has, exported by stripe-as-code\n`,
    ".gitignore": "node_modules/\n",
  };
  if (adopt !== true) {
    const file: ImportFile = {
      version: 1,
      ...(account.account !== undefined && { account: account.account }),
      livemode,
      resources: resources.map(({ declaration: _, ...told }) => told),
    };
    files["import.json"] = json(file);
  }
  await makeFolder(resolve(folder)).catch((error: unknown) => {
    throw unwritable(folder, `the folder can't be made (${messageOf(error)})`);
  });
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text, { flag: "wx" });
  const counts: Record<string, number> = {};
  for (const { kind } of resources) counts[kind] = (counts[kind] ?? 0) + 1;
  return { folder, files: Object.keys(files), counts, notes };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function packageOf(name: string): object {
  return {
    name: name.toLowerCase(),
    private: true,
    main: "index.ts",
    // Newer ones of Pulumi's want a newer Node than this package does.
    dependencies: { "@pulumi/pulumi": OLDEST_VERSION, "stripe-as-code": `^${ownPackage().version}` },
    devDependencies: { "@types/node": "^20", typescript: "^5" },
  };
}

/** References between objects become variables, secrets become config. */
function programOf({ account, livemode, resources }: ExportedAccount, adopt: boolean): string {
  const variables = new Variables(resources);
  const blocks: string[] = [];
  let kindBefore = "";
  for (const resource of resources) {
    const { kind, name, id, declaration } = resource;
    const args = variables.inputsOf(resource);
    for (const { name: output, onlyOnCreate } of declaration.outputFields) {
      if (onlyOnCreate === undefined) continue;
      args[onlyOnCreate.known] = new Code(
        `config.getSecret(${JSON.stringify(variables.of(resource) + capital(output))})`,
      );
      args[onlyOnCreate.policy] = "leave-empty";
    }
    if (adopt) args.adopt = id;
    const made = `new stripe.${kind.replace(":", ".")}(${JSON.stringify(name)}, ${toTypeScript(args)});`;
    const block = variables.isUsed(resource) ? `const ${variables.of(resource)} = ${made}` : made;
    blocks.push(kind === kindBefore ? block : `// ${kind}\n${block}`);
    kindBefore = kind;
  }
  const body = blocks.join("\n\n");
  const usesConfig = body.includes("config.getSecret(");
  const imports = [
    ...(usesConfig ? ['import * as pulumi from "@pulumi/pulumi";'] : []),
    'import * as stripe from "stripe-as-code";',
  ];
  const about = [
    `What ${account ?? "an account"} (${livemode ? "live" : "test"} mode) has.`,
    // Two endpoints for one URL deliver every event twice.
    ...(adopt
      ? []
      : ["Before pulumi up, run stripe-as-code import import.json: without it all of this is made a second time."]),
    "Once the stack has the objects, pulumi destroy ends them, and so does pulumi up of what is taken out of here.",
  ].map((line) => `// ${line}\n`);
  const secrets =
    "// A secret that Stripe told once, when the object was made, is set by hand: pulumi config set --secret <name>.\n" +
    "// Until then it is empty.\nconst config = new pulumi.Config();\n\n";
  return `${about.join("")}${imports.join("\n")}\n\n${usesConfig ? secrets : ""}${body}${body === "" ? "" : "\n"}`;
}

/** Variables of the program: each once, and only for what others name. */
class Variables {
  private readonly names = new Map<ExportedResource, string>();
  private readonly used = new Set<ExportedResource>();
  private readonly inputs = new Map<ExportedResource, Values>();
  private readonly byId: Map<string, ExportedResource>;

  constructor(resources: ExportedResource[]) {
    const taken = new Set(["pulumi", "stripe", "config", ...reserved]);
    this.byId = new Map(resources.map((one) => [`${one.declaration.object} ${one.id}`, one]));
    for (const resource of resources) {
      const words = resource.name.split("-");
      const camel = words.map((word, index) => (index === 0 ? word : capital(word))).join("");
      const base = /^[a-z]/.test(camel) ? camel : `_${camel}`;
      const kind = capital(resource.kind.slice(resource.kind.indexOf(":") + 1));
      let name = taken.has(base) ? base + kind : base;
      for (let count = 2; taken.has(name); count++) name = base + kind + count;
      taken.add(name);
      this.names.set(resource, name);
    }
    for (const resource of resources) {
      const { declaration, inputs } = resource;
      this.inputs.set(resource, this.withVariables({ schema: z.object(declaration.inputs) }, inputs) as Values);
    }
  }

  of(resource: ExportedResource): string {
    return this.names.get(resource) ?? "";
  }

  isUsed(resource: ExportedResource): boolean {
    return this.used.has(resource);
  }

  /** The inputs with `gold.id` in the place of each id that names another object of the program. */
  inputsOf(resource: ExportedResource): Values {
    return { ...this.inputs.get(resource) };
  }

  private withVariables(field: Described, value: unknown): unknown {
    const target = field.refersTo === undefined ? undefined : this.byId.get(`${field.refersTo} ${String(value)}`);
    if (target === undefined) return mapParts(field, value, (part, item) => this.withVariables(part, item));
    this.used.add(target);
    return new Code(`${this.of(target)}.id`);
  }
}

/** Words that can't name a constant. */
const reserved = (
  "await break case catch class const continue debugger default delete do else enum export extends false finally for function if " +
  "implements import in instanceof interface let new null package private protected public return static super switch this throw " +
  "true try typeof undefined var void while with yield arguments eval exports module require"
).split(" ");

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
