/**
 * The part of `<elf.h>` that an elfcorehdr is made of: constants, the two
 * structures, and how one of each is read from a byte offset. Everything is
 * little-endian. The only file that knows where a field lies; it checks
 * nothing.
 *
 * @module
 */

/** The first bytes of every ELF file: `\x7fELF`. */
export const ELFMAG: readonly number[] = [0x7f, 0x45, 0x4c, 0x46];
/** Places in e_ident, behind the magic. */
export const EI = {
  EI_CLASS: 4,
  EI_DATA: 5,
  EI_VERSION: 6,
  EI_OSABI: 7,
} as const;
/** `e_type` of a core file. */
export const ET_CORE = 4;
/** `e_version` and `e_ident[EI_VERSION]`. */
export const EV_CURRENT = 1;
/** `e_ident[EI_CLASS]` of a 64-bit file. */
export const ELFCLASS64 = 2;
/** `e_ident[EI_DATA]` of a little-endian file. */
export const ELFDATA2LSB = 1;
/** `p_type` of a program header that is not in use. */
export const PT_NULL = 0;
/** `p_type` of a mapped range: the kernel text or RAM. */
export const PT_LOAD = 1;
/** `e_flags` of the second ABI of ppc64, which fadump sets and kexec does not. */
export const EF_PPC64_ABI_V2 = 2;
/** `p_type` of a note: one CPU's crash notes, or vmcoreinfo. */
export const PT_NOTE = 4;
/** `p_flags` of every PT_LOAD: readable, writable and executable. */
export const PF_RWX = 7;
/** `e_phnum` that ELF reserves for "see section 0"; a plain count in an elfcorehdr. */
export const PN_XNUM = 0xffff;
/** `sh_type` of a section of notes. */
export const SHT_NOTE = 7;
/** Offset of sh_info in a section header. */
export const SH_INFO = 44;
/** Offsets of the other fields that are read of an `Elf64_Shdr`. */
export const SHDR = {
  sh_name: 0,
  sh_type: 4,
  sh_offset: 24,
  sh_size: 32,
} as const;
/** `sizeof(Elf64_Shdr)`, in bytes. */
export const SIZEOF_SHDR = 64;

/** `sizeof(Elf64_Ehdr)`, in bytes. */
export const SIZEOF_EHDR = 64;
/** `sizeof(Elf64_Phdr)`, in bytes. */
export const SIZEOF_PHDR = 56;

/** The ELF header: `Elf64_Ehdr`. Offsets and sizes in bytes of the file. */
export interface Elf64Ehdr {
  /** The 16 identification bytes: magic, class, data, version, OS ABI, padding. */
  e_ident: Uint8Array;
  /** Object file type: ET_CORE. */
  e_type: number;
  /** Architecture, an `EM_*` number. */
  e_machine: number;
  /** Object file version. */
  e_version: number;
  /** Entry point: a virtual address, 0 here. */
  e_entry: bigint;
  /** Offset of the first program header. */
  e_phoff: bigint;
  /** Offset of the section headers, 0 here: there are none. */
  e_shoff: bigint;
  /** Processor flags, 0 here. */
  e_flags: number;
  /** Size of this header. */
  e_ehsize: number;
  /** Size of one program header. */
  e_phentsize: number;
  /** Count of program headers. */
  e_phnum: number;
  /** Size of one section header, 0 here. */
  e_shentsize: number;
  /** Count of section headers, 0 here. */
  e_shnum: number;
  /** Index of the section name table, 0 here. */
  e_shstrndx: number;
}

/** A program header: `Elf64_Phdr`. */
export interface Elf64Phdr {
  /** PT_NOTE or PT_LOAD. */
  p_type: number;
  /** PF_RWX for a PT_LOAD, 0 for a PT_NOTE. */
  p_flags: number;
  /** Physical address in the crashed kernel at which a reader finds the bytes. */
  p_offset: bigint;
  /** Virtual address in the crashed kernel, 0 for a PT_NOTE. */
  p_vaddr: bigint;
  /** Physical address in the crashed kernel. */
  p_paddr: bigint;
  /** Size in bytes. */
  p_filesz: bigint;
  /** Size in bytes; always equal to p_filesz. */
  p_memsz: bigint;
  /** Alignment, always 0. */
  p_align: bigint;
}

/** Offset and size in bytes of one field of a structure. */
export interface FieldPlace {
  /** From the start of the structure. */
  readonly at: number;
  /** 16 for e_ident, else 2, 4 or 8. */
  readonly size: 2 | 4 | 8 | 16;
}

