import { declarationOf, type KindName, kindNames } from "../../provider/registry";
import { type Values } from "../faults/host";
import { operationsOf } from "../faults/operation";

/** A program that grows older: the new one creates, updates, replaces and ends what the old one declared. */
export type Version = "old" | "new";

/** How many resources either version has. */
const size = 30;

interface Resource {
  kind: KindName;
  name: string;
  /** Its arguments in either version; undefined where it isn't declared. */
  args: Record<Version, Values | undefined>;
  /** Arguments that are the id of another resource, by its name. */
  ids: Record<string, string>;
}

/** What `needs` of a sample would make by hand is a resource of the program, which others refer to. */
const stays: Resource[] = kindNames.flatMap((kind) => {
  const { minimal } = declarationOf(kind).samples;
  const isNeeded = kindNames.some((other) =>
    declarationOf(other).samples.needs?.some(({ path }) => path === declarationOf(kind).api.path),
  );
  return isNeeded ? [{ kind, name: nameOf(kind, "stays"), args: { old: minimal, new: minimal }, ids: {} }] : [];
});

/** What becomes of resources from one version to the other: whatever can be asked of a kind, replacements only twice. */
const moving: Resource[][] = kindNames.map((kind) => {
  const all = operationsOf(declarationOf(kind));
  const replacements = all.filter(({ name }) => name.startsWith("replace by ")).slice(0, 2);
  return all
    .filter((one) => /^(create|update|delete|to \w+)$/.test(one.name) || replacements.includes(one))
    .map(({ name, before, goal }) => ({
      kind,
      name: nameOf(kind, name),
      args: { old: before.at(-1), new: goal },
      ids: idsIn(kind),
    }));
});

/** Kinds take turns, so that each stretch of a run meets most of them. */
const declared: Resource[] = [
  ...stays,
  ...Array.from({ length: Math.max(...moving.map((of) => of.length)) }, (_, turn) => turn).flatMap((turn) =>
    moving.flatMap((of) => of[turn] ?? []),
  ),
];

/** The text of the program; every version has so many resources, and some of them wait for others. */
export function programOf(version: Version): string {
  const there = declared.filter(({ args }) => args[version] !== undefined);
  const filled = [...there, ...plain(size - there.length)];
  const list = filled.map(({ kind, name, args, ids }, index) => ({
    kind,
    name,
    args: args[version],
    ids,
    after: index % 5 === 4 ? [filled[index - 3]?.name] : [],
  }));
  return `
const made = {};
for (const { kind, name, args, ids, after } of ${JSON.stringify(list)}) {
  const Kind = kind.split(":").reduce((at, part) => at[part], stripe);
  const references = Object.fromEntries(Object.entries(ids).map(([field, of]) => [field, made[of].id]));
  made[name] = new Kind(name, { ...args, ...references }, { dependsOn: after.map((one) => made[one]) });
}
`;
}

/** The kind of a resource, by its type in state. */
export function declarationOfType(type: string) {
  const found = kindNames.map(declarationOf).find((declaration) => declaration.type === type);
  if (found === undefined) throw new Error(`no kind has the type ${type}`);
  return found;
}

function plain(count: number): Resource[] {
  const kind = "Product";
  const args = { old: declarationOf(kind).samples.minimal, new: declarationOf(kind).samples.minimal };
  return Array.from({ length: count }, (_, index) => ({ kind, name: nameOf(kind, `plain-${index}`), args, ids: {} }));
}

function idsIn(kind: KindName): Record<string, string> {
  const { needs = [], minimal } = declarationOf(kind).samples;
  return Object.fromEntries(
    Object.entries(minimal).flatMap(([field, value]) => {
      const need = needs.find(({ params }) => params.id === value);
      const of = stays.find((one) => declarationOf(one.kind).api.path === need?.path);
      return of === undefined ? [] : [[field, of.name]];
    }),
  );
}

function nameOf(kind: KindName, what: string): string {
  return `${kind}-${what}`.replace(/\W+/g, "-").toLowerCase();
}
