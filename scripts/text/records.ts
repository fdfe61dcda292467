/**
 * The records of which the text of a file consists: names, sizes and order of
 * their fields. A record is a line; indented lines continue it.
 *
 * @module
 */

import { EHDR, type FieldPlace, PHDR, SHDR } from "../../lib/elf/elf64.ts";
import { NHDR } from "../../lib/elf/notes.ts";

/** Fields of a structure, where they are in it. */
export type Fields = Readonly<
  Record<string, { readonly at: number; readonly size: number }>
>;

/** A structure as a record. */
export interface Structure {
  /** Bytes. */
  readonly size: number;
  /** Its fields. */
  readonly fields: Fields;
  /** True where a field that is 0 is left out. */
  readonly sparse?: boolean;
  /** True where each field has a line. */
  readonly tall?: boolean;
}

const { e_ident: _, ...rest } = EHDR;
const IDENT = 16;

function fieldsOf(places: Readonly<Record<string, FieldPlace>>): Fields {
  return places;
}

/** Places of 4 bytes each, by offset. */
function words(offsets: Readonly<Record<string, number>>): Fields {
  return Object.fromEntries(
    Object.entries(offsets).map(([name, at]) => [name, { at, size: 4 }]),
  );
}

/** All structures, by the word that begins their record. */
export const STRUCTURES: Readonly<Record<string, Structure>> = {
  e_ident: {
    size: IDENT,
    fields: {
      EI_MAG: { at: 0, size: 4 },
      EI_CLASS: { at: 4, size: 1 },
      EI_DATA: { at: 5, size: 1 },
      EI_VERSION: { at: 6, size: 1 },
      EI_OSABI: { at: 7, size: 1 },
      EI_ABIVERSION: { at: 8, size: 1 },
      EI_PAD: { at: 9, size: 7 },
    },
  },
  ehdr: {
    size: 64 - IDENT,
    tall: true,
    fields: Object.fromEntries(
      Object.entries(rest).map((
        [name, { at, size }],
      ) => [name, { at: at - IDENT, size }]),
    ),
  },
  phdr: { size: 56, fields: fieldsOf(PHDR) },
  shdr: {
    size: 64,
    sparse: true,
    fields: {
      sh_name: { at: SHDR.sh_name, size: 4 },
      sh_type: { at: SHDR.sh_type, size: 4 },
      sh_flags: { at: 8, size: 8 },
      sh_addr: { at: 16, size: 8 },
      sh_offset: { at: SHDR.sh_offset, size: 8 },
      sh_size: { at: SHDR.sh_size, size: 8 },
      sh_link: { at: 40, size: 4 },
      sh_info: { at: 44, size: 4 },
      sh_addralign: { at: 48, size: 8 },
      sh_entsize: { at: 56, size: 8 },
    },
  },
  note: { size: 12, fields: words(NHDR) },
  // struct elf_prstatus of 64 bits, up to pr_reg.
  prstatus: {
    size: 112,
    sparse: true,
    fields: {
      ...words({ si_signo: 0, si_code: 4, si_errno: 8 }),
      pr_cursig: { at: 12, size: 2 },
      padding: { at: 14, size: 2 },
      pr_sigpend: { at: 16, size: 8 },
      pr_sighold: { at: 24, size: 8 },
      ...words({ pr_pid: 32, pr_ppid: 36, pr_pgrp: 40, pr_sid: 44 }),
      ...Object.fromEntries(
        ["utime", "stime", "cutime", "cstime"].flatMap((name, i) => [
          [`pr_${name}.tv_sec`, { at: 48 + 16 * i, size: 8 }],
          [`pr_${name}.tv_usec`, { at: 56 + 16 * i, size: 8 }],
        ]),
      ),
    },
  },
};

/** Names of values, by field. */
export const NAMES: Readonly<Record<string, Readonly<Record<string, bigint>>>> =
  {
    p_type: { PT_NULL: 0n, PT_LOAD: 1n, PT_NOTE: 4n },
    e_type: { ET_REL: 1n, ET_EXEC: 2n, ET_DYN: 3n, ET_CORE: 4n },
    e_machine: {
      EM_PPC64: 21n,
      EM_X86_64: 62n,
      EM_AARCH64: 183n,
      EM_RISCV: 243n,
      EM_LOONGARCH: 258n,
    },
  };

/** Reads a little-endian number of any size. */
export function readNumber(
  bytes: Uint8Array,
  { at, size }: { at: number; size: number },
): bigint {
  let value = 0n;
  for (let i = size - 1; i >= 0; i--) {
    value = value << 8n | BigInt(bytes[at + i]);
  }
  return value;
}

/** Writes one. */
export function writeNumber(
  bytes: Uint8Array,
  { at, size }: { at: number; size: number },
  value: bigint,
): void {
  for (let i = 0; i < size; i++) {
    bytes[at + i] = Number(value >> BigInt(8 * i) & 0xffn);
  }
}
