import { Agent, type Dispatcher, EnvHttpProxyAgent, errors, Pool, request } from "undici";
import { type Config } from "./config";
import { isLoopback } from "./limiter";

/**
 * Requests on their way at once. Stripe limits that too (`global-concurrency`), but publishes no number: unconfirmed, and as
 * many as an endpoint takes in a second.
 */
const connections = 25;

/** Sends one request and gives its answer, the body still to be read. */
export type Carrier = (
  url: string,
  options: Pick<Dispatcher.RequestOptions, "method" | "headers" | "body">,
) => Promise<Dispatcher.ResponseData>;

/** What carries requests for these settings, over connections of its own. */
export function carrierFor(config: Pick<Config, "apiBase" | "timeoutMs">): Carrier {
  const dispatcher = dispatcherFor(config);
  return (url, options) => request(url, { ...options, dispatcher });
}

/** Carries requests to Stripe, through the proxy where the environment names one; each step of it takes its time at most. */
export function dispatcherFor({ apiBase, timeoutMs }: Pick<Config, "apiBase" | "timeoutMs">): Dispatcher {
  const connectMs = Math.min(timeoutMs, 10_000);
  // The deadline bounds the whole answer.
  const options = { connections, headersTimeout: 0, bodyTimeout: 0, connect: { timeout: connectMs } };
  const agent = isLoopback(apiBase)
    ? new Agent(options)
    : new EnvHttpProxyAgent({
        ...options,
        // Of the options above none is for the proxy itself, which may take a connection and never open the way.
        clientFactory: (proxy, own) => new Pool(proxy, { ...own, headersTimeout: connectMs }),
      });
  return agent.compose(deadline(timeoutMs));
}

/**
 * Ends a request so many milliseconds after it was sent, wherever its answer is by then. The limits of undici are about the
 * silence between two bytes: an answer that drips would never meet them. Time in the queue for a connection doesn't count: what
 * was not sent is in no doubt.
 */
export function deadline(ms: number): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    let timer: NodeJS.Timeout | undefined;
    return dispatch(options, {
      onRequestStart: (controller, context) => {
        clearTimeout(timer);
        // The connection keeps the process alive for as long as there is something to wait for.
        timer = setTimeout(() => controller.abort(new errors.BodyTimeoutError()), ms).unref();
        handler.onRequestStart?.(controller, context);
      },
      onResponseStart: (...answer) => handler.onResponseStart?.(...answer),
      onResponseData: (...data) => handler.onResponseData?.(...data),
      onResponseEnd: (...end) => {
        clearTimeout(timer);
        handler.onResponseEnd?.(...end);
      },
      onResponseError: (...failure) => {
        clearTimeout(timer);
        handler.onResponseError?.(...failure);
      },
    });
  };
}
