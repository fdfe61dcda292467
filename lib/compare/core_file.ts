/**
 * Any core file as a table for people: what kind it is, its program headers as
 * they are, its notes, and what of it is not there.
 *
 * @module
 */

import {
  EHDR,
  EI,
  type Elf64Ehdr,
  type Elf64Phdr,
  ELFCLASS64,
  ELFDATA2LSB,
  ELFMAG,
  ET_CORE,
  phdrCount,
  phdrPlace,
  PT_LOAD,
  PT_NOTE,
  readEhdr,
  readPhdr,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
  SIZEOF_SHDR,
  viewOf,
} from "../elf/elf64.ts";
import { FormatError } from "../kernel/read_header.ts";
import type { ListedNote } from "../model/dump.ts";
import { hex } from "../spec/shape.ts";
import { type CoreNote, notesOfCore } from "./core_notes.ts";
import { formatSize } from "./describe.ts";

/** A core file, described. */
export interface CoreFile {
  /** What it is: `an elfcorehdr`, `a dump of QEMU`. */
  readonly kind: string;
  /** The ELF header. */
  readonly ehdr: Elf64Ehdr;
  /** Count of program headers: e_phnum, or what section 0 says. */
  readonly count: number;
  /** Bytes of the file. */
  readonly size: number;
  /** The program headers that are there. */
  readonly rows: readonly CoreRow[];
  /** The notes that are there. */
  readonly notes: readonly CoreNote[];
  /** What the headers name and the file does not have, a sentence each. */
  readonly missing: readonly string[];
  /** What is there and is no note, though a PT_NOTE has it. */
  readonly odd: readonly string[];
}

/** A program header of a core file. */
export interface CoreRow {
  /** Its index, counted from 0. */
  readonly index: number;
  /** Its byte. */
  readonly at: number;
  /** It. */
  readonly phdr: Elf64Phdr;
  /** In words: `notes, cut off`. */
  readonly meaning: string;
}

/** An elfcorehdr: what the kernel or a program of its kind writes. */
export const ELFCOREHDR = "an elfcorehdr";

const NT_TASKSTRUCT = 4;
const NT_AUXV = 6;
/** Where a program header has no physical address. */
const NOWHERE = 2n ** 64n - 1n;

/**
 * Describes a core file, whatever the kernel would say to it.
 *
 * @param bytes Its head, all notes included.
 * @param size Bytes of the whole file.
 * @throws {FormatError} If it is none of 64 bits and little-endian; the message
 * says what it is instead, where that is known.
 *
 * @example What an elfcorehdr is told from
 * ```ts
 * import { ARCHES, describeCoreFile, encodeElfcorehdr } from "@kdump/elfcorehdr";
 * import { assertEquals } from "@std/assert";
 *
 * const header = encodeElfcorehdr({
 *   arch: ARCHES.ppc64le,
 *   nr_possible: 1,
 *   cpus: [0],
 *   crash_notes: BigUint64Array.of(0x3fb0bc00n),
 *   vmcoreinfo: { paddr: 0x2860000n, size: 65572n },
 *   ranges: [],
 *   page_offset: 0xc000000000000000n,
 *   phys_offset: 0n,
 * });
 * assertEquals(describeCoreFile(header).kind, "an elfcorehdr");
 * ```
 */
export function describeCoreFile(
  bytes: Uint8Array,
  size: number = bytes.length,
): CoreFile {
  refuseOthers(bytes);
  const view = viewOf(bytes);
  const ehdr = readEhdr(view);
  const missing: string[] = [];
  const told = phdrCount(view, ehdr);
  if (told === undefined) {
    const { e_shentsize } = ehdr;
    const small = e_shentsize < SIZEOF_SHDR
      ? `, since e_shentsize is ${e_shentsize}`
      : "";
    missing.push(
      `section 0, which has the count of program headers${small}`,
    );
  }
  const count = told ?? ehdr.e_phnum;
  const room = (bytes.length - phdrPlace(ehdr, 0)) / ehdr.e_phentsize;
  const there = Math.max(0, Math.min(told ?? 0, Math.floor(room)));
  if (told !== undefined && there < count) {
    missing.push(`${count - there} of ${count} program headers`);
  }
  const phdrs = Array.from(
    { length: there },
    (_, i) => readPhdr(view, phdrPlace(ehdr, i)),
  );
  const { notes, odd, cut } = notesOfCore(bytes, phdrs, BigInt(size));
  const kind = kindOf(phdrs, notes, BigInt(size));
  const rows = phdrs.map((phdr, index) => ({
    index,
    at: phdrPlace(ehdr, index),
    phdr,
    meaning: meaningOf(phdr, BigInt(size)),
  }));
  if (kind !== ELFCOREHDR) missing.push(...cut);
  return { kind, ehdr, count, size, rows, notes, missing, odd };
}

