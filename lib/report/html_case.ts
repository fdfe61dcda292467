/**
 * One case of the HTML report: its differences as a list, and its header as a
 * map, in the same notation.
 *
 * @module
 */

import { type Difference, partsOf, type PhdrPart } from "../compare/diff.ts";
import { ehdrMap, headerMap } from "../draw/header_map.ts";
import { ruleLink, type RuleUrl, table } from "../draw/markup.ts";
import {
  phdrOffset,
  readEhdr,
  readPhdrs,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
  viewOf,
} from "../elf/elf64.ts";
import type { Result } from "../suite/results.ts";
import { escapeMarkup } from "../draw/markup.ts";
import { countOf } from "./report.ts";

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
    bytes && differences.length > 0 && wrongMap(result),
    written && `<pre aria-label="stderr">${escapeMarkup(written)}</pre>`,
  ].filter(Boolean).join("\n");
}

/** The text of a rule is further down on the page. */
export const ruleAnchor: RuleUrl = (id) => `#${id}`;

/** A column of the differences: its class, and its cell. */
type Column = readonly [
  name: string,
  kind: string,
  cell: (difference: Difference) => string,
];

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
  const columns = ([
    [
      "byte",
      "byte",
      ({ offset }) => `0x${offset.toString(16).padStart(3, "0")}`,
    ],
    ["field", "field", ({ field }) => escapeMarkup(field)],
    ["expected", "want", ({ expected }) => escapeMarkup(expected)],
    ["got", "got", ({ got }) => escapeMarkup(got)],
    ["rule", "rule", ({ rule }) => rule ? ruleLink(rule, ruleAnchor) : ""],
    ["remark", "words", remarkOn],
    [
      "meaning",
      "words",
      ({ field }) => escapeMarkup(meaningOf(field, meanings)),
    ],
  ] satisfies Column[]).filter(([, , cell]) => shown.some(cell));
  return table("differences", "differences", columns.map(([name]) => name), [
    ...shown.map((difference) =>
      columns.map(([, kind, cell]) =>
        `<td class="${kind}">${cell(difference)}</td>`
      ).join("")
    ),
    ...rest > 0
      ? [`<td colspan="${columns.length}" class="words">and ${rest} more</td>`]
      : [],
  ]);
}

/** How a value, or its place, comes from the right one. */
function remarkOn({ expected, got, item }: Difference): string {
  if (item === "moved") return "in another order";
  return isReversed(expected, got) ? "bytes reversed" : "";
}

/** Returns true if a number has the bytes of another in reverse, in a field of 2, 4 or 8 bytes. */
function isReversed(expected: string, got: string): boolean {
  const [right, wrong] = [expected, got].map((text) =>
    /^(?:0x[0-9a-f]{1,16}|\d{1,19})$/.test(text) ? BigInt(text) : undefined
  );
  if (right === undefined || wrong === undefined || right === wrong) {
    return false;
  }
  return [4, 8, 16].some((digits) => {
    const [a, b] = [right, wrong].map((value) =>
      value.toString(16).padStart(digits, "0")
    );
    return a.length === digits && b.length === digits &&
      a === b.match(/../g)!.reverse().join("");
  });
}

function meaningOf(field: string, meanings: readonly string[]): string {
  const [, index] = /^phdr\[(\d+)\]/.exec(field) ?? [];
  return index === undefined ? "" : meanings[Number(index)] ?? "";
}

/** The header with both values of each wrong field. */
function wrongMap({ bytes, differences = [], meanings = [] }: Result): string {
  const { expected, got } = bytes!;
  const count = Math.ceil((lastByte(expected) - SIZEOF_EHDR) / SIZEOF_PHDR);
  const named = new Set(differences.map(({ field }) => field.split(".")[0]));
  const wanted = Array.from({ length: count }, (_, index) => index).filter(
    (index) => count <= WHOLE_MAP || named.has(`phdr[${index}]`),
  );
  const shown = wanted.slice(0, MOST_ROWS);
  const left = count - shown.length;
  const parts = partsIn(expected, count);
  const rows = shown.map((index) => ({
    first: index,
    last: index,
    at: phdrOffset(index),
    part: parts[index],
    meaning: meanings[index] ?? "",
  }));
  const rest = left > 0
    ? `and ${left} program headers, ${
      wanted.length > shown.length
        ? `${wanted.length - shown.length} of them with differences`
        : "without a difference"
    }`
    : undefined;
  return `<details><summary>the header</summary>
${ehdrMap({ bytes: expected, other: got })}
${headerMap({ bytes: expected, rows, other: got, rest })}
</details>`;
}

/** Purposes of the program headers that are whole. */
function partsIn(expected: Uint8Array, count: number): PhdrPart[] {
  const view = viewOf(expected);
  const whole = Math.floor((expected.length - SIZEOF_EHDR) / SIZEOF_PHDR);
  const phdrs = readPhdrs(view, Math.max(0, Math.min(count, whole)));
  return partsOf(readEhdr(view), phdrs);
}

/** The end of what is not padding. */
function lastByte(bytes: Uint8Array): number {
  return bytes.findLastIndex((byte) => byte !== 0) + 1;
}
