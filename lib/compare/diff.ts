/**
 * Two headers in, their differences out: by field, byte, both values and the
 * rule broken; then as lines of text.
 *
 * @module
 */

import { equals } from "@std/bytes";
import {
  EHDR,
  type Elf64Ehdr,
  type Elf64Phdr,
  type FieldPlace,
  PHDR,
  phdrOffset,
  PT_LOAD,
  PT_NOTE,
} from "../elf/elf64.ts";
import { archOf } from "../kernel/arch.ts";
import { decodeElfcorehdr } from "../kernel/read_header.ts";
import { ruleOf } from "../spec/rules.ts";
import { hex } from "../spec/shape.ts";

/** Purpose of a program header. */
export type PhdrPart = "crash_notes" | "vmcoreinfo" | "kernel" | "ram";

/** One thing in which two headers differ. */
export interface Difference {
  /** Byte of the field, from the start of the file. */
  readonly offset: number;
  /**
   * `ehdr.e_phnum`, `phdr[2].p_paddr`, `padding` or `size`; in dumps and in
   * what readers print also `notes[3].pid`, `nr_cpus`, an item or a list.
   */
  readonly field: string;
  /** Value that is wanted: hex, decimal for counts, `end of file`, or an item in words. */
  readonly expected: string;
  /** Description. */
  readonly got: string;
  /** Number of the rule broken: `R08`. A reader breaks none. */
  readonly rule?: string;
  /** Fault of a whole program header or note that a reader lists. */
  readonly item?: "missing" | "surplus" | "moved";
}

/**
 * Compares a header with the one that it should be.
 *
 * Every byte counts, the padding too, and one wrong field gives one
 * difference.
 *
 * @param expected A well-formed header.
 * @param got Any bytes.
 * @returns In the order of the bytes; empty exactly where the two are equal.
 * @throws {FormatError} If `expected` is malformed.
 *
 * @example One flipped byte
 * ```ts
 * import { ARCHES, diffElfcorehdr, encodeElfcorehdr } from "@kdump/elfcorehdr";
 * import { assertEquals } from "@std/assert";
 *
 * const right = encodeElfcorehdr({
 *   arch: ARCHES.ppc64le,
 *   nr_possible: 1,
 *   cpus: [0],
 *   crash_notes: BigUint64Array.of(0x3fb0bc00n),
 *   vmcoreinfo: { paddr: 0x2860000n, size: 65572n },
 *   ranges: [],
 *   page_offset: 0xc000000000000000n,
 *   phys_offset: 0n,
 * });
 * const wrong = right.slice();
 * wrong[0x38]++;
 * assertEquals(diffElfcorehdr(right, wrong), [{
 *   offset: 0x38,
 *   field: "ehdr.e_phnum",
 *   expected: "2",
 *   got: "3",
 *   rule: "R06",
 * }]);
 * ```
 */
export function diffElfcorehdr(
  expected: Uint8Array,
  got: Uint8Array,
): Difference[] {
  return firstDifferences(expected, got, Infinity).differences;
}

/**
 * Finds the first differences, as `diffElfcorehdr()` does, and counts the rest,
 * which takes a tenth of the time where every program header is wrong.
 */
export function firstDifferences(
  expected: Uint8Array,
  got: Uint8Array,
  most: number,
): { differences: Difference[]; different: number } {
  const { ehdr, phdrs } = decodeElfcorehdr(expected);
  if (equals(expected, got)) return { differences: [], different: 0 };
  const arch = archOf(ehdr.e_machine)?.name;
  const ruled = (governed: string) => (difference: Difference) => {
    const { offset, field, expected, got } = difference;
    const dot = field.lastIndexOf(".");
    const name = dot < 0 ? field : governed + field.slice(dot);
    return { offset, field, expected, got, rule: ruleOf(name, arch)!.id };
  };
  const found = diffFields(expected, got, 0, EHDR, "ehdr").map(ruled("ehdr"));
  let counted = 0;
  for (const [index, part] of partsOf(ehdr, phdrs).entries()) {
    const base = phdrOffset(index);
    if (found.length >= most) {
      counted += differentFields(expected, got, base, PHDR).length;
      continue;
    }
    const fields = diffFields(expected, got, base, PHDR, `phdr[${index}]`);
    found.push(...fields.map(ruled(part)));
  }
  found.push(
    ...diffRest(expected, got, phdrOffset(phdrs.length)).map(ruled("")),
  );
  return {
    differences: found.sort((a, b) => a.offset - b.offset).slice(0, most),
    different: found.length + counted,
  };
}

