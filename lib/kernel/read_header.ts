/**
 * The bytes of an elfcorehdr in, its headers out, or the first field that is
 * wrong.
 *
 * @module
 */

import {
  EHDR,
  type Elf64Ehdr,
  type Elf64Phdr,
  ELFCLASS64,
  ELFDATA2LSB,
  ELFMAG,
  ET_CORE,
  EV_CURRENT,
  readEhdr,
  readPhdrs,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
  viewOf,
} from "../elf/elf64.ts";

/** A header taken apart. */
export interface Elfcorehdr {
  /** The ELF header. */
  readonly ehdr: Elf64Ehdr;
  /** The program headers, in file order. */
  readonly phdrs: Elf64Phdr[];
}

/**
 * Bytes that are no elfcorehdr.
 *
 * @example Where it is wrong
 * ```ts
 * import { decodeElfcorehdr, FormatError } from "@kdump/elfcorehdr";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const error = assertThrows(
 *   () => decodeElfcorehdr(new Uint8Array(4096)),
 *   FormatError,
 *   "e_ident[EI_MAG0] must be 0x7f",
 * );
 * assertEquals(error.offset, 0);
 * ```
 */
export class FormatError extends SyntaxError {
  /** Offset of the offending field, in bytes. */
  readonly offset: number;

  /** Says what was wanted at a byte offset and what was found there. */
  constructor(offset: number, wanted: string, found: string) {
    super(
      `Cannot decode elfcorehdr at byte 0x${
        offset.toString(16).padStart(2, "0")
      }: ${wanted}: current value is ${found}`,
    );
    this.name = "FormatError";
    this.offset = offset;
  }
}

/**
 * Decodes an elfcorehdr, refusing all that `/proc/vmcore` would refuse and
 * whatever no writer produces.
 *
 * The contents of program headers are not checked, nor are the bytes behind the last
 * one: a shorter header copied over a longer one leaves the old tail.
 *
 * @param bytes A whole header; may be longer than its program headers.
 * @throws {FormatError} If the ELF header is malformed or e_phnum goes beyond
 * the end. The first offending field in file order is named.
 *
 * @see `parse_crash_elf64_headers()`, fs/proc/vmcore.c
 *
 * @example The first field that is wrong
 * ```ts
 * import { decodeElfcorehdr, FormatError } from "@kdump/elfcorehdr";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(
 *   () => decodeElfcorehdr(new Uint8Array(4096)),
 *   FormatError,
 *   "at byte 0x00: e_ident[EI_MAG0] must be 0x7f",
 * );
 * ```
 */
export function decodeElfcorehdr(bytes: Uint8Array): Elfcorehdr {
  const view = viewOf(bytes);
  if (bytes.length < SIZEOF_EHDR) {
    throw new FormatError(
      bytes.length,
      `must go on to byte ${SIZEOF_EHDR}, the end of the ELF header`,
      "end of file",
    );
  }
  const ehdr = readEhdr(view);
  checkIdent(ehdr.e_ident);
  for (const [name, wanted] of Object.entries(EHDR_FIXED)) {
    const field = name as keyof typeof EHDR_FIXED;
    if (ehdr[field] !== wanted) {
      throw new FormatError(
        EHDR[field].at,
        `${field} must be ${wanted}`,
        `${ehdr[field]}`,
      );
    }
  }
  const fit = Math.floor((bytes.length - SIZEOF_EHDR) / SIZEOF_PHDR);
  if (ehdr.e_phnum === 0 || ehdr.e_phnum > fit) {
    throw new FormatError(
      EHDR.e_phnum.at,
      `e_phnum must be 1 or more and at most ${fit}, what ${bytes.length} bytes can hold`,
      `${ehdr.e_phnum}`,
    );
  }
  const phdrs = readPhdrs(view, ehdr.e_phnum);
  return { ehdr, phdrs };
}

/** In file order, so that the first offender is the one reported. */
const EHDR_FIXED = {
  e_type: ET_CORE,
  e_version: EV_CURRENT,
  e_phoff: BigInt(SIZEOF_EHDR),
  e_ehsize: SIZEOF_EHDR,
  e_phentsize: SIZEOF_PHDR,
} as const;

const E_IDENT: readonly (readonly [name: string, value: number])[] = [
  ["e_ident[EI_MAG0]", ELFMAG[0]],
  ["e_ident[EI_MAG1]", ELFMAG[1]],
  ["e_ident[EI_MAG2]", ELFMAG[2]],
  ["e_ident[EI_MAG3]", ELFMAG[3]],
  ["e_ident[EI_CLASS]", ELFCLASS64],
  ["e_ident[EI_DATA]", ELFDATA2LSB],
  ["e_ident[EI_VERSION]", EV_CURRENT],
];

function checkIdent(e_ident: Uint8Array): void {
  for (const [at, [name, wanted]] of E_IDENT.entries()) {
    if (e_ident[at] !== wanted) {
      throw new FormatError(
        at,
        `${name} must be 0x${wanted.toString(16)}`,
        `0x${e_ident[at].toString(16)}`,
      );
    }
  }
}
