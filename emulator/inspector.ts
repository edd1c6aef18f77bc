import { type Clock } from "./clock";
import { eventKind, type EventRecord } from "./events";
import { type ArmedFault, type Faults } from "./faults";
import { type Call, type Kind, presentRecord } from "./kind";
import { type LoggedRequest } from "./log";
import { Mask, maskText } from "./mask";
import { MissingHere } from "./missing";
import { type Router } from "./routes";
import { isOf } from "./scope";
import { type StripeObject } from "./store";
import { type World } from "./world";

/** A request in short. */
export interface RequestRow extends Pick<
  LoggedRequest,
  "requestId" | "method" | "path" | "status" | "ms" | "at" | "replayed" | "fault" | "error"
> {
  /** Account it acts on. */
  readonly account: string;
  /** The Pulumi operation that sent it: method and URN. */
  readonly operation?: { readonly method: string; readonly urn: string };
}

/** An event in short. */
export interface EventRow {
  readonly id: string;
  readonly type: string;
  /** Unix seconds. */
  readonly created: number;
  readonly account: string;
  readonly requestId: string | null;
  readonly object: { readonly id: string; readonly object: string; readonly status?: string };
}

/** Where an object stands, and the steps it can be taken from there. */
export interface Standing {
  readonly kind: string;
  readonly id: string;
  readonly status?: string;
  readonly created?: number;
  readonly steps: readonly string[];
}

/** All a page shows of an emulator at first. */
export interface Overview {
  readonly accounts: readonly string[];
  readonly livemode: boolean;
  readonly apiVersion: string;
  /** Milliseconds on the emulator's clock. */
  readonly now: number;
  readonly aheadMs: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly faults: readonly ArmedFault[];
  /** The newest, oldest first. */
  readonly requests: readonly RequestRow[];
  readonly events: readonly EventRow[];
}

/** Rows of an overview. */
const rows = 300;
/** Answers kept, and how much of each: what most people look at is short and recent. */
const answersKept = 500;
const answerLength = 64 * 1024;
const objectsListed = 200;
const errorLength = 500;

/**
 * What a page may see of an emulator; nothing it gives is secret, except what `reveal` is asked for. `own` is the account
 * whose holder asks, where that is not the emulator's own account: such a holder sees no other.
 */
export class Inspector {
  readonly #world: World;
  readonly #router: Router;
  readonly #faults: Faults;
  readonly #clock: Clock;
  readonly #requests: () => readonly LoggedRequest[];
  readonly #mask: Mask;
  readonly #answers = new Map<string, string>();

  constructor(
    world: World,
    router: Router,
    server: { readonly faults: Faults; readonly log: { list(): readonly LoggedRequest[] } },
    clock: Clock,
  ) {
    this.#world = world;
    this.#router = router;
    this.#faults = server.faults;
    this.#requests = () => server.log.list();
    this.#clock = clock;
    this.#mask = new Mask(world.kinds);
  }

