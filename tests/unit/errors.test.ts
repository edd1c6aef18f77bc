import { ConnectionError, InputError, paramToPath, ProviderError, StripeError } from "../../provider/errors";

const request = { method: "POST", path: "/v1/webhook_endpoints", requestId: "req_1", attempts: 2, replayed: false };

describe("a refusal by Stripe", () => {
  const cases: [name: string, status: number, body: Record<string, string>, advice: string][] = [
    [
      "a wrong value",
      400,
      {
        type: "invalid_request_error",
        code: "parameter_invalid_empty",
        message: "No.",
        param: "enabled_events[0]",
        doc_url: "https://stripe.com/docs/error-codes/x",
      },
      "see https://stripe.com/docs/error-codes/x",
    ],
    [
      "a wrong key",
      401,
      { type: "invalid_request_error", message: "Invalid API Key" },
      "set a valid key: the stack's config has the say (pulumi config set --secret stripe:apiKey), then STRIPE_API_KEY.",
    ],
    [
      "a missing permission",
      403,
      { message: "rak_webhook_write" },
      "give the restricted key the permission named above",
    ],
    ["too many requests", 429, { code: "rate_limit" }, "lower stripe:maxRequestsPerSecond"],
    ["a lock", 429, { code: "lock_timeout" }, "another request holds this object: end what else writes to it"],
    ["Stripe's own failure", 500, {}, "run pulumi up again"],
    ["Stripe is down", 503, { message: "" }, "run pulumi up again"],
    [
      "too many endpoints",
      400,
      { message: "You have reached the maximum of 16 test webhook endpoints." },
      "delete an endpoint that is no longer used",
    ],
    ["too little balance", 402, { code: "balance_insufficient" }, "top up the Stripe balance"],
    ["a key of another body", 400, { type: "idempotency_error" }, "undo the change"],
  ];

  test.each(cases)("%s: method, path, request, attempts, status and what to do", (_name, status, body, advice) => {
    const { message, code, stack, name } = new StripeError(status, body, request);
    expect(message).toContain("POST /v1/webhook_endpoints");
    expect(message).toContain("request req_1");
    expect(message).toContain("2 attempts");
    expect(message).toContain(`Stripe: ${status}`);
    expect(message).toContain(`To do: `);
    expect(message).toContain(advice);
    for (const part of [body.type, body.code, body.message]) expect(message).toContain(part ?? "");
    expect({ code, stack, name }).toEqual({ code: "stripe_refused", stack: "", name: "" });
  });

  test("as people read it", () => {
    const body = {
      type: "invalid_request_error",
      code: "url_invalid",
      message: "Invalid URL.",
      param: "url",
      doc_url: "https://stripe.com/docs/error-codes/url-invalid",
    };
    expect(new StripeError(400, body, { ...request, attempts: 1 }).message).toBe(
      "url: Invalid URL.\n" +
        "  Stripe: 400 invalid_request_error url_invalid; POST /v1/webhook_endpoints; request req_1; 1 attempt\n" +
        "  To do: correct what is named above; see https://stripe.com/docs/error-codes/url-invalid",
    );
  });

  test("without anything said", () => {
    const { message } = new StripeError(418, {}, { ...request, requestId: undefined });
    expect(message).toMatch(/^Stripe gave no reason\n/);
    expect(message).toContain("  Stripe: 418; POST /v1/webhook_endpoints; request without id; 2 attempts");
  });
});

test("after several attempts: how long they took, and the id of each that was answered", () => {
  const facts = { ...request, attempts: 3, elapsedMs: 61_240, requestIds: ["req_1", "req_2"] };
  expect(new StripeError(429, { code: "rate_limit", message: "Slow down." }, facts).message).toBe(
    "Slow down.\n" +
      "  Stripe: 429 rate_limit; POST /v1/webhook_endpoints; requests req_1, req_2; 3 attempts in 61.2 s\n" +
      "  To do: run again later, or lower stripe:maxRequestsPerSecond; what was done so far is kept, and nothing is done twice",
  );
  expect(new ConnectionError("cut", { ...facts, requestIds: ["req_1"], base: "b" }).message).toBe(
    "POST /v1/webhook_endpoints: cut (b, 3 attempts in 61.2 s, request req_1). Check the network, a proxy, and stripe:apiBase, then run again",
  );
});

test("no answer: what was attempted, where, how often, and what to check", () => {
  const error = new ConnectionError("the connection was refused", {
    method: "GET",
    path: "/v1/account",
    base: "http://127.0.0.1:1",
    attempts: 4,
  });
  expect(error.message).toBe(
    "GET /v1/account: the connection was refused (http://127.0.0.1:1, 4 attempts). Check the network, a proxy, and stripe:apiBase, then run again",
  );
  expect(error).toMatchObject({ code: "no_answer", stack: "", name: "" });
});

test("wrong inputs: each on a line of its own, with its path", () => {
  const error = new InputError([
    { path: "url", message: "is required" },
    { path: "enabledEvents[0]", message: "no" },
  ]);
  expect(error.message).toBe("url: is required\nenabledEvents[0]: no");
  expect(error).toMatchObject({ code: "invalid_input", stack: "" });
});

describe("ProviderError.is", () => {
  test.each<[string, unknown, boolean]>([
    ["ours", new ProviderError("x", "y"), true],
    ["of a class of ours", new InputError([]), true],
    ["of another copy of this package", { [Symbol.for("stripe-as-code.error")]: true }, true],
    ["any error", new Error("x"), false],
    ["undefined", undefined, false],
    ["null", null, false],
    ["text", "x", false],
    ["0", 0, false],
    ["false", false, false],
    ["the empty text", "", false],
  ])("%s", (_name, value, is) => {
    expect(ProviderError.is(value)).toBe(is);
  });
});

describe("paramToPath", () => {
  test.each([
    ["url", "url"],
    ["", ""],
    ["enabled_events", "enabledEvents"],
    ["enabled_events[0]", "enabledEvents[0]"],
    ["enabled_events[12]", "enabledEvents[12]"],
    ["beneficiary[public_name]", "beneficiary.publicName"],
    ["provided_details[email_address]", "providedDetails.emailAddress"],
    ["line_items[0][price_data][unit_amount]", "lineItems[0].priceData.unitAmount"],
    ["metadata", "metadata"],
    ["metadata[snake_key]", "metadata.snake_key"],
    ["metadata[camelKey]", "metadata.camelKey"],
    ["price_data[metadata][snake_key]", "priceData.metadata.snake_key"],
    ["metadata[k]", "metadata.k"],
    ["address[line1]", "address.line1"],
  ])("%s → %s", (param, path) => {
    expect(paramToPath(param)).toBe(path);
  });
});

test("a metadata key keeps its case, also one that begins with a digit", () => {
  expect(paramToPath("metadata[1st_key]")).toBe("metadata.1st_key");
});

test("a refusal without a page says what to do all the same", () => {
  const error = new StripeError(
    400,
    { message: "No" },
    { method: "POST", path: "/", requestId: "r", attempts: 1, replayed: false },
  );
  expect(error.message).toContain("To do: correct what is named above; see https://docs.stripe.com/error-handling");
});
