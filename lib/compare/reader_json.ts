/**
 * A header as the JSON that a reader prints.
 *
 * @module
 */

import {
  EHDR,
  EI,
  type Elf64Ehdr,
  type Elf64Phdr,
  ELFCLASS64,
  phdrCount,
  phdrPlace,
  readEhdr,
  readPhdr,
  SIZEOF_PHDR,
  SIZEOF_SHDR,
  viewOf,
} from "../elf/elf64.ts";
import { decodeElfcorehdr, FormatError } from "../kernel/read_header.ts";
import { hex } from "../spec/shape.ts";

/** Output of a reader: 64-bit values in hex, the others as numbers. */
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
  return listHeaders(ehdr, phdrs);
}

/** Lists the headers of any ELF file; see `readAnyElf()`. */
export function headersOfAnyElf(bytes: Uint8Array): Headers {
  const { ehdr, phdrs } = readAnyElf(bytes);
  return listHeaders(ehdr, phdrs);
}

/** `offsetof(Elf32_Ehdr, e_phnum)`. */
const E_PHNUM_OF_32_BITS = 44;

/**
 * Reads the headers of any ELF file as the format has them, whatever the kernel
 * thinks of it: from e_phoff on, as many as section 0 says where e_phnum is
 * PN_XNUM. Those of a 32-bit file are not read; it may have none.
 *
 * @throws {FormatError} If section 0 or a program header is not there, or the
 * file has program headers of 32 bits.
 */
export function readAnyElf(
  bytes: Uint8Array,
): { ehdr: Elf64Ehdr; phdrs: Elf64Phdr[] } {
  const view = viewOf(bytes);
  const ehdr = readEhdr(view);
  if (ehdr.e_ident[EI.EI_CLASS] !== ELFCLASS64) {
    const e_phnum = view.getUint16(E_PHNUM_OF_32_BITS, true);
    if (e_phnum !== 0) {
      throw new FormatError(
        E_PHNUM_OF_32_BITS,
        "e_phnum of a 32-bit file must be 0",
        `${e_phnum}`,
      );
    }
    return { ehdr: { ...ehdr, e_phnum: 0 }, phdrs: [] };
  }
  const count = countOf(view, ehdr);
  const end = phdrPlace(ehdr, count - 1) + SIZEOF_PHDR;
  if (count > 0 && end > bytes.length) {
    throw new FormatError(
      EHDR.e_phoff.at,
      `e_phoff must have ${count} program headers behind it in ${bytes.length} bytes`,
      hex(ehdr.e_phoff),
    );
  }
  const phdrs = Array.from(
    { length: count },
    (_, index) => readPhdr(view, phdrPlace(ehdr, index)),
  );
  return { ehdr, phdrs };
}

/** Counts the program headers; throws where section 0 should have the count and cannot. */
function countOf(view: DataView, ehdr: Elf64Ehdr): number {
  const count = phdrCount(view, ehdr);
  if (count !== undefined) return count;
  if (ehdr.e_shentsize < SIZEOF_SHDR) {
    throw new FormatError(
      EHDR.e_shentsize.at,
      `e_shentsize must be ${SIZEOF_SHDR} or more, since section 0 has the count of program headers`,
      `${ehdr.e_shentsize}`,
    );
  }
  throw new FormatError(
    EHDR.e_shoff.at,
    `e_shoff must be before the end of the file, at byte ${view.byteLength}`,
    hex(ehdr.e_shoff),
  );
}

/** Program headers as they are printed. */
export function listHeaders(
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
