import { type Emulator, type FaultSubject } from "../../emulator";
import { kinds } from "../../emulator/registry";
import { stampedName } from "../e2e/workspace";
import { type Values } from "./host";
import { comparable, type Ledger } from "./ledger";
import { standingOf } from "./standing";

/** Kinds whose objects an account can come to hold; what it holds from the start never changes here. */
const watched = kinds.filter((kind) => kind.create !== undefined).map((kind) => kind.name);

/**
 * Watches an emulator from request to request: an object that comes and goes within a run is seen too. Whose an object is tells the
 * name in its metadata as it is made, or what an object without metadata of its own belongs to.
 */
export class Bookkeeper {
  /** What is there before anything is made: kinds by id. */
  private readonly strangers: ReadonlyMap<string, string>;
  /** What the account had then. */
  private readonly opening: number;
  private readonly made: Map<string, { kind: string; resource: string | undefined }>;
  /** For whom something was forwarded, by request. */
  private readonly callers: Map<string, string | undefined>;

  /** @param earlier kept the books until now, of this emulator or of one whose snapshot was brought here */
  constructor(
    private readonly emulator: Emulator,
    earlier?: Bookkeeper,
  ) {
    const there = watched.flatMap((kind) => emulator.objects(kind).map(({ id }) => [id, kind] as const));
    this.strangers = earlier?.strangers ?? new Map(there);
    this.opening = earlier?.opening ?? balanceOf(emulator);
    this.made = new Map([...(earlier?.made ?? [])].map(([id, one]) => [id, { ...one }]));
    this.callers = new Map(earlier?.callers);
  }

  /** To be called after every request that could make something. */
  look(): void {
    for (const kind of watched) {
      for (const { id } of this.emulator.objects(kind)) {
        if (this.strangers.has(id) || this.made.has(id)) continue;
        this.made.set(id, { kind, resource: stampedName(this.emulator.reveal(kind, id) ?? {}) });
      }
    }
    for (const [id, one] of this.made) one.resource ??= this.parentOf(one.kind, id);
    const requests = this.emulator.requests();
    for (const { requestId } of this.emulator.forwarded()) {
      if (requestId === null || this.callers.has(requestId)) continue;
      const request = requests.find((one) => one.requestId === requestId);
      if (request !== undefined) this.callers.set(requestId, stampedName(request.params));
    }
  }

  /** Name of the resource that a request is about; undefined for what concerns the whole run, such as a list. */
  ownerOf({ path, params }: FaultSubject): string | undefined {
    const named = stampedName(params);
    if (named !== undefined) return named;
    this.look();
    const id = path.split("/").find((segment) => this.made.has(segment));
    return id === undefined ? undefined : this.made.get(id)?.resource;
  }

  /** @param resource whose books; those of the whole account where left out */
  ledger(resource?: string): Ledger {
    this.look();
    const isWhole = resource === undefined;
    const own = [...this.made].flatMap(([id, one]) => (isWhole || one.resource === resource ? [{ id, ...one }] : []));
    const made = own.map((one) => ({ ...one, standing: standingOf(this.emulator.reveal(one.kind, one.id)) }));
    const there = [...own.map(({ id, kind }) => [id, kind] as const), ...(isWhole ? this.strangers : [])];
    const calls = this.emulator.forwarded();
    return {
      made,
      objects: there.flatMap(([id, kind]) => this.describe(kind, id)).sort(),
      spent: isWhole ? this.opening - balanceOf(this.emulator) : sum(own.map(({ id, kind }) => this.paidFor(kind, id))),
      forwarded: calls.filter(({ requestId }) => isWhole || this.callers.get(String(requestId)) === resource).length,
    };
  }

  /** Name of the resource whose object this one belongs to. */
  private parentOf(kind: string, id: string): string | undefined {
    const values = Object.values(this.emulator.reveal(kind, id) ?? {});
    return values.flatMap((value) => this.made.get(String(value))?.resource ?? [])[0];
  }

  private describe(kind: string, id: string): string[] {
    const object = this.emulator.reveal(kind, id);
    return object === undefined ? [] : [`${kind} ${comparable(object)}`];
  }

  /** What an object says of its price: of one that is canceled all but the fees has come back. */
  private paidFor(kind: string, id: string): number {
    const object: Values = this.emulator.reveal(kind, id) ?? {};
    return Number((standingOf(object) === "canceled" ? object.amount_fees : object.amount_total) ?? 0);
  }
}

/** Over all currencies, in their smallest units. */
function balanceOf(emulator: Emulator): number {
  return sum(emulator.snapshot().world.accounts.flatMap(({ balance }) => Object.values(balance)));
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
