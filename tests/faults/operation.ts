import { type Emulator } from "../../emulator";
import { type Declaration } from "../../provider/declare";
import { planChange } from "../../provider/plan";
import { type Values } from "./host";
import { declared, ended, type Left, policiesOf } from "./standing";

/** One thing that is asked of the engine, and what stands before it. */
export interface Operation {
  name: string;
  /** What earlier runs declared, one after the other; undefined where nothing was. */
  before: (Values | undefined)[];
  /** The state file is lost after that. */
  losesState?: true;
  /** The object was made by somebody else: the resource takes it over. */
  adopts?: true;
  /** So long ago that Stripe has forgotten every idempotency key. */
  longAgo?: true;
  /** What the program declares now; undefined deletes. */
  goal: Values | undefined;
  /** Every object that is made over all runs, those of `before` included. */
  leaves: Left[];
  /** `pulumi up --replace`. */
  forced?: true;
  /** The run dies after what it creates, before what it deletes. */
  interrupted?: true;
  /** `pulumi refresh` in place of `up`. */
  refresh?: true;
  /** What was ended is asked for again in the same words. */
  asksAnew?: true;
  /**
   * The resource is taken out of the program before the next run. If the engine never heard of it, nobody can end what was made:
   * this is left then.
   */
  givenUp?: { unheardOf: Left[] };
}

/** An operation of a kind, and the resource that it is asked of. */
export interface Task {
  /** `kind / operation`. */
  name: string;
  /** Name of the resource: the same with a fault and without, so that its identity can be compared too. */
  resource: string;
  declaration: Declaration;
  operation: Operation;
}

interface SampleSet {
  minimal: Values;
  full: Values;
  update: Values;
  replace: Values[];
}

/** Everything that can be asked of a kind: taken from its samples and facts. */
export function operationsOf(declaration: Declaration): Operation[] {
  const { minimal, full, update } = declaration.samples as SampleSet;
  const updated = { ...full, ...update };
  const [one, whole] = [declared(declaration, minimal), declared(declaration, full)];
  return [
    { name: "create", before: [], goal: minimal, leaves: [one] },
    // With what Stripe takes on update only this is two calls.
    { name: "create whole", before: [], goal: full, leaves: [whole] },
    {
      name: "create whole, given up",
      before: [],
      goal: full,
      leaves: [ended(declaration, full)],
      givenUp: { unheardOf: [whole] },
    },
    {
      name: "create again",
      before: [minimal, undefined],
      goal: minimal,
      leaves: createdAgain(declaration, minimal),
      asksAnew: true,
    },
    ...updates(declaration, full, updated),
    ...moves(declaration, minimal),
    ...replacements(declaration, minimal),
    ...endings(declaration, minimal),
    // A create is not told that it is to replace, and finds the object that is there.
    { name: "forced replace", before: [minimal], goal: minimal, leaves: [one], forced: true },
    {
      name: "forced replace, dead before the delete",
      before: [minimal],
      goal: minimal,
      leaves: [one],
      forced: true,
      interrupted: true,
    },
    { name: "lost state", before: [minimal], losesState: true, goal: minimal, leaves: [one] },
    { name: "lost state of a whole one", before: [full], losesState: true, goal: full, leaves: [whole] },
    { name: "lost state long ago", before: [minimal], losesState: true, longAgo: true, goal: minimal, leaves: [one] },
    { name: "adopt", before: [minimal], losesState: true, longAgo: true, adopts: true, goal: minimal, leaves: [one] },
    { name: "refresh", before: [full], goal: full, leaves: [whole], refresh: true },
  ];
}

/** Whether the resource is in state before the operation, with the account that it is in. */
export function isAtHome({ before, losesState }: Operation): boolean {
  return before.at(-1) !== undefined && !losesState;
}

/**
 * Takes our marks off an object, as if somebody else had made it.
 * @returns the arguments that a resource takes it over with
 */
