import { type EventRecord, renderEvent } from "./events";
import { userAgent } from "./facts/delivery";
import { type LoggedRequest } from "./log";
import { type EmulatorSettings } from "./settings";
import { signatureHeader } from "./signature";
import { randomText } from "./store";

/** Which requests a `logs tail` wants to see: all that stand in every list that is given. [stripe-cli: pkg/logtailing] */
export interface LogFilters {
  readonly filter_account?: readonly string[];
  readonly filter_http_method?: readonly string[];
  readonly filter_ip_address?: readonly string[];
  readonly filter_request_path?: readonly string[];
  readonly filter_request_status?: readonly string[];
  readonly filter_source?: readonly string[];
  readonly filter_status_code?: readonly string[];
  readonly filter_status_code_type?: readonly string[];
}

/**
 * An event as Stripe's CLI is sent it, with the headers of a delivery. [stripe-cli: pkg/websocket/webhook_messages.go]
 * @param secret of the session, which the headers are signed with, at Unix `seconds`
 * @param version null for whom the account's default version is wanted, else the latest: `listen --latest` takes the
 *   second, any other `listen` the first [stripe-cli: pkg/proxy/webhook_event_processor.go]
 * @param account where the event happened, unless it is the listener's own
 */
export function webhookMessage(
  event: EventRecord,
  { secret, seconds, version, account }: { secret: string; seconds: number; version: string | null; account?: string },
): string {
  const payload = renderEvent(event, version, account);
  return JSON.stringify({
    type: "webhook_event",
    endpoint: { api_version: version },
    event_payload: payload,
    http_headers: {
      "Content-Type": "application/json; charset=utf-8",
      "Stripe-Signature": signatureHeader(secret, seconds, payload),
      "User-Agent": userAgent,
    },
    webhook_conversation_id: `wc_1${randomText(23)}`,
    webhook_id: `wh_1${randomText(23)}`,
  });
}

/** A request as `logs tail` is sent it. [stripe-cli: pkg/websocket/request_log_messages.go, pkg/logtailing/tailer.go] */
export function requestLogMessage(request: LoggedRequest, livemode: boolean): string {
  const { type, code, message, param } = request.error ?? {};
  return JSON.stringify({
    type: "request_log_event",
    request_log_id: `resp_1${randomText(23)}`,
    event_payload: JSON.stringify({
      created_at: Math.floor(request.at / 1000),
      livemode,
      method: request.method,
      request_id: request.requestId,
      status: request.status,
      url: request.path,
      error: { type, code, message, param },
    }),
  });
}

/** Meaning of the words: [stripe-cli: `logs tail --help`]; that paths are compared whole is unconfirmed. */
export function wantsRequest(filters: LogFilters, request: LoggedRequest, settings: EmulatorSettings): boolean {
  const { method, path, status, headers } = request;
  const account = headers["stripe-context"] ?? headers["stripe-account"] ?? settings.accountId;
  const traits: Required<{ [K in keyof LogFilters]: string }> = {
    filter_account: account === settings.accountId ? "self" : "connect_out",
    filter_http_method: method,
    filter_ip_address: "127.0.0.1",
    filter_request_path: path,
    filter_request_status: status < 300 ? "SUCCEEDED" : "FAILED",
    filter_source: "API",
    filter_status_code: String(status),
    filter_status_code_type: String(Math.floor(status / 100) * 100),
  };
  return Object.entries(traits).every(([name, trait]) => {
    const wanted = filters[name as keyof LogFilters] ?? [];
    return wanted.length === 0 || wanted.includes(trait);
  });
}
