/**
 * A header as the JSON that a reader prints, and the comparison of two.
 *
 * @module
 */

import {
  EHDR,
  EI,
  type Elf64Ehdr,
  type Elf64Phdr,
  ELFCLASS64,
  PHDR,
  phdrCount,
  phdrOffset,
  PN_XNUM,
  PT_NOTE,
  readEhdr,
  readPhdr,
  SIZEOF_PHDR,
  viewOf,
} from "../elf/elf64.ts";
import { archOf } from "../kernel/arch.ts";
import { decodeElfcorehdr, FormatError } from "../kernel/read_header.ts";
import { ruleOf } from "../spec/rules.ts";
import { hex } from "../spec/shape.ts";
import { type Difference, partsOf } from "./diff.ts";

/** What a reader prints: 64-bit values in hex, the others as numbers. */
export interface Headers {
  /** `EM_*` number. */
  e_machine: number;
  /** Count of program headers. */
  e_phnum: number;
  /** The program headers, in file order. */
  phdrs: Record<keyof Elf64Phdr, number | string>[];
}

/**
 * Lists the headers of an elfcorehdr.
 *
 * @throws {FormatError} If it must be refused.
 */
export function headersOf(bytes: Uint8Array): Headers {
  const { ehdr, phdrs } = decodeElfcorehdr(bytes);
  return format(ehdr, phdrs);
}

/**
 * Lists the headers of any ELF file as the format has them, whatever the kernel
 * thinks of it: from e_phoff on, as many as section 0 says where e_phnum is
 * PN_XNUM, and none of a 32-bit file.
 *
 * @throws {FormatError} If section 0 is not there.
 */
export function headersOfAnyElf(bytes: Uint8Array): Headers {
  const view = viewOf(bytes);
  const ehdr = readEhdr(view);
  if (ehdr.e_ident[EI.EI_CLASS] !== ELFCLASS64) {
    return format({ ...ehdr, e_phnum: 0 }, []);
  }
  const first = Number(ehdr.e_phoff);
  const count = phdrCount(view, ehdr);
  if (count === undefined) {
    throw new FormatError(
      EHDR.e_shoff.at,
      `e_shoff must be before the end of the file, at byte ${bytes.length}`,
      hex(ehdr.e_shoff),
    );
  }
  const phdrs = Array.from(
    { length: count },
    (_, index) => readPhdr(view, first + index * SIZEOF_PHDR),
  );
  return format(ehdr, phdrs);
}

function format(
  ehdr: Pick<Elf64Ehdr, "e_machine" | "e_phnum">,
  phdrs: readonly Elf64Phdr[],
): Headers {
  return {
    e_machine: ehdr.e_machine,
    e_phnum: ehdr.e_phnum,
    phdrs: phdrs.map((phdr) => ({
      p_type: phdr.p_type,
      p_flags: phdr.p_flags,
      p_offset: hex(phdr.p_offset),
      p_vaddr: hex(phdr.p_vaddr),
      p_paddr: hex(phdr.p_paddr),
      p_filesz: hex(phdr.p_filesz),
      p_memsz: hex(phdr.p_memsz),
      p_align: hex(phdr.p_align),
    })),
  };
}

/**
 * Compares what a reader printed with the header that it was given.
 *
 * A value may be a number or a string, decimal or hex; keys that are not asked
 * for are not looked at.
 *
 * @param bytes A header that can be read.
 * @param printed JSON, parsed.
 */
export function diffHeaders(bytes: Uint8Array, printed: unknown): Difference[] {
  const { ehdr, phdrs } = decodeElfcorehdr(bytes);
  return diffFrom(headersOf(bytes), partsOf(ehdr, phdrs), printed);
}

/**
 * The same of what only the kernel refuses.
 *
 * @param bytes An ELF file.
 */
export function diffAnyElf(bytes: Uint8Array, printed: unknown): Difference[] {
  const expected = headersOfAnyElf(bytes);
  // A reader of PN_XNUM may print the count that it found.
  const { e_phnum } = Object(printed) as Record<string, unknown>;
  return diffFrom(
    expected.e_phnum === PN_XNUM &&
      valueOf(e_phnum) === BigInt(expected.phdrs.length)
      ? { ...expected, e_phnum: expected.phdrs.length }
      : expected,
    expected.phdrs.map(({ p_type }) =>
      p_type === PT_NOTE ? "crash_notes" : "ram"
    ),
    printed,
  );
}

function diffFrom(
  expected: Headers,
  parts: readonly string[],
  printed: unknown,
): Difference[] {
  const arch = archOf(expected.e_machine)?.name;
  const got = Object(printed) as Record<string, unknown>;
  const list = Array.isArray(got.phdrs) ? got.phdrs : [];
  const differences: Difference[] = [];
  const compare = (
    offset: number,
    field: string,
    governed: string,
    wanted: number | string,
    value: unknown,
  ) => {
    if (valueOf(value) === BigInt(wanted)) return;
    differences.push({
      offset,
      field,
      expected: `${wanted}`,
      got: shown(value, typeof wanted === "string"),
      rule: ruleOf(governed, arch)!.id,
    });
  };
  for (const key of ["e_machine", "e_phnum"] as const) {
    compare(
      EHDR[key].at,
      `ehdr.${key}`,
      `ehdr.${key}`,
      expected[key],
      got[key],
    );
  }
  for (const [index, phdr] of expected.phdrs.entries()) {
    const printed = Object(list[index]) as Record<string, unknown>;
    for (const key of Object.keys(PHDR) as (keyof Elf64Phdr)[]) {
      compare(
        phdrOffset(index) + PHDR[key].at,
        `phdr[${index}].${key}`,
        `${parts[index]}.${key}`,
        phdr[key],
        printed[key],
      );
    }
  }
  if (list.length > expected.phdrs.length) {
    differences.push({
      offset: phdrOffset(expected.phdrs.length),
      field: `phdr[${expected.phdrs.length}]`,
      expected: "nothing",
      got: `${list.length - expected.phdrs.length} program headers more`,
      rule: ruleOf("ehdr.e_phnum")!.id,
    });
  }
  return differences;
}

/** What was printed, in hex where that is how the right value is shown. */
function shown(value: unknown, inHex: boolean): string {
  const number = valueOf(value);
  if (number !== undefined) return inHex ? hex(number) : `${number}`;
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 80);
}

/** A number as a reader may print it: decimal or hex, as a number or as text. */
export function valueOf(value: unknown): bigint | undefined {
  if (typeof value === "number" && Number.isSafeInteger(value)) {
    return BigInt(value);
  }
  if (typeof value !== "string" || !/^(?:0x[0-9a-fA-F]+|\d+)$/.test(value)) {
    return undefined;
  }
  return value.length <= 20 ? BigInt(value) : undefined;
}
