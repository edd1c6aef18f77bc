import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { WebSocket } from "ws";
import { startEmulator, type Emulator } from "../../emulator";
import { send } from "./client";

const restricted = "rk_test_cliSession0123456789";
let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ restrictedKeys: { [restricted]: ["product_write"] } });
});
afterEach(() => emulator.reset());
afterAll(() => emulator.close());

interface Session {
  readonly websocket_id: string;
  readonly websocket_url: string;
  readonly websocket_authorized_feature: string;
  readonly secret: string;
}

const ask = (form: Record<string, string>) => send(emulator, "POST", "/v1/stripecli/sessions", form);
const open = async (form: Record<string, string>): Promise<Session> => (await ask(form)).body as unknown as Session;
const listening = { "websocket_features[]": "webhooks", device_name: "laptop" };

/** A socket as the CLI opens it, with all it was told so far. */
async function join({ websocket_url: url, websocket_id: id, websocket_authorized_feature: feature }: Session) {
  const socket = new WebSocket(`${url}?websocket_feature=${feature}`, "stripecli-devproxy-v1", {
    headers: { "websocket-id": id },
  });
  const told: Record<string, unknown>[] = [];
  socket.on("message", (data: Buffer) => told.push(JSON.parse(data.toString()) as Record<string, unknown>));
  await once(socket, "open");
  /** A ping comes back after all that was sent before it. */
  const heard = async (): Promise<typeof told> => {
    socket.ping();
    await once(socket, "pong");
    return told;
  };
  const leave = async (): Promise<void> => {
    socket.close();
    await once(socket, "close");
  };
  return { socket, heard, leave };
}

const upgrade = async (more: string): Promise<string> => {
  const socket = connect(emulator.port, "127.0.0.1");
  socket.write(`GET /subscribe/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n${more}\r\n\r\n`);
  return text(socket);
};

test("the secret stays the same on one device with one key, and is another on another", async () => {
  const first = await open(listening);
  const second = await open(listening);
  const later = await startEmulator({ apiKey: emulator.apiKey });
  const { body } = await send(later, "POST", "/v1/stripecli/sessions", listening);
  await later.close();
  expect(first.secret).toMatch(/^whsec_[0-9a-f]{64}$/);
  expect([second.secret, body["secret"]]).toEqual([first.secret, first.secret]);
  expect((await open({ ...listening, device_name: "desktop" })).secret).not.toBe(first.secret);
  expect(second.websocket_id).not.toBe(first.websocket_id);
});

test.each([
  [{}, "websocket_features"],
  [{ "websocket_features[]": "v2_events" }, "websocket_features[0]"],
  [{ ...listening, filters: "{" }, "filters"],
  [{ ...listening, filters: "5" }, "filters"],
  [{ ...listening, filters: '{"filter_source":"API"}' }, "filters"],
])("%j is refused", async (form, param) => {
  expect(await ask(form)).toMatchObject({ status: 400, error: { param } });
});

test("a restricted key needs the permission of the CLI's sessions", async () => {
  const { status, error } = await send({ url: emulator.url, apiKey: restricted }, "POST", "/v1/stripecli/sessions");
  expect(status).toBe(403);
  expect(error.message).toContain("rak_stripecli_session_write");
});

test("a socket without a session of its own is told so in the words the CLI knows; others are not let in", async () => {
  const websocket = "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13";
  expect(await upgrade(`${websocket}\r\nWebsocket-Id: cliws_none`)).toMatch(/"message":"Unknown WebSocket ID\."/);
  expect(await upgrade(websocket)).toMatch(/^HTTP\/1\.1 404 /);
  const { websocket_id: id } = await open(listening);
  expect(await upgrade(`Upgrade: h2c\r\nWebsocket-Id: ${id}`)).toMatch(/^HTTP\/1\.1 404 /);
  expect(await upgrade(`Upgrade: websocket\r\nWebsocket-Id: ${id}`)).toMatch(/^HTTP\/1\.1 400 /);
});

test("what a client says, or how it goes, ends nothing", async () => {
  const rude = await join(await open(listening));
  const kept = await join(await open(listening));
  rude.socket.send("{");
  rude.socket.send(Buffer.alloc(8));
  await rude.heard();
  rude.socket.terminate();
  await send(emulator, "POST", "/v1/products", { name: "Still told" });
  expect(await kept.heard()).toHaveLength(2);
  await kept.leave();
});

test("a second socket of one session takes the place of the first", async () => {
  const session = await open(listening);
  const first = await join(session);
  const gone = once(first.socket, "close");
  const second = await join(session);
  await gone;
  await send(emulator, "POST", "/v1/products", { name: "Told once" });
  expect(await second.heard()).toHaveLength(2);
  await second.leave();
});

test("closing the emulator ends open sockets", async () => {
  const ending = await startEmulator({ apiKey: emulator.apiKey });
  const reply = await send(ending, "POST", "/v1/stripecli/sessions", listening);
  const { socket } = await join(reply.body as unknown as Session);
  const gone = once(socket, "close");
  await ending.close();
  await gone;
});

test.each([
  [{}, ["200 POST", "404 GET"]],
  [{ filter_http_method: ["POST"] }, ["200 POST"]],
  [{ filter_http_method: [] }, ["200 POST", "404 GET"]],
  [{ filter_status_code_type: ["400", "500"] }, ["404 GET"]],
  [{ filter_status_code: ["200"], filter_http_method: ["GET"] }, []],
  [{ filter_request_status: ["FAILED"] }, ["404 GET"]],
  [{ filter_request_path: ["/v1/products"] }, ["200 POST"]],
  [{ filter_source: ["DASHBOARD"] }, []],
  [{ filter_account: ["self"] }, ["200 POST", "404 GET"]],
  [{ filter_account: ["connect_in", "connect_out"] }, []],
])("logs by %j", async (filters, expected) => {
  const form = { "websocket_features[]": "request_logs", filters: JSON.stringify(filters) };
  const { heard, leave } = await join(await open(form));
  await send(emulator, "POST", "/v1/products", { name: "Logged" });
  await send(emulator, "GET", "/v1/products/prod_none");
  // No account's log holds a request without a valid key.
  await send({ url: emulator.url, apiKey: "sk_test_unknown" }, "GET", "/v1/products");
  const logged = (await heard()).map(({ event_payload: payload }) => JSON.parse(String(payload)) as Logged);
  expect(logged.map(({ status, method }) => `${status} ${method}`)).toEqual(expected);
  await leave();
});

interface Logged {
  readonly status: number;
  readonly method: string;
}
