/**
 * The way of a crash note: the machine, its header, and /proc/vmcore after a
 * panic, a row each program header.
 *
 * @module
 */

import { describeElfcorehdr, type PhdrRow } from "../compare/describe.ts";
import { type Elf64Phdr, PT_NOTE } from "../elf/elf64.ts";
import type { Case } from "../spec/case.ts";
import { hex } from "../spec/shape.ts";
import { escapeMarkup, formatOffset } from "./markup.ts";
import { formatAbout } from "./memory_bar.ts";

/** Memory after a crash, and the /proc/vmcore that results. */
export interface Crash {
  /** The header in memory. */
  readonly header: Uint8Array;
  /** The machine that the header is of, where it is known. */
  readonly spec?: Case;
  /** Content of a physical address, in words: `registers of CPU 0`; undefined for zeroes. */
  readonly found: (paddr: bigint) => string | undefined;
  /** The program headers of /proc/vmcore; none where there is no such file. */
  readonly vmcore: readonly Elf64Phdr[];
  /** Registers that were saved at an address without a PT_NOTE, and are lost. */
  readonly lost: readonly (readonly [paddr: bigint, words: string])[];
  /** Why there is none. */
  readonly refusal?: string;
}

/** Rows beyond which the rest is a count. */
const MOST_ROWS = 40;

/** Draws a crash. */
export function crashFlow(crash: Crash): string {
  const { rows, ehdr, size } = describeElfcorehdr(crash.header, crash.spec);
  const shown = rows.slice(0, MOST_ROWS);
  const rest = rows.length - shown.length;
  const notes = shown.filter(isNote).length;
  return `<div class="flow">
${heading("memory", "memory", "what the machine left")}
${
    heading(
      "header",
      "elfcorehdr",
      `${ehdr.e_phnum} program headers, ${size} bytes`,
    )
  }
${heading("vmcore", "/proc/vmcore", "what the dump has")}
<div class="box s-ehdr" ${
    at("header", 0)
  }><i>0x000</i> ELF header, e_phnum ${ehdr.e_phnum}</div>
${shown.map((row, i) => flowRow(row, crash, i + 1)).join("\n")}
${vmcoreBoxes(crash, shown, notes)}
${crash.lost.map((one, i) => lostRow(one, shown.length + 1 + i)).join("\n")}
</div>${rest > 0 ? `<p class="dim">and ${rest} more rows</p>` : ""}`;
}

/** Rows of the drawing are counted from 0, the ELF header's; a heading is above it. */
function at(column: string, from: number, to: number = from + 1): string {
  return `style="grid-area: ${from + 2} / ${column} / ${to + 2} / ${column}"`;
}

function heading(column: string, title: string, about: string): string {
  return `<p class="head" style="grid-area: 1 / ${column}"><b>${title}</b> ${about}</p>`;
}

function isNote({ phdr }: PhdrRow): boolean {
  return phdr.p_type === PT_NOTE;
}

/** A program header, and what it points to. */
function flowRow(row: PhdrRow, crash: Crash, index: number) {
  const { part, phdr, meaning } = row;
  const found = isNote(row) ? crash.found(phdr.p_paddr) : undefined;
  const empty = isNote(row) && found === undefined;
  const words = isNote(row)
    ? found ?? "zeroes"
    : `${part === "kernel" ? "kernel" : "RAM"}, ${formatAbout(phdr.p_memsz)}`;
  const whose = escapeMarkup(
    meaning.replace(/^crash_notes (?:of )?/, "").replace("cpu", "CPU")
      .replace(/^RAM, .*/, "RAM").replace(/, _text to _end/, "")
      .replace("(not present)", "(absent)"),
  );
  const state = empty ? " empty" : "";
  return `<div class="box s-${part}${state}" ${at("memory", index)}><i>${
    hex(phdr.p_paddr)
  }</i> ${escapeMarkup(words)}</div><div class="wire${state}" ${
    at("a", index)
  }></div><div class="box s-${part}${state}" ${at("header", index)}><i>${
    formatOffset(row.at)
  }</i> ${
    isNote(row) ? "PT_NOTE" : "PT_LOAD"
  } ${whose}</div><div class="wire${state}" ${at("b", index)}></div>`;
}

/** Registers that no program header leads to. */
function lostRow(
  [paddr, words]: readonly [bigint, string],
  index: number,
): string {
  return `<div class="box s-crash_notes" ${at("memory", index)}><i>${
    hex(paddr)
  }</i> ${escapeMarkup(words)}</div><div class="wire empty" ${
    at("a", index)
  }></div><div class="box empty" ${
    at("header", index)
  }>no PT_NOTE: not in the dump</div>`;
}

/** The merged PT_NOTE beside the notes, and the PT_LOADs beside theirs. */
function vmcoreBoxes(
  { vmcore, refusal, found }: Crash,
  rows: readonly PhdrRow[],
  notes: number,
): string {
  if (vmcore.length === 0) {
    return `<div class="box refused" ${
      at("vmcore", 0, Math.max(3, rows.length + 1))
    }>There is no /proc/vmcore: ${escapeMarkup(refusal ?? "refused")}.</div>`;
  }
  const merged = rows.filter(isNote)
    .map(({ phdr }) => found(phdr.p_paddr))
    .filter((words) => words !== undefined);
  const loads = vmcore.slice(1, 1 + rows.length - notes);
  return `<div class="box s-ehdr" ${at("vmcore", 0)}>ELF header</div>
<div class="box s-crash_notes merged" ${
    at("vmcore", 1, 1 + Math.max(1, notes))
  }>PT_NOTE, ${vmcore[0].p_filesz} bytes<br>${
    merged.map(escapeMarkup).join("; ") || "nothing"
  }</div>
${
    loads.map((load, i) =>
      `<div class="box s-${rows[notes + i].part}" ${
        at("vmcore", 1 + notes + i)
      }><i>${hex(load.p_offset)}</i> PT_LOAD</div>`
    ).join("")
  }`;
}

/** Style of a crash. */
export const crashFlowStyle = `
.flow { display: grid; grid-template-columns: [memory] minmax(0, 1fr) [a] 1.25rem [header] minmax(0, 1.15fr) [b] 1.25rem [vmcore] minmax(0, .85fr); grid-auto-rows: minmax(1.75rem, auto); gap: 3px 0; margin: 1.5rem 0 .5rem; }
.flow .head { margin: 0 0 .25rem; font-size: .8125rem; line-height: 1.3; color: var(--dim); } .flow .head b { display: block; font-size: .9375rem; color: var(--ink); }
.box { border-width: 1px; border-style: solid; padding: .15rem .5rem; font: .75rem/1.4 var(--mono); overflow-wrap: anywhere; } .box i { font-style: normal; color: var(--dim); }
.box.empty { background: none; border-style: dashed; border-color: var(--absent); color: var(--absent); } .box.empty i { color: inherit; }
.box.merged { line-height: 1.6; } .box.refused { border: 2px solid var(--got); font-family: system-ui, sans-serif; }
.wire { align-self: center; border-top: 1px solid var(--dim); } .wire.empty { border-top: 1px dashed var(--absent); }
@media (max-width: 640px) { .flow { grid-template-columns: [memory] minmax(0, 1fr) [a] .3rem [header] minmax(0, 1fr) [b] .3rem [vmcore] minmax(0, .8fr); } .flow .head b { font-size: .75rem; } .box { font-size: .6875rem; padding: .1rem .25rem; } .box i { display: block; } }
@media print { .flow { break-inside: avoid; } }
`;
