/**
 * The report as one HTML file: the verdict and its causes first, then the
 * cases, closed, then the rules that they break.
 *
 * @module
 */

import { RULES } from "../spec/rules.ts";
import type { Cause } from "../suite/diagnosis.ts";
import { isWrong, type Result } from "../suite/results.ts";
import { causesOf } from "./cause.ts";
import { caseBody, differenceTable, ruleAnchor } from "./html_case.ts";
import { filterForm, filterWords } from "./html_filter.ts";
import { script } from "./html_script.ts";
import { style } from "./html_style.ts";
import { proportions, totals } from "./html_totals.ts";
import { ruleLink } from "../draw/markup.ts";
import { escapeMarkup } from "../draw/markup.ts";
import {
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
  const causes = causesOf(report);
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
<h1 class="${isRight(report) ? "pass" : "fail"}">${verdict}</h1>
<p>${escapeMarkup(formatAbout(report))}</p>
${proportions(results)}
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
${filterForm(results, causes, causeOf)}
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

/** Returns true for a result that is shown with its details. */
function isTold({ status }: Result): boolean {
  return isWrong(status) || status === "known" || status === "unexpected-pass";
}

/** A cause: how much it explains, one example, the wording of the rules that break. */
function section(
  { what, results, against, differences }: Cause,
  index: number,
): string {
  const [example] = results;
  const named = new Set(differences.slice(0, SHOWN).map(({ rule }) => rule));
  const broken = RULES.filter(({ id }) => named.has(id)).map(({ id, rule }) =>
    `<li>${ruleLink(id, ruleAnchor)} ${escapeMarkup(rule)}</li>`
  );
  const cases = results.length === 1 ? "1 case" : `${results.length} cases`;
  const show = `<button type="button" data-show="${
    index + 1
  }" aria-label="show ${cases}: cause ${index + 1}" hidden>show</button>`;
  return `<section class="cause">
<h3><span class="fail">${cases}</span> ${escapeMarkup(what)} ${show}</h3>
${
    against > 0
      ? `<p class="dim">${against} that conform speak against it</p>`
      : ""
  }
<p class="dim">for example <code>${escapeMarkup(example.test.id)}</code>, ${
    escapeMarkup(example.test.title)
  }</p>
${differenceTable(example, differences, SHOWN)}
${broken.length > 0 ? `<ul>\n${broken.join("\n")}\n</ul>` : ""}
</section>`;
}

/** A case: its head, and its details, closed. */
function row(result: Result, cause: number | undefined): string {
  const { test: { id, title }, status } = result;
  const attributes = Object.entries(filterWords(result, cause)).map((
    [key, words],
  ) => `data-${key}="${escapeMarkup(words)}"`).join(" ");
  const head = `<span class="status ${status}">${status}</span> <code>${
    escapeMarkup(id)
  }</code> <span class="dim">${escapeMarkup(title)}</span>`;
  const body = isTold(result) ? caseBody(result) : "";
  return body === ""
    ? `<article ${attributes}><p class="head">${head}</p></article>`
    : `<article ${attributes}><details><summary><span class="head">${head}</span></summary>
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
