import { z } from "zod";
import {
  type Field,
  fieldsOf,
  fixed,
  identity,
  local,
  onlyWhenNew,
  secretsOf,
  type Shape,
  type StripeObject,
} from "./field";
import { accountId } from "./formats";
import { typeToken } from "./type-token";
import type { Params } from "./wire";

/** What a declaration is written with. */
export * from "./field";

type Values = Record<string, unknown>;

/** Where a kind lives, and what it is called. */
export interface ResourceApi {
  /** Collection path: POST creates, GET lists, GET and POST on `<path>/<id>` read and update. */
  path: string;
  /** The page of Stripe's reference this declaration was written from. */
  source: string;
  /** A retrieve changes the object, such as a secret made anew: what is known is read from a list filtered by `created`. */
  readByList?: true;
  /** What is called beside the kind's own path: a restricted key needs the permission for it too. */
  beside?: {
    path: string;
    access: "read" | "write";
    why: string;
    /** Without the permission a run goes on, and says what it could not look at. */
    optional?: true;
  }[];
}

/** What a rule or hook is told of the run. */
export interface RuleContext {
  /** Whether the key is a live key; undefined while there is no usable key. */
  livemode: boolean | undefined;
  /** `Stripe-Version` in force, and whether it is the one this release was written for. */
  apiVersion: string;
  pinned: boolean;
}

/** A finding about the inputs: where, and what to do. */
export interface Finding {
  /** Field path such as `enabledEvents[0]`. */
  path: string;
  message: string;
}

/** The newest objects of a list. */
export interface Newest {
  objects: StripeObject[];
  /** The list goes on where the reading ended. */
  cutShort: boolean;
}

/** What a hook can ask of Stripe, beside the generic lifecycle. */
export interface HookContext extends RuleContext {
  get(path: string, params?: Params): Promise<StripeObject>;
  /** A write to another object than the resource's own; each call has a key of its own. */
  post(path: string, params: Params): Promise<Record<string, unknown>>;
  /** Objects of a list, newest first, up to `stripe:lookupLimit` of them. */
  list(path: string, params: Params): Promise<Newest>;
  /** Whether an object carries the stamp of this very resource. */
  isOurs(object: StripeObject): boolean;
  /** Whether an object was made for a resource of the same name and stack, if with other triggers: only to read, proves nothing. */
  isNamedAlike(object: StripeObject): boolean;
  /** Id of the object the hook is about, where there is one. */
  id: string | undefined;
  /** Id of the object that this one takes the place of in this run, and of the one that took its own in this or an earlier one. */
  replacing: string | undefined;
  replacedBy: string | undefined;
  /** Says something on the row of the resource. */
  say: (message: string) => void;
  /**
   * Counts what this resource costs, in the currency's smallest unit, against `stripe:maxSpend`, in place of what was counted
   * for it before; throws when that is not enough.
   */
  spend(currency: string, amount: number): void;
}

/** What deleting a resource asks of Stripe for one object. */
export type End =
  | {
      /** POST `<path>/<id>/<action>`. */
      action: string;
      /** Whether the object is where the call should bring it, whatever the answer was. */
      reached(object: StripeObject): boolean;
    }
  | {
      /** POST `<path>/<id>` with these parameters. */
      update: Params;
      reached(object: StripeObject): boolean;
    }
  /** Nothing: the object stays, and this is said. */
  | { leave: string }
  /** Nothing, and the resource stays too: it can't be ended, and why. */
  | { refuse: string };

/** How an object ends. */
export type Ending =
  | {
      by: "delete";
      /** What is asked instead where Stripe refuses to delete, and said then beside the refusal. */
      otherwise?: { update: Params; done: (object: StripeObject) => string };
    }
  | {
      /** Nothing is asked of Stripe: what this kind did can't be undone. */
      by: "forget";
      /** What remains at Stripe, given what is recorded. */
      remains(recorded: Values): string;
    }
  | {
      by: "action";
      /** What becomes of the object, in the words of the reference page: "it is …". */
      words: string;
      /** What is to be done, given what is recorded and the object as it is now; undefined where it has ended. */
      choose(recorded: Values, object: StripeObject): End | undefined;
      /**
       * Puts right what has to be before, such as references to the object, also if it stays. Where Stripe refuses that, the object
       * is ended all the same if it can be.
       */
      before?(recorded: Values, object: StripeObject, context: HookContext): Promise<void>;
      /** Said after it: what came back, what is lost. */
      done(object: StripeObject): string;
      /** The text for a refusal by Stripe. */
      failed(object: StripeObject): string;
    };

