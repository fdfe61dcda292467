/**
 * Two headers side by side, by what their program headers are and not by their
 * index, so that one more note does not make everything behind it different.
 *
 * @module
 */

import {
  describeElfcorehdr,
  type PhdrRow,
} from "../../lib/compare/describe.ts";
import { escapeMarkup, formatOffset, table } from "../../lib/draw/markup.ts";
import { formatAbout } from "../../lib/draw/memory_bar.ts";
import { PT_NOTE } from "../../lib/elf/elf64.ts";
import type { Case } from "../../lib/spec/case.ts";
import { hex } from "../../lib/spec/shape.ts";

/** A header in a column. */
export interface Side {
  /** Markup. */
  readonly title: string;
  readonly bytes: Uint8Array;
  /** The machine, where the notes are in the order of its mask. */
  readonly spec?: Case;
  /** The machine, where notes are found by their addresses alone. */
  readonly notesOf?: Case;
}

const MOST_ROWS = 48;

/** Draws headers side by side. */
export function sideBySide(sides: readonly Side[], label: string): string {
  const columns = sides.map(keyed);
  const keys = [...new Set(columns.flatMap((rows) => [...rows.keys()]))]
    .sort((a, b) => rank(a) - rank(b));
  const machine = sides.find(({ spec }) => spec)?.spec;
  const shown = keys.slice(0, MOST_ROWS);
  const rest = keys.length - shown.length;
  return table("data sides", label, [
    "part",
    ...sides.map(({ title }) => title),
  ], [
    `<th scope="row">e_phnum</th>${
      sides.map(({ bytes }) =>
        `<td class="n"><b>${describeElfcorehdr(bytes).ehdr.e_phnum}</b></td>`
      ).join("")
    }`,
    ...shown.map((key) => {
      const found = columns.map((rows) => rows.get(key));
      const changed = found.includes(undefined) ? ' class="changed"' : "";
      return `<tr${changed}><th scope="row">${escapeMarkup(key)}${
        isAbsent(key, machine) ? ' <span class="tag absent">absent</span>' : ""
      }</th>${found.map(cell).join("")}</tr>`;
    }),
    ...rest > 0
      ? [
        `<td colspan="${
          sides.length + 1
        }" class="dim">and ${rest} more rows</td>`,
      ]
      : [],
    `<th scope="row">size</th>${
      sides.map(({ bytes }) => `<td class="n">${bytes.length} bytes</td>`).join(
        "",
      )
    }`,
  ]);
}

function cell(row: PhdrRow | undefined): string {
  if (row === undefined) return '<td class="dim">no program header</td>';
  const { at, phdr } = row;
  const type = phdr.p_type === PT_NOTE ? "PT_NOTE" : "PT_LOAD";
  return `<td class="n"><span class="dim">${formatOffset(at)}</span> ${type} ${
    hex(phdr.p_paddr)
  } <span class="size">${formatAbout(phdr.p_memsz)}</span></td>`;
}

/** Program headers by what they are: a CPU's notes, vmcoreinfo, the kernel, RAM by address. */
function keyed({ bytes, spec, notesOf }: Side): Map<string, PhdrRow> {
  const cpus = notesOf ? cpusByAddress(notesOf) : undefined;
  return new Map(
    describeElfcorehdr(bytes, spec).rows.map((row) => {
      const { part, phdr, meaning } = row;
      const cpu = cpus?.get(phdr.p_paddr);
      const key = part === "ram"
        ? `RAM at ${hex(phdr.p_paddr)}`
        : part === "kernel"
        ? "kernel"
        : part === "crash_notes" && cpu !== undefined
        ? `CPU ${cpu}`
        : meaning.replace(/^crash_notes of cpu /, "CPU ").replace(/ \(.*/, "");
      return [key, row];
    }),
  );
}

function cpusByAddress({ cpus, crash_notes }: Case): Map<bigint, number> {
  if (crash_notes instanceof Map) {
    return new Map([...crash_notes].map(([cpu, paddr]) => [paddr, cpu]));
  }
  const { base, stride } = crash_notes;
  return new Map(
    [...cpus.possible].map((cpu, i) => [base + stride * BigInt(i), cpu]),
  );
}

function isAbsent(key: string, machine: Case | undefined): boolean {
  const [, cpu] = /^CPU (\d+)$/.exec(key) ?? [];
  return cpu !== undefined && machine !== undefined &&
    !machine.cpus.present.includes(Number(cpu));
}

/** CPUs first, then vmcoreinfo, the kernel, and RAM by address. */
function rank(key: string): number {
  const [kind, number] = key.split(/ (?:at )?/);
  const order = ["CPU", "crash_notes", "vmcoreinfo", "kernel", "RAM"];
  return order.indexOf(kind) * 2 ** 64 + (Number(number) || 0);
}
