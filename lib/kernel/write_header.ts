/**
 * A resolved machine in, the bytes of its elfcorehdr out, and back.
 *
 * @module
 */

import type { Arch } from "./arch.ts";
import type { Cpumask } from "./cpumask.ts";
import {
  EHDR,
  type Elf64Ehdr,
  type Elf64Phdr,
  ELFCLASS64,
  ELFDATA2LSB,
  ET_CORE,
  EV_CURRENT,
  PF_RWX,
  PHDR,
  phdrOffset,
  PN_XNUM,
  PT_LOAD,
  PT_NOTE,
  readEhdr,
  readPhdr,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
} from "../elf/elf64.ts";
import type { Range } from "./range.ts";

/** Alignment of the whole header, in bytes, on every page size: `ELF_CORE_HEADER_ALIGN`. */
export const ELF_CORE_HEADER_ALIGN = 4096;

// Own constants: V8 does not fold what it reads through an import.
const P_TYPE = PHDR.p_type.at;
const P_FLAGS = PHDR.p_flags.at;
const P_OFFSET = PHDR.p_offset.at;
const P_VADDR = PHDR.p_vaddr.at;
const P_PADDR = PHDR.p_paddr.at;
const P_FILESZ = PHDR.p_filesz.at;
const P_MEMSZ = PHDR.p_memsz.at;

/** The kernel text as its PT_LOAD maps it. */
export interface KernelMap {
  /** Physical address of `_text`. */
  readonly paddr: bigint;
  /** Virtual address of `_text`. */
  readonly vaddr: bigint;
  /** `_end - _text`, in bytes. */
  readonly size: bigint;
}

/** What the kernel's writer knows when it starts: every rule of the arch has run. */
export interface Topology {
  /** The row of the architecture table. */
  readonly arch: Arch;
  /** Count of possible CPUs: sizes the header, whoever gets a note. */
  readonly nr_possible: number;
  /** The CPUs that get a PT_NOTE. */
  readonly cpus: Cpumask;
  /** Physical address of the crash notes of each of `cpus`, in its order. */
  readonly crash_notes: BigUint64Array;
  /** The vmcoreinfo note: physical address and size in bytes. */
  readonly vmcoreinfo: { readonly paddr: bigint; readonly size: bigint };
  /** The kernel text; absent exactly where the arch has no kernel map. */
  readonly kernel?: KernelMap;
  /** RAM, in the order of the PT_LOADs. */
  readonly ranges: readonly Range[];
  /** Start of the linear map: PAGE_OFFSET, or page_offset_base. */
  readonly page_offset: bigint;
  /** Physical address that the linear map starts with, mod 2^64; 0 where the arch has none. */
  readonly phys_offset: bigint;
  /** Physical address of the copy of the first 64 KiB, where the arch makes one. */
  readonly backup?: bigint;
}

/** Counts the program headers of a topology: e_phnum before it is cut to 16 bits. */
export function countPhdrs(topology: Topology): number {
  return topology.cpus.length + 1 + (topology.kernel ? 1 : 0) +
    topology.ranges.length;
}

/**
 * Returns the size in bytes of the header of a topology, its zero padding
 * included.
 *
 * Room is made for every possible CPU, even under the policy `present`, and
 * for the kernel text, even where it gets no program header.
 */
export function sizeofElfcorehdr(topology: Topology): number {
  const slots = topology.nr_possible + 1 + 1 + topology.ranges.length;
  return Math.ceil(phdrOffset(slots) / ELF_CORE_HEADER_ALIGN) *
    ELF_CORE_HEADER_ALIGN;
}

/**
 * Encodes an elfcorehdr: the ELF header, a PT_NOTE a CPU, vmcoreinfo, the
 * kernel text, RAM, zeroes to the next multiple of 4096.
 *
 * @param topology Trusted: what a case or a machine was resolved to.
 * @returns The whole header, freshly allocated.
 * @throws {RangeError} If there are more than 65,535 program headers. The
 * kernel lets e_phnum wrap, which no reader can undo.
 *
 * @see `crash_prepare_elf64_headers()`, kernel/crash_core.c
 *
 * @example The smallest machine
 * ```ts
 * import { ARCHES, decodeElfcorehdr, encodeElfcorehdr } from "@kdump/elfcorehdr";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = encodeElfcorehdr({
 *   arch: ARCHES.arm64,
 *   nr_possible: 1,
 *   cpus: [0],
 *   crash_notes: BigUint64Array.of(0x7ff7f000n),
 *   vmcoreinfo: { paddr: 0x41214000n, size: 4132n },
 *   kernel: { paddr: 0x40200000n, vaddr: 0xffff800080000000n, size: 0x4f0000n },
 *   ranges: [{ start: 0x40000000n, end: 0x7fffffffn }],
 *   page_offset: 0xffff000000000000n,
 *   phys_offset: 0x40000000n,
 * });
 * assertEquals(bytes.length, 4096);
 * assertEquals(decodeElfcorehdr(bytes).phdrs[3].p_vaddr, 0xffff000000000000n);
 * ```
 */
