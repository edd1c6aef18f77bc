import { checkKey, ownAccount, readKey } from "./access";
import { resourceCommands } from "./commands";
import { type Emulator } from "./emulator";
import { Refusal } from "./errors";
import { type FaultRule } from "./faults";
import { inspectRoutes } from "./inspect-routes";
import { type Inspector } from "./inspector";
import { MissingHere } from "./missing";
import { accountOf, isOf } from "./scope";
import { type EmulatorSettings } from "./settings";
import { type Stream } from "./stream";
import { triggers } from "./triggers";

/** A request to one of the emulator's own routes, which Stripe doesn't have. */
export interface ControlRequest {
  readonly method: string;
  readonly path: string;
  readonly queryText: string;
  /** Undefined where it was too large to be read. */
  readonly bodyText: string | undefined;
  readonly authorization: string | undefined;
}

/** Body as JSON shows it: `{"error": {"message": …}}` where something is wrong. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** What shows a page what there is. */
export interface Looks {
  readonly inspector: Inspector;
  readonly stream: Stream;
}
type Controls = Pick<
  Emulator,
  "advance" | "passTime" | "objects" | "requests" | "fail" | "reset" | "deliveries" | "resend" | "trigger"
> &
  Looks;
type Values = Readonly<Record<string, unknown>>;
type Shape = "string" | "number" | "boolean" | "object" | "status or word" | "anything";

/** One route, and what it does. */
export interface ControlRoute {
  /** What the body, or the query of a GET, may and must hold. */
  readonly fields: Readonly<Record<string, Shape>>;
  readonly required: readonly string[];
  /**
   * @param own the account whose holder asks, where it is not the emulator's own
   * @param key the holder's
   */
  run(controls: Controls, settings: EmulatorSettings, values: Values, own: string | undefined, key: string): unknown;
}

const prefix = "/_emulator/";

/** By method and path. The checked fields have the types that `run` reads them with. */
export const controlRoutes: Readonly<Record<string, ControlRoute>> = {
  "POST /_emulator/advance": {
    fields: { kind: "string", id: "string", to: "string", details: "object", account: "string" },
    required: ["kind", "id", "to"],
    run(controls, _settings, values, own) {
      const { kind, id, to, details } = values as { kind: string; id: string; to: string; details?: Values };
      return controls.advance(kind, id, to, details, accountOf(values, own));
    },
  },
  "POST /_emulator/pass-time": {
    fields: { seconds: "number" },
    required: ["seconds"],
    run(controls, settings, values) {
      controls.passTime((values as { seconds: number }).seconds);
      return { now: Math.floor(settings.now() / 1000) };
    },
  },
  "GET /_emulator/objects": {
    fields: { kind: "string", account: "string" },
    required: ["kind"],
    run: (controls, _settings, values, own) => ({
      data: controls.objects((values as { kind: string }).kind, accountOf(values, own)),
    }),
  },
  "GET /_emulator/requests": {
    fields: {},
    required: [],
    run: (controls, _settings, _values, own) => ({
      data: controls.requests().filter(isOf(own)),
    }),
  },
  "GET /_emulator/deliveries": {
    fields: {},
    required: [],
    run: (controls, _settings, _values, own) => ({
      data: controls.deliveries().filter(isOf(own)),
    }),
  },
  "POST /_emulator/resend": {
    fields: { event: "string", endpoint: "string", account: "string" },
    required: ["event"],
    run(controls, _settings, values, own) {
      const { event, endpoint } = values as { event: string; endpoint?: string };
      return { endpoints: controls.resend(event, endpoint, accountOf(values, own)) };
    },
  },
  // `when` is a function, which JSON has no words for.
  "POST /_emulator/fail": {
    fields: {
      method: "string",
      path: "string",
      skip: "number",
      times: "number",
      with: "status or word",
      stored: "boolean",
      committed: "boolean",
      body: "anything",
      headers: "object",
    },
    required: ["with"],
    run(controls, _settings, values, own) {
      const headers: unknown[] = Object.values((values as { headers?: Values }).headers ?? {});
      if (headers.some((value) => typeof value !== "string")) throw wrong(`"headers" must hold nothing but texts`);
      controls.fail({ ...(values as unknown as FaultRule), ...(own !== undefined && { account: own }) });
      return {};
    },
  },
  "GET /_emulator/commands": {
    fields: {},
    required: [],
    run: (_controls, settings) => ({ data: resourceCommands(settings) }),
  },
  "GET /_emulator/triggers": {
    fields: {},
    required: [],
    run: () => ({ data: triggers }),
  },
  "POST /_emulator/trigger": {
    fields: { event: "string", account: "string" },
    required: ["event"],
    run: (controls, _settings, values, own, key) =>
      controls.trigger((values as { event: string }).event, { ...accountOf(values, own), apiKey: key }),
  },
  "POST /_emulator/reset": {
    fields: {},
    required: [],
    run(controls, _settings, _values, own) {
      controls.reset(own === undefined ? {} : { account: own });
      return {};
    },
  },
  ...inspectRoutes,
};

