/**
 * The kind of a core file, by what no other kind has.
 *
 * @module
 */

import {
  type Elf64Ehdr,
  type Elf64Phdr,
  PF_RWX,
  phdrPlace,
  PT_LOAD,
  PT_NOTE,
  SIZEOF_SHDR,
} from "../elf/elf64.ts";
import { NOTE_NAME_VMCOREINFO } from "../elf/notes.ts";
import type { ListedNote } from "../model/dump.ts";
import type { Section } from "./core_sections.ts";
import { isOfFadump } from "./fadump.ts";

/** An elfcorehdr: what the kernel or a program of its kind writes. */
export const ELFCOREHDR = "an elfcorehdr";
/** The same of firmware-assisted dump, which no kexec writes. */
export const FADUMP = "an elfcorehdr of fadump";
/** The file that QEMU's dump-guest-memory writes. */
export const QEMU = "a dump of QEMU";
/** A file of which nothing else is known. */
export const CORE = "a core file";
/** A /proc/vmcore whose memory is there. */
const VMCORE = "a /proc/vmcore";
/** The same without it. */
const VMCORE_HEAD = "the head of a /proc/vmcore";

const NT_TASKSTRUCT = 4;
const NT_AUXV = 6;
/** Physical address of a program header that has none. */
const NOWHERE = 2n ** 64n - 1n;

/** The parts of a file that show its kind. */
export interface CoreParts {
  /** The ELF header. */
  readonly ehdr: Elf64Ehdr;
  /** The program headers that are there. */
  readonly phdrs: readonly Elf64Phdr[];
  /** The notes that are there. */
  readonly notes: readonly ListedNote[];
  /** The sections, where there are no program headers. */
  readonly sections: readonly Section[];
  /** Bytes of the whole file. */
  readonly size: bigint;
}

/** Says what wrote a core file. */
export function kindOf(core: CoreParts): string {
  const { ehdr, phdrs, notes, sections } = core;
  const loads = phdrs.filter(({ p_type }) => p_type === PT_LOAD);
  if (isElfcorehdr(core)) return isOfFadump(ehdr, phdrs) ? FADUMP : ELFCOREHDR;
  const has = (name: string) => notes.some((note) => note.name === name);
  const hasType = (type: number) =>
    notes.some((note) => note.name === "CORE" && note.type === type);
  if (has("QEMU") || isLaidOutByQemu(core)) return QEMU;
  const pages = sections.find(({ name }) => name === ".xen_pages");
  if (pages) return `a dump of Xen: memory in ${pages.name}`;
  if (has("Xen")) return "a dump of Xen";
  if (has("ERASEINFO")) return "a dump of makedumpfile";
  if (hasType(NT_AUXV)) return "the core of a process";
  if (
    hasType(NT_TASKSTRUCT) || loads.some(({ p_paddr }) => p_paddr === NOWHERE)
  ) return "/proc/kcore, or its head";
  if (isOfProcess(loads)) return "the core of a process";
  if (isVmcore(core, loads)) return isWhole(core, loads) ? VMCORE : VMCORE_HEAD;
  return CORE;
}

/** Returns true where both kinds are known, and not the same. */
export function differInKind(a: string, b: string): boolean {
  const plain = (kind: string) => kind === VMCORE_HEAD ? VMCORE : kind;
  return a !== CORE && b !== CORE && plain(a) !== plain(b);
}

/** Any PT_NOTE will do: a kernel may redirect a note at 0 as if it were low memory. */
function isElfcorehdr({ phdrs, notes }: CoreParts): boolean {
  return notes.every(({ name }) => name === "") &&
    phdrs.some(({ p_type, p_offset, p_paddr }) =>
      p_type === PT_NOTE && p_offset === p_paddr && p_offset !== 0n
    );
}

/** Notes right behind the headers, memory right behind these, and no p_flags: only x86 has a note of QEMU. */
function isLaidOutByQemu({ ehdr, phdrs }: CoreParts): boolean {
  const [note, ...loads] = phdrs;
  if (note?.p_type !== PT_NOTE || loads.length === 0) return false;
  const behind = BigInt(phdrPlace(ehdr, phdrs.length));
  const section = ehdr.e_shoff === behind ? BigInt(SIZEOF_SHDR) : 0n;
  const memory = note.p_offset + note.p_filesz;
  return note.p_offset === behind + section &&
    loads.every(({ p_type, p_flags }) => p_type === PT_LOAD && p_flags === 0) &&
    loads.some(({ p_offset }) => p_offset === memory);
}

/** Addresses of a process: below the kernel's, without a physical address, with different rights. */
function isOfProcess(loads: readonly Elf64Phdr[]): boolean {
  return loads.some(({ p_vaddr }) => p_vaddr !== 0n) &&
    loads.every(({ p_vaddr, p_paddr }) => !isKernel(p_vaddr) && !p_paddr) &&
    loads.some(({ p_flags }) => p_flags !== 0 && p_flags !== PF_RWX);
}

/** One merged PT_NOTE at the start of a page, and something of a kernel. */
function isVmcore(
  { phdrs, notes }: CoreParts,
  loads: readonly Elf64Phdr[],
): boolean {
  const [merged, ...others] = phdrs.filter(({ p_type }) => p_type === PT_NOTE);
  if (merged === undefined || others.length > 0) return false;
  const { p_offset, p_vaddr, p_paddr } = merged;
  return p_paddr === 0n && p_vaddr === 0n && p_offset > 0n &&
    p_offset % 4096n === 0n &&
    (notes.some(({ name }) => name === NOTE_NAME_VMCOREINFO) ||
      loads.some(({ p_vaddr }) => isKernel(p_vaddr)));
}

/** The upper half of the addresses is the kernel's. */
function isKernel(p_vaddr: bigint): boolean {
  return p_vaddr >> 63n === 1n;
}

function isWhole({ size }: CoreParts, loads: readonly Elf64Phdr[]): boolean {
  return loads.every(({ p_offset, p_filesz }) => p_offset + p_filesz <= size);
}
