/**
 * Wrong readers that refuse what they should, and print some value or program
 * header wrong.
 *
 * @module
 */

import {
  PF_RWX,
  phdrOffset,
  PT_LOAD,
  PT_NOTE,
  readPhdr,
  viewOf,
} from "../../lib/elf/elf64.ts";
import { decodeElfcorehdr } from "../../lib/kernel/read_header.ts";
import { changing, each, type ReaderMistake, right } from "./reader_kinds.ts";

/** All of them. */
export const ROW_MISTAKES: readonly ReaderMistake[] = [
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
