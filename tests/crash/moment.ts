import { watch } from "node:fs";
import { type FaultKind } from "../../emulator";
import { until } from "../e2e/workspace";
import { type Lane } from "./lane";
import { commands } from "./method";

/** What becomes of the request that a run is brought down at: the late ones reach into the next run. */
export const fates = {
  "never arrived": "cut-before",
  done: "slow:300",
  "done, answered late": "slow:4000",
  "done late": "late:3000",
} as const satisfies Record<string, FaultKind>;

export type Fate = keyof typeof fates;

/** When a run is brought down. Told by what has come about, so that no load of the machine shifts it. */
export type Moment =
  /** As soon as the process is there. */
  | { as: "program" | "host" }
  /** As a request arrives, by its share of all of the run. */
  | { request: number; fate: Fate }
  /** As the engine writes its state after the last request. */
  | { as: "state" };

export function describeMoment(moment: Moment): string {
  if ("request" in moment) return `at ${Math.round(moment.request * 100)} % of the requests, ${moment.fate}`;
  return moment.as === "state" ? "as the last state is written" : `as the ${moment.as} starts`;
}

/**
 * Calls back once, when the moment has come in the run that begins now.
 * @param requests of such a run, in all
 * @param onMoment is told what came about
 * @returns what calls it off
 */
export function watchFor(lane: Lane, moment: Moment, requests: number, onMoment: (what: string) => void): () => void {
  const calledOff = new AbortController();
  const { signal } = calledOff;
  const come = (what: string) => {
    if (signal.aborted) return;
    calledOff.abort();
    onMoment(what);
  };
  if ("as" in moment && moment.as !== "state") {
    const [command = ""] = commands[moment.as];
    // Where the run ends before, it is called off.
    void until(() => signal.aborted || lane.processes(command).length > 0).then(
      () => come(describeMoment(moment)),
      () => undefined,
    );
  } else {
    const index = "request" in moment ? Math.ceil(moment.request * requests) : requests;
    let seen = 0;
    lane.emulator.fail({
      with: "request" in moment ? fates[moment.fate] : "cut-before",
      when: ({ method, path }) => {
        if (signal.aborted || ++seen !== index) return false;
        const what = `${method} ${path}`;
        if ("request" in moment) come(what);
        else watch(lane.stacksFolder, { signal }, () => come(`the state after ${what}`));
        return "request" in moment;
      },
    });
  }
  return () => calledOff.abort();
}
