import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Workspace } from "../../e2e/workspace";
import { type Outcome } from "../case";
import { canMeet, duration, type Fault, faults } from "../fault";
import { each, watchedEmulator } from "../lanes";
import { shortened } from "../matrix";
import { isAtHome } from "../operation";
import { judge } from "../oracle";
import { type CaseResult } from "../report";
import { draw } from "../sample";
import { type Piece, piecesOf } from "./piece";
import { type Aim } from "./aim";
import { playBatch } from "./play";
import { type BatchLane, begin, type Start } from "./start";

/** One account, whichever emulator it is at. */
const account = { apiKey: "sk_test_batches", accountId: "acct_1Batches" };
/** Engines at a time: each keeps a core busy for most of a run. */
const laneCount = 3;

/**
 * Each operation with each fault once, all operations of a fault in one run of the real engine.
 * @param seed draws the kind of each operation, and which of its requests a fault meets
 */
export async function runBatches(seed: string, keep: (name: string) => boolean): Promise<CaseResult[]> {
  const saved = mkdtempSync(join(tmpdir(), "stripe-as-code-start-"));
  const lanes: BatchLane[] = [];
  try {
    for (let count = 0; count < laneCount; count++) {
      const watched = await watchedEmulator(account);
      lanes.push({ ...watched, workspace: await Workspace.open(watched.emulator) });
    }
    const [first] = lanes;
    if (first === undefined) return [];
    const pieces = piecesOf(seed);
    const start = await begin(pieces, first, saved);
    const clean = await playBatch(first, pieces, start);
    const results = [...clean].map(([piece, outcome]) => ({
      name: `${piece.name} / no fault`,
      verdict: judge(outcome, outcome, piece, undefined),
    }));
    const aims = faults.flatMap((fault) => aimOf(seed, fault, clean, keep));
    aims.sort((one, other) => duration(other.fault) - duration(one.fault));
    await each(lanes, aims, async (lane, aim) => {
      results.push(...(await run(lane, pieces, start, clean, aim)));
    });
    return results;
  } finally {
    for (const { workspace, emulator } of lanes) {
      workspace.close();
      await emulator.close();
    }
    rmSync(saved, { recursive: true, force: true });
  }
}

/** Each piece with the fault at one of its requests, or at the run's question for the account, of what is known to have one. */
function aimOf(seed: string, fault: Fault, clean: Map<Piece, Outcome>, keep: (name: string) => boolean): Aim[] {
  const targets = new Map<Piece, number>();
  for (const [piece, { requests }] of clean) {
    const possible = fault.forbids
      ? isAtHome(piece.operation)
        ? [0]
        : []
      : requests.flatMap((request, index) => (canMeet(fault, request) ? [index] : []));
    const index = possible[draw(`${seed} ${piece.name} ${fault.name}`, possible.length || 1)];
    if (index !== undefined && keep(nameOf(piece, fault, requests[index]))) targets.set(piece, index);
  }
  return targets.size > 0 ? [{ fault, targets }] : [];
}

/** A batch until each of its targets was met: what a host is killed in front of comes later. */
async function run(
  lane: BatchLane,
  pieces: Piece[],
  start: Start,
  clean: Map<Piece, Outcome>,
  { fault, targets }: Aim,
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (let left = targets; left.size > 0;) {
    const outcomes = await playBatch(lane, pieces, start, { fault, targets: left });
    const isMet = (piece: Piece) => outcomes.get(piece)?.hit !== undefined;
    const missed = new Map([...left].filter(([piece]) => !isMet(piece)));
    const final = missed.size === left.size;
    for (const [piece, outcome] of outcomes) {
      const usual = clean.get(piece);
      const index = left.get(piece);
      if (usual === undefined || (index !== undefined && !isMet(piece) && !final)) continue;
      const verdict = judge(outcome, usual, piece, index === undefined ? undefined : fault);
      // Who is no target runs beside those that are, and must not notice.
      if (index !== undefined || verdict.problems.length > 0) {
        results.push({ name: nameOf(piece, fault, index === undefined ? "beside" : usual.requests[index]), verdict });
      }
    }
    left = final ? new Map() : missed;
  }
  return results;
}

function nameOf({ name }: Piece, fault: Fault, request = ""): string {
  if (fault.forbids && request !== "beside") return `engine / ${name} / GET /v1/account / ${fault.name}`;
  return `engine / ${name} / ${shortened(request)} / ${fault.name}`;
}