/** Offsets and sizes of the fields of an `Elf64_Ehdr`. */
export const EHDR = {
  e_ident: { at: 0x00, size: 16 },
  e_type: { at: 0x10, size: 2 },
  e_machine: { at: 0x12, size: 2 },
  e_version: { at: 0x14, size: 4 },
  e_entry: { at: 0x18, size: 8 },
  e_phoff: { at: 0x20, size: 8 },
  e_shoff: { at: 0x28, size: 8 },
  e_flags: { at: 0x30, size: 4 },
  e_ehsize: { at: 0x34, size: 2 },
  e_phentsize: { at: 0x36, size: 2 },
  e_phnum: { at: 0x38, size: 2 },
  e_shentsize: { at: 0x3a, size: 2 },
  e_shnum: { at: 0x3c, size: 2 },
  e_shstrndx: { at: 0x3e, size: 2 },
} as const satisfies Record<keyof Elf64Ehdr, FieldPlace>;

/** Offsets and sizes of the fields of an `Elf64_Phdr`. */
export const PHDR = {
  p_type: { at: 0x00, size: 4 },
  p_flags: { at: 0x04, size: 4 },
  p_offset: { at: 0x08, size: 8 },
  p_vaddr: { at: 0x10, size: 8 },
  p_paddr: { at: 0x18, size: 8 },
  p_filesz: { at: 0x20, size: 8 },
  p_memsz: { at: 0x28, size: 8 },
  p_align: { at: 0x30, size: 8 },
} as const satisfies Record<keyof Elf64Phdr, FieldPlace>;

/**
 * Returns the byte offset of program header `index`, counted from 0.
 *
 * Also the end of the header that precedes it. Readers take e_phoff to be 64
 * without looking, and so does this.
 */
export function phdrOffset(index: number): number {
  return SIZEOF_EHDR + index * SIZEOF_PHDR;
}

/** The same of any ELF file, which says where they are and how large. */
export function phdrPlace(
  { e_phoff, e_phentsize }: Pick<Elf64Ehdr, "e_phoff" | "e_phentsize">,
  index: number,
): number {
  return Number(e_phoff) + index * e_phentsize;
}

/** Views bytes wherever they lie in their buffer. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Reads the ELF header at the start of `view`, which holds 64 bytes or more. */
export function readEhdr(view: DataView): Elf64Ehdr {
  return {
    e_ident: new Uint8Array(view.buffer, view.byteOffset, EHDR.e_ident.size)
      .slice(),
    e_type: view.getUint16(EHDR.e_type.at, true),
    e_machine: view.getUint16(EHDR.e_machine.at, true),
    e_version: view.getUint32(EHDR.e_version.at, true),
    e_entry: view.getBigUint64(EHDR.e_entry.at, true),
    e_phoff: view.getBigUint64(EHDR.e_phoff.at, true),
    e_shoff: view.getBigUint64(EHDR.e_shoff.at, true),
    e_flags: view.getUint32(EHDR.e_flags.at, true),
    e_ehsize: view.getUint16(EHDR.e_ehsize.at, true),
    e_phentsize: view.getUint16(EHDR.e_phentsize.at, true),
    e_phnum: view.getUint16(EHDR.e_phnum.at, true),
    e_shentsize: view.getUint16(EHDR.e_shentsize.at, true),
    e_shnum: view.getUint16(EHDR.e_shnum.at, true),
    e_shstrndx: view.getUint16(EHDR.e_shstrndx.at, true),
  };
}

/**
 * Counts the program headers of a file: e_phnum, or sh_info of section 0 where
 * that is the escape and there are sections.
 *
 * @returns Nothing, where the file ends before that section does, or an entry
 * has no room for one.
 */
export function phdrCount(
  view: DataView,
  { e_phnum, e_shoff, e_shentsize }: Elf64Ehdr,
): number | undefined {
  if (e_phnum !== PN_XNUM || e_shoff === 0n) return e_phnum;
  if (e_shentsize < SIZEOF_SHDR) return undefined;
  const at = Number(e_shoff);
  return at + SIZEOF_SHDR <= view.byteLength
    ? view.getUint32(at + SH_INFO, true)
    : undefined;
}

/** Reads `count` program headers, the first right behind the ELF header. */
export function readPhdrs(view: DataView, count: number): Elf64Phdr[] {
  return Array.from(
    { length: count },
    (_, index) => readPhdr(view, phdrOffset(index)),
  );
}

/** Reads the program header at byte `at`. */
export function readPhdr(view: DataView, at: number): Elf64Phdr {
  return {
    p_type: view.getUint32(at + PHDR.p_type.at, true),
    p_flags: view.getUint32(at + PHDR.p_flags.at, true),
    p_offset: view.getBigUint64(at + PHDR.p_offset.at, true),
    p_vaddr: view.getBigUint64(at + PHDR.p_vaddr.at, true),
    p_paddr: view.getBigUint64(at + PHDR.p_paddr.at, true),
    p_filesz: view.getBigUint64(at + PHDR.p_filesz.at, true),
    p_memsz: view.getBigUint64(at + PHDR.p_memsz.at, true),
    p_align: view.getBigUint64(at + PHDR.p_align.at, true),
  };
}
