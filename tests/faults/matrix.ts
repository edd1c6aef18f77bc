import { declarationOf, kindNames } from "../../provider/registry";
import { type Lane, type Outcome, play } from "./case";
import { EngineLog } from "./engine-log";
import { canMeet, duration, type Fault, faults } from "./fault";
import { Host } from "./host";
import { attempt, each, watchedEmulator } from "./lanes";
import { isAtHome, operationsOf, type Task } from "./operation";
import { judge } from "./oracle";
import { ProgramFolder } from "./program";
import { type CaseResult } from "./report";

export interface MatrixOptions {
  /** Of the package; the repository where left out. */
  packageFolder?: string;
  /** Operations to run, given `kind / operation`; all where left out. */
  operations?: (name: string) => boolean;
  /** Cases to run, given their names. */
  keep: (name: string) => boolean;
  /** Cases at a time: they wait most of the time, for the retries of a provider that can't know it is tested. */
  lanes?: number;
}

export interface MatrixResult {
  /** By `kind / operation / request / fault`; the operations without a fault are cases too. */
  results: CaseResult[];
  /** Hosts that were started, and those that outlived the matrix. */
  processes: { started: number; left: number };
}

interface Case extends Task {
  clean: Outcome;
  fault: Fault;
  index: number;
}

export async function runMatrix(options: MatrixOptions): Promise<MatrixResult> {
  const { packageFolder, operations = () => true, keep, lanes = 40 } = options;
  const folder = new ProgramFolder(packageFolder);
  const log = await EngineLog.start();
  const hosts: Host[] = [];
  const start = async () => {
    const host = await Host.start(folder.path, log.address);
    hosts.push(host);
    return host;
  };
  const mortal = limited(2, start);
  const open: Lane[] = [];
  try {
    const shared = await start();
    for (let lane = 0; lane < lanes; lane++) {
      open.push({ ...(await watchedEmulator()), shared, mortal, runs: 0 });
    }
    const results: CaseResult[] = [];
    const cases: Case[] = [];
    await each(
      open,
      tasks().filter(({ name }) => operations(name)),
      async (lane, task) => {
        const verdict = await attempt(async () => {
          const clean = await play(lane, task);
          cases.push(...casesOf(task, clean).filter(({ name }) => keep(name)));
          return judge(clean, clean, task, undefined);
        });
        results.push({ name: `${task.name} / no fault`, verdict });
      },
    );
    cases.sort((one, other) => duration(other.fault) - duration(one.fault));
    await each(open, cases, async (lane, one) => {
      const verdict = await attempt(async () => {
        const outcome = await play(lane, one, one);
        return judge(outcome, one.clean, one, one.fault);
      });
      results.push({ name: one.name, verdict });
    });
    return { results, processes: { started: hosts.length, left: await end(hosts) } };
  } finally {
    await end(hosts);
    await Promise.all(open.map(({ emulator }) => emulator.close()));
    log.close();
    folder.remove();
  }
}

/** Every operation of every kind. */
function tasks(): Task[] {
  return kindNames.flatMap((kind) => {
    const declaration = declarationOf(kind);
    return operationsOf(declaration).map((operation) => ({
      name: `${kind} / ${operation.name}`,
      resource: operation.name.replace(/\W+/g, "-"),
      declaration,
      operation,
    }));
  });
}

function casesOf(task: Task, clean: Outcome): Case[] {
  return clean.requests.flatMap((request, index) =>
    faults
      .filter((fault) => canMeet(fault, request))
      // Which account it is only the first question decides, and only where it is known which it was.
      .filter((fault) => !fault.forbids || (isAtHome(task.operation) && clean.requests.indexOf(request) === index))
      .map((fault) => ({
        ...task,
        name: `${task.name} / ${index + 1} ${shortened(request)} / ${fault.name}`,
        clean,
        fault,
        index,
      })),
  );
}

/** A request without ids, which differ from run to run. */
export function shortened(request: string): string {
  return request.replace(/\/[a-z]+_[A-Za-z0-9_]{14,}/g, "/:id");
}

/** Does no more than so many at a time: hosts that start beside each other start slower. */
function limited<T>(most: number, work: () => Promise<T>): () => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async () => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}

/** Ends what is left of the hosts; how many are there all the same. */
async function end(hosts: Host[]): Promise<number> {
  for (const host of hosts) host.kill();
  await Promise.all(hosts.map((host) => host.ended));
  return hosts.filter(({ pid }) => isAlive(pid)).length;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
