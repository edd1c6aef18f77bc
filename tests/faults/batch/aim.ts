import { type Emulator, type FaultSubject } from "../../../emulator";
import { type Bookkeeper } from "../bookkeeper";
import { canMeet, type Fault } from "../fault";
import { type Piece } from "./piece";

/** A fault, and by piece which of its requests it is aimed at, from 0. */
export interface Aim {
  fault: Fault;
  targets: ReadonlyMap<Piece, number>;
}

/** Nothing more is coming when nothing came for so long. */
const quietMs = 1_500;

/**
 * Sees the requests of a run, tells by the books which resource each is about, and lets the fault happen to each resource that
 * it is aimed at. What brings a whole run down happens once for all: the requests it is aimed at are held until the last of them has
 * come, or no more are coming.
 */
export class Aiming {
  lastHitAt = performance.now();
  /** By name of the resource: its requests so far, and the one that the fault met. */
  private readonly seen: ReadonlyMap<string, string[]>;
  private readonly hits = new Map<string, string>();
  private readonly targets: ReadonlyMap<string, number>;
  private readonly bringsDown: boolean;
  private isOn = true;
  private timer: NodeJS.Timeout | undefined;

  /** @param bringDown what the fault does to the run that is no answer to a request */
  constructor(
    emulator: Emulator,
    private readonly books: Bookkeeper,
    pieces: readonly Piece[],
    private readonly aim: Aim | undefined,
    private readonly bringDown: () => void,
  ) {
    this.seen = new Map(pieces.map(({ resource }) => [resource, []]));
    this.targets = new Map([...(aim?.targets ?? [])].map(([{ resource }, index]) => [resource, index]));
    this.bringsDown = aim?.fault.kills === true || aim?.fault.refuses === true;
    emulator.fail({
      ...(aim?.fault.rule ?? { with: "cut-before" }),
      ...(this.bringsDown && { with: "hang" }),
      times: Infinity,
      when: (subject) => this.isOn && this.meets(subject),
    });
  }

  requestsOf({ resource }: Piece): readonly string[] {
    return this.seen.get(resource) ?? [];
  }

  /** The request of the piece that the fault met, if it came. */
  hitOf({ resource }: Piece): string | undefined {
    return this.hits.get(resource);
  }

  end(): void {
    this.isOn = false;
    clearTimeout(this.timer);
  }

  /** Enters a request, and tells whether the fault happens to it. */
  private meets(subject: FaultSubject): boolean {
    const request = `${subject.method} ${subject.path}`;
    if (this.aim?.fault.meets === "account" && canMeet(this.aim.fault, request)) {
      // One question of the run decides it for all of its resources.
      for (const resource of this.targets.keys()) this.hits.set(resource, request);
      return true;
    }
    const resource = this.books.ownerOf(subject);
    const seen = resource === undefined ? undefined : this.seen.get(resource);
    if (resource === undefined || seen === undefined) return false;
    const index = seen.push(request) - 1;
    const target = this.targets.get(resource);
    if (this.aim === undefined || target === undefined || this.aim.fault.meets === "account") return false;
    if (index === target) {
      this.hits.set(resource, request);
      this.lastHitAt = performance.now();
      if (this.bringsDown) this.bringDownSoon();
      return true;
    }
    const { reach } = this.aim.fault;
    return index > target && (reach === "rest" || (reach === "attempts" && request === this.hits.get(resource)));
  }

  private bringDownSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.bringDown, this.hits.size === this.targets.size ? 100 : quietMs);
  }
}
