/**
 * A header as a table for people: each program header with its meaning, long
 * runs of evenly spaced ones folded into a row.
 *
 * @module
 */

import {
  type Elf64Ehdr,
  type Elf64Phdr,
  phdrOffset,
  PT_LOAD,
  PT_NOTE,
  PT_NULL,
} from "../elf/elf64.ts";
import { decodeElfcorehdr } from "../kernel/read_header.ts";
import type { Case } from "../spec/case.ts";
import { notedMask } from "../spec/rules.ts";
import { hex } from "../spec/shape.ts";
import { partsOf, type PhdrPart } from "./diff.ts";
import { isNoteBuffer, isOfFadump } from "./fadump.ts";

/** One program header, or a run of them that differ only by a stride. */
export interface PhdrRow {
  /** Index of the first, counted from 0. */
  readonly first: number;
  /** Index of the last; equal to first where nothing was folded. */
  readonly last: number;
  /** Byte of the first. */
  readonly at: number;
  /** Purpose. */
  readonly part: PhdrPart;
  /** The first program header. */
  readonly phdr: Elf64Phdr;
  /** From one p_paddr to the next, in bytes; 0 where nothing was folded. */
  readonly stride: bigint;
  /** In words: `crash_notes of cpu 4 (not present)`. */
  readonly meaning: string;
}

/** A header, described. */
export interface Description {
  /** The ELF header. */
  readonly ehdr: Elf64Ehdr;
  /** Size of the whole, in bytes. */
  readonly size: number;
  /** The program headers. */
  readonly rows: PhdrRow[];
  /** Bytes behind them. */
  readonly padding: {
    /** First byte. */
    readonly at: number;
    /** Count of bytes. */
    readonly size: number;
    /** Offset of the first byte that is not zero, if there is one. */
    readonly nonzero?: number;
  };
}

/** Runs shorter than this are shown in full. */
const FOLD_FROM = 17;

/**
 * Describes a header.
 *
 * @param bytes The header.
 * @param spec The machine, where it is known: without it notes have no CPU
 * numbers, since the header carries none.
 * @throws {FormatError} If the bytes are no header.
 *
 * @example Whose notes they are
 * ```ts
 * import { describeElfcorehdr, encodeElfcorehdr, parseCase, resolveCase } from "@kdump/elfcorehdr";
 * import { CORPUS } from "@kdump/elfcorehdr/corpus";
 * import { assertEquals } from "@std/assert";
 *
 * const { yaml } = CORPUS.cases.find(({ id }) => id === "x86_64/two-cpus")!;
 * const machine = parseCase(yaml);
 * const bytes = encodeElfcorehdr(resolveCase(machine));
 * const { rows } = describeElfcorehdr(bytes, machine);
 * assertEquals(rows[1].meaning, "crash_notes of cpu 1 (not present)");
 * ```
 */
export function describeElfcorehdr(
  bytes: Uint8Array,
  spec?: Case,
): Description {
  const { ehdr, phdrs } = decodeElfcorehdr(bytes);
  const ordered = partsOf(ehdr, phdrs);
  const parts = spec ? ordered : seenParts(phdrs, ordered);
  const rows: PhdrRow[] = [];
  for (let first = 0; first < phdrs.length;) {
    const last = lastOfRun(phdrs, parts, first);
    const folded = last - first + 1 >= FOLD_FROM;
    for (const index of folded ? [first] : indices(first, last)) {
      const end = folded ? last : index;
      rows.push({
        first: index,
        last: end,
        at: phdrOffset(index),
        part: parts[index],
        phdr: phdrs[index],
        stride: folded ? phdrs[index + 1].p_paddr - phdrs[index].p_paddr : 0n,
        meaning: (spec ? undefined : notesOf(ehdr, phdrs, parts, index)) ??
          meaningOf(parts[index], phdrs[index], index, end, spec),
      });
    }
    first = last + 1;
  }
  const at = phdrOffset(phdrs.length);
  const nonzero = bytes.findIndex((byte, offset) => offset >= at && byte !== 0);
  return {
    ehdr,
    size: bytes.length,
    rows,
    padding: {
      at,
      size: bytes.length - at,
      ...nonzero < 0 ? {} : { nonzero },
    },
  };
}

/** Purpose of each program header, in words; those of a folded run share one text. */
export function meaningsOf(bytes: Uint8Array, spec?: Case): string[] {
  return describeElfcorehdr(bytes, spec).rows.flatMap((
    { first, last, meaning },
  ) => indices(first, last).map(() => meaning));
}

