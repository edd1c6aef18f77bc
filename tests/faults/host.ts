import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
  CheckRequest,
  type CheckResponse,
  ConfigureRequest,
  type ConfigureResponse,
  CreateRequest,
  type CreateResponse,
  DeleteRequest,
  DiffRequest,
  DiffResponse,
  ErrorResourceInitFailed,
  ReadRequest,
  type ReadResponse,
  UpdateRequest,
  type UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { type Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";

export type Values = Record<string, unknown>;

/** No call of a case may take longer: what does is a hang. */
const callDeadlineMs = 150_000;

/** What the engine asks of a provider, as plain values. */
export interface Provider {
  check(olds: Values, news: Values): Promise<{ inputs: Values; failures: string[] }>;
  diff(id: string, olds: Values, news: Values): Promise<{ changes: boolean; replaces: string[] }>;
  create(news: Values): Promise<{ id: string; outputs: Values }>;
  read(id: string, recorded: Values): Promise<{ id: string; outputs: Values; inputs?: Values }>;
  update(id: string, olds: Values, news: Values): Promise<Values>;
  delete(id: string, recorded: Values): Promise<void>;
}

/** An error with which a resource was made, or changed, all the same. */
export class PartialFailure extends Error {
  constructor(
    readonly id: string,
    readonly outputs: Values,
    readonly reasons: string[],
  ) {
    super(reasons.join("\n"));
  }
}

/** The dynamic host of @pulumi/pulumi, a process of its own. */
export class Host {
  readonly ended: Promise<unknown>;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly child: ChildProcess,
    private readonly client: ResourceProviderClient,
  ) {
    this.ended = once(child, "exit");
  }

  /** @param folder of the program */
  static async start(folder: string, engineAddress: string, env: Record<string, string> = {}): Promise<Host> {
    const main = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
    // A caller's own key or base must never reach a host.
    const clean = Object.entries(process.env).filter(([name]) => !/^(STRIPE|PULUMI|NODE)_|proxy$/i.test(name));
    const child = spawn(process.execPath, [main, engineAddress], {
      cwd: folder,
      env: { ...Object.fromEntries(clean), ...env },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [port] = (await Promise.race([
      once(createInterface({ input: child.stdout }), "line"),
      once(child, "exit").then(() => {
        throw new Error("the dynamic host ended before it told its port");
      }),
    ])) as [string];
    child.stdout.resume();
    return new Host(child, new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure()));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  kill(): void {
    this.child.kill("SIGKILL");
    this.client.close();
  }

  /**
   * A provider as a new run of the engine finds it. The host keeps a handler by its text and the handlers a session by
   * the settings, so a text nobody had yet and settings of its own make a handler and a session that know nothing of earlier
   * runs: what a process of its own would cost 0.4 s for.
   * @param text the `__provider` of the resource
   * @param mark told apart from every other run on this host
   */
  async open(config: Record<string, string>, text: string, mark: string): Promise<Provider> {
    const own = `${text}//${mark}`;
    const opening = this.turn.then(async () => {
      await this.configure(config);
      // Loads the handler while these are the host's settings; with something old and nothing new it asks Stripe nothing.
      await this.check({ __provider: own }, { __provider: own });
    });
    this.turn = opening.catch(() => undefined);
    await opening;
    const exchange =
      (from: string, to: string) =>
      (values: Values): Values =>
        values.__provider === from ? { ...values, __provider: to } : values;
    const send = exchange(text, own);
    const receive = exchange(own, text);
    const partially = <T>(step: Promise<T>): Promise<T> =>
      step.catch((error: unknown) => {
        if (!(error instanceof PartialFailure)) throw error;
        throw new PartialFailure(error.id, receive(error.outputs), error.reasons);
      });
    return {
      check: async (olds, news) => {
        const { inputs, failures } = await this.check(olds, send(news));
        return { inputs: receive(inputs), failures };
      },
      diff: (id, olds, news) => this.diff(id, olds, send(news)),
      create: async (news) => {
        const { id, outputs } = await partially(this.create(send(news)));
        return { id, outputs: receive(outputs) };
      },
      read: async (id, recorded) => {
        const { outputs, inputs, ...rest } = await this.read(id, send(recorded));
        return { ...rest, outputs: receive(outputs), ...(inputs !== undefined && { inputs: receive(inputs) }) };
      },
      update: async (id, olds, news) => receive(await partially(this.update(id, olds, send(news)))),
      delete: (id, recorded) => this.delete(id, send(recorded)),
    };
  }

  private async configure(config: Record<string, string>): Promise<void> {
    const request = new ConfigureRequest();
    request.setArgs(struct(config));
    await this.call<ConfigureResponse>((options, done) =>
      this.client.configure(request, new grpc.Metadata(), options, done),
    );
  }

  private async check(olds: Values, news: Values): Promise<{ inputs: Values; failures: string[] }> {
    const request = new CheckRequest();
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    const answer = await this.call<CheckResponse>((options, done) =>
      this.client.check(request, new grpc.Metadata(), options, done),
    );
    return { inputs: plain(answer.getInputs()), failures: answer.getFailuresList().map((one) => one.getReason()) };
  }

  private async diff(id: string, olds: Values, news: Values): Promise<{ changes: boolean; replaces: string[] }> {
    const request = new DiffRequest();
    request.setId(id);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    const answer = await this.call<DiffResponse>((options, done) =>
      this.client.diff(request, new grpc.Metadata(), options, done),
    );
    const changes = answer.getChanges() === DiffResponse.DiffChanges.DIFF_SOME;
    return { changes, replaces: answer.getReplacesList() };
  }

  private async create(news: Values): Promise<{ id: string; outputs: Values }> {
    const request = new CreateRequest();
    request.setProperties(struct(news));
    const answer = await this.call<CreateResponse>((options, done) =>
      this.client.create(request, new grpc.Metadata(), options, done),
    );
    return { id: answer.getId(), outputs: plain(answer.getProperties()) };
  }

  private async read(id: string, recorded: Values): Promise<{ id: string; outputs: Values; inputs?: Values }> {
    const request = new ReadRequest();
    request.setId(id);
    request.setProperties(struct(recorded));
    const answer = await this.call<ReadResponse>((options, done) =>
      this.client.read(request, new grpc.Metadata(), options, done),
    );
    const inputs = answer.hasInputs() ? { inputs: plain(answer.getInputs()) } : {};
    return { id: answer.getId(), outputs: plain(answer.getProperties()), ...inputs };
  }

  private async update(id: string, olds: Values, news: Values): Promise<Values> {
    const request = new UpdateRequest();
    request.setId(id);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    const answer = await this.call<UpdateResponse>((options, done) =>
      this.client.update(request, new grpc.Metadata(), options, done),
    );
    return plain(answer.getProperties());
  }

  private async delete(id: string, recorded: Values): Promise<void> {
    const request = new DeleteRequest();
    request.setId(id);
    request.setProperties(struct(recorded));
    await this.call<Empty>((options, done) => this.client.delete(request, new grpc.Metadata(), options, done));
  }

  private call<T>(
    send: (options: grpc.CallOptions, done: (error: grpc.ServiceError | null, answer: T) => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) =>
      send({ deadline: Date.now() + callDeadlineMs }, (error, answer) =>
        error === null ? resolve(answer) : reject(failureOf(error)),
      ),
    );
  }
}

function failureOf(error: grpc.ServiceError): Error {
  if (error.code === grpc.status.DEADLINE_EXCEEDED) return new Error(`hang: no answer in ${callDeadlineMs} ms`);
  for (const packed of error.metadata.get("grpc-status-details-bin")) {
    for (const detail of Status.deserializeBinary(packed as Buffer).getDetailsList()) {
      const failed = ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
      return new PartialFailure(failed.getId(), plain(failed.getProperties()), failed.getReasonsList());
    }
  }
  return new Error(error.details);
}

function struct(values: Values): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(values)) as Record<string, JavaScriptValue>);
}

function plain(value: Struct | undefined): Values {
  return value?.toJavaScript() ?? {};
}
