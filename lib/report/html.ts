/**
 * The report as one HTML file: cases by architecture and verdict, and for each
 * that fails its header as a map of fields, the wrong ones marked.
 *
 * @module
 */

import {
  EHDR,
  type FieldPlace,
  PHDR,
  phdrOffset,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
} from "../elf/elf64.ts";
import { RULES } from "../spec/rules.ts";
import { isWrong, type Result } from "../suite/results.ts";
import { style } from "./html_style.ts";
import {
  byArch,
  conforms,
  escapeMarkup,
  formatCounts,
  type Report,
} from "./report.ts";
import { formatFailure } from "./text.ts";

/** Rows of a map beyond which only rows with a wrong field are drawn. */
const WHOLE_MAP = 16;
/** Rows with a wrong field beyond which a map is cut off. */
const MOST_ROWS = 48;

/** Formats a report as a page that needs nothing but itself. */
export function formatHtml(report: Report): string {
  const { profile, implementation, results, complaints } = report;
  const verdict = conforms(report) ? "conforms" : "does not conform";
  const archs = [...byArch(results)];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>elfcorehdr: ${escapeMarkup(implementation)} ${verdict}</title>
<style>${style}</style>
<header>
<h1><span class="${conforms(report) ? "pass" : "fail"}">${verdict}</span> ${
    escapeMarkup(implementation)
  }</h1>
<p>profile ${escapeMarkup(profile)} · ${formatCounts(results)}</p>
${
    complaints.map((complaint) =>
      `<p class="complaint">${escapeMarkup(complaint)}</p>`
    ).join("\n")
  }
<table class="totals"><tbody>
${archs.map(([arch, results]) => bar(arch, results)).join("\n")}
</tbody></table>
<form role="search">
<input type="search" id="text" placeholder="id, title, rule or tag" aria-label="Filter cases">
${options("arch", archs.map(([arch]) => arch))}
${options("status", [...new Set(results.map(({ status }) => status))])}
<output id="count">${results.length} cases</output>
</form>
</header>
<main>
${wrongFirst(results).map(article).join("\n")}
</main>
<script>${SCRIPT}</script>
</html>
`;
}

function wrongFirst(results: readonly Result[]): Result[] {
  const wrong = ({ status }: Result) => isWrong(status);
  return [
    ...results.filter(wrong),
    ...results.filter((result) => !wrong(result)),
  ];
}

function bar(arch: string, results: readonly Result[]): string {
  const parts = [...Map.groupBy(results, ({ status }) => status)];
  const cells = parts.map(([status, { length }]) =>
    `<i class="${status}" style="flex:${length}" title="${length} ${status}"></i>`
  );
  return `<tr><th>${escapeMarkup(arch)}</th><td><div class="bar">${
    cells.join("")
  }</div></td><td>${formatCounts(results)}</td></tr>`;
}

function options(name: string, values: readonly string[]): string {
  const items = values.map((value) =>
    `<option>${escapeMarkup(value)}</option>`
  );
  return `<select id="${name}" aria-label="${name}"><option value="">any ${name}</option>${
    items.join("")
  }</select>`;
}

function article(result: Result): string {
  const { test, status } = result;
  const words = [test.id, test.title, test.level, ...test.rules, ...test.tags]
    .join(" ");
  const head = `<span class="status ${status}">${status}</span> <code>${
    escapeMarkup(test.id)
  }</code> <span class="title">${escapeMarkup(test.title)}</span>`;
  const data = `data-arch="${
    escapeMarkup(test.arch)
  }" data-status="${status}" data-words="${escapeMarkup(words.toLowerCase())}"`;
  const body = [
    ...formatFailure(result).slice(1).map((line) => escapeMarkup(line.trim())),
  ].join("\n");
  if (status === "pass" || (body === "" && !result.bytes)) {
    return `<article ${data}><p>${head}</p></article>`;
  }
  const open = isWrong(status) ? " open" : "";
  return `<article ${data}><details${open}><summary>${head}</summary>
<pre>${body}</pre>
${result.bytes ? map(result) : ""}</details></article>`;
}

/** The header as a table: a row for the ELF header and for each program header. */
function map({ bytes, differences }: Result): string {
  const { expected, got } = bytes!;
  const rules = new Map(differences!.map(({ offset, rule }) => [offset, rule]));
  const count = Math.floor(
    (Math.max(expected.length, got.length) - SIZEOF_EHDR) / SIZEOF_PHDR,
  );
  const named = new Set(differences!.map(({ field }) => field.split(".")[0]));
  const rows = Array.from({ length: count }, (_, index) => index)
    .filter((index) =>
      index < WHOLE_MAP
        ? phdrOffset(index) < lastByte(expected)
        : named.has(`phdr[${index}]`)
    );
  const shown = rows.slice(0, MOST_ROWS);
  const cells = (
    base: number,
    row: string,
    fields: Record<string, FieldPlace>,
  ) =>
    Object.entries(fields).map(([name, field]) =>
      cell(
        expected,
        got,
        base,
        `${row}.${name}`,
        field,
        rules.get(base + field.at),
      )
    ).join("");
  const lines = shown.map((index, i) => {
    const gap = i > 0 && index > shown[i - 1] + 1
      ? `<div class="gap">${
        index - shown[i - 1] - 1
      } program headers without a difference</div>`
      : "";
    return `${gap}<div class="row"><b>phdr[${index}]</b>${
      cells(phdrOffset(index), `phdr[${index}]`, PHDR)
    }</div>`;
  });
  const rest = rows.length > shown.length
    ? `<div class="gap">and ${rows.length - shown.length} more</div>`
    : "";
  return `<div class="map"><div class="row"><b>ehdr</b>${
    cells(0, "ehdr", EHDR)
  }</div>${lines.join("")}${rest}</div>`;
}

/** The end of what is not padding. */
function lastByte(bytes: Uint8Array): number {
  return bytes.findLastIndex((byte) => byte !== 0) + 1;
}

function cell(
  expected: Uint8Array,
  got: Uint8Array,
  base: number,
  name: string,
  { at, size }: FieldPlace,
  rule: string | undefined,
): string {
  const offset = base + at;
  const slice = (bytes: Uint8Array) =>
    bytes.slice(offset, offset + size).toHex() || "end of file";
  const tip = [
    `byte 0x${offset.toString(16)}  ${name}`,
    `expected ${slice(expected)}`,
    `got      ${slice(got)}`,
    ...rule
      ? [`${rule}  ${RULES.find(({ id }) => id === rule)?.rule ?? ""}`]
      : [],
  ].join("\n");
  const same = slice(expected) === slice(got);
  return `<span class="field s${size}${same ? "" : " wrong"}" tabindex="${
    same ? -1 : 0
  }" data-tip="${escapeMarkup(tip)}"><small>${
    escapeMarkup(name.split(".")[1])
  }</small>${slice(got)}</span>`;
}

const SCRIPT = `
const byId = (id) => document.getElementById(id);
const cases = [...document.querySelectorAll("article")];
function filter() {
  const words = byId("text").value.toLowerCase().split(/\\s+/).filter(Boolean);
  const arch = byId("arch").value, status = byId("status").value;
  let count = 0;
  for (const { dataset, style } of cases) {
    const shown = (!arch || dataset.arch === arch) && (!status || dataset.status === status) &&
      words.every((word) => dataset.words.includes(word));
    style.display = shown ? "" : "none";
    count += shown;
  }
  byId("count").textContent = count + " of " + cases.length + " cases";
}
for (const id of ["text", "arch", "status"]) byId(id).addEventListener("input", filter);
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
filter();
`;
