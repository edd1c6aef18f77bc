import { killAll } from "../e2e/workspace";
import { type EngineRun } from "../faults/engine-run";

/** A run that is to be crashed. */
export interface Victim {
  run: EngineRun;
  /** Ids of the processes of the run whose command line holds the text. */
  processes: (holding: string) => number[];
}

/** How a run is brought down. */
export interface Method {
  name: string;
  /** The process that it hits; any where left out. */
  hits?: "host" | "program";
  strike(victim: Victim): Promise<void> | void;
}

/** What the command line of a process holds. The program runs in two: the language host, and node. */
export const commands = { host: ["dynamic-provider"], program: ["cmd/run", "pulumi-language-nodejs"] };

export const methods: Method[] = [
  // The dynamic host lives on, and goes on with what it is doing.
  { name: "CLI killed", strike: ({ run }) => run.signal("SIGKILL") },
  { name: "host killed", hits: "host", strike: (victim) => killThose(victim, commands.host) },
  { name: "program killed", hits: "program", strike: (victim) => killThose(victim, commands.program) },
  { name: "all killed at once", strike: (victim) => killThose(victim, [""]) },
  { name: "SIGINT", strike: ({ run }) => run.signal("SIGINT") },
  {
    name: "two SIGINTs",
    strike: async ({ run }) => {
      run.signal("SIGINT");
      // Two that come as one would be one.
      await run.said("^C received; cancelling");
      run.signal("SIGINT");
    },
  },
  {
    name: "SIGTERM, then killed",
    strike: async ({ run }) => {
      run.signal("SIGTERM");
      await run.said("SIGTERM received; cancelling");
      run.signal("SIGKILL");
    },
  },
];

function killThose({ processes }: Victim, texts: string[]): void {
  const pids = texts.flatMap((text) => processes(text));
  if (pids.length === 0) throw new Error("there is nothing to be killed");
  killAll(pids);
}
