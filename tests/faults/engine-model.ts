import { type Declaration } from "../../provider/declare";
import { type KindName } from "../../provider/registry";
import { providerText } from "../../provider/provider-text";
import { PartialFailure, type Provider, type Values } from "./host";

interface ResourceState {
  id: string;
  inputs: Values;
  outputs: Values;
  /** Why the resource is in state although its last step failed. */
  initErrors?: string[];
}

export type Step = "same" | "create" | "update" | "replace" | "delete" | "none";

/** What one run came to. */
export interface Run {
  step?: Step;
  /** What the engine would print as its error. */
  error?: string;
}

/**
 * The engine in small, for one resource: what it asks of a provider in which order, and what it keeps. Compared with the real
 * one by `tests/e2e/engine-model.test.ts`.
 */
export class Stack {
  /** The state file's text: nothing survives a run that JSON can't hold. */
  private file = JSON.stringify({ condemned: [] });

  /**
   * @param sent the inputs as the program sends them, hidden ones included
   * @param open a provider for a new run
   */
  constructor(
    private readonly sent: (args: Values) => Values,
    private readonly open: () => Promise<Provider>,
  ) {}

  /** `pulumi up` of a program that declares the resource with these inputs, or doesn't declare it. */
  up(args: Values | undefined, options: { replace?: boolean; interrupted?: boolean } = {}): Promise<Run> {
    return this.run(async (provider) => {
      const step = args === undefined ? "none" : await this.apply(provider, this.sent(args), options.replace === true);
      if (options.interrupted) return step;
      return this.removeRest(provider, step, args === undefined);
    });
  }

  /** `pulumi refresh`. */
  refresh(): Promise<Run> {
    return this.run(async (provider) => {
      const { state } = this;
      if (state === undefined) return "none";
      // Where the provider says nothing of inputs, those in state hold.
      const { id, inputs = state.inputs, outputs } = await provider.read(state.id, state.outputs);
      // What to show of a drift: how what is there now differs from what was declared.
      if (id !== "") await provider.diff(id, outputs, state.inputs);
      this.state = id === "" ? undefined : { id, inputs, outputs };
      return "same";
    });
  }

  get state(): ResourceState | undefined {
    return (JSON.parse(this.file) as { state?: ResourceState }).state;
  }

  /** Whether something that was replaced still waits to be deleted. */
  get isUnfinished(): boolean {
    return this.condemned.length > 0;
  }

  /** The state file is lost. */
  loseState(): void {
    this.state = undefined;
    this.condemned = [];
  }

  private set state(state: ResourceState | undefined) {
    this.file = JSON.stringify({ condemned: this.condemned, state });
  }

  private get condemned(): ResourceState[] {
    return (JSON.parse(this.file) as { condemned: ResourceState[] }).condemned;
  }

  private set condemned(condemned: ResourceState[]) {
    this.file = JSON.stringify({ condemned, state: this.state });
  }

  private async run(work: (provider: Provider) => Promise<Step>): Promise<Run> {
    try {
      return { step: await work(await this.open()) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  }

  private async apply(provider: Provider, goal: Values, replace: boolean): Promise<Step> {
    const { state } = this;
    if (state === undefined || replace) {
      await this.create(provider, await check(provider, {}, goal));
      return state === undefined ? "create" : "replace";
    }
    const news = await check(provider, state.inputs, goal);
    const { changes, replaces } = await provider.diff(state.id, state.outputs, news);
    if (replaces.length > 0) {
      // A replacement is checked again, from what the program says.
      await this.create(provider, await check(provider, {}, goal));
      return "replace";
    }
    if (!changes && state.initErrors === undefined) {
      this.state = { ...state, inputs: news };
      return "same";
    }
    const outputs = await this.keepingPartial(news, () => provider.update(state.id, state.outputs, news));
    this.state = { id: state.id, inputs: news, outputs };
    return "update";
  }

  /** What is no longer declared, and what was replaced in this run or in one that did not come so far. */
  private async removeRest(provider: Provider, step: Step, all: boolean): Promise<Step> {
    for (const old of this.condemned) {
      await provider.delete(old.id, old.outputs);
      this.condemned = this.condemned.slice(1);
    }
    const { state } = this;
    if (!all || state === undefined) return step;
    await provider.delete(state.id, state.outputs);
    this.state = undefined;
    return "delete";
  }

  private async create(provider: Provider, news: Values): Promise<void> {
    const { state: replaced } = this;
    const condemn = () => {
      if (replaced !== undefined) this.condemned = [...this.condemned, replaced];
    };
    const { id, outputs } = await this.keepingPartial(news, () => provider.create(news), condemn);
    this.state = { id, inputs: news, outputs };
    condemn();
  }

  /** An error that carries an id leaves the resource in state. */
  private async keepingPartial<T>(
    news: Values,
    step: () => Promise<T>,
    kept: () => void = () => undefined,
  ): Promise<T> {
    try {
      return await step();
    } catch (error) {
      if (error instanceof PartialFailure) {
        this.state = { id: error.id, inputs: news, outputs: error.outputs, initErrors: error.reasons };
        kept();
      }
      throw error;
    }
  }
}

/** The inputs that the engine goes on with. */
async function check(provider: Provider, olds: Values, news: Values): Promise<Values> {
  const { inputs, failures } = await provider.check(olds, news);
  if (failures.length > 0) throw new Error(failures.join("\n"));
  return inputs;
}

/** What a program sends for a resource of the kind: its arguments, and what its class adds. */
export function sentBy({ name, type }: Declaration, resource: string): (args: Values) => Values {
  const urn = `urn:pulumi:matrix::faults::${type}::${resource}`;
  return (args) => ({ ...args, __provider: providerText(name as KindName), __urn: urn });
}