export function encodeElfcorehdr(topology: Topology): Uint8Array<ArrayBuffer> {
  const e_phnum = countPhdrs(topology);
  if (e_phnum > PN_XNUM) {
    throw new RangeError(
      `Cannot encode elfcorehdr: e_phnum must be at most ${PN_XNUM}: current value is ${e_phnum}`,
    );
  }
  const { arch, vmcoreinfo, kernel, backup } = topology;
  const bytes = new Uint8Array(sizeofElfcorehdr(topology));
  const view = new DataView(bytes.buffer);
  writeEhdr(view, arch.e_machine, e_phnum);
  let at = writeNotes(
    view,
    SIZEOF_EHDR,
    topology.crash_notes,
    BigInt(arch.crash_notes_size),
  );
  const vmcoreinfo_note = BigUint64Array.of(vmcoreinfo.paddr);
  at = writeNotes(view, at, vmcoreinfo_note, vmcoreinfo.size);
  if (kernel) at = writeKernelMap(view, at, kernel);
  writeRanges(view, at, topology);
  if (backup !== undefined) redirectBackup(view, e_phnum, backup);
  return bytes;
}

/** The fields that stay 0 are not written: the allocation is zeroed. */
function writeEhdr(view: DataView, e_machine: number, e_phnum: number): void {
  view.setUint32(0, 0x7f454c46); // "\x7fELF", read in file order
  view.setUint8(4, ELFCLASS64);
  view.setUint8(5, ELFDATA2LSB);
  view.setUint8(6, EV_CURRENT);
  view.setUint16(EHDR.e_type.at, ET_CORE, true);
  view.setUint16(EHDR.e_machine.at, e_machine, true);
  view.setUint32(EHDR.e_version.at, EV_CURRENT, true);
  view.setBigUint64(EHDR.e_phoff.at, BigInt(SIZEOF_EHDR), true);
  view.setUint16(EHDR.e_ehsize.at, SIZEOF_EHDR, true);
  view.setUint16(EHDR.e_phentsize.at, SIZEOF_PHDR, true);
  view.setUint16(EHDR.e_phnum.at, e_phnum, true);
}

/** Returns the byte behind the last PT_NOTE written. */
function writeNotes(
  view: DataView,
  at: number,
  paddrs: BigUint64Array,
  size: bigint,
): number {
  for (let i = 0; i < paddrs.length; i++) {
    const paddr = paddrs[i];
    view.setUint32(at + P_TYPE, PT_NOTE, true);
    view.setBigUint64(at + P_OFFSET, paddr, true);
    view.setBigUint64(at + P_PADDR, paddr, true);
    view.setBigUint64(at + P_FILESZ, size, true);
    view.setBigUint64(at + P_MEMSZ, size, true);
    at += SIZEOF_PHDR;
  }
  return at;
}

function writeKernelMap(
  view: DataView,
  at: number,
  { paddr, vaddr, size }: KernelMap,
): number {
  view.setUint32(at + P_TYPE, PT_LOAD, true);
  view.setUint32(at + P_FLAGS, PF_RWX, true);
  view.setBigUint64(at + P_OFFSET, paddr, true);
  view.setBigUint64(at + P_VADDR, vaddr, true);
  view.setBigUint64(at + P_PADDR, paddr, true);
  view.setBigUint64(at + P_FILESZ, size, true);
  view.setBigUint64(at + P_MEMSZ, size, true);
  return at + SIZEOF_PHDR;
}

/**
 * The same seven lines as for the kernel text, on purpose: in one loop with
 * the arithmetic, V8 keeps the sums in registers. A shared function makes a
 * heap bigint of each argument and triples the time.
 */
function writeRanges(view: DataView, at: number, topology: Topology): void {
  const { ranges, arch, page_offset } = topology;
  const va_or = arch.va === "or";
  const minus_phys_offset = BigInt.asUintN(64, -topology.phys_offset);
  for (const { start, end } of ranges) {
    const size = BigInt.asUintN(64, end - start + 1n);
    const linear = BigInt.asUintN(64, start + minus_phys_offset);
    view.setUint32(at + P_TYPE, PT_LOAD, true);
    view.setUint32(at + P_FLAGS, PF_RWX, true);
    view.setBigUint64(at + P_OFFSET, start, true);
    if (va_or) {
      view.setBigUint64(at + P_VADDR, linear | page_offset, true);
    } else view.setBigUint64(at + P_VADDR, linear + page_offset, true);
    view.setBigUint64(at + P_PADDR, start, true);
    view.setBigUint64(at + P_FILESZ, size, true);
    view.setBigUint64(at + P_MEMSZ, size, true);
    at += SIZEOF_PHDR;
  }
}

