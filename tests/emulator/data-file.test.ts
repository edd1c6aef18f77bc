import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator, type Emulator } from "../../emulator";
import { hookForm, send } from "./client";

let folder: string;
let file: string;
const running: Emulator[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "emulator-data-"));
  file = join(folder, "stripe.json");
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((emulator) => emulator.close()));
  rmSync(folder, { recursive: true });
});

async function start(options = {}): Promise<Emulator> {
  const emulator = await startEmulator({ data: file, ...options });
  running.push(emulator);
  return emulator;
}
const stop = () => running.pop()?.close();

test("all there is survives a restart: key, account, objects, secrets, kept answers, the time that was passed", async () => {
  const first = await start();
  const key = { "idempotency-key": "one" };
  const made = await send(first, "POST", "/v1/webhook_endpoints", hookForm, key);
  const id = String(made.body.id);
  first.passTime(3600);
  const secret = first.reveal("webhook_endpoint", id)?.secret;
  await stop();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const second = await start();
  expect([second.apiKey, second.accountId]).toEqual([first.apiKey, first.accountId]);
  expect(second.reveal("webhook_endpoint", id)?.secret).toBe(secret);
  const again = await send(second, "POST", "/v1/webhook_endpoints", hookForm, key);
  expect([again.body.id, again.headers.get("idempotent-replayed")]).toEqual([id, "true"]);
  await send(second, "POST", "/v1/products", { name: "Later" });
  const [later] = second.objects("product");
  expect(Number(later?.created) - Date.now() / 1000).toBeGreaterThan(3590);
});

test("what was changed is written without waiting for the end", async () => {
  const emulator = await start();
  await send(emulator, "POST", "/v1/products", { name: "Gold", id: "gold" });
  const deadline = Date.now() + 5000;
  const isThere = () => {
    try {
      return readFileSync(file, "utf8").includes('"gold"');
    } catch {
      return false;
    }
  };
  while (!isThere() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isThere()).toBe(true);
});

const aimless =
  '{"format":1,"apiKey":"sk_test_1","accountId":"acct_1","snapshot":{"world":{"accounts":[{"id":"acct_1"}]}}}';

test.each([["no JSON"], ['{"format":2,"snapshot":{}}'], ["null"], ['{"format":1,"snapshot":{}}'], [aimless]])(
  "a file that is none of ours is left as it is: %s",
  async (text) => {
    writeFileSync(file, text);
    await expect(start()).rejects.toThrow(/is no data file of an emulator; it was left as it is/);
    expect(readFileSync(file, "utf8")).toBe(text);
  },
);

// The first one wrote over what the second had written, and the second over that.
test("two emulators on one file: the first tells that nothing more is kept, and the file stays the second's", async () => {
  const warned = jest.spyOn(process, "emitWarning").mockImplementation();
  const first = await startEmulator({ data: file });
  const second = await start();
  await send(second, "POST", "/v1/products", { name: "Second", id: "second" });
  await send(first, "POST", "/v1/products", { name: "First", id: "first" });
  await stop();
  await first.close();
  expect(warned.mock.calls.map(([text]) => text)).toEqual([expect.stringMatching(/nothing more is kept from here on/)]);
  warned.mockRestore();
  const third = await start();
  expect(third.objects("product").map(({ id }) => id)).toEqual(["second"]);
});

test("what a killed emulator had begun to write goes at the next start, and nothing else does", async () => {
  const gone = spawnSync(process.execPath, ["--version"]).pid;
  const others = ["stripe.json.20260101", `stripe.json.${process.ppid}.draft`, `other.json.${gone}.draft`];
  for (const name of [`stripe.json.${gone}.draft`, ...others]) writeFileSync(join(folder, name), "{}");
  await start();
  expect(readdirSync(folder).sort()).toEqual(["stripe.json", ...others].sort());
});

test("a folder that isn't there is told at the start", async () => {
  await expect(startEmulator({ data: join(folder, "none", "stripe.json") })).rejects.toThrow(
    /data file can't be written/,
  );
});

test("the same seed makes the same key, account, ids and secrets, also after a reset and over a restart", async () => {
  const made = async (emulator: Emulator) => {
    const { body } = await send(emulator, "POST", "/v1/webhook_endpoints", hookForm);
    return [emulator.apiKey, emulator.accountId, body.id, body.secret];
  };
  const one = await startEmulator({ seed: "docs" });
  const other = await startEmulator({ seed: "docs" });
  const different = await startEmulator({ seed: "tests" });
  running.push(one, other, different);
  const first = await made(one);
  expect(await made(other)).toEqual(first);
  expect(await made(different)).not.toEqual(first);
  one.reset();
  expect(await made(one)).toEqual(first);
  const kept = await start({ seed: "docs" });
  expect(await made(kept)).toEqual(first);
  await stop();
  const next = await made(await start({ seed: "docs" }));
  expect(next[2]).not.toBe(first[2]);
  expect(await made(other)).toEqual(next);
});

test("what is still to be delivered, and how long an object has waited, survive a restart", async () => {
  const script = { autoAdvance: { "climate.order": [{ to: "delivered", afterSeconds: 3600 }] } };
  const first = await start(script);
  await send(first, "POST", "/v1/webhook_endpoints", { url: "https://example.com/hook", "enabled_events[0]": "*" });
  const form = { product: "climsku_offtake_portfolio_2029", metric_tons: "0.01" };
  const { id } = (await send(first, "POST", "/v1/climate/orders", form)).body;
  first.passTime(3000);
  await first.untilDelivered();
  const owed = first.snapshot().deliveries;
  expect(owed.undelivered.size).toBe(1);
  await stop();
  const second = await start(script);
  expect(second.snapshot().deliveries.undelivered).toEqual(owed.undelivered);
  second.passTime(700);
  expect(second.objects("climate.order")[0]).toMatchObject({ id, status: "delivered" });
});
