/**
 * A resolved machine in, the bytes of its elfcorehdr out.
 *
 * @module
 */

import {
  EHDR,
  EI,
  ELFCLASS64,
  ELFDATA2LSB,
  ELFMAG,
  ET_CORE,
  EV_CURRENT,
  PF_RWX,
  PHDR,
  phdrOffset,
  PN_XNUM,
  PT_LOAD,
  PT_NOTE,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
} from "../elf/elf64.ts";
import {
  countPhdrs,
  type KernelMap,
  sizeofElfcorehdr,
  type Topology,
} from "./topology.ts";

// Own constants: V8 does not fold what it reads through an import.
const P_TYPE = PHDR.p_type.at;
const P_FLAGS = PHDR.p_flags.at;
const P_OFFSET = PHDR.p_offset.at;
const P_VADDR = PHDR.p_vaddr.at;
const P_PADDR = PHDR.p_paddr.at;
const P_FILESZ = PHDR.p_filesz.at;
const P_MEMSZ = PHDR.p_memsz.at;

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

/** Writes an ELF header. The fields that stay 0 are not written: the allocation is zeroed. */
export function writeEhdr(
  view: DataView,
  e_machine: number,
  e_phnum: number,
): void {
  for (const [at, byte] of ELFMAG.entries()) view.setUint8(at, byte);
  view.setUint8(EI.EI_CLASS, ELFCLASS64);
  view.setUint8(EI.EI_DATA, ELFDATA2LSB);
  view.setUint8(EI.EI_VERSION, EV_CURRENT);
  view.setUint16(EHDR.e_type.at, ET_CORE, true);
  view.setUint16(EHDR.e_machine.at, e_machine, true);
  view.setUint32(EHDR.e_version.at, EV_CURRENT, true);
  view.setBigUint64(EHDR.e_phoff.at, BigInt(SIZEOF_EHDR), true);
  view.setUint16(EHDR.e_ehsize.at, SIZEOF_EHDR, true);
  view.setUint16(EHDR.e_phentsize.at, SIZEOF_PHDR, true);
  view.setUint16(EHDR.e_phnum.at, e_phnum, true);
}

/** Writes PT_NOTEs of one size; returns the byte behind the last one. */
export function writeNotes(
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
