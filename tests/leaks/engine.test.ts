import { type Emulator } from "../../emulator";
import { post } from "../contract/post";
import { eachInItsWorkspace, stampedName, type Workspace } from "../e2e/workspace";
import { Pulumi } from "./pulumi";
import { adopting, consumer, failing, type Found, program, throwing, unlike, wrong } from "./program";
import { mark } from "./secrets";
import { declarationOf } from "../../provider/registry";
import { discreetKinds, ipAddress, phone } from "./marked";

jest.setTimeout(300_000);

const session = "identity.verification_session";

let emulator: Emulator;
let workspace: Workspace;
let pulumi: Pulumi;
eachInItsWorkspace(
  (...given) => {
    [emulator, workspace] = given;
    emulator.forwardTo(() => ({ headers: { "Set-Cookie": `session=${mark}` }, body: { token: mark } }));
    pulumi = new Pulumi(workspace, emulator);
  },
  { apiKey: `sk_test_${mark}key` },
);

const idOf = (name: string) => String(emulator.objects(session).find((object) => stampedName(object) === name)?.id);

test("through every command: what is secret travels, and is readable nowhere", async () => {
  const found = await foundThings();
  workspace.program(program() + adopting(found));
  await pulumi.run(["up", "--yes", "--json", "--event-log", "up.events"]);
  expect(idOf("taken-person")).toBe(found.person);

  for (const name of ["kyc", "failed"]) emulator.advance(session, idOf(name), "processing");
  emulator.advance(session, idOf("kyc"), "verified", {
    verified_outputs: { first_name: `${mark} first`, id_number: `${mark}0`, address: { line1: `${mark} street` } },
  });
  emulator.advance(session, idOf("failed"), "requires_input", {
    last_error: { code: "document_expired", reason: `${mark} has expired` },
  });
  emulator.edit(session, idOf("open"), { provided_details: { email: `drift.${mark}@example.com` } });
  const [buy] = emulator.objects("crypto.onramp_session");
  emulator.advance("crypto.onramp_session", String(buy?.id), "requires_payment", {
    redirect_url: `https://crypto.link.com?session_hash=${mark}`,
    transaction_details: { wallet_address: `0x${mark}` },
  });
  await pulumi.run(["refresh", "--yes", "--diff", "--event-log", "refresh.events"]);
  await expectTravelled();

  workspace.program(program({ version: 2 }) + adopting(found));
  await pulumi.run(["preview", "--json", "--save-plan", "plan.json"]);
  await pulumi.run(["up", "--yes", "--diff", "--show-full-output", "--event-log", "changed.events"]);
  for (const args of [
    ["stack", "export", "--file", "exported.json"],
    ["stack", "--show-urns", "--show-ids"],
    ["stack", "output"],
    ["stack", "output", "--json"],
    ["stack", "output", "--shell"],
    ["stack", "history", "--json"],
    ["stack", "graph", "graph.dot"],
  ]) {
    await pulumi.run(args);
  }
  // That nothing is found means something: who asks for it finds it in the same place, and by the same look.
  const revealed = pulumi.secrets.readableIn(await pulumi.reveal(["stack", "export"])).join("\n");
  for (const what of ["what was planted", "phone", "ipAddress", "street", "secret of we_", "client_secret of cos_"]) {
    expect(revealed).toContain(what);
  }
  await expectTakenOn();
  await pulumi.run(["destroy", "--yes", "--diff"]);
  expect(pulumi.leaks()).toEqual([]);
});

