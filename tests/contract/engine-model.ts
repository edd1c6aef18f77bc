import { type Declaration } from "../../provider/declare";
import { type Say } from "../../provider/engine-log";
import { type Clock } from "../../provider/limiter";
import { Handler } from "../../provider/runtime";
import { openSession, type Session } from "../../provider/session";
import { typeToken } from "../../provider/type-token";
import { type Emulator } from "../../emulator";

type Values = Record<string, unknown>;

export interface ResourceState {
  id: string;
  inputs: Values;
  outputs: Values;
  /** Why the resource is in state although its last step failed. */
  initErrors?: string[];
  /** What it took the place of and has not ended yet: every later run asks again. */
  replaced?: ResourceState[];
}

export interface StackOptions {
  /** Name of the resource. */
  name?: string;
  /** Name of the stack, in the project `contract`. */
  stack?: string;
  config?: Record<string, string>;
  clock?: Clock;
  /** Shared by stacks whose steps belong to one run of the engine; else each step is a run of its own. */
  run?: { session?: Session };
}

export type Step = "same" | "create" | "update" | "replace" | "delete" | "none";

/**
 * What the engine does with one resource, in small: each call is a run of its own with a fresh provider process (session),
 * and everything crosses as JSON, as over the host's Struct.
 */
export class Stack {
  state: ResourceState | undefined;
  readonly messages: string[] = [];

  constructor(
    readonly declaration: Declaration,
    private readonly emulator: Emulator,
    private readonly options: StackOptions = {},
  ) {}

  /** `pulumi up` of a program that declares the resource with these inputs, or doesn't declare it. */
  async up(args: Values | undefined, options: { replace?: boolean } = {}): Promise<Step> {
    const handler = await this.host();
    if (args === undefined) return this.remove(handler);
    const step = await this.apply(handler, this.sent(args), options.replace === true);
    await this.endReplaced(handler);
    return step;
  }

  private async apply(handler: Handler, goal: Values, replace: boolean): Promise<Step> {
    const { state } = this;
    if (state === undefined || replace) {
      await this.create(handler, await this.check(handler, {}, goal));
      return state === undefined ? "create" : "replace";
    }
    const news = await this.check(handler, state.inputs, goal);
    const { changes, replaces = [] } = await handler.diff(state.id, plain(state.outputs), plain(news));
    if (replaces.length > 0) {
      // A replacement is checked again, from what the program says.
      await this.create(handler, await this.check(handler, {}, goal));
      return "replace";
    }
    if (!changes && state.initErrors === undefined) {
      state.inputs = news;
      return "same";
    }
    const { replaced } = state;
    const update = () => handler.update(state.id, plain(state.outputs), plain(news));
    const { outs } = await this.keepingPartial(news, replaced, update);
    this.state = { id: state.id, inputs: news, outputs: this.received(outs ?? {}, news), replaced };
    return "update";
  }

  /** What `pulumi preview` would say, without doing it. */
  async preview(args: Values): Promise<Step> {
    const handler = await this.host();
    const { state } = this;
    const news = await this.check(handler, state?.inputs ?? {}, this.sent(args));
    if (state === undefined) return "create";
    const { changes, replaces = [] } = await handler.diff(state.id, plain(state.outputs), plain(news));
    return replaces.length > 0 ? "replace" : changes ? "update" : "same";
  }

  /** `pulumi refresh`: true where the resource is still there. */
  async refresh(): Promise<boolean> {
    const { state } = this;
    if (state === undefined) return false;
    const handler = await this.host();
    const { id, props, inputs } = await handler.read(state.id, plain(state.outputs));
    this.state =
      id === undefined
        ? undefined
        : {
            id,
            inputs: inputs === undefined ? state.inputs : this.received(inputs, state.outputs),
            outputs: this.received(props ?? {}, state.outputs),
            replaced: state.replaced,
          };
    return this.state !== undefined;
  }

  async destroy(): Promise<Step> {
    return this.remove(await this.host());
  }

  private async remove(handler: Handler): Promise<Step> {
    const { state } = this;
    if (state === undefined) return "none";
    await this.endReplaced(handler);
    await handler.delete(state.id, plain(state.outputs));
    this.state = undefined;
    return "delete";
  }

  private async endReplaced(handler: Handler): Promise<void> {
    while (this.state?.replaced !== undefined) {
      const [{ id, outputs }, ...rest] = this.state.replaced as [ResourceState, ...ResourceState[]];
      await handler.delete(id, plain(outputs));
      this.state = { ...this.state, replaced: rest.length > 0 ? rest : undefined };
    }
  }

  /** The inputs that the engine goes on with. */
  private async check(handler: Handler, olds: Values, news: Values): Promise<Values> {
    const { failures = [], inputs } = await handler.check(plain(olds), plain(news));
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("\n"));
    expect(failures.every(({ property }) => property === "")).toBe(true);
    return plain(inputs ?? {});
  }

  private async create(handler: Handler, news: Values): Promise<void> {
    const replaced = this.state && [...(this.state.replaced ?? []), { ...this.state, replaced: undefined }];
    const { id, outs } = await this.keepingPartial(news, replaced, () => handler.create(plain(news)));
    this.state = { id, inputs: news, outputs: this.received(outs ?? {}, news), replaced };
  }

  /** As the engine does: an error that carries an id leaves the resource in state. */
  private async keepingPartial<T>(
    news: Values,
    replaced: ResourceState[] | undefined,
    step: () => Promise<T>,
  ): Promise<T> {
    try {
      return await step();
    } catch (error) {
      const { id, properties, reasons } = error as { id?: string; properties?: Values; reasons?: string[] };
      if (id !== undefined) {
        expect(properties).toHaveProperty("__provider");
        this.state = { id, inputs: news, outputs: plain(properties ?? {}), initErrors: reasons, replaced };
      }
      throw error;
    }
  }

  private async host(): Promise<Handler> {
    const say: Say = (_urn, _severity, message) => this.messages.push(message);
    const handler = new Handler(this.declaration, (config) => {
      const session = this.options.run?.session ?? openSession(config, say, this.options.clock);
      if (this.options.run !== undefined) this.options.run.session = session;
      return session;
    });
    const config: Record<string, string> = {
      "stripe:apiKey": this.emulator.apiKey,
      "stripe:apiBase": this.emulator.url,
      "stripe:maxRequestsPerSecond": "1000",
      ...this.options.config,
    };
    await handler.configure({
      config: { get: (key) => config[key], require: (key) => config[key] ?? "" },
    });
    return handler;
  }

  private sent(args: Values): Values {
    const type = typeToken(this.declaration.name);
    return plain({
      ...args,
      __provider: `handler of ${this.declaration.name}`,
      __urn: `urn:pulumi:${this.options.stack ?? "test"}::contract::${type}::${this.options.name ?? "subject"}`,
    });
  }

  /** What comes back has to be what a Struct can carry, and gets the handler's text as the host adds it. */
  private received(values: Values, from: Values): Values {
    expect(values).toStrictEqual(plain(values));
    return { ...values, __provider: from.__provider };
  }
}

function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
