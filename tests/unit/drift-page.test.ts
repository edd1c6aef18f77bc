import { join } from "node:path";
import { driftPage } from "../../cli/drift-page";
import { type DriftReport } from "../../cli/drift-report";
import { finish } from "./command-line";
import { reportOf, sampleReport } from "./drift-sample";

/** What the page says, without its style and script. */
function body(report: DriftReport): string {
  return /<body>([^]*)<script>/.exec(driftPage(report))?.[1] ?? "";
}

/** The cells of the only row of a page with one difference. */
function sides(code: unknown, live: unknown): string[] {
  const page = body(reportOf([{ status: "changed", differences: [{ field: "url", code, live }] }]));
  const cells = page.matchAll(/<td[^>]*><span class="side"[^>]*>\w+<\/span>(.*?)<\/td>/gs);
  return Array.from(cells, ([, cell = ""]) =>
    cell.replace(/^<div class="value">|<\/div>$/g, "").replaceAll("&quot;", '"'),
  );
}

describe("what others wrote stays text", () => {
  const hostile = `"'><img src=x onerror=planted()></script></style><!--`;
  const escaped = "&quot;&#39;&gt;&lt;img src=x onerror=planted()&gt;&lt;/script&gt;&lt;/style&gt;&lt;!--";
  /** The same in each text of a report, but for what our own code gives. */
  function infest(value: unknown, name = ""): unknown {
    if (typeof value === "string") return ["status", "checkedAt"].includes(name) ? value : `${value}${hostile}`;
    if (Array.isArray(value)) return value.map((item) => infest(item, name));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, inner]) => [
      name === "live" ? `${key}${hostile}` : key,
      infest(inner, key),
    ]);
    return Object.fromEntries(entries) as unknown;
  }

  test("wherever it stands in the report", () => {
    const page = driftPage(infest(sampleReport()) as DriftReport);
    expect(page).not.toMatch(/<img|<!--/);
    expect(page.match(/<\/?script/g)).toHaveLength(2);
    expect(page.match(/<\/?style/g)).toHaveLength(2);
    // Project, stack, account, and of 12 resources the URN, kind, name and id, at the least.
    expect(page.split(escaped).length).toBeGreaterThan(3 + 12 * 4);
  });

  test("what can't be seen, or turns the text round, is written out; ends of lines are left", () => {
    const page = body(
      reportOf([{ name: "a\u0000b\u202ec\u009bd\u200be\ufefff", status: "failed", detail: "one\ntwo\rthree" }]),
    );
    expect(page).toContain("<h3>a\\u0000b\\u202ec\\u009bd\\u200be\\ufefff</h3>");
    expect(page).toContain("one\ntwo\\u000dthree");
  });
});

describe("a value beside another", () => {
  test.each<[string, unknown, unknown, string, string]>([
    ["undefined reads nothing", undefined, "", '<span class="nothing">nothing</span>', '<mark>""</mark>'],
    ["null, 0, false are values", null, 0, "<mark>null</mark>", "<mark>0</mark>"],
    ["another text is marked as a whole", "Gold", "Silver", '<mark>"Gold"</mark>', '<mark>"Silver"</mark>'],
    [
      "of texts that are alike only the words that differ",
      "https://example.com/orders?a=1",
      "https://example.com/others?a=1",
      '"https://example.com/<mark>orders</mark>?a=1"',
      '"https://example.com/<mark>others</mark>?a=1"',
    ],
    ["what is only there on one side", "Gold plan", "Gold plan ", '"Gold plan"', '"Gold plan<mark> </mark>"'],
    [
      "a face of several characters stays whole",
      "Team 👩‍🔧 A",
      "Team 👩‍🚒 A",
      '"Team <mark>👩‍🔧</mark> A"',
      '"Team <mark>👩‍🚒</mark> A"',
    ],
    ["a list without an item of the other", ["a", "b"], ["b"], '[<mark>"a"</mark>, "b"]', '["b"]'],
    ["an item that is there once more", ["a", "a", "b"], ["a", "b"], '["a", <mark>"a"</mark>, "b"]', '["a", "b"]'],
    [
      "the same items in another order",
      ["a", "b", "c"],
      ["b", "a", "c"],
      '[<mark>"a"</mark>, <mark>"b"</mark>, "c"]',
      '[<mark>"b"</mark>, <mark>"a"</mark>, "c"]',
    ],
    ["an empty list", [], ["a"], "[]", '[<mark>"a"</mark>]'],
    [
      "what is hidden",
      "[hidden]",
      undefined,
      '<span class="masked">hidden</span>',
      '<span class="nothing">nothing</span>',
    ],
  ])("%s", (_what, code, live, left, right) => {
    expect(sides(code, live)).toEqual([left, right]);
  });

  test("long JSON has lines; many items that are the same are folded, and still there", () => {
    const many = Array.from({ length: 20 }, (_, index) => `event.number_${index}`);
    const [left, right] = sides(many, [...many, { to: "somewhere else", and: "what is longer than a line" }]);
    expect(left).toContain("20 that are the same");
    for (const item of many) expect(right).toContain(`  "${item}",\n`);
    expect(right).toContain(
      '<mark>{\n    "to": "somewhere else",\n    "and": "what is longer than a line"\n  }</mark>',
    );
  });
});

