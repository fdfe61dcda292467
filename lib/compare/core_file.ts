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
import { archOf } from "../kernel/arch.ts";
import { hex } from "../spec/shape.ts";
import { ELFCOREHDR, FADUMP, kindOf, QEMU } from "./core_kind.ts";
import { type CoreNote, notesOfCore } from "./core_notes.ts";
import { notesOfSections, sectionsOf } from "./core_sections.ts";
import { formatSize } from "./describe.ts";

/** A core file, described. */
export interface CoreFile {
  /** Kind of file: `an elfcorehdr`, `a dump of QEMU`. */
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
  /** Parts that the headers name and the file lacks, a sentence each. */
  readonly missing: readonly string[];
  /** Bytes of a PT_NOTE that do not form a note. */
  readonly odd: readonly string[];
  /** Meaning of the pids of notes, where they are no processes. */
  readonly pid?: string;
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

/**
 * Describes a core file, whatever the kernel would say to it.
 *
 * @param bytes Its head, all notes included.
 * @param size Bytes of the whole file.
 * @throws {FormatError} If it is none of 64 bits and little-endian; the message
 * says what it is instead, where that is known.
 *
 * @example Recognizing an elfcorehdr
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
  const ehdr = readEhdr(viewOf(bytes));
  const { count, phdrs, missing } = phdrsOf(bytes, ehdr);
  const { notes: found, odd, cut } = notesOfCore(bytes, phdrs, BigInt(size));
  const sections = count === 0 ? sectionsOf(bytes, ehdr) : [];
  const notes = pidsOf(ehdr, [...found, ...notesOfSections(bytes, sections)]);
  const kind = kindOf({ ehdr, phdrs, notes, sections, size: BigInt(size) });
  const rows = phdrs.map((phdr, index) => ({
    index,
    at: phdrPlace(ehdr, index),
    phdr,
    meaning: meaningOf(phdr, BigInt(size)),
  }));
  if (kind !== ELFCOREHDR && kind !== FADUMP) missing.push(...cut);
  const pids = notes.flatMap(({ pid }) => pid ?? []);
  const isOfVcpus = kind === QEMU && pids.length > 0 && !pids.includes(0);
  const pid = isOfVcpus ? "the index of the vCPU, plus one" : undefined;
  return { kind, ehdr, count, size, rows, notes, missing, odd, pid };
}

/** The program headers that are there, their count, and what of them is missing. */
function phdrsOf(
  bytes: Uint8Array,
  ehdr: Elf64Ehdr,
): { count: number; phdrs: Elf64Phdr[]; missing: string[] } {
  const view = viewOf(bytes);
  const count = phdrCount(view, ehdr);
  if (count === undefined) {
    const { e_phnum, e_shentsize } = ehdr;
    const small = e_shentsize < SIZEOF_SHDR
      ? `, since e_shentsize is ${e_shentsize}`
      : "";
    const what = `section 0, which has the count of program headers${small}`;
    return { count: e_phnum, phdrs: [], missing: [what] };
  }
  const room = (bytes.length - phdrPlace(ehdr, 0)) / ehdr.e_phentsize;
  const there = Math.max(0, Math.min(count, Math.floor(room)));
  return {
    count,
    phdrs: Array.from(
      { length: there },
      (_, i) => readPhdr(view, phdrPlace(ehdr, i)),
    ),
    missing: there < count
      ? [`${count - there} of ${count} program headers`]
      : [],
  };
}

/** Without pids where the registers may be of 32 bits, and have theirs elsewhere. */
function pidsOf(ehdr: Elf64Ehdr, notes: CoreNote[]): CoreNote[] {
  if (archOf(ehdr.e_machine)) return notes;
  return notes.map(({ pid: _, ...note }) => note);
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
