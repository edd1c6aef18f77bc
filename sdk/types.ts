import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { commonInputs, Shape } from "../provider/declare";

type InputShape<D> = D extends { inputs: infer I extends Shape } ? I & typeof commonInputs : never;
type OutputShape<D> = D extends { outputs: infer O extends Shape } ? O : never;
type OptionalKeys<S extends Shape> = { [K in keyof S]: undefined extends z.input<S[K]> ? K : never }[keyof S];
type RequiredKeys<S extends Shape> = Exclude<keyof S, OptionalKeys<S>>;

/** A value, or the promise or Output of one, at every level. */
export type DeepInput<T> = pulumi.Input<
  T extends string | number | boolean | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? DeepInput<Item>[]
      : { [K in keyof T]: DeepInput<T[K]> }
>;

/** The arguments of a kind's class. Mapped over `Pick`, so that what is written at a field shows on hover. */
export type ArgsOf<D> = ArgsOfShape<InputShape<D>>;
type ArgsOfShape<S extends Shape> = {
  [K in keyof Pick<S, RequiredKeys<S>>]: DeepInput<z.input<S[K]>>;
} & {
  [K in keyof Pick<S, OptionalKeys<S>>]?: DeepInput<Exclude<z.input<S[K]>, undefined>>;
};

/** The properties of a kind's class: an Output for every input and every output. */
export type PropertiesOf<D> = {
  readonly [K in keyof Pick<InputShape<D>, Exclude<keyof InputShape<D>, keyof OutputShape<D>>>]: pulumi.Output<
    z.output<InputShape<D>[K]>
  >;
} & {
  readonly [K in keyof OutputShape<D>]: pulumi.Output<z.output<OutputShape<D>[K]>>;
};