  /** Keeps what a request was answered, for as long as it is among the newest. */
  keep(requestId: string, answer: string): void {
    const cut = answer.length > answerLength ? answer.slice(0, answerLength) : answer;
    this.#answers.set(requestId, cut);
    if (this.#answers.size <= answersKept) return;
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest);
      return;
    }
  }

  /** Makes the account of a key that comes for the first time. */
  open(account: string): void {
    this.#world.open(account);
  }

  overview(own: string | undefined): Overview {
    const { livemode, apiVersion } = this.#world.settings;
    const accounts = this.#accounts(own);
    const events = accounts.flatMap((account) =>
      this.#events(account)
        .slice(-rows)
        .map((event) => this.eventRow(account, event)),
    );
    return {
      accounts,
      livemode,
      apiVersion,
      ...this.pulse(own),
      faults: this.faults(own),
      requests: this.#requests()
        .filter(isOf(own))
        .slice(-rows)
        .map((entry) => this.requestRow(entry)),
      events: events.sort((a, b) => a.created - b.created).slice(-rows),
    };
  }

  /** What changes all the time: the time, and how many objects there are of each kind. */
  pulse(own: string | undefined): Pick<Overview, "now" | "aheadMs" | "kinds"> {
    const { now } = this.#world.settings;
    const accounts = this.#accounts(own).map((id) => this.#world.account(id));
    const count = (kind: string) => accounts.reduce((sum, account) => sum + account.collection(kind).size, 0);
    const kinds = [...this.#world.kinds.keys()].filter((kind) => kind !== eventKind);
    return {
      now: now(),
      aheadMs: this.#clock.aheadMs,
      kinds: Object.fromEntries(kinds.map((kind) => [kind, count(kind)])),
    };
  }

  requestRow(entry: LoggedRequest): RequestRow {
    const { requestId, method, status, ms, at, replayed, fault, error, headers } = entry;
    const operation = readOperation(headers["pulumi-operation"]);
    const context = headers["stripe-context"] ?? headers["stripe-account"];
    return {
      requestId,
      method,
      path: maskText(entry.path),
      status,
      ms,
      at,
      replayed,
      account: typeof context === "string" ? (context.split("/").at(-1) ?? "") : (entry.account ?? ""),
      ...(fault !== undefined && { fault }),
      ...(error !== undefined && { error: { ...error, message: maskText(error.message).slice(0, errorLength) } }),
      ...(operation !== undefined && { operation }),
    };
  }

  eventRow(account: string, event: StripeObject): EventRow {
    const { id, type, created, request, data } = event as EventRecord;
    // A balance has no id.
    const { id: of, status } = data.object as Readonly<Record<string, unknown>>;
    return {
      id,
      type,
      created,
      account,
      requestId: request.id,
      object: {
        id: typeof of === "string" ? of : "",
        object: data.object.object,
        ...(typeof status === "string" && { status }),
      },
    };
  }

  /** A request with its parameters, headers, answer, and the events it caused. */
  request(own: string | undefined, id: string): object {
    const entry = this.#requests().findLast(({ requestId }) => requestId === id);
    if (entry === undefined || !isOf(own)(entry))
      throw new MissingHere(`The emulator knows no request '${id}' any more`);
    const row = this.requestRow(entry);
    const kind = this.#router.match(entry.method, entry.path)?.route.kind.name ?? "";
    const answer = this.#answers.get(id);
    const events = this.#eventsSeen(row.account);
    return {
      ...row,
      query: this.#mask.show(entry.query),
      params: this.#mask.show(entry.params, this.#mask.secretsOf(kind)),
      headers: this.#mask.show(entry.headers),
      ...(entry.idempotencyKey !== undefined && { idempotencyKey: entry.idempotencyKey }),
      ...(answer !== undefined && { answer: this.#readAnswer(answer) }),
      events: events.filter(({ request }) => request.id === id).map((event) => this.eventRow(row.account, event)),
    };
  }

  /** Objects of a kind, newest first, as lists show them; where there are many, the newest of them. */
  objects(account: string, kindName: string): { data: unknown[]; has_more: boolean } {
    const kind = this.#kind(kindName);
    const records = this.#call(account).account.collection(kindName).newestFirst();
    return {
      data: records
        .slice(0, objectsListed)
        .map((record) => this.#mask.show(presentRecord(kind, record, "listed"), kind.secrets)),
      has_more: records.length > objectsListed,
    };
  }

  /** One object, where it can go, and all that is still known to have happened to it, oldest first. */
  object(account: string, kindName: string, id: string): object {
    const { kind, record } = this.#find(account, kindName, id);
    return {
      object: this.#mask.show(presentRecord(kind, record, "listed"), kind.secrets),
      /** Whether `reveal` may tell more. */
      secrets: (kind.secrets ?? []).length > 0,
      steps: stepsOf(kind, record),
      history: this.#history(account, id),
    };
  }

  /** The object as Stripe itself keeps it, secrets in clear: for whoever asks for just that. */
  reveal(account: string, kindName: string, id: string): StripeObject {
    return this.#find(account, kindName, id).record;
  }

  /** Every object that can be taken a step further, newest first within its kind. */
  standings(account: string, kindName: string | undefined): Standing[] {
    const call = this.#call(account);
    const kinds = kindName === undefined ? [...this.#world.kinds.values()] : [this.#kind(kindName)];
    return kinds.flatMap((kind) => {
      if (kind.steps === undefined) return [];
      const records = call.account.collection(kind.name).newestFirst().slice(0, objectsListed);
      return records.flatMap((record): Standing[] => {
        const steps = stepsOf(kind, record);
        const { id, status, created } = record;
        if (steps.length === 0) return [];
        return [
          {
            kind: kind.name,
            id,
            ...(typeof status === "string" && { status }),
            ...(typeof created === "number" && { created }),
            steps,
          },
        ];
      });
    });
  }

  faults(own: string | undefined): readonly ArmedFault[] {
    return this.#faults.list().filter(isOf(own));
  }

  clearFaults(own: string | undefined): void {
    this.#faults.clear(own);
  }

  #history(account: string, id: string): object[] {
    const events = this.#events(account).filter(({ data }) => data.object.id === id);
    const causes = new Set(events.map(({ request }) => request.id));
    const concerns = ({ path, requestId }: LoggedRequest) =>
      path.split("/").includes(id) ||
      causes.has(requestId) ||
      this.#answers.get(requestId)?.startsWith(`{"id":"${id}"`) === true;
    const requests = this.#requests().filter(concerns);
    const causeOf = new Map(requests.map((entry) => [entry.requestId, entry.at]));
    // Events tell their second only: one follows what caused it, the others come at the end of theirs.
    const timeOf = ({ created, request }: EventRecord) => causeOf.get(request.id ?? "") ?? created * 1000 + 999;
    const happened: { at: number; what: object }[] = [
      ...requests.map((entry) => ({ at: entry.at, what: { request: this.requestRow(entry) } })),
      ...events.map((event) => ({ at: timeOf(event), what: { event: this.eventRow(account, event) } })),
    ];
    return happened.sort((a, b) => a.at - b.at).map(({ what }) => what);
  }

  #readAnswer(text: string): unknown {
    try {
      return this.#mask.show(JSON.parse(text));
    } catch {
      // No JSON: a fault's own text, or longer than what is kept, and so without a form by which secrets could be told.
      return text.length < answerLength ? maskText(text) : `an answer longer than ${answerLength} characters`;
    }
  }

  #events(account: string): EventRecord[] {
    return this.#world.account(account).collection<EventRecord>(eventKind).oldestFirst();
  }

  /** None, where a request named an account that there isn't. */
  #eventsSeen(account: string): EventRecord[] {
    try {
      return this.#events(account);
    } catch (error) {
      if (error instanceof MissingHere) return [];
      throw error;
    }
  }

  #accounts(own: string | undefined): string[] {
    const { accountId, connectedAccounts } = this.#world.settings;
    if (own === undefined) return [accountId, ...connectedAccounts];
    this.#world.open(own);
    return [own];
  }

  #call(account: string): Call {
    const call = this.#world.call(account);
    call.lifecycles.pass(call);
    return call;
  }

  #kind(name: string): Kind {
    const kind = this.#world.kinds.get(name);
    if (kind === undefined) throw new MissingHere(`The emulator has no kind '${name}'`);
    return kind;
  }

  #find(account: string, kindName: string, id: string): { kind: Kind; record: StripeObject } {
    const kind = this.#kind(kindName);
    const record = this.#call(account).account.collection(kindName).get(id);
    if (record === undefined) throw new MissingHere(`The emulator has no ${kindName} '${id}'`);
    return { kind, record };
  }
}

function stepsOf({ steps = {} }: Kind, record: StripeObject): string[] {
  return Object.entries(steps).flatMap(([to, step]) => (step.from(record) ? [to] : []));
}

/** `create urn:pulumi:…`, escaped as an address is. */
function readOperation(header: string | string[] | undefined): RequestRow["operation"] {
  const parts = /^([a-z]+) (urn:pulumi:\S+)$/.exec(typeof header === "string" ? header : "");
  if (parts === null) return undefined;
  const [, method = "", urn = ""] = parts;
  try {
    return { method, urn: decodeURI(urn) };
  } catch {
    return { method, urn };
  }
}
