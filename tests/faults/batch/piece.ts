import { declarationOf, type KindName, kindNames } from "../../../provider/registry";
import { operationsOf, type Task } from "../operation";
import { draw } from "../sample";

/** A resource of a batch, and what becomes of it. */
export interface Piece extends Task {
  kind: KindName;
}

/**
 * Every operation once, each of another kind with another seed. Left out is what concerns a whole run: a refresh, and an
 * engine that dies.
 */
export function piecesOf(seed: string): Piece[] {
  const all = kindNames.flatMap((kind) => {
    const declaration = declarationOf(kind);
    return operationsOf(declaration)
      .filter(({ refresh, interrupted }) => !refresh && !interrupted)
      .map((operation) => ({
        name: `${kind} / ${operation.name}`,
        resource: `${kind} ${operation.name}`.replace(/\W+/g, "-"),
        kind,
        declaration,
        operation,
      }));
  });
  const pieces: Piece[] = [];
  for (const name of new Set(all.map(({ operation }) => operation.name))) {
    const choices = all.filter(({ operation }) => operation.name === name);
    const free = choices.filter((piece) => !pieces.some((other) => areRivals(piece, other)));
    const from = free.length > 0 ? free : choices;
    const piece = from[draw(`${seed} ${name}`, from.length)];
    if (piece !== undefined && !pieces.some((other) => areRivals(piece, other))) pieces.push(piece);
  }
  return pieces;
}

/** Of one kind, and both with every field: some of those an account can't have twice, such as a lookup key. */
function areRivals(one: Piece, other: Piece): boolean {
  return one.kind === other.kind && isWhole(one) && isWhole(other);
}

function isWhole({ declaration, operation }: Piece): boolean {
  const fields = Object.keys(declaration.samples.full);
  return [...operation.before, operation.goal].some(
    (args) => args !== undefined && fields.every((field) => Object.hasOwn(args, field)),
  );
}
