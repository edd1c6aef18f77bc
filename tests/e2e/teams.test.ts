import { once } from "node:events";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../emulator";
import { post } from "../contract/post";
import { Checkout } from "./checkout";
import { Postgres, withPostgres } from "./postgres";
import { stampedName, until } from "./workspace";

jest.setTimeout(180_000);

const up = "pulumi up --yes --skip-preview --non-interactive --stack prod";

withPostgres("a stack in Postgres", () => {
  let emulator: Emulator;
  let postgres: Postgres;
  const checkouts: Checkout[] = [];
  beforeAll(async () => {
    emulator = await startEmulator();
    postgres = await Postgres.start();
  });
  afterAll(async () => {
    for (const checkout of checkouts) checkout.close();
    await postgres.stop();
    await emulator.close();
  });

  /** An operator's own copy of the program, as the README sets it up. */
  async function operator(name: string): Promise<Checkout> {
    const checkout = await Checkout.of("teams", {
      PULUMI_BACKEND_URL: `postgres://${name}@127.0.0.1:${postgres.port}/pulumi?sslmode=disable`,
      PGPASSWORD: "of-both",
      PULUMI_CONFIG_PASSPHRASE: "planted-passphrase",
      STRIPE_API_KEY: emulator.apiKey,
      STRIPE_API_BASE: emulator.url,
    });
    checkouts.push(checkout);
    return checkout;
  }
  const books = () =>
    ["product", "price", "webhook_endpoint"].flatMap((kind) => emulator.objects(kind).map(({ id }) => id));
  /** All the database holds of the stack: the engine writes each file of a state as base64. */
  const table = () =>
    postgres.sql("select key, convert_from(decode(data->>'data', 'base64'), 'UTF8') from pulumi_state", "pulumi");

  test("two operators: the second meets the lock, a killed run's lock is cancelled, nothing is made twice, no secret is readable", async () => {
    const readme = readFileSync(join(__dirname, "../../examples/teams/README.md"), "utf8");
    postgres.sql((/```sql\n(.*?)```/s.exec(readme)?.[1] ?? "").replaceAll("…", "of-both"));
    const [anna, ben] = [await operator("anna"), await operator("ben")];
    await anna.succeed("pulumi stack init prod");
    copyFileSync(join(anna.folder, "Pulumi.prod.yaml"), join(ben.folder, "Pulumi.prod.yaml"));

    // Made at Stripe, and the answer still on its way; it is under way as long as the last run but one has patience for.
    emulator.fail({ method: "POST", path: "/v1/webhook_endpoints", with: "slow:20000" });
    const first = anna.start("bash", ["-c", `exec ${up}`]);
    await until(() => books().length === 3);
    const made = books();
    const second = await ben.run(up);
    expect(second.code).not.toBe(0);
    expect(second.out).toMatch(/the stack is currently locked by 1 lock\(s\).*pulumi cancel/s);
    expect(second.out).toMatch(new RegExp(`created by .*\\(pid ${first.pid}\\)`));
    await ben.succeed("pulumi preview --stack prod --non-interactive");

    const gone = once(first, "exit");
    first.kill("SIGKILL");
    await gone;
    expect((await ben.run(up)).out).toContain("currently locked");
    await ben.succeed("pulumi cancel --yes --stack prod");
    expect(table()).not.toContain("/.pulumi/locks/");
    await ben.succeed(up);
    expect(books()).toEqual(made);
    await anna.succeed(`${up} --expect-no-changes`);

    const endpoint = emulator.objects("webhook_endpoint")[0];
    const secret = String(emulator.reveal("webhook_endpoint", endpoint?.id ?? "")?.secret);
    expect(endpoint && stampedName(endpoint)).toBe("bookings");
    expect(await anna.succeed("pulumi stack output --stack prod --show-secrets signingSecret")).toBe(`${secret}\n`);
    const text = table();
    expect(text).toContain("https://example.com/bookings");
    expect(text).toContain("history");
    for (const hidden of [secret, emulator.apiKey, "planted-passphrase", "of-both"]) expect(text).not.toContain(hidden);

    const clean = await ben.run("npx stripe-as-code drift --stack prod");
    expect([clean.code, clean.out]).toEqual([0, expect.stringContaining("3 unchanged")]);
    await post(emulator, `/v1/webhook_endpoints/${endpoint?.id}`, { url: "https://example.com/elsewhere" });
    const drifted = await anna.run("npx stripe-as-code drift --stack prod");
    expect([drifted.code, drifted.out]).toEqual([2, expect.stringMatching(/~ WebhookEndpoint bookings .*changed/)]);
    await ben.succeed(`${up} --refresh`);
    expect((await anna.run("npx stripe-as-code drift --stack prod")).code).toBe(0);
  });
});