/**
 * Points the first program header at physical address 0 to the copy of the
 * first 64 KiB. A note at address 0 would be taken for it, as in the kernel.
 *
 * @see `sync_backup_region_phdr()`, arch/powerpc/kexec/crash.c
 */
function redirectBackup(view: DataView, e_phnum: number, backup: bigint): void {
  for (let index = 0; index < e_phnum; index++) {
    const at = phdrOffset(index);
    if (view.getUint32(at + P_PADDR) !== 0) continue;
    if (view.getUint32(at + P_PADDR + 4) !== 0) continue;
    view.setBigUint64(at + P_OFFSET, backup, true);
    return;
  }
}

/** A header taken apart. */
export interface Elfcorehdr {
  /** The ELF header. */
  readonly ehdr: Elf64Ehdr;
  /** The program headers, in file order. */
  readonly phdrs: Elf64Phdr[];
}

/** Bytes that are no elfcorehdr. */
export class FormatError extends SyntaxError {
  /** Offset of the offending field, in bytes. */
  readonly offset: number;

  /** Says what was wanted at a byte offset and what was found there. */
  constructor(offset: number, wanted: string, found: string) {
    super(
      `Cannot decode elfcorehdr at byte 0x${
        offset.toString(16).padStart(2, "0")
      }: ${wanted}: current value is ${found}`,
    );
    this.name = "FormatError";
    this.offset = offset;
  }
}

/**
 * Decodes an elfcorehdr, refusing all that `/proc/vmcore` would refuse and
 * whatever no writer produces.
 *
 * What a program header says is not checked, nor are the bytes behind the last
 * one: a shorter header copied over a longer one leaves the old tail.
 *
 * @param bytes A whole header; may be longer than its program headers.
 * @throws {FormatError} If the ELF header is malformed or e_phnum goes beyond
 * the end. The first offending field in file order is named.
 *
 * @see `parse_crash_elf64_headers()`, fs/proc/vmcore.c
 */
export function decodeElfcorehdr(bytes: Uint8Array): Elfcorehdr {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < SIZEOF_EHDR) {
    throw new FormatError(
      bytes.length,
      `must go on to byte ${SIZEOF_EHDR}, the end of the ELF header`,
      "end of file",
    );
  }
  const ehdr = readEhdr(view);
  checkIdent(ehdr.e_ident);
  for (const [name, wanted] of Object.entries(EHDR_FIXED)) {
    const field = name as keyof typeof EHDR_FIXED;
    if (ehdr[field] !== wanted) {
      throw new FormatError(
        EHDR[field].at,
        `${field} must be ${wanted}`,
        `${ehdr[field]}`,
      );
    }
  }
  const fit = Math.floor((bytes.length - SIZEOF_EHDR) / SIZEOF_PHDR);
  if (ehdr.e_phnum === 0 || ehdr.e_phnum > fit) {
    throw new FormatError(
      EHDR.e_phnum.at,
      `e_phnum must be 1 or more and at most ${fit}, what ${bytes.length} bytes can hold`,
      `${ehdr.e_phnum}`,
    );
  }
  const phdrs = Array.from(
    { length: ehdr.e_phnum },
    (_, index) => readPhdr(view, phdrOffset(index)),
  );
  return { ehdr, phdrs };
}

/** In file order, so that the first offender is the one reported. */
const EHDR_FIXED = {
  e_type: ET_CORE,
  e_version: EV_CURRENT,
  e_phoff: BigInt(SIZEOF_EHDR),
  e_ehsize: SIZEOF_EHDR,
  e_phentsize: SIZEOF_PHDR,
} as const;

const E_IDENT: readonly (readonly [name: string, value: number])[] = [
  ["e_ident[EI_MAG0]", 0x7f],
  ["e_ident[EI_MAG1]", 0x45],
  ["e_ident[EI_MAG2]", 0x4c],
  ["e_ident[EI_MAG3]", 0x46],
  ["e_ident[EI_CLASS]", ELFCLASS64],
  ["e_ident[EI_DATA]", ELFDATA2LSB],
  ["e_ident[EI_VERSION]", EV_CURRENT],
];

function checkIdent(e_ident: Uint8Array): void {
  for (const [at, [name, wanted]] of E_IDENT.entries()) {
    if (e_ident[at] !== wanted) {
      throw new FormatError(
        at,
        `${name} must be 0x${wanted.toString(16)}`,
        `0x${e_ident[at].toString(16)}`,
      );
    }
  }
}
