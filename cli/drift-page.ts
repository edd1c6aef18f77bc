import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { advice, countDrift, marks, wrongs } from "./drift-advice";
import { type DriftEntry, type DriftReport, type UnmanagedEntry } from "./drift-report";
import { showValue } from "./drift-value";
import { Markup, markup } from "./markup";
import { showTime } from "./show";

type Status = DriftEntry["status"] | "unmanaged";

const titles: Readonly<Record<Status, string>> = {
  ...{ changed: "Changed", gone: "Gone", archived: "Archived", "foreign-owned": "Foreign-owned" },
  ...{ failed: "Failed", unmanaged: "Unmanaged", unchanged: "Unchanged" },
};

const meanings: Readonly<Record<Status, string>> = {
  changed: "Stripe has other values than the code.",
  gone: "Stripe has no such object any more.",
  archived: "The object is there, but at its end.",
  "foreign-owned": "Another stack has taken the object over.",
  failed: "Stripe did not tell how these stand.",
  unmanaged: "No stack has these. That is no drift.",
  unchanged: "As the code said at the last pulumi up.",
};

/**
 * The report as one page that needs nothing else: no network, no other file. Without JavaScript it shows everything, and only
 * the filters are missing.
 */
export function driftPage(report: DriftReport): string {
  const { project, stack, accounts, checkedAt, resources, unmanaged, calls } = report;
  const shared = ["colours.css", "common.css"].map((name) => `emulator/dashboard/${name}`);
  const style = [...shared, "cli/drift-page/style.css"].map(readPart).join("");
  const script = readPart("cli/drift-page/script.js");
  const icon = readPart("emulator/dashboard/icon.svg");
  // Nothing that the report holds could run or load anything, were it ever taken for markup.
  const policy = [
    ...["default-src 'none'", "base-uri 'none'", "form-action 'none'", "img-src data:"],
    ...[`style-src ${hashOf(style)}`, `script-src ${hashOf(script)}`],
  ].join("; ");
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Drift of ${project}/${stack}</title>
<link rel="icon" href="data:image/svg+xml;base64,${Buffer.from(icon).toString("base64")}">
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#objects">Skip to the objects</a>
<header class="bar">
<p class="brand"><span class="icon" aria-hidden="true">${new Markup(icon)}</span><span>Stripe drift</span>${modesOf(report)}</p>
<p class="when">looked at <time datetime="${checkedAt}">${showTime(Date.parse(checkedAt) / 1000)} UTC</time></p>
</header>
<main>
<section class="verdict" aria-labelledby="verdict">
<h1 id="verdict">${verdictOf(report)}</h1>
<p class="lead">${leadOf(report)}</p>
${barOf(report)}
<dl class="facts">
<div><dt>Stack</dt><dd>${project}/${stack}</dd></div>
<div><dt>${accounts.length === 1 ? "Account" : "Accounts"}</dt><dd>${accounts.map(accountOf)}</dd></div>
<div><dt>Resources</dt><dd>${resources.length}</dd></div>
<div><dt>Calls to Stripe</dt><dd>${calls}, nothing written</dd></div>
</dl>
</section>
${filtersOf(report)}
<div id="objects" tabindex="-1">
${wrongs.map((status) => sectionOf(status, resources))}
${unmanagedOf(unmanaged)}
${unchangedOf(report)}
<p class="none" id="none" hidden>Nothing here matches. <button type="button" id="all">Show everything</button></p>
${notesOf(report)}
</div>
</main>
<script>${new Markup(script)}</script>
</body>
</html>
`.text;
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** Files that are not compiled: one folder up from here in the source, two from what is compiled into dist/. */
function readPart(path: string): string {
  const file = [join(__dirname, "..", path), join(__dirname, "../..", path)].find((one) => existsSync(one));
  if (file === undefined) throw new Error(`${path} is missing from this installation of stripe-as-code`);
  // A browser hashes lines as it reads them, without the carriage returns that a checkout may have added.
  return readFileSync(file, "utf8").replaceAll("\r\n", "\n");
}

function modesOf({ accounts }: DriftReport): Markup[] {
  const modes = [...new Set(accounts.map(({ livemode }) => (livemode ? "live" : "test")))];
  return modes.map((mode) => markup`<span class="mode ${mode}">${mode} mode</span>`);
}

function accountOf({ id, livemode }: DriftReport["accounts"][number]): Markup {
  return markup`<span class="account">${id ?? "not told to this key"} <span class="quiet">(${livemode ? "live" : "test"})</span></span>`;
}

function verdictOf(report: DriftReport): Markup | string {
  const { resources, summary } = report;
  const drifted = countDrift(report);
  if (drifted > 0) return `${drifted} of ${count(resources.length, "resource")} drifted`;
  if (summary.failed > 0) return `${summary.failed} of ${count(resources.length, "resource")} could not be looked at`;
  if (resources.length === 0) return "Nothing to compare yet";
  return markup`<span class="sign unchanged" aria-hidden="true">✓</span>No drift`;
}

function leadOf(report: DriftReport): string {
  const { resources, summary } = report;
  const drifted = countDrift(report);
  if (drifted > 0 && summary.failed > 0) return `And ${summary.failed} could not be looked at.`;
  if (drifted > 0) return "The live account is not what the code said at the last pulumi up.";
  if (summary.failed > 0) return "No drift among the others. Below is why these can't be told.";
  if (resources.length === 0)
    return "This stack has no resources at Stripe. Once pulumi up has made some, they show here.";
  return `All is well: ${resources.length === 1 ? "the one resource is" : `all ${resources.length} resources are`} as the code says.`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

/** How the statuses share the stack. Decoration: the filters tell the numbers. */
function barOf({ resources, summary }: DriftReport): Markup {
  if (resources.length === 0) return markup``;
  let at = 0;
  const parts = [...wrongs, "unchanged" as const].map((status) => {
    const width = (summary[status] / resources.length) * 100;
    at += width;
    return width === 0 ? [] : markup`<rect class="${status}" x="${at - width}" width="${width}" height="1"/>`;
  });
  return markup`<svg class="shares" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>`;
}

function filtersOf({ summary, resources, unmanaged }: DriftReport): Markup {
  if (resources.length + unmanaged.length === 0) return markup``;
  const buttons = [...wrongs, "unmanaged" as const, "unchanged" as const].map(
    (
      status,
    ) => markup`<button type="button" class="filter ${status}" data-status="${status}" aria-pressed="false" disabled>\
<span class="sign" aria-hidden="true">${marks[status]}</span>${titles[status]} <b>${summary[status]}</b></button>
`,
  );
  return markup`<section class="filters" aria-label="Filters">
<div class="statuses" role="group" aria-label="Show only">
${buttons}</div>
<div class="finding" id="finding" hidden>
<input type="search" id="search" class="search" aria-label="Filter by text" placeholder="Filter: name, id, field, value …" autocomplete="off" spellcheck="false">
<p id="shown" role="status"></p>
<p class="hint"><kbd>/</kbd> filter <kbd>j</kbd> <kbd>k</kbd> next, previous <kbd>Esc</kbd> everything</p>
</div>
</section>`;
}

function sectionOf(status: (typeof wrongs)[number], resources: DriftEntry[]): Markup {
  const entries = resources.filter((one) => one.status === status);
  if (entries.length === 0) return markup``;
  return markup`<section class="group" aria-labelledby="h-${status}">
${headOf(status, entries.length)}
<p class="lead">${meanings[status]} <span class="advice">What to do: ${advice[status]}</span></p>
${entries.map(cardOf)}</section>
`;
}

function headOf(status: Status, number: number): Markup {
  return markup`<h2 id="h-${status}"><span class="sign ${status}" aria-hidden="true">${marks[status]}</span>${titles[status]} <span class="count">${number}</span></h2>`;
}

function cardOf(entry: DriftEntry): Markup {
  const { urn, name, kind, id, status, differences } = entry;
  return markup`<article class="card item ${status}" data-status="${status}" tabindex="-1">
<header><span class="kind">${kind}</span><h3>${name}</h3><span class="status ${status}">${status}</span></header>
<p class="id">${id}</p>
${detailOf(entry)}${differences.length === 0 ? "" : tableOf(differences)}<p class="urn"><span class="quiet">URN</span> ${urn}</p>
</article>
`;
}

function detailOf({ status, detail }: DriftEntry): Markup {
  if (detail === undefined) return markup``;
  const before: Partial<Record<Status, string>> = { archived: "At Stripe it is ", "foreign-owned": "It is owned by " };
  const text = status in before ? markup`${before[status]}<b>${detail}</b>.` : markup`${detail}`;
  return markup`<p class="detail">${text}</p>
`;
}

/** The roles say again what the elements are: a narrow screen lays them out as blocks, and they are a table all the same. */
function tableOf(differences: DriftEntry["differences"]): Markup {
  const rows = differences.map(({ field, code, live }) => {
    const path = field.split(".").map((part, index) => (index === 0 ? markup`${part}` : markup`.<wbr>${part}`));
    return markup`<tr role="row"><th scope="row" role="rowheader" class="field">${path}</th>\
<td role="cell" class="code"><span class="side" aria-hidden="true">code</span>${showValue(code, live)}</td>\
<td role="cell" class="live"><span class="side" aria-hidden="true">live</span>${showValue(live, code)}</td></tr>
`;
  });
  return markup`<table role="table">
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Field</th><th scope="col" role="columnheader">Code</th>\
<th scope="col" role="columnheader">Live</th></tr></thead>
<tbody role="rowgroup">
${rows}</tbody>
</table>
`;
}

function unmanagedOf(unmanaged: UnmanagedEntry[]): Markup {
  if (unmanaged.length === 0) return markup``;
  const cards = unmanaged.map(
    ({
      kind,
      id,
      label,
      created,
      leftBehind,
    }) => markup`<article class="card item unmanaged" data-status="unmanaged" tabindex="-1">
<header><span class="kind">${kind}</span><h3>${label ?? markup`<span class="nameless">no name</span>`}</h3><span class="status unmanaged">unmanaged</span></header>
<p class="id">${id}</p>
${created === undefined ? "" : markup`<p class="quiet">created ${showTime(created)} UTC</p>`}
${leftBehind ? markup`<p class="detail">An earlier run of this stack made it, and the state has lost it.</p>` : ""}
</article>
`,
  );
  return markup`<section class="group" aria-labelledby="h-unmanaged">
${headOf("unmanaged", unmanaged.length)}
<p class="lead">${meanings.unmanaged} <span class="advice">To have the code manage one, declare it with adopt: "&lt;id&gt;".</span></p>
<div class="pairs">
${cards}</div></section>
`;
}

function unchangedOf({ resources }: DriftReport): Markup {
  const entries = resources.filter(({ status }) => status === "unchanged");
  if (entries.length === 0) return markup``;
  const rows = entries.map(
    ({
      kind,
      name,
      id,
    }) => markup`<li class="item row" data-status="unchanged" tabindex="-1"><span class="kind">${kind}</span>\
<b>${name}</b><span class="id">${id}</span></li>
`,
  );
  return markup`<section class="group" aria-labelledby="h-unchanged">
<details class="rest" id="rest" open><summary>${headOf("unchanged", entries.length)}</summary>
<p class="lead">${meanings.unchanged}</p>
<ul class="rows">
${rows}</ul></details></section>
`;
}

function notesOf({ notes }: DriftReport): Markup {
  if (notes.length === 0) return markup``;
  const lines = [...new Set(notes)].map((note) => markup`<li>${note}</li>`);
  return markup`<section class="group notes" aria-labelledby="h-notes"><h2 id="h-notes">Notes</h2><ul>${lines}</ul></section>
`;
}