/** An input that asks for a place in the object's life, and the calls that bring it there; none of them can be undone. */
export interface States {
  /** Name of the input. */
  field: string;
  /** Where a new object stands, and where it is asked to be if nothing is declared. */
  first: string;
  /** Where an object stands, given Stripe's object or what is recorded of it. */
  of(object: Values): string;
  /** Whether it stays there by itself: then a move it rules out is refused in preview already. */
  isFinal(object: Values): boolean;
  moves: Record<
    string,
    {
      /** POST `<path>/<id>/<action>`. */
      action: string;
      /** It erases all that is personal. */
      erases?: true;
      /** Why Stripe would not do it from where the object stands, given Stripe's object or what is recorded of it. */
      refused(object: Values): string | undefined;
      /** Said after it. */
      done(object: StripeObject): string;
    }
  >;
}

export interface Samples<Args> {
  minimal: Args;
  full: Args;
  /** Applied over `full`: changes that keep the id. */
  update: Partial<Args>;
  /** Each applied over `minimal` alone: a change that replaces, or is refused. */
  replace: Partial<Args>[];
  /** Wrong inputs and the field path each must be refused at. */
  invalid: { args: Record<string, unknown>; path: string }[];
  /** Objects of other kinds that the samples name: what creates them. */
  needs?: { path: string; params: Params }[];
}

export interface ResourceSpec<I extends Shape, O extends Shape> {
  /** Class name, e.g. `Order`. */
  kind: string;
  /** Namespace of the class, e.g. `climate`; undefined for top-level classes. */
  namespace?: string;
  /** Stripe's `object` value, e.g. `climate.order`. */
  object: string;
  api: ResourceApi;
  inputs: I;
  outputs: O;
  ends: Ending;
  /** Ended for good: a replay or look-up that finds such an object has not found one that can be as declared. */
  isEnded?: (object: StripeObject, inputs: Values) => boolean;
  states?: States;
  /**
   * Redacted, or about to be: known by its id only from there on. What is declared stays as it is recorded, less what is
   * personal, and nothing is compared or updated. Given Stripe's object or what is recorded of it.
   */
  isRedacted?: (object: Values) => boolean;
  /** The shortest way to objects of ours beside reading the newest: an id of one's own, or a filter of the list. */
  route?: (inputs: Values, pulumiId: string) => { id: string } | { filter: Params } | undefined;
  /** Sent to an object that is taken over after its resource ended it, but for what is declared. */
  revive?: Params;
  /** Sent with it whatever is declared, which is set afterwards: what a new object would have, so that nothing of its last life stays. */
  asNew?: Params;
  /** Why an object of ours must not be taken, where its own fields don't tell. */
  refuseTaking?: (inputs: Values, object: StripeObject, context: HookContext) => Promise<string | undefined>;
  /**
   * What it means that Stripe has no such object. It is gone (where this is left out); an error, because Stripe never deletes
   * this kind; or kept, because Stripe forgets this kind after a time, and what is recorded still holds.
   */
  missing?: "error" | "kept";
  /** Stripe has no update of this kind: nothing of it can be rewritten, its stamp neither. */
  createOnce?: boolean;
  /**
   * Made by applications as they run, by the thousand, and no part of an account's configuration: what no stack declares of it is
   * neither drift nor exported unless asked for.
   */
  transient?: boolean;
  /** Creating one costs money: looked up before every create, and made at most once. */
  spends?: {
    /** For messages: nothing was "bought". */
    done: string;
    /** The input whose new text asks for another one on purpose. */
    askAgain: string;
    /** Whether a later run, after looking again, may ask under another key where Stripe stored a refusal. */
    advances: boolean;
  };
  /** Rules over several fields. A rule is skipped while a field it names is unknown. */
  rules?: { fields: (keyof I & string)[]; check(inputs: Values, context: RuleContext): Finding[] }[];
  /** Changes that are refused in preview, with the reason; given recorded outputs, the new inputs, and what replaces. */
  refuse?(olds: Values, news: Values, changed: string[], replaces: string[]): Finding[];
  /**
   * What an exported program says beside what the object tells, in inputs that are ours alone: so that an object that is there
   * already is safe in it.
   */
  exported?: (object: StripeObject) => Record<string, unknown>;
  /** Stripe's field, a text or a switch, that no exported program says, so that a copy in another account lacks it; why, and what to do. */
  notCopied?: { param: string; text: string };
  /** Runs just before each attempt to create; throws to stop it. What it returns is sent as well. */
  beforeCreate?: (inputs: Values, context: HookContext) => Promise<Params | void>;
  /**
   * Runs on the object; the reasons it returns fail the resource, which stays in state.
   * @param found an earlier run made it
   */
  afterCreate?: (
    inputs: Values,
    object: StripeObject,
    context: HookContext,
    found: boolean,
  ) => string[] | Promise<string[]>;
  /** Runs before an update with these parameters; what it returns is sent as well. */
  beforeUpdate?: (params: Params, recorded: Values, context: HookContext) => Promise<Params | void>;
  /** Why what is recorded of an object counts as failed, in this run and in every later one. */
  verdict?: (recorded: Values) => string[];
  samples: Samples<z.input<z.ZodObject<I & typeof commonInputs>>>;
}