test("through every failure: neither the engine nor the program quotes what is secret", async () => {
  const found = await foundThings();
  refuse("webhook_endpoints/:id", (echo) => ({ error: { message: `Not allowed: ${echo}`, param: `url[${echo}]` } }));
  refuse("identity/verification_sessions", (echo) => ({
    error: { message: echo, code: echo, doc_url: echo, param: [echo], type: { echo } },
  }));
  refuse("crypto/onramp_sessions", (echo) => `<html>${echo}</html>`, 502);
  refuse("forwarding/requests", (echo) => ({ error: { type: "api_error", message: echo } }), 500);
  workspace.program(failing + adopting(found));
  const failed = await pulumi.fail(["up", "--yes", "--diff", "--continue-on-error", "--event-log", "failed.events"]);
  expect(failed).toMatch(/status 502 with text\/html; \[secret\]/);
  expect(failed).toMatch(/create webhook endpoint \\?"taken": .*Not allowed: \[secret\]/);
  const { half, charge } = await workspace.resources();
  expect(half?.outputs.signingSecret).toMatchObject({ plaintext: JSON.stringify(`whsec_${mark}`) });
  expect(charge?.outputs.__doubt).toMatch(/\[secret\][^]*It is not known whether the forwarding request was made/);

  workspace.program(unlike(found));
  expect(await pulumi.fail(["preview", "--diff"])).toMatch(
    /paymentMethod: differs from fwdreq_\w+ and can't be changed\./,
  );
  workspace.program(wrong);
  expect(await pulumi.fail(["preview", "--diff"])).toMatch(/providedDetails\.email: Invalid/);
  emulator.fail({
    path: "/v1/identity/verification_reports/:id",
    with: 400,
    body: { error: { message: emulator.apiKey } },
  });
  workspace.program(throwing(emulator));
  expect(await pulumi.fail(["preview"])).toMatch(/\[secret\]/);
  workspace.setEnv({ STRIPE_API_KEY: `sk_test_${mark}other` });
  expect(await pulumi.fail(["refresh", "--yes"])).toMatch(/set a valid key/);
  workspace.setEnv({ STRIPE_API_KEY: emulator.apiKey, STRIPE_API_BASE: "http://127.0.0.1:9" });
  expect(await pulumi.fail(["destroy", "--yes"])).toMatch(/the connection was refused/);
  expect(pulumi.leaks()).toEqual([]);
});

/** Has every write to a path refused with a body that quotes what was sent, as Stripe does here and there, and the key. */
function refuse(path: string, body: (echo: string) => unknown, status = 400): void {
  const sent: Record<string, string> = {
    "webhook_endpoints/:id": `whsec_${mark}`,
    "identity/verification_sessions": `jenny.${mark}+x@example.com ${phone}`,
    "crypto/onramp_sessions": `0x${mark} tag ${mark} ${ipAddress}`,
    "forwarding/requests": `pm_${mark} sold to ${mark}`,
  };
  const echo = `${sent[path]} ${emulator.apiKey}`;
  const answer = { with: status, body: body(echo) };
  const headers = typeof answer.body === "string" ? { "content-type": `text/html; ${echo}` } : undefined;
  emulator.fail({ method: "POST", path: `/v1/${path}`, times: Infinity, ...answer, headers });
}

/** Made by somebody else, with what is personal in it. */
async function foundThings(): Promise<Found> {
  const url = "https://example.com/found";
  const hook = await post(emulator, "/v1/webhook_endpoints", { url, enabled_events: ["*"] });
  const person = await post(emulator, "/v1/identity/verification_sessions", {
    type: "document",
    provided_details: { email: `found.${mark}@example.com` },
  });
  const charge = await post(emulator, "/v1/forwarding/requests", {
    url: "https://api.checkout.com/payments",
    payment_method: `pm_${mark}there`,
    replacements: ["card_number"],
    request: { body: "{}" },
  });
  return { hook: String(hook.id), person: String(person.id), charge: String(charge.id) };
}

/** Another stack takes secret outputs of this one, passes them on, and its state holds them encrypted alone. */
async function expectTakenOn(): Promise<void> {
  workspace.program(consumer);
  const other = ["--stack", "consumer"];
  await pulumi.run(["stack", "init", ...other]);
  await pulumi.run(["up", "--yes", "--diff", "--event-log", "consumer.events", ...other]);
  await pulumi.run(["stack", "output", "--json", ...other]);
  const revealed = pulumi.secrets.readableIn(await pulumi.reveal(["stack", "export", ...other])).join("\n");
  for (const what of ["what was planted, plain", "secret of we_", "base64-encoded"]) expect(revealed).toContain(what);
}

/** What is looked for is in state, decrypted: every secret field of every kind. */
async function expectTravelled(): Promise<void> {
  const state = Object.values(await workspace.resources());
  for (const kind of discreetKinds) {
    const { secrets, type } = declarationOf(kind);
    const ours = state.filter((resource) => resource.type === type);
    for (const name of secrets) {
      const told = ours.map(({ outputs }) => (outputs[name] as { plaintext?: string } | undefined)?.plaintext ?? "");
      expect([kind, name, told.some((text) => text.length > 8)]).toEqual([kind, name, true]);
    }
  }
}
