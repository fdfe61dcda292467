/**
 * A second parser of ELF program headers, independent of the library's, and
 * wrong variants of it.
 *
 * @module
 */

import {
  EI,
  type Elf64Ehdr,
  type Elf64Phdr,
  ELFCLASS64,
  ELFDATA2LSB,
  ELFMAG,
  PN_XNUM,
  PT_NOTE,
  readEhdr,
  readPhdr,
  SH_INFO,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
  SIZEOF_SHDR,
  viewOf,
} from "../../lib/elf/elf64.ts";

/** The headers of a file; undefined if it is refused. */
export type Found = {
  readonly ehdr: Elf64Ehdr;
  readonly phdrs: Elf64Phdr[];
} | undefined;

/** `e_ident[EI_CLASS]` of a 32-bit file. */
export const ELFCLASS32 = 1;

/** The steps of the parser, none of them wrong. */
export const STEPS = {
  isMagic: (ident: Uint8Array): boolean =>
    ELFMAG.every((byte, i) => ident[i] === byte),
  isData: (data: number): boolean => data === ELFDATA2LSB,
  is64: (elfClass: number): boolean | undefined =>
    elfClass === ELFCLASS64 || (elfClass === ELFCLASS32 ? false : undefined),
  first: ({ e_phoff }: Elf64Ehdr): bigint => e_phoff,
  apart: ({ e_phentsize }: Elf64Ehdr): number => e_phentsize,
  section: ({ e_shoff }: Elf64Ehdr): bigint => e_shoff,
  fits: (e_shentsize: number): boolean => e_shentsize >= SIZEOF_SHDR,
  escaped: (sh_info: number): number => sh_info,
  end: (first: bigint, count: number, apart: number): bigint =>
    first + BigInt(count) * BigInt(apart),
  change: (phdrs: Elf64Phdr[]): Elf64Phdr[] => phdrs,
};

/** Makes a parser of its steps. */
export function findBy(steps: typeof STEPS): (file: Uint8Array) => Found {
  return (file) => {
    if (file.length < SIZEOF_EHDR || !steps.isMagic(file)) return undefined;
    const view = viewOf(file);
    const ehdr = readEhdr(view);
    const is64 = steps.is64(file[EI.EI_CLASS]);
    if (is64 === undefined || !steps.isData(file[EI.EI_DATA])) return undefined;
    // Here a file of 32 bits has no program header.
    if (!is64) return { ehdr: { ...ehdr, e_phnum: 0 }, phdrs: [] };
    const count = countBy(steps, ehdr, file);
    if (!count) return undefined;
    const [first, apart] = [steps.first(ehdr), steps.apart(ehdr)];
    if (apart < SIZEOF_PHDR) return undefined;
    if (steps.end(first, count, apart) > BigInt(file.length)) return undefined;
    const phdrs = Array.from(
      { length: Math.min(count, PN_XNUM) },
      (_, i) => phdrAt(file, Number(first) + i * apart),
    );
    return { ehdr, phdrs: steps.change(phdrs) };
  };
}

function countBy(
  steps: typeof STEPS,
  ehdr: Elf64Ehdr,
  file: Uint8Array,
): number | undefined {
  const section = steps.section(ehdr);
  if (ehdr.e_phnum !== PN_XNUM || section === 0n) return ehdr.e_phnum;
  if (!steps.fits(ehdr.e_shentsize)) return undefined;
  if (section + BigInt(SIZEOF_SHDR) > BigInt(file.length)) return undefined;
  return steps.escaped(viewOf(file).getUint32(Number(section) + SH_INFO, true));
}

/** Reads zeroes behind the end of the file. */
function phdrAt(file: Uint8Array, at: number): Elf64Phdr {
  if (at + SIZEOF_PHDR <= file.length) return readPhdr(viewOf(file), at);
  const room = new Uint8Array(SIZEOF_PHDR);
  room.set(file.subarray(at, at + SIZEOF_PHDR));
  return readPhdr(viewOf(room), 0);
}

/** The program headers without any mistake. */
export const findAgain: (file: Uint8Array) => Found = findBy(STEPS);

/** Those of `PT_NOTE`. */
export function ptNotesOf(phdrs: Elf64Phdr[]): Elf64Phdr[] {
  return phdrs.filter(({ p_type }) => p_type === PT_NOTE);
}
