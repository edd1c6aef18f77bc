import { jsonBody } from "./json-body.js";

/** An answer of the emulator that refuses. */
export class Refused extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const kept = "stripe-emulator-key";

/** Never in the document: in this module, and in what the tab remembers over a reload. */
let key = sessionStorage.getItem(kept) ?? "";

/** Takes the key out of the address, which is where the emulator's own print puts it, so that nobody reads or copies it there. */
export function takeKey() {
  const given = /^#([srp]k_(?:test|live)_\w+)$/.exec(location.hash)?.[1];
  if (given === undefined) return;
  setKey(given);
  history.replaceState(null, "", location.pathname);
}

export function hasKey() {
  return key !== "";
}

/** @param {string} given */
export function setKey(given) {
  key = given;
  sessionStorage.setItem(kept, given);
}

/** @param {string} path @param {RequestInit} [init] */
function ask(path, init = {}) {
  return fetch(path, { ...init, headers: { ...init.headers, Authorization: `Bearer ${key}` }, cache: "no-store" });
}

/**
 * Asks one of the emulator's own routes.
 * @param {"GET" | "POST"} method
 * @param {string} name below `/_emulator/`
 * @param {Record<string, unknown>} [values] query of a GET, JSON of a POST
 * @returns {Promise<any>}
 */
export async function control(method, name, values = {}) {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(given.map(([field, value]) => [field, String(value)])).toString();
  const path = `/_emulator/${name}`;
  const response = await (method === "GET"
    ? ask(query === "" ? path : `${path}?${query}`)
    : ask(path, { method, body: JSON.stringify(Object.fromEntries(given)) }));
  const body = await response.json();
  if (!response.ok) throw new Refused(response.status, body.error?.message ?? `status ${response.status}`);
  return body;
}

/**
 * Sends a request to the emulated API. Its answer is not read here but asked of the emulator, which leaves secrets out.
 * @param {string} method
 * @param {string} path
 * @param {URLSearchParams} params
 * @param {Record<string, string>} headers
 * @returns {Promise<{ status: number, answer: unknown, requestId: string }>}
 */
export async function callStripe(method, path, params, headers = {}) {
  const form = params.toString();
  const inQuery = method !== "POST" && form !== "";
  const [type, body] = path.startsWith("/v2/")
    ? ["application/json", jsonBody(params)]
    : ["application/x-www-form-urlencoded", form];
  const response = await ask(inQuery ? `${path}?${form}` : path, {
    method,
    headers: { ...headers, ...(method === "POST" && { "Content-Type": type }) },
    ...(method === "POST" && { body }),
  });
  const requestId = response.headers.get("Request-Id") ?? "";
  await response.body?.cancel();
  const { answer } = await control("GET", "inspect/request", { id: requestId });
  return { status: response.status, answer, requestId };
}

/**
 * Follows what happens, for ever: reconnects where the emulator goes away, and asks for the key again where it is refused.
 * Read by fetch, since an EventSource can send no key but in its address.
 * @param {{ told(event: string, data: any): void, connected(is: boolean): void, refused(message: string): Promise<void> }} listener
 */
export async function follow({ told, connected, refused }) {
  for (let wait = 250; ; wait = Math.min(wait * 2, 4000)) {
    try {
      const response = await ask("/_emulator/stream");
      if (response.status === 401) {
        const { error } = await response.json();
        connected(false);
        await refused(error.message);
        wait = 125;
        continue;
      }
      if (response.ok && response.body !== null) {
        connected(true);
        wait = 125;
        await readMessages(response.body, told);
      }
    } catch {
      // Gone; it may come back.
    }
    connected(false);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** @param {ReadableStream<Uint8Array>} body @param {(event: string, data: unknown) => void} told */
async function readMessages(body, told) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const messages = (text + decoder.decode(value, { stream: true })).split("\n\n");
    text = messages.pop() ?? "";
    for (const message of messages) {
      const parts = /^event: (\w+)\ndata: (.*)$/s.exec(message);
      if (parts !== null) told(parts[1] ?? "", JSON.parse(parts[2] ?? "null"));
    }
  }
}
