/**
 * A header as a map: a row each program header, a column each field, in the
 * order of the bytes. Of two headers, both values of each field that differs.
 *
 * @module
 */

import { formatField, type PhdrPart } from "../compare/diff.ts";
import { EHDR, type FieldPlace, PHDR, PT_LOAD, PT_NOTE } from "../elf/elf64.ts";
import { escapeMarkup, formatOffset, table } from "./markup.ts";

/** A program header of a map, or a run of them. */
export interface MapRow {
  /** Index of the first. */
  readonly first: number;
  /** Index of the last. */
  readonly last: number;
  /** Byte of the first. */
  readonly at: number;
  /** Purpose, which gives its colour; undefined where it is not known. */
  readonly part?: PhdrPart;
  /** The same in words. */
  readonly meaning: string;
}

/** A map to draw. */
export interface HeaderMap {
  /** The header. */
  readonly bytes: Uint8Array;
  /** Its program headers. */
  readonly rows: readonly MapRow[];
  /** Another header, to compare. */
  readonly other?: Uint8Array;
  /** Last row, of what is left out. */
  readonly rest?: string;
}

const COLUMNS = ["byte", "phdr", "meaning", ...Object.keys(PHDR)];

/** Draws the program headers. */
export function headerMap(map: HeaderMap): string {
  const { rows, rest } = map;
  const cell = cellOf(map);
  const body = rows.map((row) => {
    const { first, last, at, part, meaning } = row;
    const index = first === last ? `${first}` : `${first}–${last}`;
    const cells = Object.entries(PHDR).map(([field, place]) =>
      cell(field, at, place)
    );
    return `<tr class="${part ? `p-${part}` : ""}"><td class="byte">${
      formatOffset(at)
    }</td><th scope="row">${index}</th><td class="words">${
      markState(meaning)
    }</td>${cells.join("")}</tr>`;
  });
  const last = rest
    ? [`<tr class="rest"><td colspan="${COLUMNS.length}">${rest}</td></tr>`]
    : [];
  return table("phdrs", "program headers", COLUMNS, [...body, ...last]);
}

/** Draws the ELF header in a row. */
export function ehdrMap(map: Omit<HeaderMap, "rows" | "rest">): string {
  const cell = cellOf({ ...map, rows: [] });
  return table("ehdr", "ELF header", Object.keys(EHDR), [
    Object.entries(EHDR).map(([field, place]) => cell(field, 0, place))
      .join(""),
  ]);
}

/** A field, or both values of one that differs. */
function cellOf({ bytes, other = bytes }: HeaderMap) {
  return (field: string, base: number, { at, size }: FieldPlace): string => {
    const [value, second] = [bytes, other].map((header) =>
      formatField(header, base + at, size)
    );
    if (value === second) {
      const zero = /^(?:0x0|0)$/.test(value) ? ' class="zero"' : "";
      return `<td${zero}>${inWords(field, value)}</td>`;
    }
    const [want, got] = [value, second].map((text) => inWords(field, text));
    return `<td class="wrong"><span class="want"><i>want</i> ${want}</span><span class="got"><i>got</i> ${got}</span></td>`;
  };
}

const TYPES: Readonly<Record<string, string>> = {
  "0x0": "PT_NULL",
  [`0x${PT_LOAD}`]: "PT_LOAD",
  [`0x${PT_NOTE}`]: "PT_NOTE",
};

/** A value by its name in elf.h, where it has one. */
function inWords(field: string, value: string): string {
  if (field === "p_type") return TYPES[value] ?? value;
  if (field === "p_flags" && value === "0x7") return "RWX";
  return value;
}

/** Marks a CPU that is not there by a box, not by a colour alone. */
export function markState(meaning: string): string {
  return escapeMarkup(meaning)
    .replace("(not present)", '<span class="tag absent">absent</span>')
    .replace(/\((offline|not possible)\)/, '<span class="tag">$1</span>');
}

/** The place of a field in a row, from 1. */
function column(field: string): number {
  return COLUMNS.indexOf(field) + 1;
}

/** Fields of a program header that a narrow screen shows though they are right. */
const NARROW = ["p_offset", "p_paddr", "p_memsz"].map((field) =>
  `.phdrs td:nth-child(${column(field)})`
).join(", ");

/** Names of columns, where a narrow screen has no head. */
function names(kind: string, fields: object, from: number): string {
  return Object.keys(fields).map((field, i) =>
    `  .${kind} td:nth-child(${from + i})::before { content: "${field}"; }`
  ).join("\n");
}

/** Style of the header map. */
export const headerMapStyle: string = `
.phdrs, .ehdr { border-collapse: collapse; font: .8125rem/1.5 var(--mono); }
.phdrs td, .phdrs th, .ehdr td, .ehdr th { padding: .2rem .8rem .2rem 0; text-align: left; font-weight: 400; white-space: nowrap; vertical-align: top; }
.phdrs thead th, .ehdr thead th { color: var(--dim); border-bottom: 1px solid var(--dim); }
.phdrs tbody tr { border-bottom: 1px solid var(--line); }
.phdrs .words { font-family: system-ui, sans-serif; white-space: normal; min-width: 10rem; max-width: 20rem; }
.phdrs .zero, .ehdr .zero, .phdrs .rest { color: var(--dim); }
.phdrs .byte { border-left: 4px solid var(--line); padding-left: .5rem; }
.p-crash_notes .byte { border-left-color: var(--notes); } .p-vmcoreinfo .byte { border-left-color: var(--info); }
.p-kernel .byte { border-left-color: var(--kernel); } .p-ram .byte { border-left-color: var(--ram); }
.want { color: var(--wanted); } .got { color: var(--got); }
.wrong .want, .wrong .got { display: block; } .wrong i { font-style: normal; font-family: system-ui, sans-serif; }
.tag { font-size: .75rem; line-height: 1.3; padding: 0 .35rem; border: 1px solid currentColor; white-space: nowrap; color: var(--dim); }
.tag.absent { border-style: dashed; color: var(--absent); }
@media (max-width: 900px) {
  .phdrs td, .phdrs th { padding-right: .3rem; font-size: .6875rem; } .phdrs .words { min-width: 5rem; }
}
@media (max-width: 640px) {
  .phdrs thead { display: none; } .phdrs, .phdrs tbody { display: block; } .phdrs td, .phdrs th { font-size: .8125rem; }
  .phdrs tr { display: grid; grid-template-columns: 4.4rem 2.4rem minmax(0, 1fr); padding: .3rem 0; }
  .phdrs .rest { display: block; } .phdrs .byte { grid-row: 1 / 12; }
  .phdrs td:nth-child(n + 4) { display: none; padding: 0; grid-column: 2 / -1; }
  ${NARROW}, .phdrs td:nth-child(${
  column("p_vaddr")
}):not(.zero), .phdrs td.wrong:nth-child(n) { display: block; }
  .phdrs td:nth-child(n + 4)::before { display: inline-block; width: 5rem; color: var(--dim); }
${names("phdrs", PHDR, column("p_type"))}
  .ehdr thead, .ehdr td { display: none; } .ehdr td.wrong { display: block; }
  .ehdr td::before { display: inline-block; width: 7rem; color: var(--dim); }
${names("ehdr", EHDR, 1)}
}
@media print { .phdrs, .ehdr { font-size: 7pt; } .phdrs td, .phdrs th { padding-right: .5rem; } .phdrs tr { break-inside: avoid; } }
`;
