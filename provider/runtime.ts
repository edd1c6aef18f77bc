import type { dynamic } from "@pulumi/pulumi";
import { checkInputs } from "./check";
import { type Config, readConfig, ruleContextOf } from "./config";
import { type Declaration, type Finding } from "./declare";
import { engineLog, type Say } from "./engine-log";
import { InputError, messageOf, PartialObjectError, ProviderError } from "./errors";
import { endWithEngine, engineAddress, sayAtEnd, whileRunning } from "./host";
import { Lifecycle } from "./lifecycle";
import { duringOperation } from "./operation";
import { keepRedacted } from "./outputs";
import { declarationOf, type KindName } from "./registry";
import { type Mask, type Masks, masksFor, quotingThrough } from "./secrecy";
import { openSession, type Session } from "./session";
import { describeTraffic } from "./traffic";
import { toPlain } from "./wire-guard";

type Values = Record<string, unknown>;

/** One session for all kinds of this process: the dynamic host is configured once. */
let shared: { key: string; session: Session } | undefined;

function sharedSession(config: Config, say: Say): Session {
  const key = JSON.stringify(config);
  if (shared?.key !== key) shared = { key, session: inHost(openSession(config, say)) };
  return shared.session;
}

/** Where this process is the engine's dynamic host, the session ends as that does. */
function inHost(session: Session): Session {
  const address = engineAddress(process.argv[2]);
  if (address !== undefined) {
    endWithEngine(address);
    sayAtEnd(() => describeTraffic(session.client.traffic));
  }
  return session;
}

/** What the engine's dynamic host calls for resources of one kind. */
export function handler(kind: KindName): dynamic.ResourceProvider {
  return new Handler(declarationOf(kind));
}

export class Handler implements dynamic.ResourceProvider {
  /** The host may call methods while `configure` is still running (measured): all await this. */
  private session: Promise<Session> = Promise.reject(
    new ProviderError("not_configured", "the provider was not configured"),
  );

  /** @param open how a session is opened for the settings of a run */
  constructor(
    private readonly declaration: Declaration,
    private readonly open: (config: Config, say: Say) => Session = sharedSession,
  ) {
    this.session.catch(() => undefined);
  }

  // The host calls methods off the object it cached, so each is bound by being an arrow.
  configure = async ({ config }: dynamic.ConfigureRequest): Promise<void> => {
    this.session = (async () => {
      const read = readConfig({ config: (name) => config.get(`stripe:${name}`), env: process.env });
      return this.open(read, engineLog(engineAddress(process.argv[2])));
    })();
    // Wrong settings are told by each method, where they show on a resource.
    await this.session.catch(() => undefined);
  };

  check = async (olds: Values, news: Values): Promise<dynamic.CheckResult<Values>> => {
    const { findings, config } = await this.settings();
    findings.push(...checkInputs(this.declaration, news, ruleContextOf(config)));
    if (findings.length === 0 && Object.keys(olds).length === 0) findings.push(...(await this.wrongAccount(news)));
    // A failure that names its property makes the engine print the value, secrets in clear: the path is in the reason.
    const { message: mask } = masksFor(this.declaration, news, olds);
    const failures = findings.map(({ path, message }) => ({
      property: "",
      reason: mask(path === "" ? message : `${path}: ${message}`),
    }));
    return { inputs: toPlain(keepRedacted(this.declaration, olds, news)), failures };
  };

  diff = (id: string, olds: Values, news: Values): Promise<dynamic.DiffResult> =>
    this.run("diff", [news, olds], (lifecycle) => lifecycle.diff(id, olds, news));

  create = (inputs: Values): Promise<dynamic.CreateResult<Values>> =>
    this.run("create", [inputs], async (lifecycle) => {
      const { id, outputs } = await lifecycle.create(inputs);
      return { id, outs: toPlain(outputs) };
    });

  read = (id: string, recorded: Values = {}): Promise<dynamic.ReadResult<Values>> =>
    this.run("read", [recorded], async (lifecycle) => {
      const found = await lifecycle.read(id, recorded);
      // Without an id the engine drops the resource from its state.
      if (found === undefined) return {};
      const { inputs, outputs } = found;
      return { id, props: toPlain(outputs), ...(inputs !== undefined && { inputs: toPlain(inputs) }) };
    });

  update = (id: string, olds: Values, news: Values): Promise<dynamic.UpdateResult<Values>> =>
    this.run("update", [news, olds], async (lifecycle) => ({ outs: toPlain(await lifecycle.update(id, olds, news)) }));

  delete = (id: string, recorded: Values): Promise<void> =>
    this.run("delete", [recorded], (lifecycle) => lifecycle.delete(id, recorded));

  private async settings(): Promise<{ findings: Finding[]; config?: Config }> {
    try {
      return { findings: [], config: (await this.session).client.config };
    } catch (error) {
      if (error instanceof InputError) return { findings: [...error.findings] };
      return { findings: [{ path: "stripe", message: `the settings can't be used: ${(error as Error).message}` }] };
    }
  }

  private async wrongAccount(news: Values): Promise<Finding[]> {
    try {
      await this.during("check", news, masksFor(this.declaration, news), (lifecycle) => lifecycle.verifyNew(news));
      return [];
    } catch (error) {
      return error instanceof InputError ? error.findings : [{ path: "", message: (error as Error).message }];
    }
  }

  /** Does some of a resource's life: what it sends tells whose it is, and nothing is said or quoted but through its masks. */
  private during<T>(
    method: string,
    { __urn: urn }: Values,
    masks: Masks,
    work: (lifecycle: Lifecycle) => Promise<T>,
  ): Promise<T> {
    return whileRunning(async () => {
      const session = await this.session;
      const say: Say = (of, severity, message) => session.say(of, severity, masks.message(message));
      const lifecycle = new Lifecycle(this.declaration, { ...session, say });
      return duringOperation(method, urn, () => quotingThrough(masks.quotation, () => work(lifecycle)));
    });
  }

  /** @param known what is known of the resource: first what says its name */
  private async run<T>(
    method: string,
    known: [Values, Values?],
    work: (lifecycle: Lifecycle) => Promise<T>,
  ): Promise<T> {
    const [inputs, olds = {}] = known;
    const masks = masksFor(this.declaration, inputs, olds);
    try {
      return await this.during(method, inputs, masks, work);
    } catch (error) {
      const action = method === "diff" ? "compare" : method;
      throw describeFailure(`${action} ${this.declaration.title} ${nameOf(inputs)}`, error, inputs, masks.message);
    }
  }
}

/** What the host gets to see: it prints `${error}: ${error.stack}` beside the message that the engine shows. */
class Failure extends ProviderError {
  constructor(
    private readonly attempted: string,
    error: unknown,
    mask: Mask,
  ) {
    const message = mask(messageOf(error));
    super(ProviderError.is(error) ? error.code : "unexpected", `${attempted}: ${message}`);
    this.stack = "failed; its own message says why";
  }

  override toString(): string {
    return this.attempted;
  }
}

/** Whatever was thrown, as an Error the host can carry. */
function describeFailure(attempted: string, error: unknown, inputs: Values, mask: Mask): Error {
  const described = new Failure(attempted, error, mask);
  if (!(error instanceof PartialObjectError)) return described;
  return Object.assign(described, {
    id: error.id,
    // Without the handler's text the object could never be deleted.
    properties: toPlain({ ...error.properties, __provider: inputs.__provider }),
    reasons: error.reasons.map(mask),
  });
}

function nameOf({ __urn: urn }: Values): string {
  return typeof urn === "string" ? `"${urn.slice(urn.lastIndexOf("::") + 2)}"` : "";
}
