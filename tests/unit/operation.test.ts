import { request } from "undici";
import { StripeClient } from "../../provider/client";
import { readConfig } from "../../provider/config";
import { duringOperation, operationHeader } from "../../provider/operation";

jest.mock("undici", () => ({ ...jest.requireActual<object>("undici"), request: jest.fn() }));

const urn = "urn:pulumi:test::unit::pulumi-nodejs:dynamic/stripe:WebhookEndpoint::hook";
const sent = jest.mocked(request);

async function headersSentTo(apiBase: string): Promise<object> {
  sent.mockReset();
  sent.mockRejectedValue(new Error("nothing leaves this test"));
  const config = readConfig({ config: (name) => ({ apiKey: "sk_test_1", apiBase })[name], env: {} });
  const client = new StripeClient(config, { now: () => Date.now(), sleep: async () => undefined });
  const call = { method: "POST", path: "/v1/things", idempotencyKey: "key_1" } as const;
  await expect(duringOperation("create", urn, () => client.send(call))).rejects.toThrow();
  return sent.mock.calls[0]?.[1]?.headers as object;
}

test("nothing is told outside of an operation, nor of a resource without a URN", () => {
  expect(operationHeader()).toEqual({});
  expect(duringOperation("read", undefined, operationHeader)).toEqual({});
  expect(duringOperation("read", urn, operationHeader)).toEqual({ "pulumi-operation": `read ${urn}` });
});

test("half of a letter in a name doesn't stop the call", () => {
  const half = `${urn}\ud800`;
  expect(duringOperation("read", half, operationHeader)).toEqual({ "pulumi-operation": `read ${urn}%EF%BF%BD` });
});

test("Stripe is never told", async () => {
  expect(await headersSentTo("https://api.stripe.com")).not.toHaveProperty("pulumi-operation");
  expect(await headersSentTo("http://127.0.0.1:1")).toHaveProperty("pulumi-operation", `create ${urn}`);
});
