import { startEmulator } from "../../emulator";
import { type LoggedRequest } from "../../emulator/log";
import { Newest } from "../../emulator/newest";
import { send } from "./client";

const entry = (at: number): LoggedRequest => ({
  method: "GET",
  path: "/",
  query: {},
  params: {},
  headers: {},
  status: 200,
  ms: 1,
  requestId: "req_1",
  replayed: false,
  at,
});

test("the newest requests stay, in their order", () => {
  const log = new Newest<LoggedRequest>(3);
  expect(log.list()).toEqual([]);
  for (let at = 1; at <= 20; at += 1) {
    log.add(entry(at));
    expect(log.list().map((logged) => logged.at)).toEqual([at - 2, at - 1, at].filter((kept) => kept > 0));
  }
  log.clear();
  expect(log.list()).toEqual([]);
});

test("of heavy ones fewer stay, the last one always", () => {
  const log = new Newest<LoggedRequest>(1000, 10);
  const kept = () => log.list().map((logged) => logged.at);
  for (let at = 1; at <= 10; at += 1) log.add(entry(at), 1);
  expect(kept()).toHaveLength(10);
  log.add(entry(11), 3);
  expect(kept()).toEqual([9, 10, 11]);
  log.add(entry(12), 100);
  expect(kept()).toEqual([12]);
  log.clear();
  for (let at = 13; at <= 22; at += 1) log.add(entry(at), 1);
  expect(kept()).toHaveLength(10);
});

// 6,000 bodies of half a megabyte, refused for an unknown parameter and without any key, took 3 GB.
test("requests of a megabyte fill no memory", async () => {
  const emulator = await startEmulator();
  const body = `nonsense=${"x".repeat(1_000_000)}`;
  for (let at = 0; at < 50; at += 1) {
    const key = at % 2 === 0 ? emulator.apiKey : "sk_test_unknown";
    await send({ url: emulator.url, apiKey: key }, "POST", "/v1/products", `${body}${at}`);
  }
  const requests = emulator.requests();
  const held = requests.reduce((sum, { params }) => sum + JSON.stringify(params).length, 0);
  expect(held).toBeGreaterThan(10_000_000);
  expect(held).toBeLessThan(40_000_000);
  expect(JSON.stringify(requests.at(-1)?.params)).toContain("x49");
  await emulator.close();
});
