import { join } from "node:path";
import { buildGoTool, goModuleFolder } from "../../tools/judges/go-tool";
import { type Batch, type Exchange, type Judge, type Verdict } from "./exchange";
import { type Gap, gaps } from "./gaps";
import { Mirror } from "./mirror";
import { Spec } from "./spec";

const stripeMock = "github.com/stripe/stripe-mock";
const stripeCli = "github.com/stripe/stripe-cli";

/** The judges together, and what they have seen in this run. */
export class Panel {
  readonly #spec: Spec;
  /** Of v2, which the other leaves out. */
  readonly #specV2: Spec;
  readonly #mirror: Mirror;
  readonly #counts = { answers: 0, events: 0, requests: 0 };
  readonly #passed = new Map<Gap, number>();

  private constructor(spec: Spec, specV2: Spec, mirror: Mirror) {
    this.#spec = spec;
    this.#specV2 = specV2;
    this.#mirror = mirror;
  }

  /** Throws JudgeMissing where they can't be had. */
  static async meet(): Promise<Panel> {
    const folder = await goModuleFolder("stripe-mock", stripeMock);
    const mock = await buildGoTool("stripe-mock", "stripe-mock", stripeMock);
    const spec = new Spec(join(folder, "embedded", "openapi", "spec3.json"));
    const cli = await goModuleFolder("stripe-cli", stripeCli);
    const writing = { error: "v2.error", optionalOrNull: true };
    const specV2 = new Spec(join(cli, "api", "openapi-spec", "spec3.cli.json"), writing);
    return new Panel(spec, specV2, await Mirror.start(mock));
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
    const left = [...this.#passed].map(([{ judge, reason }, count]) => `${count} by ${judge} (${reason})`);
    return [
      `judges: ${answers} answers and ${events} events by Stripe's OpenAPI ${this.#spec.version}, v2 by ${this.#specV2.version}, in two passes`,
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
    return /^\/+v2\//.test(path) ? this.#specV2 : this.#spec;
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

  /** The OpenAPI leaves open what an event holds; but that is the object as any answer shows it. */
  #judgeEvent(event: unknown): string[] {
    const { type, data } = event as {
      type: string;
      data: { object: { object: string }; previous_attributes?: object };
    };
    const { object, previous_attributes: previous = {} } = data;
    this.#counts.events++;
    const problems = [...this.#spec.judgeObject("event", event)];
    if (!this.#isLeftOut("Stripe's OpenAPI", `event ${type}`)) {
      const fields = this.#spec.fields(object.object);
      const strange = Object.keys(previous).filter((name) => !fields.includes(name));
      problems.push(
        ...this.#spec.judgeObject(object.object, object).map((problem) => `its object, ${problem}`),
        ...strange.map((name) => `its previous_attributes hold ${name}`),
      );
    }
    return problems.map((problem) => `event ${type}: ${problem}`);
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