function indices(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function lastOfRun(
  phdrs: readonly Elf64Phdr[],
  parts: readonly PhdrPart[],
  first: number,
): number {
  let last = first;
  while (
    last + 1 < phdrs.length && parts[last + 1] === parts[first] &&
    evenStep(phdrs, first, last + 1)
  ) last++;
  return last;
}

/** Returns true if header `next` goes on where `first` and its successor have set the step. */
function evenStep(
  phdrs: readonly Elf64Phdr[],
  first: number,
  next: number,
): boolean {
  const [a, b, y, z] = [first, first + 1, next - 1, next].map((i) => phdrs[i]);
  return (["p_paddr", "p_offset", "p_vaddr", "p_memsz", "p_filesz"] as const)
    .every((field) => z[field] - y[field] === b[field] - a[field]) &&
    a.p_memsz === b.p_memsz && a.p_filesz === b.p_filesz &&
    z.p_flags === a.p_flags;
}

/**
 * The meaning of program headers, as far as the bytes show it: the
 * kernel is mapped elsewhere than RAM, or lies within it.
 */
function seenParts(
  phdrs: readonly Elf64Phdr[],
  parts: readonly PhdrPart[],
): PhdrPart[] {
  const loads = phdrs.filter(({ p_type }) => p_type === PT_LOAD);
  return parts.map((part, index) => {
    const phdr = phdrs[index];
    if (part !== "kernel") return part;
    const others = loads.filter((other) => other !== phdr);
    const offset = (load: Elf64Phdr) => load.p_vaddr - load.p_paddr;
    const within = others.some(({ p_paddr, p_memsz }) =>
      p_paddr <= phdr.p_paddr &&
      phdr.p_paddr + phdr.p_memsz <= p_paddr + p_memsz
    );
    return within || others.some((load) => offset(load) !== offset(phdr))
      ? part
      : "ram";
  });
}

function meaningOf(
  part: PhdrPart,
  { p_type, p_offset, p_paddr, p_memsz }: Elf64Phdr,
  first: number,
  last: number,
  spec: Case | undefined,
): string {
  const many = last > first ? `${last - first + 1} times ` : "";
  switch (part) {
    case "crash_notes":
      return `crash_notes ${whose(first, last, spec)}`;
    case "vmcoreinfo":
      return "vmcoreinfo";
    case "kernel":
      return "kernel, _text to _end";
    case "ram": {
      if (p_type === PT_NULL) return `${many}unused, of type PT_NULL`;
      if (p_type !== PT_LOAD && p_type !== PT_NOTE) return `p_type ${p_type}`;
      const copy = p_offset === p_paddr
        ? ""
        : `, read from the copy at ${hex(p_offset)}`;
      return `${many}RAM, ${formatSize(p_memsz)}${copy}`;
    }
  }
}

/** Says whose notes a PT_NOTE has that is no buffer of one CPU; nothing of others. */
function notesOf(
  ehdr: Elf64Ehdr,
  phdrs: readonly Elf64Phdr[],
  parts: readonly PhdrPart[],
  index: number,
): string | undefined {
  const phdr = phdrs[index];
  if (parts[index] !== "crash_notes" || isNoteBuffer(ehdr, phdr)) {
    return undefined;
  }
  if (!isOfFadump(ehdr, phdrs)) return "notes";
  return phdr.p_memsz === 0n
    ? "a placeholder for the notes of all CPUs"
    : "notes of all CPUs";
}

function whose(first: number, last: number, spec: Case | undefined): string {
  if (spec === undefined) {
    return first === last ? `number ${first}` : `numbers ${first} to ${last}`;
  }
  const { possible, present, online } = spec.cpus;
  const noted = notedMask(spec).slice(first, last + 1);
  if (first < last) {
    const absent = noted.filter((cpu) => !present.includes(cpu)).length;
    return `of cpus ${noted[0]} to ${noted.at(-1)}, ${noted.length} of them${
      absent > 0 ? `, ${absent} not present` : ""
    }`;
  }
  const [cpu] = noted;
  const state = !possible.includes(cpu)
    ? " (not possible)"
    : !present.includes(cpu)
    ? " (not present)"
    : !online.includes(cpu)
    ? " (offline)"
    : "";
  return `of cpu ${cpu}${state}`;
}

/** Formats a size in bytes by the largest unit that leaves a whole number. */
export function formatSize(size: bigint): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (unit < units.length - 1 && size >= 1024n && size % 1024n === 0n) {
    size /= 1024n;
    unit++;
  }
  return `${size} ${units[unit]}`;
}
