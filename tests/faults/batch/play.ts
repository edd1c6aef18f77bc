import { killAll } from "../../e2e/workspace";
import { Bookkeeper } from "../bookkeeper";
import { type Outcome } from "../case";
import { recover } from "../lanes";
import { comparable, wrongSecrets } from "../ledger";
import { Line } from "../line";
import { isAtHome } from "../operation";
import { type Aim, Aiming } from "./aim";
import { type Piece } from "./piece";
import { BatchStack, type Declared, runOf } from "./stack";
import { type BatchLane, type Start } from "./start";

/**
 * Brings a stack and an account to the start, runs all pieces at once from there, with a fault at a request of each piece that it is
 * aimed at or without any, and all that follows: the course of `play` for one piece, on the real engine.
 */
export async function playBatch(
  { workspace, emulator, onWrite }: BatchLane,
  pieces: readonly Piece[],
  start: Start,
  aim?: Aim,
): Promise<Map<Piece, Outcome>> {
  const fault = aim?.fault;
  const stack = new BatchStack(workspace);
  emulator.restore(start.snapshot);
  stack.restore(start.saved);
  const books = new Bookkeeper(emulator, start.books);
  onWrite.call = () => books.look();
  const line = fault?.refuses ? await Line.open(emulator.port) : undefined;
  const aiming = new Aiming(emulator, books, pieces, aim, () => {
    line?.end();
    if (fault?.kills) killAll(workspace.processes("dynamic-provider"));
  });
  workspace.setEnv({
    STRIPE_API_BASE: line?.url ?? emulator.url,
    STRIPE_TIMEOUT_SECONDS: String(fault?.timeoutSeconds ?? 30),
    STRIPE_MAX_REQUESTS_PER_SECOND: "10000",
  });
  const forced = pieces.filter(({ operation }) => operation.forced);
  // What has no account yet would get the other one; and a forced create is told of nothing that has one.
  const faulted = fault?.forbids
    ? await stack.up(only(start.goal, (piece) => isAtHome(piece.operation)))
    : await stack.up(start.goal, { replace: forced });
  aiming.end();
  line?.end();
  workspace.setEnv({ STRIPE_API_BASE: emulator.url, STRIPE_TIMEOUT_SECONDS: "30" });

  const known = stack.recorded();
  const goal = only(start.goal, ({ operation }) => operation.givenUp === undefined);
  const recoveries = await recover(
    () => stack.up(goal),
    ({ code }) => code === 0,
    fault && { fault, hitAt: aiming.lastHitAt },
  );
  const again = await stack.up(goal, { refresh: true });
  const after = await stack.state();

  const outcomeOf = (piece: Piece): Outcome => {
    const now = after.of(piece);
    const own = runOf(faulted, piece);
    // The engine ends a run at the first resource that can't be compared, and says nothing of those whose turn never came.
    const isCutShort = fault?.forbids === true && own.step === "none" && faulted.code !== 0;
    return {
      requests: aiming.requestsOf(piece),
      hit: aiming.hitOf(piece),
      known: known.has(piece.resource),
      faulted: isCutShort ? { error: faulted.output } : own,
      recoveries: recoveries.map((run) => runOf(run, piece)),
      again: runOf(again, piece),
      // What a refresh of its own would find was found, and changed back, in the run before.
      refreshed: {},
      drift: undefined,
      ledger: books.ledger(piece.resource),
      state: now && { id: now.id, text: comparable({ inputs: now.inputs, outputs: now.outputs }) },
      unfinished: after.isUnfinished(piece),
      wrongSecrets: now === undefined ? [] : wrongSecrets(emulator, piece.declaration, now),
    };
  };
  return new Map(pieces.map((piece) => [piece, outcomeOf(piece)]));
}

function only(declared: Declared, keep: (piece: Piece) => boolean): Declared {
  return new Map([...declared].filter(([piece]) => keep(piece)));
}
