/**
 * What the HTML report tells of one case: its differences as a list, and its
 * header as a map, in the same notation.
 *
 * @module
 */

import { type Difference, formatField } from "../compare/diff.ts";
import {
  EHDR,
  type FieldPlace,
  PHDR,
  phdrOffset,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
} from "../elf/elf64.ts";
import type { Result } from "../suite/results.ts";
import { countOf, escapeMarkup } from "./report.ts";

/** Differences beyond which a list is cut off. */
const MOST_DIFFERENCES = 24;
/** Program headers beyond which a map has only those with a wrong field. */
const WHOLE_MAP = 16;
/** Rows beyond which a map is cut off. */
const MOST_ROWS = 48;

/** Reason, differences, the header, and what the program wrote to stderr. */
export function caseBody(result: Result): string {
  const {
    test: { why },
    known,
    reason,
    differences = [],
    bytes,
    mistake,
    stderr,
  } = result;
  const written = stderr.trim();
  return [
    why && `<p class="dim">${escapeMarkup(why)}</p>`,
    known && `<p>known: ${escapeMarkup(known)}</p>`,
    reason && `<p>${escapeMarkup(reason)}</p>`,
    mistake && `<p>looks like: ${escapeMarkup(mistake)}</p>`,
    differences.length > 0 &&
    differenceTable(result, differences, MOST_DIFFERENCES),
    bytes && differences.length > 0 && headerMap(result),
    written && `<pre aria-label="stderr">${escapeMarkup(written)}</pre>`,
  ].filter(Boolean).join("\n");
}

/** A rule's number, which leads to its text. */
export function ruleLink(id: string): string {
  return `<a href="#${escapeMarkup(id)}">${escapeMarkup(id)}</a>`;
}

/** The first of some differences, a row each, and how many there are beside. */
export function differenceTable(
  result: Result,
  differences: readonly Difference[],
  most: number,
): string {
  if (differences.length === 0) return "";
  const { meanings = [] } = result;
  const shown = differences.slice(0, most);
  const rest = countOf(result, differences) - shown.length;
  return table("differences", [
    "byte",
    "field",
    "expected",
    "got",
    "rule",
    "meaning",
  ], [
    ...shown.map(({ offset, field, expected, got, rule }) =>
      `<td>0x${offset.toString(16).padStart(3, "0")}</td><td>${
        escapeMarkup(field)
      }</td><td class="want">${escapeMarkup(expected)}</td><td class="got">${
        escapeMarkup(got)
      }</td><td>${rule ? ruleLink(rule) : ""}</td><td class="words">${
        escapeMarkup(meaningOf(field, meanings))
      }</td>`
    ),
    ...rest > 0 ? [`<td colspan="6" class="words">and ${rest} more</td>`] : [],
  ]);
}

function meaningOf(field: string, meanings: readonly string[]): string {
  const [, index] = /^phdr\[(\d+)\]/.exec(field) ?? [];
  return index === undefined ? "" : meanings[Number(index)] ?? "";
}

/** The header: a table of its first fields, and one of its program headers. */
function headerMap(
  { bytes, differences = [], meanings = [] }: Result,
): string {
  const { expected, got } = bytes!;
  const count = Math.floor(
    (Math.min(lastByte(expected), expected.length) - SIZEOF_EHDR +
      SIZEOF_PHDR - 1) / SIZEOF_PHDR,
  );
  const named = new Set(differences.map(({ field }) => field.split(".")[0]));
  const wanted = Array.from({ length: count }, (_, index) => index).filter(
    (index) => count <= WHOLE_MAP || named.has(`phdr[${index}]`),
  );
  const shown = wanted.slice(0, MOST_ROWS);
  const left = count - shown.length;
  const cell = cellOf(expected, got);
  return `<details><summary>the header</summary>
${
    table("ELF header", Object.keys(EHDR), [
      Object.values(EHDR).map((field) => cell(0, field)).join(""),
    ])
  }
${
    table("program headers", [
      "byte",
      "phdr",
      "meaning",
      ...Object.keys(PHDR),
    ], [
      ...shown.map((index) => {
        const base = phdrOffset(index);
        return `<td>0x${
          base.toString(16).padStart(3, "0")
        }</td><th scope="row">${index}</th><td class="words">${
          escapeMarkup(meanings[index] ?? "")
        }</td>${
          Object.values(PHDR).map((field) => cell(base, field)).join("")
        }`;
      }),
      ...left > 0
        ? [
          `<td colspan="11" class="words">and ${left} program headers, ${
            wanted.length > shown.length
              ? `${wanted.length - shown.length} of them with differences`
              : "without a difference"
          }</td>`,
        ]
        : [],
    ])
  }
</details>`;
}

/** A field that is right, or both values of one that is wrong. */
function cellOf(
  expected: Uint8Array,
  got: Uint8Array,
): (base: number, field: FieldPlace) => string {
  return (base, { at, size }) => {
    const [right, answer] = [expected, got].map((bytes) =>
      formatField(bytes, base + at, size)
    );
    return right === answer
      ? `<td>${answer}</td>`
      : `<td class="wrong"><span class="want">${right}</span><span class="got">${answer}</span></td>`;
  };
}

/** The end of what is not padding. */
function lastByte(bytes: Uint8Array): number {
  return bytes.findLastIndex((byte) => byte !== 0) + 1;
}

/** A table that can be scrolled by the keyboard where it is too wide. */
function table(
  label: string,
  columns: readonly string[],
  rows: readonly string[],
): string {
  return `<div class="scroll" role="region" tabindex="0" aria-label="${label}"><table class="${
    label.split(" ")[0]
  }"><thead><tr>${
    columns.map((column) => `<th scope="col">${column}</th>`).join("")
  }</tr></thead><tbody>
${rows.map((cells) => `<tr>${cells}</tr>`).join("\n")}
</tbody></table></div>`;
}
