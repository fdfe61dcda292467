/**
 * The report as one HTML file: the verdict and its causes first, then the
 * cases, closed, then the rules that they break.
 *
 * @module
 */

import { RULES } from "../spec/rules.ts";
import { type Cause, diagnose } from "../suite/diagnosis.ts";
import {
  countByStatus,
  isWrong,
  type Result,
  type Status,
} from "../suite/results.ts";
import { caseBody, differenceTable, ruleLink } from "./html_case.ts";
import { script } from "./html_script.ts";
import { style } from "./html_style.ts";
import {
  byArch,
  escapeMarkup,
  formatAbout,
  formatCounts,
  formatOutcome,
  isRight,
  type Report,
} from "./report.ts";

/** Differences that are shown of a cause's example. */
const SHOWN = 6;

/** Formats a report as a page that needs nothing but itself. */
export function formatHtml(report: Report): string {
  const { implementation, results, complaints } = report;
  const verdict = escapeMarkup(formatOutcome(report));
  const causes = diagnose(results);
  const causeOf = new Map(
    causes.flatMap((cause, i) =>
      cause.results.map((result) => [result, i + 1] as const)
    ),
  );
  const told = results.filter(isTold);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>elfcorehdr: ${escapeMarkup(implementation)} ${verdict}</title>
<style>${style}</style>
<header>
<h1><span class="${isRight(report) ? "pass" : "fail"}">${verdict}</span> ${
    escapeMarkup(implementation)
  }</h1>
<p>${escapeMarkup(formatAbout(report))}</p>
<p>${formatCounts(results)}</p>
${
    complaints.map((complaint) =>
      `<p class="complaint">${escapeMarkup(complaint)}</p>`
    ).join("\n")
  }
${totals(results)}
</header>
<main>
${causes.length > 0 ? `<h2>Causes</h2>\n${causes.map(section).join("\n")}` : ""}
<h2 id="cases">Cases</h2>
${form(results, causes)}
${told.map((result) => row(result, causeOf.get(result))).join("\n")}
<details id="passes"><summary>${
    results.length - told.length
  } cases that conform or are unsupported</summary>
${
    results.filter((result) => !isTold(result)).map((result) =>
      row(result, undefined)
    ).join("\n")
  }
</details>
${rules(results)}
</main>
<script>${script}</script>
</html>
`;
}

/** Whether there is something to tell of a result. */
function isTold({ status }: Result): boolean {
  return isWrong(status) || status === "known" || status === "unexpected-pass";
}

/** Counts by architecture and status, no column empty. */
function totals(results: readonly Result[]): string {
  const shown = Object.entries(countByStatus(results))
    .filter(([, count]) => count > 0).map(([status]) => status as Status);
  const lines = [...byArch(results)].map(([arch, results]) => {
    const counts = countByStatus(results);
    const cells = shown.map((status) =>
      `<td class="${counts[status] ? status : "none"}">${counts[status]}</td>`
    );
    return `<tr><th scope="row">${escapeMarkup(arch)}</th>${
      cells.join("")
    }</tr>`;
  });
  return `<table class="totals"><thead><tr><th scope="col">architecture</th>${
    shown.map((status) => `<th scope="col" class="${status}">${status}</th>`)
      .join("")
  }</tr></thead><tbody>
${lines.join("\n")}
</tbody></table>`;
}

/** A cause: how much it explains, one example, the wording of the rules that break. */
function section(
  { what, results, against, differences }: Cause,
  index: number,
): string {
  const [example] = results;
  const broken = new Set(differences.slice(0, SHOWN).map(({ rule }) => rule));
  const cases = results.length === 1 ? "1 case" : `${results.length} cases`;
  return `<section class="cause">
<h3><button type="button" data-show="${index + 1}">${cases}</button> ${
    escapeMarkup(what)
  }</h3>
${
    against > 0
      ? `<p class="dim">${against} that conform speak against it</p>`
      : ""
  }
<p class="dim">for example <code>${escapeMarkup(example.test.id)}</code>, ${
    escapeMarkup(example.test.title)
  }</p>
${differenceTable(example, differences, SHOWN)}
<ul>
${
    RULES.filter(({ id }) => broken.has(id)).map(({ id, rule }) =>
      `<li>${ruleLink(id)} ${escapeMarkup(rule)}</li>`
    ).join("\n")
  }
</ul>
</section>`;
}

function form(results: readonly Result[], causes: readonly Cause[]): string {
  const tests = results.map(({ test }) => test);
  const broken = results.flatMap(({ differences = [] }) => differences);
  const distinct = (values: readonly (string | undefined)[]) =>
    [...new Set(values)].filter((value) => value !== undefined)
      .sort(byNumbers)
      .map((value) => [value, value] as const);
  return `<form role="search">
<input type="search" id="text" placeholder="id, title or tag" aria-label="id, title or tag">
${
    choice(
      "cause",
      causes.map(({ what }, i) => [`${i + 1}`, `${i + 1}: ${what}`] as const),
    )
  }
${choice("rule", distinct(broken.map(({ rule }) => rule)))}
${choice("field", distinct(broken.map(({ field }) => fieldName(field))))}
${choice("arch", distinct(tests.map(({ arch }) => arch)))}
${choice("release", distinct(tests.map(({ release }) => release)))}
${choice("status", distinct(results.map(({ status }) => status)))}
<output id="count">${results.length} cases</output>
</form>`;
}

const { compare: byNumbers } = new Intl.Collator("en", { numeric: true });

function choice(
  name: string,
  values: readonly (readonly [value: string, label: string])[],
): string {
  const items = values.map(([value, label]) =>
    `<option value="${escapeMarkup(value)}">${escapeMarkup(label)}</option>`
  );
  return `<select id="${name}" aria-label="${name}"><option value="">any ${name}</option>${
    items.join("")
  }</select>`;
}

/** `p_vaddr`, whichever program header it is in. */
function fieldName(field: string): string {
  return field.replace(/^phdr\[\d+\]\./, "");
}

/** A case: its head, and what there is to tell of it, closed. */
function row(result: Result, cause: number | undefined): string {
  const { test, status, differences = [] } = result;
  const { id, title, level, tags, arch, release = "" } = test;
  const data = {
    cause: cause ? `${cause}` : "",
    rule: differences.map(({ rule }) => rule),
    field: differences.map(({ field }) => fieldName(field)),
    arch,
    release,
    status,
    text: [id, title, level, ...tags].join(" ").toLowerCase(),
  };
  const attributes = Object.entries(data).map(([key, value]) => {
    const words = typeof value === "string" ? value : [...new Set(value)];
    return `data-${key}="${
      escapeMarkup(typeof words === "string" ? words : words.join(" "))
    }"`;
  }).join(" ");
  const head = `<span class="status ${status}">${status}</span> <code>${
    escapeMarkup(id)
  }</code> <span class="dim">${escapeMarkup(title)}</span>`;
  const body = isTold(result) ? caseBody(result) : "";
  return body === ""
    ? `<article ${attributes}><p>${head}</p></article>`
    : `<article ${attributes}><details><summary>${head}</summary>
${body}</details></article>`;
}

/** The wording of each rule that is named. */
function rules(results: readonly Result[]): string {
  const named = new Set(
    results.flatMap(({ differences = [] }) =>
      differences.map(({ rule }) => rule)
    ),
  );
  const shown = RULES.filter(({ id }) => named.has(id));
  if (shown.length === 0) return "";
  return `<h2>Rules</h2>
<dl>
${
    shown.map(({ id, rule, level, source }) =>
      `<dt id="${id}">${id}</dt><dd>${escapeMarkup(rule)} <span class="dim">${
        level === "quirk" ? "A quirk. " : ""
      }${escapeMarkup(source)}</span></dd>`
    ).join("\n")
  }
</dl>`;
}
