/**
 * Wrong ways to the program headers of a file, for all kinds of readers.
 *
 * @module
 */

import {
  type Elf64Phdr,
  ELFCLASS64,
  ELFDATA2LSB,
  ELFMAG,
  PT_NOTE,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
} from "../../lib/elf/elf64.ts";
import { ELFCLASS32, findBy, type Found, STEPS } from "./phdr_walk.ts";

/** A wrong parser. */
export interface PhdrsMistake {
  /** Short name in kebab-case. */
  readonly name: string;
  /** Behaviour, in words. */
  readonly what: string;
  /** Findings. */
  readonly find: (file: Uint8Array) => Found;
}

function mistake(
  name: string,
  what: string,
  steps: Partial<typeof STEPS>,
): PhdrsMistake {
  return { name, what, find: findBy({ ...STEPS, ...steps }) };
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

function without(
  name: string,
  what: string,
  isLeftOut: (phdr: Elf64Phdr) => boolean,
): PhdrsMistake {
  return mistake(name, what, {
    change: (phdrs) => phdrs.filter((phdr) => !isLeftOut(phdr)),
  });
}

const isNote = ({ p_type }: Elf64Phdr) => p_type === PT_NOTE;
/** A size above 2^63 is negative in signed arithmetic, and holds nothing. */
const signed = (size: bigint) => size >> 63n ? 0n : size;

/** Mistakes that only the profile reader has images for. */
export const HEADER_MISTAKES: readonly PhdrsMistake[] = [
  ...(["first", "second", "third", "fourth"] as const).map((which, skipped) =>
    mistake(
      `magic-${which}-ignored`,
      `the ${which} byte of the magic is not looked at`,
      {
        isMagic: (ident) =>
          ELFMAG.every((byte, i) => i === skipped || ident[i] === byte),
      },
    )
  ),
  mistake("class-none-accepted", "class 0 is taken for 64 bits", {
    is64: (elfClass) =>
      elfClass > ELFCLASS64 ? undefined : elfClass !== ELFCLASS32,
  }),
  mistake("class-3-accepted", "every class above 1 is taken for 64 bits", {
    is64: (elfClass) => elfClass === 0 ? undefined : elfClass > ELFCLASS32,
  }),
  mistake("data-none-accepted", "no data encoding is taken for little-endian", {
    isData: (data) => data <= ELFDATA2LSB,
  }),
  mistake("data-3-accepted", "all but big-endian is taken for little-endian", {
    isData: (data) => data === ELFDATA2LSB || data > 2,
  }),
  mistake("bound-by-56", "the end is reckoned with 56 bytes each", {
    end: (first, count) => first + BigInt(count * SIZEOF_PHDR),
  }),
  mistake("phentsize-8-bit", "e_phentsize is cut to 8 bits", {
    apart: ({ e_phentsize }) => e_phentsize & 0xff,
  }),
  mistake("table-size-16-bit", "the size of all is cut to 16 bits", {
    end: (first, count, apart) =>
      first + BigInt.asUintN(16, BigInt(count) * BigInt(apart)),
  }),
  mistake("table-size-32-bit", "the size of all is cut to 32 bits", {
    end: (first, count, apart) =>
      first + BigInt.asUintN(32, BigInt(count) * BigInt(apart)),
  }),
  mistake("table-end-wraps", "the end is cut to 64 bits", {
    end: (first, count, apart) =>
      BigInt.asUintN(64, first + BigInt(count) * BigInt(apart)),
  }),
  mistake("escape-16-bit", "the count of section 0 is cut to 16 bits", {
    escaped: (sh_info) => sh_info & 0xffff,
  }),
  mistake("shentsize-ignored", "section 0 is read however small it is", {
    fits: () => true,
  }),
  mistake("shoff-32-bit", "e_shoff is cut to 32 bits", {
    section: ({ e_shoff }) => BigInt.asUintN(32, e_shoff),
  }),
];

/** Mistakes of any reader. */
export const PHDRS_MISTAKES: readonly PhdrsMistake[] = [
  mistake("data-ignored", "big-endian data is read as little-endian", {
    isData: () => true,
  }),
  mistake("class-ignored", "a 32-bit header is read as a 64-bit one", {
    is64: () => true,
  }),
  mistake("phoff-ignored", "program headers are read from byte 64", {
    first: () => BigInt(SIZEOF_EHDR),
  }),
  mistake("phentsize-ignored", "program headers are read 56 bytes apart", {
    apart: () => SIZEOF_PHDR,
  }),
];

/** Mistakes of readers of notes: which PT_NOTEs are read, and from where. */
export const SEGMENT_MISTAKES: readonly PhdrsMistake[] = [
  mistake("first-phdr-alone", "only the first program header is looked at", {
    change: (phdrs) => phdrs.slice(0, 1),
  }),
  mistake("stops-at-pt-null", "PT_NULL ends the program headers", {
    change: (phdrs) => before(phdrs, ({ p_type }) => p_type === 0),
  }),
  mistake("stops-at-others", "the first that is no PT_NOTE ends them", {
    change: (phdrs) => before(phdrs, (phdr) => !isNote(phdr)),
  }),
  mistake("stops-at-empty", "a PT_NOTE of 0 bytes ends them", {
    change: (phdrs) =>
      before(phdrs, (phdr) => isNote(phdr) && phdr.p_filesz === 0n),
  }),
  mistake("two-pt-notes", "no more than two PT_NOTEs are read", {
    change: (phdrs) => phdrs.filter(isNote).slice(0, 2),
  }),
  mistake("same-place-once", "of PT_NOTEs at one p_offset the first is read", {
    change: (phdrs) =>
      phdrs.filter(({ p_offset }, i) =>
        phdrs.findIndex((phdr) => phdr.p_offset === p_offset) === i
      ),
  }),
  mistake("sorted-by-offset", "PT_NOTEs are sorted by p_offset", {
    change: (phdrs) =>
      phdrs.toSorted((a, b) => Number(a.p_offset - b.p_offset)),
  }),
  without(
    "flagged-skipped",
    "a PT_NOTE with flags is skipped",
    (phdr) => isNote(phdr) && phdr.p_flags !== 0,
  ),
  without(
    "no-memsz-skipped",
    "a PT_NOTE with p_memsz 0 is skipped",
    (phdr) => isNote(phdr) && phdr.p_memsz === 0n,
  ),
  without(
    "align-2-skipped",
    "a PT_NOTE aligned below 4 is skipped",
    (phdr) => isNote(phdr) && phdr.p_align > 0n && phdr.p_align < 4n,
  ),
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
  changed(
    "notes-by-smaller",
    "notes go on for the smaller of both sizes",
    ({ p_filesz, p_memsz }) => ({
      p_filesz: p_filesz < p_memsz ? p_filesz : p_memsz,
    }),
  ),
  changed("notes-unbounded", "notes go on to the end of the file", () => ({
    p_filesz: 1n << 62n,
  })),
  changed(
    "empty-is-unbounded",
    "a PT_NOTE of 0 bytes goes on to the end of the file",
    ({ p_filesz }) => ({ p_filesz: p_filesz === 0n ? 1n << 62n : p_filesz }),
  ),
  changed("filesz-32-bit", "p_filesz is cut to 32 bits", ({ p_filesz }) => ({
    p_filesz: BigInt.asUintN(32, p_filesz),
  })),
  changed("filesz-signed", "p_filesz has a sign", ({ p_filesz }) => ({
    p_filesz: signed(p_filesz),
  })),
  changed("end-rounded-up", "p_filesz is rounded up to 4", ({ p_filesz }) => ({
    p_filesz: (p_filesz + 3n) & ~3n,
  })),
];

function before(
  phdrs: Elf64Phdr[],
  isEnd: (phdr: Elf64Phdr) => boolean,
): Elf64Phdr[] {
  const end = phdrs.findIndex(isEnd);
  return end < 0 ? phdrs : phdrs.slice(0, end);
}
