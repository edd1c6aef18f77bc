import dns from "node:dns";
import net from "node:net";
import { startEmulator, type Emulator, type EmulatorOptions } from "../../emulator";
import { isLoopback } from "../../emulator/loopback";
import { send } from "./client";
import { Receiver } from "./receiver";

const receiver = new Receiver();
beforeAll(() => receiver.listen());
afterEach(() => {
  jest.restoreAllMocks();
  receiver.reset();
});
afterAll(() => receiver.close());

test.each([
  "http://localhost/hook",
  "https://LOCALHOST:8443/hook",
  "http://localhost./hook",
  "http://hooks.localhost/hook",
  "http://127.0.0.1:3000/hook",
  "http://127.1/hook",
  "http://2130706433/hook",
  "http://127.255.255.254/hook",
  "http://[::1]/hook",
  "http://[::ffff:127.0.0.1]/hook",
])("%s stays on this machine", (url) => {
  expect(isLoopback(url)).toBe(true);
});

const elsewhere = [
  "https://example.com/hook",
  "http://localhost.example.com/hook",
  "http://notlocalhost/hook",
  "http://127.0.0.1.nip.io/hook",
  "http://localhost@example.com/hook",
  "http://example.com/?localhost",
  "http://0.0.0.0/hook",
  "http://10.0.0.1/hook",
  "http://192.168.0.1/hook",
  "http://128.0.0.1/hook",
  "http://[::]/hook",
  "http://[::2]/hook",
  "http://[::ffff:10.0.0.1]/hook",
];
test.each(elsewhere)("%s doesn't", (url) => {
  expect(isLoopback(url)).toBe(false);
});

/** Starts an emulator, registers endpoints, and lets one event happen while names and connections are watched. */
async function deliver(urls: readonly string[], options: EmulatorOptions = {}) {
  const emulator: Emulator = await startEmulator({ allowLocalUrls: true, ...options });
  try {
    for (const url of urls) {
      const form = { url, "enabled_events[]": "product.created" };
      expect((await send(emulator, "POST", "/v1/webhook_endpoints", form)).status).toBe(200);
    }
    const names = jest.spyOn(dns, "lookup").mockImplementation((...args: unknown[]) => {
      (args.at(-1) as (error: Error) => void)(new Error(`asked for ${String(args[0])}`));
    });
    const connections = jest.spyOn(net.Socket.prototype, "connect");
    await send(emulator, "POST", "/v1/products", { name: "Tea" });
    await emulator.untilDelivered();
    const hosts = connections.mock.calls.map((call) => JSON.stringify(call));
    return {
      attempts: emulator.deliveries(),
      asked: names.mock.calls.map(([name]) => name),
      // The test's own request is the one that goes to the emulator.
      connections: hosts.filter((host) => !host.includes(`${emulator.port}`)),
      pending: emulator.objects("event")[0]?.pending_webhooks,
    };
  } finally {
    await emulator.close();
  }
}

test("nothing is sent elsewhere, nor is any name looked up: it is kept as an attempt", async () => {
  const { attempts, asked, connections, pending } = await deliver(elsewhere);
  expect(asked).toEqual([]);
  expect(connections).toEqual([]);
  expect(attempts.map(({ url }) => url).sort()).toEqual([...elsewhere].sort());
  for (const attempt of attempts) {
    expect(attempt).toMatchObject({ sent: false, delivered: false, error: "not sent: only loopback is contacted" });
    expect(attempt.nextAttemptAt).toBeUndefined();
  }
  expect(pending).toBe(elsewhere.length);
});

test("names of this machine are reached without being looked up", async () => {
  const urls = [receiver.url("/a", "localhost"), receiver.url("/b", "hooks.localhost"), receiver.url("/c")];
  const { attempts, asked, connections } = await deliver(urls);
  expect(attempts.map(({ delivered, error }) => error ?? delivered)).toEqual([true, true, true]);
  expect(receiver.requests.map(({ path }) => path).sort()).toEqual(["/a", "/b", "/c"]);
  expect(asked).toEqual([]);
  expect(connections).toHaveLength(3);
});

test("deliverTo: nowhere sends nothing at all", async () => {
  const { attempts, connections } = await deliver([receiver.url()], { deliverTo: "nowhere" });
  expect(attempts).toMatchObject([{ sent: false, error: "not sent: deliverTo is nowhere" }]);
  expect(connections).toEqual([]);
});

test("deliverTo: anywhere asks for any name", async () => {
  const urls = ["http://receiver.invalid/hook", receiver.url()];
  const { attempts, asked } = await deliver(urls, { deliverTo: "anywhere" });
  expect(asked).toEqual(["receiver.invalid"]);
  expect(attempts.find(({ url }) => url === urls[0])).toMatchObject({
    sent: true,
    error: "asked for receiver.invalid",
  });
  expect(receiver.types).toEqual(["product.created"]);
});
