import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type EngineEvent } from "@pulumi/pulumi/automation";
import { unwrapped, type Workspace } from "../../e2e/workspace";
import { EngineRun } from "../engine-run";
import { type Run, type Step } from "../engine-model";
import { type Values } from "../host";
import { type Piece } from "./piece";

/** Arguments by piece; what isn't there is not declared. */
export type Declared = ReadonlyMap<Piece, Values>;

/** A resource as the state file holds it, secrets in plain text. */
export interface Recorded {
  id: string;
  inputs: Values;
  outputs: Values;
}

interface Entry extends Partial<Recorded> {
  urn: string;
  type: string;
  delete?: boolean;
}

interface Deployment {
  resources?: Entry[];
}

/** What became of a run of the engine. */
export interface BatchRun {
  /** Null where it was killed. */
  code: number | null;
  output: string;
  /** Tell more than what is printed: of each resource. */
  events: EngineEvent[];
}

/** A run of so many resources may wait longer than one: all of Stripe's patience, once for what is made, once for what ends. */
const deadlineMs = 300_000;

/** The real engine on a stack that holds all pieces. */
export class BatchStack {
  constructor(private readonly workspace: Workspace) {}

  async up(declared: Declared, { replace = [] as Piece[], refresh = false } = {}): Promise<BatchRun> {
    const lines = [...declared].map(([{ kind, resource }, args]) => {
      const name = kind.replace(":", ".");
      return `new stripe.${name}(${JSON.stringify(resource)}, ${JSON.stringify(args)});`;
    });
    this.workspace.program(lines.join("\n"));
    const log = join(this.workspace.folder, "events.json");
    rmSync(log, { force: true });
    const args = [
      ...["up", "--yes", "--skip-preview", "--non-interactive", "--continue-on-error", "--parallel=64"],
      ...["--event-log", log],
      ...(refresh ? ["--refresh"] : []),
      ...replace.flatMap((piece) => ["--replace", urnOf(piece)]),
    ];
    // Without this the engine has no event log.
    const run = new EngineRun(this.workspace.pulumi(args, { PULUMI_DEBUG_COMMANDS: "true" }), deadlineMs);
    const code = await run.ended;
    const events = existsSync(log) ? readFileSync(log, "utf8").split("\n") : [];
    return {
      code,
      output: run.output,
      events: events.filter((line) => line !== "").map((line) => JSON.parse(line) as EngineEvent),
    };
  }

  /** What is recorded of a piece, and whether something it replaced is still there. */
  async state(): Promise<{ of: (piece: Piece) => Recorded | undefined; isUnfinished: (piece: Piece) => boolean }> {
    const { resources = [] } = (await this.workspace.stack.exportStack()).deployment as Deployment;
    const entries = (piece: Piece) => resources.filter(({ urn }) => urn === urnOf(piece));
    return {
      of: (piece) => {
        const entry = entries(piece).find((one) => one.delete !== true);
        return (
          entry && {
            id: entry.id ?? "",
            inputs: unwrapped(entry.inputs) as Values,
            outputs: unwrapped(entry.outputs) as Values,
          }
        );
      },
      isUnfinished: (piece) => entries(piece).some((one) => one.delete === true),
    };
  }

  /** Names of the resources in the state file. */
  recorded(): Set<string> {
    const file = join(this.workspace.folder, "state", ".pulumi", "stacks", "e2e", "e2e.json");
    const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as {
      checkpoint: { latest: Deployment };
    };
    return new Set((checkpoint.latest.resources ?? []).map(({ urn }) => urn.slice(urn.lastIndexOf("::") + 2)));
  }

  /** The state file loses some pieces. */
  async forget(pieces: Piece[]): Promise<void> {
    const lost = new Set(pieces.map(urnOf));
    const exported = await this.workspace.stack.exportStack();
    const { resources, ...others } = exported.deployment as Deployment;
    const kept = { ...others, resources: resources?.filter(({ urn }) => !lost.has(urn)) };
    await this.workspace.stack.importStack({ ...exported, deployment: kept });
  }

  /** Takes the state over from a folder that `save` wrote. */
  restore(saved: string): void {
    const state = join(this.workspace.folder, "state");
    rmSync(state, { recursive: true, force: true });
    cpSync(join(saved, "state"), state, { recursive: true });
    cpSync(join(saved, this.settings), join(this.workspace.folder, this.settings));
  }

  save(folder: string): void {
    cpSync(join(this.workspace.folder, "state"), join(folder, "state"), { recursive: true });
    cpSync(join(this.workspace.folder, this.settings), join(folder, this.settings));
  }

  private readonly settings = "Pulumi.e2e.yaml";
}

export async function mustSucceed(running: Promise<BatchRun>): Promise<void> {
  const { code, output } = await running;
  if (code !== 0) throw new Error(`pulumi ended with ${code}:\n${output}`);
}

function urnOf({ declaration, resource }: Piece): string {
  return `urn:pulumi:e2e::e2e::${declaration.type}::${resource}`;
}

/** What a run came to for one piece, by the engine's events. */
export function runOf({ events }: BatchRun, piece: Piece): Run {
  const urn = urnOf(piece);
  const errors = events.flatMap(({ diagnosticEvent: told }) =>
    told?.urn === urn && told.severity === "error" ? [told.message] : [],
  );
  const steps = events.flatMap(({ resourcePreEvent: pre }) =>
    pre?.metadata.urn === urn && pre.metadata.op !== "refresh" ? [String(pre.metadata.op)] : [],
  );
  if (errors.length > 0) return { error: errors.join("\n") };
  const step: Step = steps.some((one) => one.includes("replace"))
    ? "replace"
    : ((["create", "update", "delete", "same"] as const).find((one) => steps.includes(one)) ?? "none");
  return { step };
}
