import { type answerRequest } from "../../emulator/pipeline";
import { type StripeObject } from "../../emulator/store";
import { type World } from "../../emulator/world";
import { type Batch, type Exchange, type Judge, type Verdict } from "./exchange";
import { variables } from "./setup";

/** A test that needs the judges; skipped, and so counted, where there are none. */
export const judged = process.env[variables.url] === undefined ? test.skip : test;

const said: { exchanges: Exchange[]; events: unknown[] } = { exchanges: [], events: [] };
const known = new WeakSet<World>();
const seen = new Map<string, Set<Judge>>();

/** The same function, heard. What a fault rule or a test answers in the place of Stripe is nobody's business. */
export function listen(answer: typeof answerRequest): typeof answerRequest {
  if (process.env[variables.url] === undefined) return answer;
  return (world, router, request, override) => {
    if (!known.has(world)) {
      known.add(world);
      for (const told of [world.listeners, world.pinged]) {
        told.add((_account: string, event: StripeObject) => said.events.push(structuredClone(event)));
      }
    }
    const given = answer(world, router, request, override);
    if (override !== undefined || given.replayed) return given;
    const { method, path, queryText: query, bodyText: body, headers } = request;
    const route = router.match(method, path)?.route;
    said.exchanges.push({
      ...(route && { operation: `${method} ${route.template.replace(/:(\w+)/g, "{$1}")}` }),
      ...{ method, path, query, body, userAgent: headers["user-agent"] ?? "" },
      ...{ status: given.status, answer: given.body },
    });
    return given;
  };
}

/** Puts what was said since the last time before the judges; throws what they find. */
export async function judgeWhatWasSaid(): Promise<void> {
  const batch: Batch = { exchanges: said.exchanges.splice(0), events: said.events.splice(0) };
  if (batch.exchanges.length + batch.events.length === 0) return;
  const findings = await judge(batch);
  if (findings.length > 0) throw new Error(`Stripe would say otherwise:\n${findings.join("\n")}`);
}

/** Operations that succeeded in this test file so far, and who saw them. */
export async function whatWasSeen(): Promise<ReadonlyMap<string, ReadonlySet<Judge>>> {
  await judgeWhatWasSaid();
  return seen;
}

/** What the judges find in a batch. */
export async function judge(batch: Batch): Promise<readonly string[]> {
  const response = await fetch(process.env[variables.url] ?? "", { method: "POST", body: JSON.stringify(batch) });
  if (!response.ok) throw new Error(`The judges failed: ${await response.text()}`);
  const verdict = (await response.json()) as Verdict;
  for (const [operation, judges] of Object.entries(verdict.seen)) {
    seen.set(operation, new Set([...(seen.get(operation) ?? []), ...judges]));
  }
  return verdict.findings;
}
