import { startEmulator, type Emulator } from "../../emulator";
import { send } from "./client";
import { Receiver } from "./receiver";

export const start = Date.now();
/** Milliseconds; moved by tests. */
export const clock = { now: start };
export const connected = "acct_1Connected";
export const options = {
  now: () => clock.now,
  allowLocalUrls: true,
  accountId: "acct_1Platform",
  connectedAccounts: [connected],
};
export const receiver = new Receiver();
/** One for all tests of a file, as good as new for each. */
export let emulator: Emulator;

beforeAll(async () => {
  await receiver.listen();
  emulator = await startEmulator(options);
});
beforeEach(() => {
  clock.now = start;
  receiver.reset();
  emulator.reset();
});
afterAll(async () => {
  await emulator.close();
  await receiver.close();
});

interface Hook {
  id: string;
  secret: string;
}

/** Registers the receiver for every event, unless the form says otherwise. */
export async function register(form: Record<string, string> = {}, to: Emulator = emulator): Promise<Hook> {
  const all = { url: receiver.url(), "enabled_events[]": "*", ...form };
  return (await send(to, "POST", "/v1/webhook_endpoints", all)).body as unknown as Hook;
}

export async function makeProduct(headers: Record<string, string> = {}, to: Emulator = emulator): Promise<void> {
  await send(to, "POST", "/v1/products", { name: "Tea" }, headers);
}

export const newestEvent = (account?: string) => emulator.objects("event", account === undefined ? {} : { account })[0];

export function fail(): void {
  receiver.answer = (response) => response.writeHead(500).end("no");
}

export function failOnce(): void {
  receiver.answer = (response) => {
    response.writeHead(500).end("no");
    receiver.answer = (later) => later.end();
  };
}

/** Seconds after the start at which the attempts were made. */
export const times = () => emulator.deliveries().map(({ at }) => (at - start) / 1000);
