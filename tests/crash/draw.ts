import { chance } from "../faults/sample";
import { type Method, methods } from "./method";
import { describeMoment, type Fate, fates, type Moment } from "./moment";
import { type Version } from "./program";

interface Way {
  method: Method;
  /** Whether state is written after each step, or only at the end. */
  checkpoints: boolean;
}

/** A run that is brought down. */
export interface Crash extends Way {
  name: string;
  /** The version it was to bring about: the old one from nothing, the new one from the old. */
  version: Version;
  moment: Moment;
}

const crashes = 50;
/** Each method comes up so often with checkpoints, and without. */
const timesEach = 3;
/** Moments before the first request, and after the last, of either version. */
const [early, late] = [2, 3];

/**
 * The crashes of a seed: each method as often with checkpoints as without, and moments spread evenly over the runs. The first, third, …
 * begin with nothing, and the one after each goes on from what that one left.
 */
export function drawCrashes(seed: string): Crash[] {
  const draw = (what: string) => chance(`${seed} ${what}`);
  const pairs = methods.flatMap((method) => [true, false].map((checkpoints) => ({ method, checkpoints })));
  const often = Array.from({ length: timesEach }, () => pairs).flat();
  const rest = shuffled(pairs, (index) => draw(`rest ${index}`)).slice(0, crashes - often.length);
  const slots = shuffled([...often, ...rest], (index) => draw(`order ${index}`)).map((pair, index) => ({
    ...pair,
    index,
    version: index % 2 === 0 ? ("old" as const) : ("new" as const),
  }));
  const left = { old: momentsOf("old", draw), new: momentsOf("new", draw) };
  // Those that can hit the fewest moments choose first.
  const choices = slots.map((slot) => left.old.filter((moment) => canHit(slot, moment)).length);
  const choosing = [...slots].sort((one, other) => (choices[one.index] ?? 0) - (choices[other.index] ?? 0));
  const chosen = new Map(choosing.map((slot) => [slot.index, take(left[slot.version], slot)]));
  return slots.map(({ index, version, method, checkpoints }) => {
    const moment = chosen.get(index) ?? absent(method);
    const name =
      `${index + 1} / ${version === "old" ? "from nothing" : "from an older version"} / ${method.name} / ` +
      `${checkpoints ? "with" : "without"} checkpoints / ${describeMoment(moment)}`;
    return { name, version, method, checkpoints, moment };
  });
}

/** Takes the first moment that can be hit so. */
function take(moments: Moment[], way: Way): Moment {
  const at = moments.findIndex((moment) => canHit(way, moment));
  const [moment] = at < 0 ? [] : moments.splice(at, 1);
  return moment ?? absent(way.method);
}

function absent({ name }: Method): never {
  throw new Error(`there is no moment for ${name}`);
}

/** In an order of chance, spread evenly over the run. */
function momentsOf(version: Version, draw: (what: string) => number): Moment[] {
  const inside = crashes / 2 - early - late;
  const names = Object.keys(fates) as Fate[];
  const moments: Moment[] = [
    ...Array.from({ length: early }, (_, index): Moment => ({ as: index % 2 === 0 ? "program" : "host" })),
    ...Array.from({ length: late }, (): Moment => ({ as: "state" })),
    ...Array.from({ length: inside }, (_, index): Moment => ({
      request: (index + draw(`${version} place ${index}`)) / inside,
      fate: names[Math.floor(draw(`${version} fate ${index}`) * names.length)] ?? "never arrived",
    })),
  ];
  return shuffled(moments, (index) => draw(`${version} moment ${index}`));
}

/**
 * Whether what is hit is sure to be there then. The program ends before what it no longer declares does; the host starts after it,
 * and has ended when state is written only once.
 */
function canHit({ method: { hits }, checkpoints }: Way, moment: Moment): boolean {
  if (hits === "program") return "as" in moment ? moment.as !== "state" : moment.request < 0.5;
  if (hits === undefined || !("as" in moment)) return true;
  return moment.as === "host" || (moment.as === "state" && checkpoints);
}

function shuffled<T>(items: T[], order: (index: number) => number): T[] {
  return items
    .map((item, index) => ({ item, at: order(index) }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}
