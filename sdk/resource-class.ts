import * as pulumi from "@pulumi/pulumi";
import { providerText } from "../provider/provider-text";
import { misspelledSetting, settingNames } from "../provider/setting-names";
import { declarationOf, type KindName } from "../provider/registry";
import { typeToken } from "../provider/type-token";
import { canTransferLate, transferLate } from "./late-outputs";
import { keepProgramFrames } from "./stack-traces";
import { type Provider } from "./provider";
import type { PropertiesOf } from "./types";

/** A Pulumi resource class for one kind of Stripe object. */
export interface ResourceClass<Args, Properties> {
  new (name: string, args: Args, opts?: pulumi.CustomResourceOptions): pulumi.CustomResource & Properties;
  /**
   * Reads an existing object without managing it.
   * @param id Stripe's id of the object
   */
  get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    opts?: pulumi.CustomResourceOptions,
  ): pulumi.CustomResource & Properties;
  /** Whether the value is a resource of this class, also one made by another copy of this package. */
  isInstance(value: unknown): value is pulumi.CustomResource & Properties;
  /** Type token, for policy packs and transforms. */
  readonly __pulumiType: string;
}

/** Inputs that only this package sends. */
const hidden = ["__provider", "__urn", "__owner"];

/** Makes the class of a kind; its declaration is loaded when the first resource is made. */
export function resourceClass<Args extends object, D>(kind: KindName): ResourceClass<Args, PropertiesOf<D>> {
  const type = typeToken(kind);
  /** Inputs that mean nothing to a program that doesn't declare them: Outputs when they are read. */
  let late: string[] | undefined;

  class StripeResource extends pulumi.CustomResource {
    static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions) {
      // Nothing is declared of an object that is only read, so the handlers are told to record all of it.
      return new StripeResource(name, { __get: true }, { ...opts, id });
    }

    constructor(name: string, args: object, opts: pulumi.CustomResourceOptions = {}) {
      checkSettings();
      const { inputFields, outputFields, secrets, spends, ends } = declarationOf(kind);
      late ??= canTransferLate() ? inputFields.filter((field) => !field.computed).map((field) => field.name) : [];
      const undeclared = "__get" in args ? [] : late;
      const named = [...inputFields, ...outputFields]
        .map((field) => field.name)
        .filter((one) => !undeclared.includes(one));
      const owner = organization();
      const props: Record<string, unknown> = {
        // A property named here, but without a value, is an Output that Stripe's answer fills.
        ...Object.fromEntries(named.map((property) => [property, undefined])),
        ...args,
        ...adoption(`${type} "${name}"`, args, opts),
        __provider: providerText(kind),
        __urn: ownUrn(name, type, opts.parent),
        ...(owner !== undefined && { __owner: owner }),
      };
      for (const property of secrets) {
        if (props[property] !== undefined) props[property] = pulumi.secret(props[property]);
      }
      // The dynamic host hands secrets back unwrapped, so the engine is told here what to encrypt.
      // Of an object that is only read, every input comes back too.
      const told = [...outputFields, ...("__get" in args ? inputFields.filter((field) => !field.local) : [])];
      const additionalSecretOutputs = secrets.filter(
        (property) => props[property] !== undefined || told.some((field) => field.name === property),
      );
      // What was paid for in live mode is ended on purpose only.
      const protect = spends && ends.by !== "forget" && isLive(type, opts) ? { protect: opts.protect ?? true } : {};
      const restore = [keepProgramFrames(), transferLate(StripeResource.prototype, undeclared, hidden)];
      try {
        // The engine's own import doesn't work for dynamic resources.
        const options = { ...opts, import: undefined, ignoreChanges: declared(opts.ignoreChanges, inputFields) };
        super(type, name, props, pulumi.mergeOptions(options, { additionalSecretOutputs, ...protect }));
      } finally {
        for (const undo of restore) undo();
      }
    }
  }
  return Object.assign(StripeResource as unknown as ResourceClass<Args, PropertiesOf<D>>, {
    __pulumiType: type,
    isInstance: (value: unknown) =>
      pulumi.CustomResource.isInstance(value) && "__pulumiType" in value && value.__pulumiType === type,
  });
}

/**
 * The URN of a resource that is about to be made. As an Output it would depend on its parent, and what depends on a component
 * waits for all children of that: two of them would wait for each other, and the program end without a word.
 */
function ownUrn(name: string, type: string, parent: pulumi.Resource | undefined): string | Promise<string> {
  if (parent === undefined) return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${type}::${name}`;
  return new Promise((resolve) => void pulumi.createUrn(name, type, parent).apply(resolve));
}

/** The resource option `import` means `adopt`. */
function adoption(resource: string, args: { adopt?: unknown }, { import: id }: pulumi.CustomResourceOptions): object {
  if (id === undefined) return {};
  if (args.adopt === undefined || args.adopt === id) return { adopt: id };
  throw new pulumi.RunError(
    `${resource}: the option import and the argument adopt name different objects: give one of them`,
  );
}

/** The Pulumi organization; undefined where there is none: backends of one's own, and mocks. */
function organization(): string | undefined {
  try {
    const name = pulumi.getOrganization();
    // What every backend but Pulumi's own says.
    return name === "organization" ? undefined : name;
  } catch {
    return undefined;
  }
}

/** All that a program can declare, for `*`: to the engine that also means the hidden inputs, such as the resource's own URN. */
function declared(paths: string[] | undefined, fields: { name: string }[]): string[] | undefined {
  return paths?.flatMap((path) => (path === "*" ? fields.map(({ name }) => name) : path));
}

/** A live key works only where the settings say `live`; the provider may come from a component. */
function isLive(type: string, { provider, parent }: pulumi.CustomResourceOptions): boolean {
  const used = provider ?? parent?.getProvider(type);
  // By its shape: it may be of another copy of this package.
  const { live } = (used ?? {}) as Partial<Provider>;
  if (live !== undefined) return live;
  return (new pulumi.Config("stripe").get("mode") ?? process.env.STRIPE_MODE) === "live";
}

let checked = false;

/**
 * What only the program can see of the settings: a misspelled one, which would be ignored, and a key in plain text, in a file
 * that people commit.
 * @throws RunError for a name that is almost a setting: `stripe:readonly` must not let a run write
 */
function checkSettings(): void {
  if (checked) return;
  for (const key of Object.keys(pulumi.runtime.allConfig())) {
    const name = /^stripe:(.+)$/.exec(key)?.[1];
    if (name === undefined || (settingNames as readonly string[]).includes(name)) continue;
    const near = misspelledSetting(name);
    if (near !== undefined) {
      throw new pulumi.RunError(`stripe:${name} is no setting; did you mean stripe:${near}?`);
    }
    void pulumi.log.warn(`stripe:${name} is no setting of stripe-as-code; it has ${settingNames.join(", ")}`);
  }
  checked = true;
  // Exported at run time, but left out of the published types.
  const { isConfigSecret } = pulumi.runtime as { isConfigSecret?(this: void, key: string): boolean };
  if (new pulumi.Config("stripe").get("apiKey") !== undefined && isConfigSecret?.("stripe:apiKey") === false) {
    void pulumi.log.warn(
      "stripe:apiKey is in the stack's config in plain text: run pulumi config set --secret stripe:apiKey, and roll the key",
    );
  }
}
