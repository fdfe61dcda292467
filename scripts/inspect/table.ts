/**
 * A header as a table on a terminal.
 *
 * @module
 */

import type { Description } from "../../lib/compare/describe.ts";
import { PT_LOAD, PT_NOTE } from "../../lib/elf/elf64.ts";
import { archOf } from "../../lib/kernel/arch.ts";
import { type Cpumask, formatCpulist } from "../../lib/kernel/cpumask.ts";
import type { Case } from "../../lib/spec/case.ts";
import { hex } from "../../lib/spec/shape.ts";

/** A header to show. */
export interface Header {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly spec?: Case;
}

/** Renders a header with its masks, program headers and padding. */
export function render(
  { name, spec }: Header,
  description: Description,
): string[] {
  const { ehdr, size, padding } = description;
  const arch = archOf(ehdr.e_machine);
  return [
    bold(name) + (spec ? `  ${spec.title}` : ""),
    ...spec ? [dim(origin(spec)), "", ...drawMasks(spec)] : [],
    "",
    `ELF64 little-endian core file, ${
      arch?.name ?? `e_machine ${ehdr.e_machine}`
    }: e_phnum ${ehdr.e_phnum}, ${size} bytes`,
    "",
    ...table(description),
    "",
    `${hex(BigInt(padding.at))}: ${padding.size} bytes of padding` +
    (padding.nonzero === undefined
      ? padding.size > 0 ? ", all zero" : ""
      : red(`, not zero at ${hex(BigInt(padding.nonzero))}`)),
  ];
}

function origin({ golden_from, captured, release, why }: Case): string {
  const from = captured ? `captured from ${captured.kernel}` : golden_from;
  return `${from}; release ${release}. ${why}`;
}

function table({ rows }: Description): string[] {
  const cells = rows.map((
    { first, last, at, phdr, stride, part, meaning },
  ) => ({
    part,
    cells: [
      first === last ? `${first}` : `${first}-${last}`,
      `0x${at.toString(16).padStart(3, "0")}`,
      typeName(phdr.p_type),
      hex(phdr.p_offset) + (stride > 0n ? ` + n*${hex(stride)}` : ""),
      phdr.p_vaddr === 0n && phdr.p_type === PT_NOTE ? "" : hex(phdr.p_vaddr),
      hex(phdr.p_memsz),
      meaning,
    ],
  }));
  const heads = [
    "phdr",
    "byte",
    "type",
    "p_offset",
    "p_vaddr",
    "p_memsz",
    "meaning",
  ];
  const widths = heads.map((head, i) =>
    Math.max(head.length, ...cells.map((row) => row.cells[i].length))
  );
  const line = (row: string[]) =>
    row.map((cell, i) =>
      i === 0 ? cell.padStart(widths[i]) : cell.padEnd(widths[i])
    )
      .join("  ").trimEnd();
  return [
    dim(line(heads)),
    ...cells.map((row) =>
      row.part === "crash_notes" && /not present/.test(row.cells[6])
        ? dim(line(row.cells))
        : line(row.cells)
    ),
  ];
}

function typeName(p_type: number): string {
  return p_type === PT_NOTE
    ? "NOTE"
    : p_type === PT_LOAD
    ? "LOAD"
    : hex(BigInt(p_type));
}

/** A character a CPU, 64 a line; lines without a possible CPU are left out. */
function drawMasks({ cpus }: Case): string[] {
  const lines = (["possible", "present", "online"] as const).map((mask) =>
    `${mask.padEnd(8)}  ${formatCpulist(cpus[mask])}`
  );
  const drawn = draw(cpus.possible, cpus.present, cpus.online);
  return [
    ...lines,
    ...drawn,
    dim("          # online  o offline  . not present  blank: not possible"),
  ];
}

function draw(possible: Cpumask, present: Cpumask, online: Cpumask): string[] {
  const marks = new Map<number, string>();
  for (const cpu of possible) marks.set(cpu, ".");
  for (const cpu of present) marks.set(cpu, "o");
  for (const cpu of online) marks.set(cpu, "#");
  const rows = [...new Set(possible.map((cpu) => Math.floor(cpu / 64)))];
  const lines = rows.map((row) => ({
    row,
    text: Array.from({ length: 64 }, (_, i) => marks.get(row * 64 + i) ?? " ")
      .join("").trimEnd(),
  }));
  const shown = lines.filter(({ text }, i) =>
    i === 0 || i === lines.length - 1 || text !== lines[i - 1].text
  );
  return shown.map(({ row, text }, i) => {
    const skipped = i > 0 &&
      lines.indexOf(shown[i]) - lines.indexOf(shown[i - 1]) > 1;
    return `${skipped ? "        ⋮\n" : ""}${
      `${row * 64}`.padStart(8)
    }  ${text}`;
  });
}

function style(code: number, text: string): string {
  return Deno.stdout.isTerminal() && !Deno.noColor
    ? `\x1b[${code}m${text}\x1b[0m`
    : text;
}

/** Text in bold, on a terminal that shows it. */
export function bold(text: string): string {
  return style(1, text);
}

function dim(text: string): string {
  return style(2, text);
}

function red(text: string): string {
  return style(31, text);
}