/** Says what is no 64-bit little-endian core file. */
function refuseOthers(bytes: Uint8Array): void {
  const refuse = (at: number, field: string, wanted: string, found: string) => {
    throw new FormatError(at, `${field} must be ${wanted}`, found);
  };
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 16));
  const other = [
    ["KDUMP   ", "a compressed dump of makedumpfile"],
    ["DISKDUMP", "a dump of diskdump"],
    ["makedumpfile", "a flattened dump of makedumpfile"],
    ["\x1f", "a compressed file"],
  ].find(([magic]) => text.startsWith(magic));
  if (other) refuse(0, "e_ident", "an ELF file", other[1]);
  if (bytes.length < SIZEOF_EHDR) {
    refuse(bytes.length, "the ELF header", "64 bytes", `${bytes.length} bytes`);
  }
  for (const [i, byte] of ELFMAG.entries()) {
    if (bytes[i] !== byte) {
      refuse(i, `e_ident[EI_MAG${i}]`, hexByte(byte), hexByte(bytes[i]));
    }
  }
  const klass = bytes[EI.EI_CLASS];
  if (klass !== ELFCLASS64) {
    refuse(EI.EI_CLASS, "e_ident[EI_CLASS]", "2, of 64 bits", `${klass}`);
  }
  const data = bytes[EI.EI_DATA];
  if (data !== ELFDATA2LSB) {
    refuse(EI.EI_DATA, "e_ident[EI_DATA]", "1, little-endian", `${data}`);
  }
  const { e_type, e_phentsize } = readEhdr(viewOf(bytes));
  if (e_type !== ET_CORE) {
    refuse(EHDR.e_type.at, "e_type", "4, a core file", `${e_type}`);
  }
  if (e_phentsize < SIZEOF_PHDR) {
    refuse(EHDR.e_phentsize.at, "e_phentsize", "56 or more", `${e_phentsize}`);
  }
}

function hexByte(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}

/** What wrote it, by what only that writes. */
function kindOf(
  phdrs: readonly Elf64Phdr[],
  notes: readonly ListedNote[],
  size: bigint,
): string {
  const pt_notes = phdrs.filter(({ p_type }) => p_type === PT_NOTE);
  const loads = phdrs.filter(({ p_type }) => p_type === PT_LOAD);
  // Any: a kernel may redirect a note at 0 as if it were low memory.
  if (
    notes.every(({ name }) => name === "") &&
    pt_notes.some(({ p_offset, p_paddr }) =>
      p_offset === p_paddr && p_offset !== 0n
    )
  ) return ELFCOREHDR;
  const has = (name: string) => notes.some((note) => note.name === name);
  const hasType = (type: number) =>
    notes.some((note) => note.name === "CORE" && note.type === type);
  if (has("QEMU")) return "a dump of QEMU";
  if (has("Xen")) return "a dump of Xen";
  if (has("ERASEINFO")) return "a dump of makedumpfile";
  if (hasType(NT_AUXV)) return "the core of a process";
  if (
    hasType(NT_TASKSTRUCT) || loads.some(({ p_paddr }) => p_paddr === NOWHERE)
  ) return "/proc/kcore, or its head";
  const merged = pt_notes[0];
  if (
    pt_notes.length === 1 && merged.p_paddr === 0n && merged.p_vaddr === 0n &&
    merged.p_offset > 0n && merged.p_offset % 4096n === 0n
  ) {
    const end = loads.reduce(
      (end, { p_offset, p_filesz }) =>
        p_offset + p_filesz > end ? p_offset + p_filesz : end,
      0n,
    );
    return end > size ? "the head of a /proc/vmcore" : "a /proc/vmcore";
  }
  return "a core file";
}

function meaningOf(
  { p_type, p_offset, p_filesz, p_memsz }: Elf64Phdr,
  size: bigint,
): string {
  const inside = p_offset + p_filesz <= size;
  const where = inside || p_filesz === 0n
    ? ""
    : p_offset < size
    ? ", cut off"
    : ", not in this file";
  if (p_type === PT_NOTE) return `notes${where}`;
  if (p_type === PT_LOAD) return `${formatSize(p_memsz)}${where}`;
  return `${
    p_type === 0 ? "nothing" : `p_type ${hex(BigInt(p_type))}`
  }${where}`;
}