export function disown(emulator: Emulator, { object, outputFields }: Declaration, id: string): Values {
  const kept: Values = emulator.reveal(object, id) ?? {};
  const metadata = Object.entries((kept.metadata ?? {}) as Values).filter(([key]) => !key.startsWith("pulumi_"));
  emulator.edit(object, id, { metadata: Object.fromEntries(metadata) });
  const told = outputFields.flatMap(({ onlyOnCreate, param }) =>
    onlyOnCreate === undefined ? [] : [[onlyOnCreate.known, kept[param]]],
  );
  return { adopt: id, ...(Object.fromEntries(told) as Values) };
}

/**
 * What was left as it was is taken again, and so is what is brought back; what costs money is not bought a second time in the same
 * words.
 */
function createdAgain(declaration: Declaration, minimal: Values): Left[] {
  const [old, anew] = [ended(declaration, minimal), declared(declaration, minimal)];
  if (old.standing === "archived" && declaration.revive !== undefined) return [anew];
  return old.standing === anew.standing || declaration.spends !== undefined ? [old] : [old, anew];
}

function updates(declaration: Declaration, full: Values, updated: Values): Operation[] {
  const isUpdate = (before: Values, goal: Values) => {
    const { changed, replaces, findings } = planChange(declaration, before, goal);
    return changed.length > 0 && replaces.length === 0 && findings.length === 0;
  };
  const there = isUpdate(full, updated);
  const back = there && isUpdate(updated, full);
  const leaves = [declared(declaration, updated)];
  return [
    ...(there ? [{ name: "update", before: [full], goal: updated, leaves }] : []),
    // The same body a second time within a day.
    ...(back ? [{ name: "update there, back and there", before: [full, updated, full], goal: updated, leaves }] : []),
  ];
}

/** Each place in its life that a resource can be brought to. */
function moves(declaration: Declaration, minimal: Values): Operation[] {
  const { states } = declaration;
  return Object.keys(states?.moves ?? {}).map((place) => {
    const goal = { ...minimal, [states?.field ?? ""]: place };
    return { name: `to ${place}`, before: [minimal], goal, leaves: [declared(declaration, goal)] };
  });
}

function replacements(declaration: Declaration, minimal: Values): Operation[] {
  const { samples, spends } = declaration;
  const changes = samples.replace as Values[];
  // What costs money is replaced by asking for another one on purpose, and only where its old one is told to stay.
  const asked = spends === undefined || changes.length > 0 ? [] : [{ [spends.askAgain]: "again" }];
  const bases = [minimal, ...policiesOf(declaration).map((onDelete) => ({ ...minimal, onDelete }))];
  const bought = asked.flatMap((change) =>
    bases
      .map((base) => ({ base, change }))
      .filter(({ base }) => isReplacement(declaration, base, { ...base, ...change }))
      .slice(0, 1),
  );
  return [...changes.map((change) => ({ base: minimal, change })), ...bought].map(({ base, change }) => {
    const goal = { ...base, ...change };
    const leaves = [ended(declaration, base), declared(declaration, goal)];
    return { name: `replace by ${Object.keys(change).join(" and ")}`, before: [base], goal, leaves };
  });
}

function isReplacement(declaration: Declaration, before: Values, goal: Values): boolean {
  const { replaces, findings } = planChange(declaration, before, goal);
  return replaces.length > 0 && findings.length === 0;
}

/** Deletion, with every policy the kind has for it. */
function endings(declaration: Declaration, minimal: Values): Operation[] {
  const deleted = (args: Values) => ({ before: [args], goal: undefined, leaves: [ended(declaration, args)] });
  return [
    { name: "delete", ...deleted(minimal) },
    ...policiesOf(declaration)
      .slice(1)
      .map((onDelete) => ({ name: `delete by ${onDelete}`, ...deleted({ ...minimal, onDelete }) })),
  ];
}
