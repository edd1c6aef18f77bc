import { type Emulator, type FaultSubject } from "../../../emulator";
import { stampedName } from "../../e2e/workspace";
import { type Values } from "../host";
import { comparable, type Ledger, watched } from "../ledger";
import { type Piece } from "./piece";

/**
 * Whose an object is, and whose a request: by the name that stands in the object's metadata as it is made, and by what an
 * object without metadata of its own belongs to.
 */
export class Books {
  private readonly owners = new Map<string, { kind: string; resource: string }>();

  constructor(private readonly emulator: Emulator) {
    this.look();
  }

  /** To be called after every request that could make something. */
  look(): void {
    for (const kind of watched) {
      // Oldest first: what belongs to another object comes after it.
      for (const { id } of this.emulator.objects(kind).reverse()) {
        if (this.owners.has(id)) continue;
        const object: Values = this.emulator.reveal(kind, id) ?? {};
        const parent = Object.values(object).find((value) => typeof value === "string" && this.owners.has(value));
        const resource = stampedName(object) ?? this.owners.get(String(parent))?.resource;
        if (resource !== undefined) this.owners.set(id, { kind, resource });
      }
    }
  }

  /** Name of the resource that a request is about; undefined for what concerns the whole run, such as a list. */
  ownerOf({ path, params }: FaultSubject): string | undefined {
    const named = stampedName(params);
    if (named !== undefined) return named;
    this.look();
    const id = path.split("/").find((segment) => this.owners.has(segment));
    return id === undefined ? undefined : this.owners.get(id)?.resource;
  }

  of({ resource, declaration }: Piece): Ledger {
    this.look();
    const own = [...this.owners].filter(([, owner]) => owner.resource === resource);
    const present = own.flatMap(([id, { kind }]) => {
      const object = this.emulator.reveal(kind, id);
      return object === undefined ? [] : [{ id, kind, object }];
    });
    const { object: kind } = declaration;
    const made = own.flatMap(([id, owner]) => (owner.kind === kind ? [id] : []));
    const paid = present.filter(({ object }) => typeof object.amount_total === "number");
    return {
      objects: present.map(({ kind, object }) => `${kind} ${comparable(object)}`).sort(),
      made: own.length,
      ids: { [kind]: { made, present: made.filter((id) => present.some((one) => one.id === id)) } },
      money: paid.map(({ object }) => `${String(object.status)} ${String(object.amount_total)}`).join(),
      forwarded: this.forwarded().filter((name) => name === resource).length,
    };
  }

  /** For whom something was forwarded since this emulator was started. */
  private forwarded(): (string | undefined)[] {
    const requests = this.emulator.requests();
    return this.emulator.forwarded().map((call) => {
      const request = requests.find(({ requestId }) => requestId === call.requestId);
      return request === undefined ? undefined : stampedName(request.params);
    });
  }
}
