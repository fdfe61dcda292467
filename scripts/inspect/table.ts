/**
 * A header as a table on a terminal.
 *
 * @module
 */

import type { CoreFile } from "../../lib/compare/core_file.ts";
import { ELFCOREHDR } from "../../lib/compare/core_kind.ts";
import type { CoreNote } from "../../lib/compare/core_notes.ts";
import type { Description, PhdrRow } from "../../lib/compare/describe.ts";
import {
  EI,
  type Elf64Ehdr,
  type Elf64Phdr,
  EV_CURRENT,
  PF_RWX,
  PT_LOAD,
  PT_NOTE,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
} from "../../lib/elf/elf64.ts";
import { archOf } from "../../lib/kernel/arch.ts";
import { type Cpumask, formatCpulist } from "../../lib/kernel/cpumask.ts";
import { oneLine } from "../../lib/report/report.ts";
import type { Case } from "../../lib/spec/case.ts";
import { hex } from "../../lib/spec/shape.ts";

/** A header to show. */
export interface Header {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Purpose, if it is known beside a case. */
  readonly about?: string;
  /** Bytes of its file, where that has more. */
  readonly size?: number;
  readonly spec?: Case;
}

/** Renders a header with its masks, program headers and padding. */
export function render(
  { name, spec }: Header,
  kind: string,
  description: Description,
): string[] {
  const { ehdr, size, padding, rows } = description;
  return [
    bold(oneLine(name)) + (spec ? `  ${oneLine(spec.title)}` : ""),
    ...spec ? [dim(origin(spec)), "", ...drawMasks(spec)] : [],
    "",
    about(spec ? ELFCOREHDR : kind, ehdr, size),
    "",
    ...table(rows),
    "",
    `${hex(BigInt(padding.at))}: ${padding.size} bytes of padding` +
    (padding.nonzero === undefined
      ? padding.size > 0 ? ", all zero" : ""
      : red(`, not zero at ${hex(BigInt(padding.nonzero))}`)),
  ];
}

/** Rows beyond which a list is cut off. */
const MOST = 64;

/** Renders another core file: its program headers, its notes, what it lacks, why it is no elfcorehdr to the kernel. */
export function renderCore(
  name: string,
  core: CoreFile & { refusal?: string },
): string[] {
  const { kind, ehdr, count, size, rows, notes, missing, odd } = core;
  const { pid, refusal } = core;
  const oddNames = notes.some(({ name, n_namesz }) =>
    n_namesz !== name.length + 1
  );
  const shown = notes.slice(0, MOST).map(({ offset, ...note }) => [
    hex(BigInt(offset)),
    noteName(note),
    ...oddNames ? [`${note.n_namesz}`] : [],
    `${note.type}`,
    `${note.size}`,
    note.pid === undefined ? "" : `${note.pid}`,
  ]);
  const titles = [
    ...["note", "name"],
    ...oddNames ? ["n_namesz"] : [],
    ...["type", "bytes", "pid"],
  ];
  const more = (list: readonly unknown[]) =>
    list.length > MOST ? [`and ${list.length - MOST} more`] : [];
  return [
    bold(oneLine(name)),
    "",
    about(kind, ehdr, size) +
    (count === ehdr.e_phnum ? "" : `; section 0 counts ${count}`),
    ...refusal ? [red(refusal)] : [],
    ...missing.map((what) => red(`not in this file: ${what}`)),
    ...odd.map(red),
    "",
    ...table(
      rows.slice(0, MOST).map(({ index, ...row }) => ({
        ...row,
        first: index,
        last: index,
        stride: 0n,
      })),
    ),
    ...more(rows),
    ...notes.length > 0 ? ["", ...columns([titles, ...shown])] : [],
    ...more(notes),
    ...pid ? [dim(`pid: ${pid}`)] : [],
  ];
}

function noteName(
  { name, n_namesz, times }: Omit<CoreNote, "offset">,
): string {
  if (n_namesz > 0) return oneLine(name);
  return times === undefined ? "(none)" : `(none), ${times} times`;
}

