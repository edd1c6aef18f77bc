import { type Emulator, type FaultSubject } from "../../../emulator";
import { killAll } from "../../e2e/workspace";
import { Bookkeeper } from "../bookkeeper";
import { type Outcome, pause } from "../case";
import { type Fault } from "../fault";
import { recover } from "../lanes";
import { comparable, wrongSecrets } from "../ledger";
import { Line } from "../line";
import { type Piece } from "./piece";
import { BatchStack, type Declared, runOf } from "./stack";
import { type BatchLane, type Start } from "./start";

/** By piece: which of its requests a fault is aimed at, from 0. */
export type Targets = ReadonlyMap<Piece, number>;

/** Nothing more is coming when nothing came for so long. */
const quietMs = 1_500;

/** Runs all pieces at once from where they begin, with one fault at a request of each of the targets, and all that follows. */
export async function playBatch(
  { workspace, emulator, onWrite }: BatchLane,
  pieces: Piece[],
  start: Start,
  fault?: { fault: Fault; targets: Targets },
): Promise<Map<Piece, Outcome>> {
  const stack = new BatchStack(workspace);
  emulator.restore(start.snapshot);
  stack.restore(start.saved);
  const books = new Bookkeeper(emulator, start.books);
  onWrite.call = () => books.look();
  const line = fault?.fault.refuses ? await Line.open(emulator.port) : undefined;
  const armed = new ArmedBatch(emulator, books, pieces, fault, () => {
    if (fault?.fault.refuses) line?.end();
    if (fault?.fault.kills) killAll(workspace.processes("dynamic-provider"));
  });
  const { timeoutSeconds, lateMs, hasty } = fault?.fault ?? {};
  workspace.setEnv({
    STRIPE_API_BASE: line?.url ?? emulator.url,
    STRIPE_TIMEOUT_SECONDS: String(timeoutSeconds ?? 30),
    STRIPE_MAX_REQUESTS_PER_SECOND: "10000",
  });
  const forced = pieces.filter(({ operation }) => operation.forced);
  const faulted = await stack.up(start.goal, { replace: forced });
  armed.disarm();
  line?.end();
  workspace.setEnv({ STRIPE_API_BASE: emulator.url, STRIPE_TIMEOUT_SECONDS: "30" });

  const known = stack.recorded();
  const goal: Declared = new Map([...start.goal].filter(([{ operation }]) => operation.givenUp === undefined));
  const early = hasty ? [await stack.up(goal)] : [];
  if (lateMs !== undefined) await pause(armed.lastHitAt + lateMs + 50 - performance.now());
  const later = await recover(
    () => stack.up(goal),
    ({ code }) => code === 0,
  );
  const again = await stack.up(goal, { refresh: true });
  const after = await stack.state();

  return new Map(
    pieces.map((piece) => {
      const now = after.of(piece);
      const { declaration, resource } = piece;
      return [
        piece,
        {
          requests: armed.seen(piece),
          hit: armed.hit(piece),
          known: known.has(resource),
          faulted: runOf(faulted, piece),
          recoveries: [...early, ...later].map((run) => runOf(run, piece)),
          again: runOf(again, piece),
          refreshed: {},
          // What the refresh found would have been changed back in the same run.
          drift: undefined,
          ledger: books.ledger(resource),
          state: now && { id: now.id, text: comparable({ inputs: now.inputs, outputs: now.outputs }) },
          unfinished: after.isUnfinished(piece),
          wrongSecrets: now === undefined ? [] : wrongSecrets(emulator, declaration, now),
        },
      ];
    }),
  );
}

/** A fault for each of several resources in one run. */
class ArmedBatch {
  lastHitAt = performance.now();
  private readonly requests = new Map<string, string[]>();
  private readonly hits = new Map<string, string>();
  private armed = true;
  private timer: NodeJS.Timeout | undefined;

  /** @param act what a fault does that is no answer: called once all targets are held, or no more are coming */
  constructor(
    emulator: Emulator,
    private readonly books: Bookkeeper,
    pieces: Piece[],
    private readonly aimed: { fault: Fault; targets: Targets } | undefined,
    private readonly act: () => void,
  ) {
    const targets = new Map([...(aimed?.targets ?? [])].map(([{ resource }, index]) => [resource, index]));
    const rule = aimed === undefined ? { with: "cut-before" as const } : aimed.fault.rule;
    const holds = aimed?.fault.kills === true || aimed?.fault.refuses === true;
    for (const { resource } of pieces) this.requests.set(resource, []);
    emulator.fail({
      ...rule,
      ...(holds && { with: "hang" }),
      times: Infinity,
      when: (subject) => this.armed && this.meets(subject, targets, holds),
    });
  }

  seen({ resource }: Piece): readonly string[] {
    return this.requests.get(resource) ?? [];
  }

  hit({ resource }: Piece): string | undefined {
    return this.hits.get(resource);
  }

  disarm(): void {
    this.armed = false;
    clearTimeout(this.timer);
  }

  private meets(subject: FaultSubject, targets: ReadonlyMap<string, number>, holds: boolean): boolean {
    const resource = this.books.ownerOf(subject);
    const seen = resource === undefined ? undefined : this.requests.get(resource);
    if (resource === undefined || seen === undefined) return false;
    const name = `${subject.method} ${subject.path}`;
    const at = seen.push(name) - 1;
    const target = targets.get(resource);
    if (target === undefined || at < target) return false;
    const isFirst = at === target;
    if (isFirst) {
      this.hits.set(resource, name);
      this.lastHitAt = performance.now();
      if (holds) this.actSoon(targets.size);
    }
    const { reach } = this.aimed?.fault ?? { reach: "once" };
    return isFirst || reach === "rest" || (reach === "attempts" && name === this.hits.get(resource));
  }

  private actSoon(expected: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.act, this.hits.size === expected ? 100 : quietMs);
  }
}
