import { type Config, pinnedApiVersion, readConfig } from "../../provider/config";
import { InputError } from "../../provider/errors";

const key = "sk_test_51PLANTED0KEY";
const live = "sk_live_51PLANTED0KEY";

function read(config: Record<string, string>, env: Record<string, string> = {}): Config {
  return readConfig({ config: (name) => config[name], env });
}

/** Findings as they are told: `stripe:<name>: message`. */
function refused(config: Record<string, string>, env: Record<string, string> = {}): string[] {
  try {
    read(config, env);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).findings.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

test("without checkpoints a look-up reaches as far as it has to", () => {
  const under = (env: Record<string, string>) =>
    readConfig({ config: () => undefined, env: { STRIPE_API_KEY: key, ...env } });
  for (const on of ["1", "true", "TRUE"]) {
    expect(under({ PULUMI_SKIP_CHECKPOINTS: on })).toMatchObject({ checkpoints: false, lookupLimit: Infinity });
  }
  for (const off of ["", "0", "false"]) {
    expect(under({ PULUMI_SKIP_CHECKPOINTS: off })).toMatchObject({ checkpoints: true, lookupLimit: 300 });
  }
  const given = { PULUMI_SKIP_CHECKPOINTS: "1", STRIPE_LOOKUP_LIMIT: "7" };
  expect(under(given)).toMatchObject({ lookupLimit: 7 });
});

test("a key is enough", () => {
  expect(read({ apiKey: key })).toEqual({
    apiKey: key,
    livemode: false,
    apiBase: "https://api.stripe.com",
    apiVersion: pinnedApiVersion,
    owner: "",
    ownership: "stamp",
    lookupLimit: 300,
    maxRequestsPerSecond: 20,
    rateIsGiven: false,
    readOnly: false,
    checkpoints: true,
    timeoutMs: 80_000,
  });
});

describe("every setting, from config and from the environment", () => {
  const cases: [name: string, variable: string, text: string, field: keyof Config, value: unknown][] = [
    ["apiKey", "STRIPE_API_KEY", "rk_test_1", "apiKey", "rk_test_1"],
    ["apiKey", "STRIPE_API_KEY", "rkcs_test_1", "apiKey", "rkcs_test_1"],
    ["apiBase", "STRIPE_API_BASE", "http://127.0.0.1:12111/", "apiBase", "http://127.0.0.1:12111"],
    ["apiVersion", "STRIPE_API_VERSION", "2024-06-20", "apiVersion", "2024-06-20"],
    ["accountId", "STRIPE_ACCOUNT_ID", "acct_1", "accountId", "acct_1"],
    ["mode", "STRIPE_MODE", "test", "livemode", false],
    ["stripeAccount", "STRIPE_ACCOUNT", "acct_2", "stripeAccount", "acct_2"],
    ["stripeContext", "STRIPE_CONTEXT", "acct_1/acct_2", "stripeContext", "acct_1/acct_2"],
    ["owner", "STRIPE_OWNER", "team", "owner", "team"],
    ["ownership", "STRIPE_OWNERSHIP", "none", "ownership", "none"],
    ["lookupLimit", "STRIPE_LOOKUP_LIMIT", "0", "lookupLimit", Infinity],
    ["lookupLimit", "STRIPE_LOOKUP_LIMIT", "1000", "lookupLimit", 1000],
    ["maxRequestsPerSecond", "STRIPE_MAX_REQUESTS_PER_SECOND", "5", "maxRequestsPerSecond", 5],
    ["maxRequestsPerSecond", "STRIPE_MAX_REQUESTS_PER_SECOND", "20", "rateIsGiven", true],
    ["maxSpend", "STRIPE_MAX_SPEND", '{"usd": 50000, "eur": 0}', "maxSpend", { usd: 50_000, eur: 0 }],
    ["readOnly", "STRIPE_READ_ONLY", "true", "readOnly", true],
    ["readOnly", "STRIPE_READ_ONLY", "1", "readOnly", true],
    ["readOnly", "STRIPE_READ_ONLY", "false", "readOnly", false],
    ["readOnly", "STRIPE_READ_ONLY", "0", "readOnly", false],
    ["timeoutSeconds", "STRIPE_TIMEOUT_SECONDS", "5", "timeoutMs", 5000],
  ];

  test.each(cases)("%s, %s=%s", (name, variable, text, field, value) => {
    expect(read({ apiKey: key, [name]: text })[field]).toEqual(value);
    expect(read({}, { STRIPE_API_KEY: key, [variable]: text })[field]).toEqual(value);
  });

  test.each(cases)("%s of the config beats %s", (name, variable, text, field, value) => {
    const other = name === "mode" ? "live" : "not valid at all";
    expect(read({ apiKey: key, [name]: text }, { [variable]: other })[field]).toEqual(value);
  });

  test("an empty variable is none", () => {
    expect(read({ apiKey: key }, { STRIPE_ACCOUNT_ID: "", STRIPE_MODE: "" }).accountId).toBeUndefined();
  });

  test("the ceiling is higher in live mode", () => {
    expect(read({ apiKey: live, mode: "live" }).maxRequestsPerSecond).toBe(25);
  });
});

describe("a wrong setting says what to do", () => {
  test.each<[name: string, value: string, finding: string]>([
    ["apiKey", "", "is missing: set STRIPE_API_KEY, or run pulumi config set --secret stripe:apiKey"],
    [
      "apiKey",
      "pk_test_1",
      "must be a secret or restricted key (sk_test_…, sk_live_…, rk_test_…, rk_live_…, sk_org_…)",
    ],
    [
      "apiKey",
      "whsec_PLANTED",
      "must be a secret or restricted key (sk_test_…, sk_live_…, rk_test_…, rk_live_…, sk_org_…)",
    ],
    ["apiBase", "api.stripe.com", "must be a URL such as https://api.stripe.com"],
    ["apiBase", "ftp://api.stripe.com", "must be a URL such as https://api.stripe.com"],
    [
      "apiBase",
      "http://example.com",
      "must be https: plain http is taken on loopback only, as the key would travel in clear",
    ],
    [
      "apiBase",
      "http://127.0.0.1.example.com",
      "must be https: plain http is taken on loopback only, as the key would travel in clear",
    ],
    ["apiVersion", "latest", "must be an API version such as 2026-08-26.dahlia"],
    ["accountId", "1", "must be an account id such as acct_1Nv0FGQ9RKHgCVdK"],
    ["mode", "prod", "must be test or live"],
    ["mode", "live", "is live, but the key is a test key: give a live key, or set stripe:mode test"],
    ["stripeAccount", "me", "must be an account id such as acct_1Nv0FGQ9RKHgCVdK"],
    ["ownership", "mine", "must be stamp or none"],
    ["lookupLimit", "-1", "must be a whole number"],
    ["maxRequestsPerSecond", "0", "must be at least 1"],
    ["maxRequestsPerSecond", "0.5", "must be a whole number"],
    ["maxSpend", "50000", 'must be JSON such as {"usd": 50000}, in smallest units'],
    ["maxSpend", '{"USD": 1}', 'must be JSON such as {"usd": 50000}, in smallest units'],
    ["maxSpend", '{"usd": 0.5}', 'must be JSON such as {"usd": 50000}, in smallest units'],
    ["maxSpend", '{"usd": -1}', 'must be JSON such as {"usd": 50000}, in smallest units'],
    ["maxSpend", "{", 'must be JSON such as {"usd": 50000}, in smallest units'],
    ["readOnly", "yes", "must be true or false"],
    ["timeoutSeconds", "0", "must be at least 1"],
    ["timeoutSeconds", "1.5", "must be a whole number"],
  ])("%s=%s", (name, value, finding) => {
    expect(refused({ apiKey: key, [name]: value })).toEqual([`stripe:${name}: ${finding}`]);
  });

  test("all of them at once", () => {
    expect(refused({ mode: "", ownership: "x", lookupLimit: "x", readOnly: "2", accountId: "0" })).toEqual([
      "stripe:apiKey: is missing: set STRIPE_API_KEY, or run pulumi config set --secret stripe:apiKey",
      "stripe:accountId: must be an account id such as acct_1Nv0FGQ9RKHgCVdK",
      "stripe:ownership: must be stamp or none",
      "stripe:lookupLimit: must be a whole number",
      "stripe:readOnly: must be true or false",
    ]);
  });
});

describe("live keys", () => {
  const notLive =
    "stripe:mode: the key is a live key: run pulumi config set stripe:mode live to let this stack touch the live account";
  const elsewhere = "stripe:apiBase: must be https://api.stripe.com with a live key: the key would be sent elsewhere";

  test.each<[name: string, config: Record<string, string>, findings: string[]]>([
    ["without mode live", { apiKey: live }, [notLive]],
    ["with mode test", { apiKey: live, mode: "test" }, [notLive]],
    ["restricted, without mode live", { apiKey: "rk_live_1" }, [notLive]],
    ["with mode live", { apiKey: live, mode: "live" }, []],
    ["with Stripe's own base", { apiKey: live, mode: "live", apiBase: "https://api.stripe.com/" }, []],
    ["with another base", { apiKey: live, mode: "live", apiBase: "https://example.com" }, [elsewhere]],
    ["with loopback", { apiKey: live, mode: "live", apiBase: "http://127.0.0.1:1" }, [elsewhere]],
    ["with another port", { apiKey: live, mode: "live", apiBase: "https://api.stripe.com:8443" }, [elsewhere]],
    [
      "with a base that looks like it",
      { apiKey: live, mode: "live", apiBase: "https://api.stripe.com.example.com" },
      [elsewhere],
    ],
    [
      "with a base whose user looks like it",
      { apiKey: live, mode: "live", apiBase: "https://api.stripe.com@example.com" },
      ["stripe:apiBase: must not hold a user name or password", elsewhere],
    ],
    [
      "with everything wrong",
      { apiKey: live, apiBase: "http://example.com" },
      [
        notLive,
        "stripe:apiBase: must be https: plain http is taken on loopback only, as the key would travel in clear",
        elsewhere,
      ],
    ],
    [
      "of an organization, whose mode nobody knows",
      { apiKey: "sk_org_1", stripeContext: "acct_1" },
      ["stripe:mode: an organization key does not tell its mode: set stripe:mode to test or live"],
    ],
    ["of an organization in live mode", { apiKey: "sk_org_1", mode: "live", stripeContext: "acct_1" }, []],
    ["of an organization, said to be test", { apiKey: "sk_org_1", mode: "test", stripeContext: "acct_1" }, []],
  ])("%s", (_name, config, findings) => {
    expect(refused(config)).toEqual(findings);
  });

  test.each(["http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1", "https://proxy.example.com/stripe"])(
    "test keys may be sent to %s",
    (apiBase) => {
      expect(read({ apiKey: key, apiBase }).apiBase).toBe(apiBase);
    },
  );
});

test("an account and a context exclude each other", () => {
  expect(refused({ apiKey: key, stripeAccount: "acct_1", stripeContext: "acct_2" })).toEqual([
    "stripe:stripeContext: and stripe:stripeAccount exclude each other: set one",
  ]);
});

test("no failure quotes a key, wherever it was put", () => {
  const names = [
    "apiKey",
    "apiBase",
    "apiVersion",
    "accountId",
    "mode",
    "stripeAccount",
    "ownership",
    "lookupLimit",
    "maxRequestsPerSecond",
    "maxSpend",
    "readOnly",
    "timeoutSeconds",
  ];
  for (const planted of [key, live, `x${key}`]) {
    for (const name of names) {
      expect(refused({ apiKey: live, [name]: planted }).join("\n")).not.toContain("PLANTED");
    }
    expect(refused(Object.fromEntries(names.map((name) => [name, planted]))).join("\n")).not.toContain("PLANTED");
  }
});

test("what contradicts another setting is told beside what is wrong in itself", () => {
  expect(refused({ apiKey: live, apiBase: "http://example.com", readOnly: "x" })).toEqual(
    expect.arrayContaining([
      "stripe:readOnly: must be true or false",
      "stripe:apiBase: must be https: plain http is taken on loopback only, as the key would travel in clear",
    ]),
  );
});

test("a key read from a file keeps no line break", () => {
  expect(readConfig({ config: () => undefined, env: { STRIPE_API_KEY: "sk_test_x\n" } }).apiKey).toBe("sk_test_x");
});

test("an organization key goes to Stripe alone, and says for which account", () => {
  expect(refused({ apiKey: "sk_org_x", mode: "test", apiBase: "https://example.com" })).toEqual([
    "stripe:apiBase: must be https://api.stripe.com with an organization key: the key would be sent elsewhere",
    "stripe:stripeContext: is required with an organization key: set the acct_… it should act on",
  ]);
});
