import { join } from "node:path";
import { buildGoTool, goModuleFolder } from "../../tools/judges/go-tool";
import { type Batch, type Exchange, type Judge, type Verdict } from "./exchange";
import { type Gap, gaps } from "./gaps";
import { Mirror } from "./mirror";
import { Spec, v1, v2 } from "./spec";

const stripeMock = "github.com/stripe/stripe-mock";
const stripeCli = "github.com/stripe/stripe-cli";
const thinEvent = "v2.core.event";

/** Stripe's OpenAPI: the one its mock holds describes v1 alone, the one its CLI holds v2 as well. */
interface Specs {
  readonly v1: Spec;
  readonly v2: Spec;
}

/** The judges together, and what they have seen in this run. */
export class Panel {
  readonly #specs: Specs;
  readonly #mirror: Mirror;
  readonly #counts = { answers: 0, events: 0, requests: 0 };
  readonly #passed = new Map<Gap, number>();

  private constructor(specs: Specs, mirror: Mirror) {
    this.#specs = specs;
    this.#mirror = mirror;
  }

  /** Throws JudgeMissing where they can't be had. */
  static async meet(): Promise<Panel> {
    const ofMock = join(await goModuleFolder("stripe-mock", stripeMock), "embedded", "openapi", "spec3.json");
    const ofCli = join(await goModuleFolder("stripe-cli", stripeCli), "api", "openapi-spec", "spec3.cli.json");
    const mock = await buildGoTool("stripe-mock", "stripe-mock", stripeMock);
    return new Panel({ v1: new Spec(ofMock, v1), v2: new Spec(ofCli, v2) }, await Mirror.start(mock));
  }

  async judge({ exchanges, events }: Batch): Promise<Verdict> {
    const seen: Record<string, Judge[]> = {};
    const findings = await Promise.all(exchanges.map((exchange) => this.#judgeExchange(exchange, seen)));
    return {
      findings: [...new Set([...findings.flat(), ...events.flatMap((event) => this.#judgeEvent(event))])],
      seen,
    };
  }

  /** What was judged in this run, and what was not. */
  summary(): string {
    const { answers, events, requests } = this.#counts;
    const versions = `${this.#specs.v1.version} of v1 and ${this.#specs.v2.version} of v2`;
    const left = [...this.#passed].map(([{ judge, reason }, count]) => `${count} by ${judge} (${reason})`);
    return [
      `judges: ${answers} answers and ${events} events by Stripe's OpenAPI, ${versions}, in two passes`,
      `${requests} requests by stripe-mock, ${this.#mirror.asked} of them different`,
      `not judged: ${left.length === 0 ? "none" : left.join(", ")}`,
    ].join("; ");
  }

  close(): Promise<void> {
    return this.#mirror.close();
  }

  async #judgeExchange(exchange: Exchange, seen: Record<string, Judge[]>): Promise<string[]> {
    const { method, path, status } = exchange;
    const succeeded = status < 400;
    const operation = this.#specOf(path).operation(method, path) ?? exchange.operation ?? `${method} ${path}`;
    const sees = (judge: Judge): void => {
      if (succeeded && !seen[operation]?.includes(judge)) (seen[operation] ??= []).push(judge);
    };

    const client = clientOf(exchange.userAgent);
    if (client !== undefined) sees(client);
    const problems = this.#judgeAnswer(operation, exchange, sees);
    if (succeeded && operation !== exchange.operation) problems.push(`it is ${operation}, not ${exchange.operation}`);
    // What the emulator refuses is not held against the mock, which refuses less.
    if (succeeded) problems.push(...(await this.#judgeRequest(operation, exchange, sees)));
    return problems.map((problem) => `${method} ${path} was answered ${status}: ${problem}`);
  }

  #specOf(path: string): Spec {
    return /^\/+v2\//.test(path) ? this.#specs.v2 : this.#specs.v1;
  }

  #judgeAnswer(operation: string, { path, status, answer }: Exchange, sees: (judge: Judge) => void): string[] {
    if (status < 400 && this.#isLeftOut("Stripe's OpenAPI", operation)) return [];
    this.#counts.answers++;
    const body = JSON.parse(answer) as unknown;
    const problems = this.#specOf(path).judgeAnswer(operation, status, body);
    if (!problems.some((problem) => problem.startsWith("pass 1"))) sees("pass 1");
    if (problems.length === 0) sees("pass 2");
    return [...problems, ...eventsIn(body).flatMap((event) => this.#judgeEvent(event))];
  }

  async #judgeRequest(operation: string, exchange: Exchange, sees: (judge: Judge) => void): Promise<string[]> {
    const { path, query, body } = exchange;
    if (this.#isLeftOut("stripe-mock", `${operation} ${path} ${readable(`${query}&${body}`)}`)) return [];
    this.#counts.requests++;
    const refusal = await this.#mirror.judge(exchange);
    if (refusal === undefined) sees("stripe-mock");
    return refusal === undefined ? [] : [`stripe-mock refuses ?${query} ${body}: ${refusal}`];
  }

  #judgeEvent(event: unknown): string[] {
    const { object, type } = event as { object: string; type: string };
    this.#counts.events++;
    const problems = object === thinEvent ? this.#specs.v2.judgeObject(object, event) : this.#judgeSnapshot(event);
    return problems.map((problem) => `event ${type}: ${problem}`);
  }

  /** The OpenAPI leaves open what an event of v1 holds; but that is the object as any answer shows it. */
  #judgeSnapshot(event: unknown): string[] {
    const { type, data } = event as {
      type: string;
      data: { object: { object: string }; previous_attributes?: object };
    };
    const { object, previous_attributes: previous = {} } = data;
    const spec = this.#specs.v1;
    const problems = [...spec.judgeObject("event", event)];
    if (this.#isLeftOut("Stripe's OpenAPI", `event ${type}`)) return problems;
    const fields = spec.fields(object.object);
    const strange = Object.keys(previous).filter((name) => !fields.includes(name));
    return [
      ...problems,
      ...spec.judgeObject(object.object, object).map((problem) => `its object, ${problem}`),
      ...strange.map((name) => `its previous_attributes hold ${name}`),
    ];
  }

  #isLeftOut(judge: Gap["judge"], subject: string): boolean {
    const gap = gaps.find((each) => each.judge === judge && each.about.test(subject));
    if (gap !== undefined) this.#passed.set(gap, (this.#passed.get(gap) ?? 0) + 1);
    return gap !== undefined;
  }
}

/** The events that an answer shows. */
function eventsIn(answer: unknown): readonly object[] {
  const { object, data } = answer as { object?: unknown; data?: unknown };
  if (object === "list" && Array.isArray(data)) return data.flatMap(eventsIn);
  return object === "event" ? [answer as object] : [];
}

/** A form to look through: without its encoding, where it has a right one. */
function readable(form: string): string {
  try {
    return decodeURIComponent(form);
  } catch {
    return form;
  }
}

function clientOf(userAgent: string): Judge | undefined {
  if (/^Stripe\/v[12] NodeBindings\//.test(userAgent)) return "stripe-node";
  return userAgent.startsWith("Stripe/v1 stripe-cli/") ? "Stripe CLI" : undefined;
}