/** A kind, ready for shared code: what was declared plus the fields derived from it. */
export interface Declaration<I extends Shape = Shape, O extends Shape = Shape> extends ResourceSpec<I, O> {
  /** The Pulumi type token; never changes once released. */
  type: string;
  /** Unique name over all kinds, e.g. `climate:Order`. */
  name: string;
  /** For messages, e.g. `climate order`. */
  title: string;
  inputFields: Field[];
  outputFields: Field[];
  /** Names of every field, inputs and outputs, that is a secret. */
  secrets: string[];
}

/** A kind that is read but never managed. */
export interface DataSource {
  path: string;
  /** Where it was before; asked where Stripe doesn't know the path. */
  olderPath?: string;
  shape: Shape;
  /** What narrows it down. */
  params?: Shape;
  /** What Stripe shows only where it is asked for. */
  expand?: readonly string[];
}

/** Inputs every resource takes. */
export const commonInputs = {
  /** Connect: the account to act on, instead of the key's own. An object can't move to another: a change asks for a new one. */
  stripeAccount: fixed(local(accountId())).optional(),
  /** Any texts: a changed one asks for another object on purpose, though nothing else has changed. */
  triggers: identity(local(z.array(z.string()))).optional(),
  /**
   * Id of an object that is there already: the resource takes it over instead of making one. May be removed afterwards, and never
   * changed. The resource option `import` means the same.
   */
  adopt: onlyWhenNew(z.string().min(1)).optional(),
  /** The stack that `adopt` may take its object from, as `project/stack`: needed where the object carries another's stamp. */
  adoptFrom: onlyWhenNew(z.string().regex(/^[^/]+\/[^/]+$/, "must name a stack as project/stack")).optional(),
};

/** Declares one kind: the only place that knows it. */
export function defineResource<const I extends Shape, const O extends Shape>(
  spec: ResourceSpec<I, O>,
): Declaration<I, O> {
  const name = spec.namespace === undefined ? spec.kind : `${spec.namespace}:${spec.kind}`;
  const inputs = { ...spec.inputs, ...commonInputs };
  const inputFields = fieldsOf(inputs);
  const outputFields = fieldsOf(spec.outputs);
  return {
    ...spec,
    inputs,
    name,
    type: typeToken(name),
    title: spec.object.replace(/[._]/g, " "),
    inputFields,
    outputFields,
    secrets: secretsOf({ ...spec.outputs, ...inputs }),
  };
}