function about(kind: string, ehdr: Elf64Ehdr, size: number): string {
  const { e_machine, e_phnum } = ehdr;
  const arch = archOf(e_machine)?.name ?? `e_machine ${e_machine}`;
  const odd = Object.entries({ ...USUAL, ...IDENT_USUAL }).flatMap((
    [field, usual],
  ) => {
    const at = EI[field as keyof typeof EI];
    const [name, value] = at === undefined
      ? [field, ehdr[field as keyof typeof USUAL]]
      : [`e_ident[${field}]`, ehdr.e_ident[at]];
    if (value === usual) return [];
    return [`${name} ${typeof value === "bigint" ? hex(value) : value}`];
  });
  const rest = ehdr.e_ident.subarray(EI.EI_OSABI + 1);
  if (rest.some((byte) => byte !== 0)) {
    odd.unshift(`e_ident[EI_ABIVERSION] and padding ${rest.toHex()}`);
  }
  return `${kind}, ELF64 little-endian, ${arch}: ${
    [`e_phnum ${e_phnum}`, ...odd, `${size} bytes`].join(", ")
  }`;
}

/** Fields of the ELF header that are shown where they say something else. */
const USUAL = {
  e_version: EV_CURRENT,
  e_entry: 0n,
  e_phoff: BigInt(SIZEOF_EHDR),
  e_shoff: 0n,
  e_flags: 0,
  e_ehsize: SIZEOF_EHDR,
  e_phentsize: SIZEOF_PHDR,
  e_shentsize: 0,
  e_shnum: 0,
  e_shstrndx: 0,
};
/** Those of e_ident; of another class or encoding there is no table. */
const IDENT_USUAL = { EI_VERSION: EV_CURRENT, EI_OSABI: 0 };

function origin({ golden_from, captured, release, why }: Case): string {
  const from = captured ? `captured from ${captured.kernel}` : golden_from;
  return `${from}; release ${release}. ${oneLine(why)}`;
}

/** Columns that are shown where one of the rows has something to say in them. */
const SAYING: readonly [
  name: "p_flags" | "p_paddr" | "p_filesz" | "p_align",
  says: (phdr: Elf64Phdr) => boolean,
][] = [
  [
    "p_flags",
    ({ p_flags, p_type }) =>
      p_type === PT_LOAD ? p_flags !== PF_RWX : p_flags !== 0,
  ],
  // For a PT_NOTE, 0 means that its notes are in the file.
  [
    "p_paddr",
    ({ p_paddr, p_offset, p_type }) =>
      p_paddr !== p_offset && (p_type !== PT_NOTE || p_paddr !== 0n),
  ],
  ["p_filesz", ({ p_filesz, p_memsz }) => p_filesz !== p_memsz],
  ["p_align", ({ p_align }) => p_align !== 0n],
];

function table(rows: readonly Omit<PhdrRow, "part">[]): string[] {
  const extra = SAYING.filter(([, says]) => rows.some(({ phdr }) => says(phdr)))
    .map(([name]) => name);
  const lines = columns([
    [
      "phdr",
      "byte",
      "type",
      "p_offset",
      "p_vaddr",
      ...extra,
      "p_memsz",
      "meaning",
    ],
    ...rows.map(({ first, last, at, phdr, stride, meaning }) => [
      first === last ? `${first}` : `${first}-${last}`,
      `0x${at.toString(16).padStart(3, "0")}`,
      typeName(phdr.p_type),
      hex(phdr.p_offset) + (stride > 0n ? ` + n*${hex(stride)}` : ""),
      phdr.p_vaddr === 0n && phdr.p_type === PT_NOTE ? "" : hex(phdr.p_vaddr),
      ...extra.map((name) => hex(BigInt(phdr[name]))),
      hex(phdr.p_memsz),
      meaning,
    ]),
  ]);
  return lines.map((line, i) =>
    i > 0 && /\(not present\)/.test(rows[i - 1].meaning) ? dim(line) : line
  );
}

/** Aligned columns, the first to the right, under a dim head. */
function columns(cells: readonly (readonly string[])[]): string[] {
  const widths = cells[0].map((_, i) =>
    Math.max(...cells.map((row) => row[i].length))
  );
  return cells.map((row, line) => {
    const text = row.map((cell, i) =>
      i === 0 ? cell.padStart(widths[i]) : cell.padEnd(widths[i])
    ).join("  ").trimEnd();
    return line === 0 ? dim(text) : text;
  });
}

function typeName(p_type: number): string {
  return p_type === PT_NOTE
    ? "NOTE"
    : p_type === PT_LOAD
    ? "LOAD"
    : p_type === 0
    ? "NULL"
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