export function isControlPath(path: string): boolean {
  return path.startsWith(prefix);
}

/** Does what a control route asks for; never rejects. Whatever the library refuses is answered 400, or 404 if missing. */
export async function answerControl(
  controls: Controls,
  settings: EmulatorSettings,
  request: ControlRequest,
): Promise<ControlAnswer> {
  try {
    const key = checkKey(settings, readKey(request.authorization));
    const account = ownAccount(settings, key);
    const own = account === settings.accountId ? undefined : account;
    // Its key may come here before it makes any request of Stripe's.
    if (own !== undefined) controls.inspector.open(own);
    const name = `${request.method} ${request.path}`;
    const route = Object.hasOwn(controlRoutes, name) ? controlRoutes[name] : undefined;
    if (route === undefined) {
      throw new MissingHere(`The emulator has no ${name}; it has ${Object.keys(controlRoutes).join(", ")}`);
    }
    const values = request.method === "GET" ? readQuery(request.queryText) : readBody(request.bodyText);
    checkFields(route, values);
    return { status: 200, body: await route.run(controls, settings, values, own, key) };
  } catch (error) {
    const status = error instanceof Refusal ? error.status : error instanceof MissingHere ? 404 : 400;
    return { status, body: { error: { message: error instanceof Error ? error.message : String(error) } } };
  }
}

function readQuery(queryText: string): Values {
  return Object.fromEntries(new URLSearchParams(queryText));
}

/** JSON whatever the content type says, since curl's `-d` calls it a form; an empty body is an empty object. */
function readBody(bodyText: string | undefined): Values {
  if (bodyText === undefined) throw new Refusal("The body is too large.", { status: 413 });
  if (bodyText.trim() === "") return {};
  let body: unknown;
  try {
    body = JSON.parse(bodyText);
  } catch {
    throw wrong(`the body must be JSON, such as {"seconds": 60}`);
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw wrong("the body must be a JSON object");
  return body as Values;
}

function checkFields({ fields, required }: ControlRoute, values: Values): void {
  for (const [field, value] of Object.entries(values)) {
    const shape = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (shape === undefined) {
      const known = Object.keys(fields);
      throw wrong(
        `"${field}" is not known; ${known.length === 0 ? "nothing is taken" : `it takes ${known.join(", ")}`}`,
      );
    }
    if (!fits(shape, value))
      throw wrong(`"${field}" must be ${shape === "object" ? "an" : "a"} ${shape}, got ${JSON.stringify(value)}`);
  }
  for (const field of required) {
    if (!Object.hasOwn(values, field)) throw wrong(`"${field}" is missing`);
  }
}

function fits(shape: Shape, value: unknown): boolean {
  switch (shape) {
    case "anything":
      return true;
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "status or word":
      return typeof value === "number" || typeof value === "string";
    default:
      return typeof value === shape;
  }
}

function wrong(message: string): Refusal {
  return new Refusal(message.charAt(0).toUpperCase() + message.slice(1));
}
