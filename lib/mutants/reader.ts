/**
 * Wrong readers: each takes one thing on trust, or sees one thing that is not
 * there.
 *
 * @module
 */

import {
  EHDR,
  EI,
  ELFCLASS64,
  ELFMAG,
  PF_RWX,
  phdrOffset,
  PN_XNUM,
  PT_LOAD,
  PT_NOTE,
  readEhdr,
  readPhdr,
  viewOf,
} from "../elf/elf64.ts";
import { decodeElfcorehdr } from "../kernel/read_header.ts";
import {
  blind,
  changing,
  counting,
  countThatFits,
  each,
  listed,
  type ReaderMistake,
  right,
  set,
  setIdent,
} from "./reader_kinds.ts";
import { HEADER_MISTAKES, PHDRS_MISTAKES } from "./phdr_walk.ts";

/** All of them. What only the kernel refuses (type, versions, e_ehsize) is no mistake of a reader. */
export const READER_MISTAKES: readonly ReaderMistake[] = [
  ...[...HEADER_MISTAKES, ...PHDRS_MISTAKES].map(({ name, what, find }) => ({
    name,
    what,
    read: (bytes: Uint8Array) => listed(find(bytes)),
  })),
  blind(
    "magic-three-bytes",
    "the last byte of the magic is not looked at",
    setIdent(3, ELFMAG[3]),
  ),
  blind("class-none-accepted", "class 0 is accepted as 64-bit", (bytes) => {
    if (bytes[EI.EI_CLASS] === 0) bytes[EI.EI_CLASS] = ELFCLASS64;
  }),
  blind(
    "phentsize-zero-accepted",
    "e_phentsize 0 is accepted as 56",
    (bytes) => {
      if (bytes[EHDR.e_phentsize.at] === 0) set("e_phentsize")(bytes);
    },
  ),
  counting(
    "phnum-trusted",
    "e_phnum is trusted beyond the end of the file",
    ({ e_phnum }) => e_phnum,
  ),
  counting(
    "phnum-cut-to-file",
    "what does not fit is cut off instead of refused",
    ({ e_phnum }, { length }) => Math.min(e_phnum, countThatFits(length)),
  ),
  counting(
    "phnum-zero-accepted",
    "a header without program headers is accepted",
    ({ e_phnum }, { length }) =>
      e_phnum === 0 ? 0 : Math.min(e_phnum, countThatFits(length)),
  ),
  counting(
    "phnum-from-length",
    "as many program headers as the file could hold",
    (_, { length }) => countThatFits(length),
  ),
  changing(
    "phnum-xnum-none",
    "65,535 program headers are taken for an escape, and none is listed",
    (headers) =>
      headers.e_phnum === PN_XNUM
        ? { ...headers, e_phnum: 0, phdrs: [] }
        : headers,
  ),
  changing(
    "phnum-signed",
    "more than 32,767 program headers are refused",
    (headers) => headers.e_phnum > 0x7fff ? undefined : headers,
  ),
  changing(
    "padding-required",
    "a file that ends with its last program header is refused",
    (headers, { length }) => length % 1024 === 0 ? headers : undefined,
  ),
  changing(
    "page-required",
    "a segment longer than its header is refused",
    (headers, { length }) =>
      length - phdrOffset(headers.e_phnum) > 8192 ? undefined : headers,
  ),
  changing(
    "overlap-refused",
    "RAM ranges that overlap are refused",
    (headers) => {
      const ends = headers.phdrs.filter(({ p_type }) => p_type === PT_LOAD)
        .slice(
          1,
        )
        .map((
          { p_paddr, p_memsz },
        ) => [BigInt(p_paddr), BigInt(p_paddr) + BigInt(p_memsz)]);
      return ends.some(([start], i) =>
          i > 0 && start < ends[i - 1][1] && start >= ends[i - 1][0]
        )
        ? undefined
        : headers;
    },
  ),
  changing(
    "late-note-refused",
    "a PT_NOTE behind a PT_LOAD is refused",
    (headers) => {
      const types = headers.phdrs.map(({ p_type }) => p_type);
      return types.lastIndexOf(PT_NOTE) > types.indexOf(PT_LOAD) &&
          types.includes(PT_LOAD)
        ? undefined
        : headers;
    },
  ),
  changing(
    "wrap-refused",
    "a range that ends beyond 2^64 is refused",
    (headers) =>
      headers.phdrs.some(({ p_paddr, p_memsz }) =>
          BigInt(p_paddr) + BigInt(p_memsz) > 1n << 64n
        )
        ? undefined
        : headers,
  ),
  changing(
    "filesz-differs-refused",
    "p_filesz unlike p_memsz is refused",
    (headers) =>
      headers.phdrs.some(({ p_filesz, p_memsz }) => p_filesz !== p_memsz)
        ? undefined
        : headers,
  ),
  changing(
    "memsz-as-filesz",
    "p_memsz is printed for p_filesz",
    each((row) => ({ ...row, p_filesz: row.p_memsz })),
  ),
  changing(
    "offset-as-paddr",
    "p_offset is printed for p_paddr",
    each((row) => ({ ...row, p_paddr: row.p_offset })),
  ),
  changing(
    "paddr-as-offset",
    "p_paddr is printed for p_offset",
    each((row) => ({ ...row, p_offset: row.p_paddr })),
  ),
  changing(
    "vaddr-double",
    "p_vaddr goes through a double",
    each((row) => ({
      ...row,
      p_vaddr: `0x${BigInt(Number(row.p_vaddr)).toString(16)}`,
    })),
  ),
  changing(
    "paddr-32-bit",
    "p_paddr is cut to 32 bits",
    each((row) => ({
      ...row,
      p_paddr: `0x${BigInt.asUintN(32, BigInt(row.p_paddr)).toString(16)}`,
    })),
  ),
  changing(
    "unknown-types-dropped",
    "program headers of unknown type are left out",
    (headers) => ({
      ...headers,
      phdrs: headers.phdrs.filter(({ p_type }) =>
        p_type === PT_LOAD || p_type === PT_NOTE
      ),
    }),
  ),
  changing(
    "notes-only",
    "PT_LOADs are left out",
    (headers) => ({
      ...headers,
      phdrs: headers.phdrs.filter(({ p_type }) => p_type === PT_NOTE),
    }),
  ),
  changing("sorted", "program headers are sorted by address", (headers) => ({
    ...headers,
    phdrs: headers.phdrs.toSorted((a, b) =>
      BigInt(a.p_paddr) < BigInt(b.p_paddr) ? -1 : 1
    ),
  })),
  changing(
    "first-phdr-skipped",
    "the first program header is skipped",
    (headers) => ({ ...headers, phdrs: headers.phdrs.slice(1) }),
  ),
  changing(
    "align-zero",
    "p_align is printed as 0, whatever it is",
    each((row) => ({ ...row, p_align: "0x0" })),
  ),
  changing(
    "flags-masked",
    "p_flags is cut to the three bits of PF_RWX",
    each((row) => ({ ...row, p_flags: Number(row.p_flags) & PF_RWX })),
  ),
  changing(
    "flags-of-notes-dropped",
    "p_flags of a PT_NOTE is printed as 0",
    each((row) => row.p_type === PT_NOTE ? { ...row, p_flags: 0 } : row),
  ),
  changing(
    "note-memsz-from-filesz",
    "p_filesz is printed for p_memsz of a PT_NOTE",
    each((row) =>
      row.p_type === PT_NOTE ? { ...row, p_memsz: row.p_filesz } : row
    ),
  ),
  changing(
    "stop-at-pt-null",
    "the list ends at the first PT_NULL",
    (headers) => {
      const end = headers.phdrs.findIndex(({ p_type }) => p_type === 0);
      return end < 0
        ? headers
        : { ...headers, phdrs: headers.phdrs.slice(0, end) };
    },
  ),
  changing(
    "osabi-refused",
    "another OS ABI than 0 is refused",
    (headers, bytes) => bytes[EI.EI_OSABI] === 0 ? headers : undefined,
  ),
  changing(
    "sections-refused",
    "a file with section headers is refused",
    (headers, bytes) =>
      readEhdr(viewOf(bytes)).e_shnum === 0 ? headers : undefined,
  ),
  changing(
    "abi-version-refused",
    "another version of the ABI than 0, or padding that is not zero, is refused",
    (headers, bytes) =>
      bytes.subarray(EI.EI_OSABI + 1, EHDR.e_ident.size).some((byte) => byte)
        ? undefined
        : headers,
  ),
  changing(
    "entry-refused",
    "e_entry other than 0 is refused",
    (headers, bytes) =>
      readEhdr(viewOf(bytes)).e_entry === 0n ? headers : undefined,
  ),
  changing(
    "flags-refused",
    "e_flags other than 0 is refused",
    (headers, bytes) =>
      readEhdr(viewOf(bytes)).e_flags === 0 ? headers : undefined,
  ),
  changing(
    "machine-signed",
    "e_machine has a sign",
    (headers) => ({ ...headers, e_machine: headers.e_machine << 16 >> 16 }),
  ),
  changing(
    "types-signed",
    "p_type has a sign",
    each((row) => ({ ...row, p_type: Number(row.p_type) | 0 })),
  ),
  changing(
    "types-31-bit",
    "p_type is cut to 31 bits",
    each((row) => ({ ...row, p_type: Number(row.p_type) & 0x7fffffff })),
  ),
  changing(
    "types-of-processors-dropped",
    "program headers of types from 0x70000000 on are left out",
    (headers) => ({
      ...headers,
      phdrs: headers.phdrs.filter(({ p_type }) => Number(p_type) < 0x70000000),
    }),
  ),
  changing(
    "types-from-8-dropped",
    "program headers of types from 8 to those of systems are left out",
    (headers) => ({
      ...headers,
      phdrs: headers.phdrs.filter(({ p_type }) =>
        Number(p_type) < 8 || Number(p_type) >= 0x60000000
      ),
    }),
  ),
  changing(
    "flags-24-bit",
    "p_flags is cut to 24 bits",
    each((row) => ({ ...row, p_flags: Number(row.p_flags) & 0xffffff })),
  ),
  changing(
    "flags-signed",
    "p_flags has a sign",
    each((row) => ({ ...row, p_flags: Number(row.p_flags) | 0 })),
  ),
  changing(
    "no-filesz-as-memsz",
    "p_memsz is printed for a p_filesz of 0",
    each((row) =>
      row.p_filesz === "0x0" ? { ...row, p_filesz: row.p_memsz } : row
    ),
  ),
  changing(
    "no-memsz-as-filesz",
    "p_filesz is printed for a p_memsz of 0",
    each((row) =>
      row.p_memsz === "0x0" ? { ...row, p_memsz: row.p_filesz } : row
    ),
  ),
  changing(
    "align-signed",
    "p_align has a sign",
    each((row) => ({
      ...row,
      p_align: `${BigInt.asIntN(64, BigInt(row.p_align))}`,
    })),
  ),
  changing(
    "machine-one-byte",
    "e_machine is cut to one byte",
    (headers) => ({ ...headers, e_machine: headers.e_machine & 0xff }),
  ),
  {
    name: "alignment-word",
    what: "the flags are read from where a 32-bit header has them",
    read: (bytes) => {
      const headers = right(bytes);
      if (!headers) return undefined;
      const view = viewOf(bytes);
      const { phdrs } = decodeElfcorehdr(bytes);
      return {
        ...headers,
        phdrs: headers.phdrs.map((row, i) => ({
          ...row,
          p_flags: Number(
            BigInt.asUintN(32, readPhdr(view, phdrOffset(i)).p_offset),
          ) || phdrs[i].p_flags,
        })),
      };
    },
  },
];