/** Tells what each program header is there for, as the kernel orders them. */
export function partsOf(
  ehdr: Elf64Ehdr,
  phdrs: readonly Elf64Phdr[],
): PhdrPart[] {
  const arch = archOf(ehdr.e_machine);
  const last = phdrs.findLastIndex(({ p_type }) => p_type === PT_NOTE);
  // The kexec utility may know of none; what is as large as a CPU's is one.
  const vmcoreinfo = isCrashNotes(phdrs, last, arch?.crash_notes_size)
    ? -1
    : last;
  const kernel = arch?.kernel_map
    ? phdrs.findIndex(({ p_type }) => p_type === PT_LOAD)
    : -1;
  return phdrs.map(({ p_type }, index) =>
    index === vmcoreinfo
      ? "vmcoreinfo"
      : p_type === PT_NOTE
      ? "crash_notes"
      : index === kernel
      ? "kernel"
      : "ram"
  );
}

/** Returns true if the last PT_NOTE is a CPU's, by its size. */
function isCrashNotes(
  phdrs: readonly Elf64Phdr[],
  last: number,
  crash_notes_size = 0,
): boolean {
  if (last < 0) return false;
  const { p_filesz } = phdrs[last];
  return p_filesz === BigInt(crash_notes_size) ||
    last > 0 && p_filesz === phdrs[0].p_filesz;
}

function sameBytes(
  a: Uint8Array,
  b: Uint8Array,
  start: number,
  end: number,
): boolean {
  for (let at = start; at < end; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** Compares the fields of a structure at byte `base`. */
export function diffFields(
  expected: Uint8Array,
  got: Uint8Array,
  base: number,
  fields: Readonly<Record<string, FieldPlace>>,
  name: string,
): Difference[] {
  return differentFields(expected, got, base, fields).map((
    [field, { at, size }],
  ) => ({
    offset: base + at,
    field: `${name}.${field}`,
    expected: formatField(expected, base + at, size),
    got: formatField(got, base + at, size),
  }));
}

function differentFields(
  expected: Uint8Array,
  got: Uint8Array,
  base: number,
  fields: Readonly<Record<string, FieldPlace>>,
): [string, FieldPlace][] {
  const { at, size } = Object.values(fields).at(-1)!;
  if (sameBytes(expected, got, base, base + at + size)) return [];
  return Object.entries(fields).filter(([, { at, size }]) =>
    !sameBytes(expected, got, base + at, base + at + size)
  );
}

/**
 * Formats a field as differences have it: counts, which are the fields of two
 * bytes, in decimal, everything else in hex.
 */
export function formatField(
  bytes: Uint8Array,
  offset: number,
  size: FieldPlace["size"],
): string {
  if (offset + size > bytes.length) return "end of file";
  if (size === 16) return bytes.slice(offset, offset + size).toHex();
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, size);
  if (size === 2) return `${view.getUint16(0, true)}`;
  const value = size === 4
    ? view.getUint32(0, true)
    : view.getBigUint64(0, true);
  return hex(value);
}

/** Compares what is behind the program headers: its first byte that is wrong, as `padding`, and the size. */
export function diffRest(
  expected: Uint8Array,
  got: Uint8Array,
  start: number,
): Difference[] {
  const end = Math.min(expected.length, got.length);
  const differences: Difference[] = [];
  for (let offset = start; offset < end; offset++) {
    if (expected[offset] === got[offset]) continue;
    differences.push({
      offset,
      field: "padding",
      expected: hex(expected[offset]),
      got: hex(got[offset]),
    });
    break;
  }
  if (expected.length !== got.length) {
    differences.push({
      offset: end,
      field: "size",
      expected: `${expected.length}`,
      got: `${got.length}`,
    });
  }
  return differences;
}

/**
 * Formats differences as aligned lines: byte, field, both values, rule.
 *
 * @param most How many to show; a last line counts the rest.
 * @param total Count of all, where `differences` has only the first of them.
 *
 * @example A line a field
 * ```ts
 * import { formatDifferences } from "@kdump/elfcorehdr";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   formatDifferences([{
 *     offset: 0x38,
 *     field: "ehdr.e_phnum",
 *     expected: "6",
 *     got: "5",
 *     rule: "R06",
 *   }]),
 *   ["0x038  ehdr.e_phnum  expected 6, got 5  R06"],
 * );
 * ```
 */
export function formatDifferences(
  differences: readonly Difference[],
  most = 12,
  total: number = differences.length,
): string[] {
  const shown = differences.slice(0, most);
  const width = Math.max(0, ...shown.map(({ field }) => field.length));
  const lines = shown.map(({ offset, field, expected, got, rule }) =>
    `0x${offset.toString(16).padStart(3, "0")}  ${
      field.padEnd(width)
    }  expected ${expected}, got ${got}${rule ? `  ${rule}` : ""}`
  );
  const rest = total - shown.length;
  return rest > 0 ? [...lines, `and ${rest} more`] : lines;
}
