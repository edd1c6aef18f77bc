import { declarationOf, type KindName, kindNames } from "../../provider/registry";
import { type Values } from "../faults/host";
import { type Books, booksOf, sumOf } from "../faults/books";
import { operationsOf } from "../faults/operation";
import { declared, ended, type Left } from "../faults/standing";

/** A program that grows older: the new one creates, updates, replaces and ends what the old one declared. */
export type Version = "old" | "new";

/** How many resources either version has. */
const size = 30;

interface Resource {
  kind: KindName;
  name: string;
  /** Its arguments in either version; undefined where it isn't declared. */
  args: Record<Version, Values | undefined>;
  /** What is at Stripe, or was, after either version: the new one follows the old one. */
  leaves: Record<Version, Left[]>;
  /** Arguments that are the id of another resource, by its name. */
  ids: Record<string, string>;
}

/** What `needs` of a sample would make by hand is a resource of the program, which others refer to. */
const stays: Resource[] = kindNames.flatMap((kind) => {
  const isNeeded = kindNames.some((other) =>
    declarationOf(other).samples.needs?.some(({ path }) => path === declarationOf(kind).api.path),
  );
  return isNeeded ? [resourceOf(kind, "stays", ["old", "new"])] : [];
});

/** What becomes of resources from one version to the other: whatever can be asked of a kind, replacements only twice. */
const moving: Resource[][] = kindNames.map((kind) => {
  const declaration = declarationOf(kind);
  const operations = operationsOf(declaration);
  const replacements = operations.filter(({ name }) => name.startsWith("replace by ")).slice(0, 2);
  return operations
    .filter((one) => /^(create|update|delete|to \w+)$/.test(one.name) || replacements.includes(one))
    .map(({ name, before: [old], goal, leaves }) => ({
      kind,
      name: nameOf(kind, name),
      args: { old, new: goal },
      leaves: { old: old === undefined ? [] : [declared(declaration, old)], new: leaves },
      ids: idsIn(kind),
    }));
});

/** Kinds take turns, so that each stretch of a run meets most of them. */
const planned: Resource[] = [
  ...stays,
  ...Array.from({ length: Math.max(...moving.map((of) => of.length)) }, (_, turn) => turn).flatMap((turn) =>
    moving.flatMap((of) => of[turn] ?? []),
  ),
];

/** What fills either version up to its size. */
const plain: Resource[] = Array.from({ length: size }, (_, index) =>
  resourceOf(
    "Product",
    `plain-${index}`,
    (["old", "new"] as const).filter((version) => index < size - countOf(version)),
  ),
);

const all = [...planned, ...plain];

/** What has to stand in Stripe's books once the version stands, the new one after the old one. */
export function booksAfter(version: Version): Books {
  return sumOf(all.map(({ kind, name, leaves }) => booksOf(declarationOf(kind), name, leaves[version])));
}

/** The text of the program; every version has so many resources, and some of them wait for others. */
export function programOf(version: Version): string {
  const filled = all.filter(({ args }) => args[version] !== undefined);
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

/** A resource that is declared in the same words, in those versions. */
function resourceOf(kind: KindName, what: string, versions: Version[]): Resource {
  const declaration = declarationOf(kind);
  const { minimal } = declaration.samples as { minimal: Values };
  const [isOld, isNew] = [versions.includes("old"), versions.includes("new")];
  const there = declared(declaration, minimal);
  return {
    kind,
    name: nameOf(kind, what),
    args: { old: isOld ? minimal : undefined, new: isNew ? minimal : undefined },
    leaves: { old: isOld ? [there] : [], new: isNew ? [there] : isOld ? [ended(declaration, minimal)] : [] },
    ids: {},
  };
}

function countOf(version: Version): number {
  return planned.filter(({ args }) => args[version] !== undefined).length;
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
