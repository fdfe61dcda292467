/**
 * The way to the program headers of a dump, apart from the library's own, and
 * the wrong ways that readers of notes take.
 *
 * @module
 */

import {
  EI,
  type Elf64Ehdr,
  type Elf64Phdr,
  ELFCLASS64,
  ELFDATA2LSB,
  PT_NOTE,
  readEhdr,
  readPhdr,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
  viewOf,
} from "../elf/elf64.ts";

/** The program headers, in their order; nothing where the file is refused. */
export type Phdrs = (file: Uint8Array) => Elf64Phdr[] | undefined;

/** Where and what the program headers are, each as the file says it. */
const RIGHT = {
  isRefused: ({ e_ident }: Elf64Ehdr): boolean =>
    e_ident[EI.EI_DATA] !== ELFDATA2LSB,
  isEmpty: ({ e_ident }: Elf64Ehdr): boolean =>
    e_ident[EI.EI_CLASS] !== ELFCLASS64,
  first: ({ e_phoff }: Elf64Ehdr): number => Number(e_phoff),
  apart: ({ e_phentsize }: Elf64Ehdr): number => e_phentsize,
  change: (phdrs: Elf64Phdr[]): Elf64Phdr[] => phdrs,
};

function phdrsBy(steps: typeof RIGHT): Phdrs {
  return (file) => {
    const view = viewOf(file);
    const ehdr = readEhdr(view);
    if (steps.isRefused(ehdr)) return undefined;
    if (steps.isEmpty(ehdr)) return [];
    const at = (i: number) => steps.first(ehdr) + i * steps.apart(ehdr);
    if (at(ehdr.e_phnum - 1) + SIZEOF_PHDR > file.length) return undefined;
    return steps.change(
      Array.from({ length: ehdr.e_phnum }, (_, i) => readPhdr(view, at(i))),
    );
  };
}

/** The program headers without any mistake. */
export const phdrsAgain: Phdrs = phdrsBy(RIGHT);

/** A wrong way to them. */
export interface PhdrsMistake {
  /** Short name in kebab-case. */
  readonly name: string;
  /** What it does. */
  readonly what: string;
  /** The program headers that it finds. */
  readonly phdrs: Phdrs;
}

function mistake(
  name: string,
  what: string,
  steps: Partial<typeof RIGHT>,
): PhdrsMistake {
  return { name, what, phdrs: phdrsBy({ ...RIGHT, ...steps }) };
}

function changed(
  name: string,
  what: string,
  change: (phdr: Elf64Phdr) => Partial<Elf64Phdr>,
): PhdrsMistake {
  return mistake(name, what, {
    change: (phdrs) => phdrs.map((phdr) => ({ ...phdr, ...change(phdr) })),
  });
}

/** Those of any reader of notes. */
export const PHDRS_MISTAKES: readonly PhdrsMistake[] = [
  mistake("data-ignored", "big-endian data is read as little-endian", {
    isRefused: () => false,
  }),
  mistake("class-ignored", "a 32-bit header is read as a 64-bit one", {
    isEmpty: () => false,
  }),
  mistake("phoff-ignored", "program headers are read from byte 64", {
    first: () => SIZEOF_EHDR,
  }),
  mistake("phentsize-ignored", "program headers are read 56 bytes apart", {
    apart: () => SIZEOF_PHDR,
  }),
  mistake("first-phdr-alone", "only the first program header is looked at", {
    change: (phdrs) => phdrs.slice(0, 1),
  }),
  mistake("stops-at-pt-null", "PT_NULL ends the program headers", {
    change: (phdrs) => before(phdrs, ({ p_type }) => p_type === 0),
  }),
  mistake("stops-at-others", "the first that is no PT_NOTE ends them", {
    change: (phdrs) => before(phdrs, ({ p_type }) => p_type !== PT_NOTE),
  }),
  changed("notes-at-paddr", "notes are read from p_paddr", ({ p_paddr }) => ({
    p_offset: p_paddr,
  })),
  changed("offset-32-bit", "p_offset is cut to 32 bits", ({ p_offset }) => ({
    p_offset: BigInt.asUintN(32, p_offset),
  })),
  changed(
    "offset-at-page",
    "notes are read from the page of p_offset",
    ({ p_offset }) => ({ p_offset: p_offset & ~0xfffn }),
  ),
  changed("notes-by-memsz", "notes go on for p_memsz bytes", ({ p_memsz }) => ({
    p_filesz: p_memsz,
  })),
  changed("notes-unbounded", "notes go on to the end of the file", () => ({
    p_filesz: 1n << 62n,
  })),
];

function before(
  phdrs: Elf64Phdr[],
  isEnd: (phdr: Elf64Phdr) => boolean,
): Elf64Phdr[] {
  const end = phdrs.findIndex(isEnd);
  return end < 0 ? phdrs : phdrs.slice(0, end);
}

/** Those of `PT_NOTE`. */
export function ptNotesOf(phdrs: Elf64Phdr[]): Elf64Phdr[] {
  return phdrs.filter(({ p_type }) => p_type === PT_NOTE);
}
