/**
 * The binary files of a made-up machine: ELF files, a kernel image and a
 * device tree, each as small as the kexec utility accepts.
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
  PHDR,
  phdrOffset,
  PT_LOAD,
  PT_NOTE,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
} from "../../../lib/elf/elf64.ts";

/** Part of an ELF file. */
export interface Load {
  /** Virtual address. */
  readonly vaddr: bigint;
  /** Physical address. */
  readonly paddr: bigint;
  /** Bytes in memory. */
  readonly size: bigint;
}

const FILE_BYTES = 8192;
const DATA_AT = 4096;

/** An ELF file of PT_LOADs; of a core, all sizes are given, and a note may come first. */
export function elfFile(
  e_machine: number,
  e_type: number,
  e_flags: number,
  loads: readonly Load[],
  note: Uint8Array = new Uint8Array(),
): Uint8Array {
  const bytes = new Uint8Array(FILE_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(ELFMAG);
  bytes[EI.EI_CLASS] = ELFCLASS64;
  bytes[EI.EI_DATA] = ELFDATA2LSB;
  bytes[EI.EI_VERSION] = EV_CURRENT;
  view.setUint16(EHDR.e_type.at, e_type, true);
  view.setUint16(EHDR.e_machine.at, e_machine, true);
  view.setUint32(EHDR.e_version.at, EV_CURRENT, true);
  const isCore = e_type === ET_CORE;
  view.setBigUint64(EHDR.e_entry.at, isCore ? 0n : loads[0].vaddr, true);
  view.setBigUint64(EHDR.e_phoff.at, BigInt(SIZEOF_EHDR), true);
  view.setUint32(EHDR.e_flags.at, e_flags, true);
  view.setUint16(EHDR.e_ehsize.at, SIZEOF_EHDR, true);
  view.setUint16(EHDR.e_phentsize.at, SIZEOF_PHDR, true);
  const parts = [
    ...note.length > 0 ? [{ vaddr: 0n, paddr: 0n, size: 0n }] : [],
    ...loads,
  ];
  view.setUint16(EHDR.e_phnum.at, parts.length, true);
  for (const [i, { vaddr, paddr, size }] of parts.entries()) {
    const at = phdrOffset(i);
    const isNote = note.length > 0 && i === 0;
    const filesz = isNote ? BigInt(note.length) : isCore ? size : 4096n;
    view.setUint32(at + PHDR.p_type.at, isNote ? PT_NOTE : PT_LOAD, true);
    view.setUint32(at + PHDR.p_flags.at, 7, true);
    view.setBigUint64(at + PHDR.p_offset.at, BigInt(DATA_AT), true);
    view.setBigUint64(at + PHDR.p_vaddr.at, vaddr, true);
    view.setBigUint64(at + PHDR.p_paddr.at, paddr, true);
    view.setBigUint64(at + PHDR.p_filesz.at, filesz, true);
    view.setBigUint64(at + PHDR.p_memsz.at, size, true);
    view.setBigUint64(at + PHDR.p_align.at, 4096n, true);
  }
  bytes.set(note, DATA_AT);
  return bytes;
}

/** An arm64 Image of one page: its header, and nothing to run. */
export function arm64Image(): Uint8Array {
  const bytes = new Uint8Array(FILE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(16, BigInt(FILE_BYTES), true); // image_size
  view.setBigUint64(24, 2n, true); // flags: pages of 4 KiB
  bytes.set(new TextEncoder().encode("ARMd"), 56);
  return bytes;
}

/** An x86_64 bzImage: one sector of setup, its header, and nothing to run. */
export function bzImage(): Uint8Array {
  const bytes = new Uint8Array(FILE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0x1f1, 1); // setup_sects
  view.setUint16(0x1fe, 0xaa55, true); // boot_sector_magic
  view.setUint16(0x200, 0x66eb, true); // jump, which ends the header
  bytes.set(new TextEncoder().encode("HdrS"), 0x202);
  view.setUint16(0x206, 0x20c, true); // protocol_version
  view.setUint8(0x211, 1); // loadflags
  view.setUint32(0x230, 0x200000, true); // kernel_alignment
  view.setUint8(0x234, 1); // relocatable_kernel
  view.setUint16(0x236, 3, true); // xloadflags: 64 bits, anywhere
  view.setUint32(0x238, 255, true); // cmdline_size
  view.setUint32(0x260, FILE_BYTES, true); // init_size
  return bytes;
}

/** A loongarch64 vmlinux.efi of one page: the head of a PE file, and nothing to run. */
export function loongarch64Image(): Uint8Array {
  const bytes = new Uint8Array(FILE_BYTES);
  const view = new DataView(bytes.buffer);
  const pe = 0x40;
  bytes.set(new TextEncoder().encode("MZ"));
  view.setBigUint64(16, BigInt(FILE_BYTES), true); // image_size
  view.setBigUint64(24, 0x200000n, true); // text_offset
  view.setUint32(0x3c, pe, true);
  bytes.set(new TextEncoder().encode("PE"), pe);
  view.setUint16(pe + 4, 0x6264, true); // machine
  return bytes;
}

const FDT_MAGIC = 0xd00dfeed;
const FDT_BEGIN_NODE = 1;
const FDT_END_NODE = 2;
const FDT_PROP = 3;
const FDT_END = 9;

/**
 * A flattened device tree with the cells of its root and an empty node.
 *
 * @see Devicetree Specification, flattened format
 */
export function deviceTree(): Uint8Array {
  const names = new TextEncoder().encode("#address-cells\0#size-cells\0");
  const chosen = new DataView(new TextEncoder().encode("chosen\0\0").buffer);
  const words = [
    FDT_BEGIN_NODE,
    0,
    FDT_PROP,
    4,
    0,
    2,
    FDT_PROP,
    4,
    15,
    2,
    FDT_BEGIN_NODE,
    chosen.getUint32(0),
    chosen.getUint32(4),
    FDT_END_NODE,
    FDT_END_NODE,
    FDT_END,
  ];
  const reserved = 40;
  const structure = reserved + 16;
  const strings = structure + 4 * words.length;
  const bytes = new Uint8Array(strings + names.length);
  const view = new DataView(bytes.buffer);
  const head = [
    FDT_MAGIC,
    bytes.length,
    structure,
    strings,
    reserved,
    17, // version
    16, // last compatible version
    0, // boot CPU
    names.length,
    4 * words.length,
  ];
  head.forEach((word, i) => view.setUint32(4 * i, word));
  words.forEach((word, i) => view.setUint32(structure + 4 * i, word));
  bytes.set(names, strings);
  return bytes;
}
