/**
 * Wrong readers: each skips one check, or refuses what is right.
 *
 * @module
 */

import {
  EHDR,
  EI,
  phdrOffset,
  PN_XNUM,
  PT_LOAD,
  PT_NOTE,
  readEhdr,
  viewOf,
} from "../../lib/elf/elf64.ts";
import {
  blind,
  changing,
  counting,
  countThatFits,
  listed,
  type ReaderMistake,
  set,
} from "./reader_kinds.ts";
import { HEADER_MISTAKES, PHDRS_MISTAKES } from "./phdrs.ts";
import { ROW_MISTAKES } from "./reader_rows.ts";

/** All of them. What only the kernel refuses (type, versions, e_ehsize) is no mistake of a reader. */
export const READER_MISTAKES: readonly ReaderMistake[] = [
  ...[...HEADER_MISTAKES, ...PHDRS_MISTAKES].map(({ name, what, find }) => ({
    name,
    what,
    read: (bytes: Uint8Array) => listed(find(bytes)),
  })),
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
  ...ROW_MISTAKES,
];
