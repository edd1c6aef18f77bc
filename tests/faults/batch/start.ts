import { type Snapshot } from "../../../emulator";
import { stampedName, type Workspace } from "../../e2e/workspace";
import { Bookkeeper } from "../bookkeeper";
import { type Watched } from "../lanes";
import { disown } from "../operation";
import { post } from "../post";
import { type Piece } from "./piece";
import { BatchStack, type Declared, mustSucceed } from "./stack";

/** What a batch runs on. */
export interface BatchLane extends Watched {
  workspace: Workspace;
}

/** Where every batch begins. */
export interface Start {
  /** Folder with the state; belongs to the workspace that made it. */
  saved: string;
  snapshot: Snapshot;
  /** What was made until then. */
  books: Bookkeeper;
  /** What the program declares then. */
  goal: Declared;
}

const day = 24 * 3600;

/** Brings every piece to where its operation begins, in as many runs as the longest of them takes. */
export async function begin(
  pieces: Piece[],
  { workspace, emulator, onWrite }: BatchLane,
  saved: string,
): Promise<Start> {
  const stack = new BatchStack(workspace);
  const needs = new Map(
    pieces.flatMap(({ declaration }) => (declaration.samples.needs ?? []).map((need) => [JSON.stringify(need), need])),
  );
  for (const { path, params } of needs.values()) await post(emulator, path, params);
  const books = new Bookkeeper(emulator);
  onWrite.call = () => books.look();

  const old = pieces.filter(({ operation }) => operation.longAgo);
  const levels = Math.max(...pieces.map(({ operation }) => operation.before.length));
  if (old.length > 0) {
    await mustSucceed(stack.up(at(old, levels - 1, levels)));
    emulator.passTime(day + 3600);
  }
  for (let level = 0; level < levels; level++) {
    const others = at(
      pieces.filter(({ operation }) => !operation.longAgo),
      level,
      levels,
    );
    await mustSucceed(stack.up(new Map([...at(old, levels - 1, levels), ...others])));
  }
  await stack.forget(pieces.filter(({ operation }) => operation.losesState));
  const goal = new Map(
    pieces.flatMap((piece) => {
      const { declaration, operation, resource } = piece;
      if (operation.goal === undefined) return [];
      const there = emulator.objects(declaration.object).find((object) => stampedName(object) === resource);
      const adopted = operation.adopts && there !== undefined ? disown(emulator, declaration, there.id) : {};
      return [[piece, { ...operation.goal, ...adopted }] as const];
    }),
  );
  stack.save(saved);
  books.look();
  return { saved, snapshot: emulator.snapshot(), books, goal };
}

/** What is declared at a level of those that lead up to the operation; the last ones stand at the end. */
function at(pieces: Piece[], level: number, levels: number): Declared {
  return new Map(
    pieces.flatMap((piece) => {
      const { before } = piece.operation;
      const args = before[level - (levels - before.length)];
      return args === undefined ? [] : [[piece, args] as const];
    }),
  );
}
