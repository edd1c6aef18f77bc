import { chance } from "../faults/sample";
import { type Method, methods } from "./method";
import { describeMoment, type Fate, fates, type Moment } from "./moment";
import { type Version } from "./program";

/** A run that is brought down. */
export interface Crash {
  name: string;
  /** The version it was to bring about: the old one from nothing, the new one from the old. */
  version: Version;
  method: Method;
  /** Whether state is written after each step, or only at the end. */
  checkpoints: boolean;
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
  const choosing = [...slots].sort((one, other) => choices(one.method, left.old) - choices(other.method, left.old));
  const chosen = new Map(choosing.map(({ index, method, version }) => [index, take(left[version], method)]));
  return slots.map(({ index, version, method, checkpoints }) => {
    const moment = chosen.get(index) ?? take(left[version], method);
    const name =
      `${index + 1} / ${version === "old" ? "from nothing" : "from an older version"} / ${method.name} / ` +
      `${checkpoints ? "with" : "without"} checkpoints / ${describeMoment(moment)}`;
    return { name, version, method, checkpoints, moment };
  });
}

function choices(method: Method, moments: Moment[]): number {
  return moments.filter((moment) => canHit(method, moment)).length;
}

/** Takes the first moment that the method can hit. */
function take(moments: Moment[], method: Method): Moment {
  const at = moments.findIndex((moment) => canHit(method, moment));
  const [moment] = at < 0 ? [] : moments.splice(at, 1);
  if (moment === undefined) throw new Error(`there is no moment for ${method.name}`);
  return moment;
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

/** Whether what is hit is sure to be there then: the host starts after the program, which ends before what it no longer declares does. */
function canHit({ hits }: Method, moment: Moment): boolean {
  const isEarly = "as" in moment ? moment.as !== "state" : moment.request < 0.5;
  if (hits === "program") return isEarly;
  return hits !== "host" || !("as" in moment) || moment.as !== "program";
}

function shuffled<T>(items: T[], order: (index: number) => number): T[] {
  return items
    .map((item, index) => ({ item, at: order(index) }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}