describe("a long text", () => {
  const long = "All that is fit to be said of it. ".repeat(110);
  const fold = (what: string) => `<details class="same"><summary>  ${what}</summary>`;
  /** What is seen before anything is opened. */
  const seen = (side = "") => side.replace(/(<summary>.*?<\/summary>).*?(?=<\/details>)/gs, "$1");

  test("shows the place that differs, and what is the same is folded, and still there", () => {
    const [left, right] = sides(`${long}gold ${long}`, `${long}silver ${long}`);
    expect(seen(left)).toMatch(/^"<details .*?<\/details>.{80}<mark>gold<\/mark>.{80}<details .*<\/details>"$/);
    expect(left?.split(fold(`${long.length - 80} characters that are the same`))).toHaveLength(2);
    expect(right?.replace(/<.*?>|  \d+ characters that are the same/g, "")).toBe(`"${long}silver ${long}"`);
  });

  test("that differs as a whole, or has nothing beside it, is folded after its beginning", () => {
    for (const [side] of [sides(long, "short"), sides(long, undefined), sides({ long }, undefined)]) {
      expect(seen(side).length).toBeLessThan(600);
      expect(side).toMatch(
        /^<mark>[^]{400}<\/mark><details .*\d+ more characters<\/summary><mark>[^]*<\/mark><\/details>$/,
      );
      expect(side).toContain(long.slice(-200));
    }
  });

  test("of no more than fits is shown whole", () => {
    const text = "a ".repeat(190);
    expect(sides(`${text}gold`, `${text}silver`)[0]).toBe(`"${text}<mark>gold</mark>"`);
  });
});

describe("the verdict", () => {
  const told = (report: DriftReport) => {
    const [, title = "", lead = ""] =
      /<h1 id="verdict">(.*?)<\/h1>\n<p class="lead">(.*?)<\/p>/s.exec(body(report)) ?? [];
    return [title.replace(/<span.*<\/span>/, ""), lead];
  };

  test.each<[string, string, DriftReport]>([
    ["1 of 2 resources drifted", "The live account is not what", reportOf([{}, { status: "gone" }])],
    ["1 of 2 resources drifted", "And 1 could not be looked at.", reportOf([{ status: "failed" }, { status: "gone" }])],
    ["1 of 1 resource could not be looked at", "No drift among the others.", reportOf([{ status: "failed" }])],
    ["No drift", "All is well: the one resource is as the code says.", reportOf([{}])],
    ["No drift", "All is well: all 2 resources are as the code says.", reportOf([{}, {}])],
    ["Nothing to compare yet", "This stack has no resources at Stripe.", reportOf([])],
  ])("%s. %s", (title, lead, report) => {
    expect(told(report)).toEqual([title, expect.stringContaining(lead)]);
  });

  test("an account that the key may not name, and accounts of both modes", () => {
    const page = body(reportOf([], { accounts: [{ livemode: true }, { id: "acct_1Test", livemode: false }] }));
    for (const part of [
      "not told to this key",
      "acct_1Test",
      "live mode</span>",
      "test mode</span>",
      "<dt>Accounts</dt>",
    ])
      expect(page).toContain(part);
  });

  test("an empty report has nothing to filter, and a note is told once", () => {
    const page = body(reportOf([], { notes: ["only some were looked at", "only some were looked at"] }));
    expect(page).not.toMatch(/class="filter|class="card/);
    expect(page.match(/<li>only some were looked at<\/li>/g)).toHaveLength(1);
  });
});

test("what is compiled writes the same page", () => {
  const path = join(__dirname, "../../dist/cli/drift-page.js");
  const compiled = jest.requireActual<{ driftPage: typeof driftPage }>(path);
  expect(compiled.driftPage(sampleReport())).toBe(driftPage(sampleReport()));
});

// The engine that isn't there would be the next to fail.
test.each([
  [join(__dirname, "nowhere", "drift.html"), `there is no folder ${join(__dirname, "nowhere")}. Make it`],
  [join(__filename, "drift.html"), `there is no folder ${__filename}. Make it`],
  [__dirname, "that is a folder. Name a file in it, such as drift.html."],
  ["", "argument '' is invalid. It is empty."],
])("--html %j fails before anything is asked", async (file, message) => {
  const { code, out, err } = await finish(["drift", "--html", file], { env: { STRIPE_AS_CODE_ENGINE: "/nowhere" } });
  expect([code, out]).toEqual([1, ""]);
  expect(err).toContain(message);
});
