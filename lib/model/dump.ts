/**
 * A /proc/vmcore as dump tools read it: how many CPUs makedumpfile counts,
 * where vmcoreinfo is, and whose registers a reader takes a note for that goes
 * by position.
 *
 * @module
 */

import { type Elf64Phdr, PT_NOTE, viewOf } from "../elf/elf64.ts";
import {
  type ElfNote,
  isPrstatus,
  isVmcoreinfo,
  wholeNotes,
} from "../elf/notes.ts";
import type { Cpumask } from "../kernel/cpumask.ts";
import { PR_PID, readPrstatus } from "../kernel/crash_notes.ts";
import { decodeElfcorehdr } from "../kernel/read_header.ts";

/** makedumpfile's view of a /proc/vmcore. */
export interface DumpView {
  /**
   * `disk_dump_header.nr_cpus`: the count of NT_PRSTATUS notes. CPUs whose
   * registers were saved and whose notes the header named: neither present,
   * nor online, nor possible.
   */
  readonly nr_cpus: number;
  /** pr_pid of each such note, in order; the only name that a CPU has here. */
  readonly pids: readonly number[];
  /** Place of the data of the last vmcoreinfo note: offset in the file, and size in bytes. */
  readonly vmcoreinfo?: { readonly offset: number; readonly size: number };
}

/**
 * Reads the notes of a /proc/vmcore as makedumpfile does.
 *
 * @param head Its first bytes, all notes included.
 * @throws {FormatError} If it is no core file.
 *
 * @see `get_elf_info()`, `get_pt_note_info()`, elf_info.c of makedumpfile
 *
 * @example CPUs that saved their registers
 * ```ts
 * import { encodeElfcorehdr, parseCase, resolveCase } from "@kdump/elfcorehdr";
 * import { buildCrashNotes, makeVmcore, viewDump } from "@kdump/elfcorehdr/vmcore";
 * import { CORPUS } from "@kdump/elfcorehdr/corpus";
 * import { assertEquals } from "@std/assert";
 *
 * const { yaml } = CORPUS.cases.find(({ id }) => id === "x86_64/two-cpus")!;
 * const machine = parseCase(yaml);
 * const saved = buildCrashNotes("x86_64", { pid: 42 });
 * const { head } = makeVmcore(
 *   encodeElfcorehdr(resolveCase(machine)),
 *   (paddr, size) => paddr === 0x3da3d800n ? saved : new Uint8Array(size),
 *   { page_size: 4096, e_machine: 62, note_align: 4 },
 * );
 * assertEquals(viewDump(head), { nr_cpus: 1, pids: [42], vmcoreinfo: undefined });
 * ```
 */
export function viewDump(head: Uint8Array): DumpView {
  return viewOfDump(head, decodeElfcorehdr(head).phdrs);
}

/** The same of any ELF file, whose program headers have been read. */
export function viewOfDump(
  head: Uint8Array,
  phdrs: readonly Elf64Phdr[],
): DumpView {
  // The last of several PT_NOTEs counts: it does not understand a bare elfcorehdr.
  const phdr = phdrs.findLast(({ p_type }) => p_type === PT_NOTE);
  const notes = phdr ? walkPtNote(head, phdr) : [];
  const cpus = notes.filter(isPrstatus);
  const vmcoreinfo = notes.findLast(isVmcoreinfo);
  return {
    nr_cpus: cpus.length,
    pids: cpus.map(({ desc }) => readPrstatus(desc).pid),
    vmcoreinfo: vmcoreinfo && {
      offset: vmcoreinfo.desc.byteOffset - head.byteOffset,
      size: vmcoreinfo.desc.length,
    },
  };
}

/** A note of a file, as a reader of notes lists it. */
export interface ListedNote {
  /** Offset of its header in the file, in bytes. */
  readonly offset: number;
  /** Name, without its terminator. */
  readonly name: string;
  /** `n_type`. */
  readonly type: number;
  /** `n_descsz`, in bytes. */
  readonly size: number;
  /** `pr_pid` in the registers of a CPU, if they are long enough. */
  readonly pid?: number;
}

/**
 * Lists the notes of a core file, of all its PT_NOTEs in their order, as far as
 * they lie in the file.
 *
 * @throws {FormatError} If it is no core file.
 *
 * @example None in a bare elfcorehdr, whose notes are elsewhere
 * ```ts
 * import { ARCHES, encodeElfcorehdr } from "@kdump/elfcorehdr";
 * import { listNotes } from "@kdump/elfcorehdr/vmcore";
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
 * assertEquals(listNotes(header), []);
 * ```
 */
export function listNotes(file: Uint8Array): ListedNote[] {
  return notesIn(file, decodeElfcorehdr(file).phdrs);
}

/** The same of any ELF file, whose program headers have been read. */
export function notesIn(
  file: Uint8Array,
  phdrs: readonly Elf64Phdr[],
): ListedNote[] {
  return phdrs.filter(({ p_type }) => p_type === PT_NOTE)
    .flatMap((phdr) => walkPtNote(file, phdr).map(listNote));
}

/** Walks the notes of a PT_NOTE as far as they lie in the file; `offset` counts from its start. */
export function walkPtNote(
  file: Uint8Array,
  { p_offset, p_filesz }: Pick<Elf64Phdr, "p_offset" | "p_filesz">,
): ElfNote[] {
  if (p_offset >= BigInt(file.length)) return [];
  const start = Number(p_offset);
  const segment = file.subarray(start, start + Number(p_filesz));
  return Array.from(
    wholeNotes(segment),
    (note) => ({ ...note, offset: start + note.offset }),
  );
}

/** A note as a reader of notes lists it. */
export function listNote(note: ElfNote): ListedNote {
  return {
    offset: note.offset,
    name: note.name,
    type: note.n_type,
    size: note.desc.length,
    ...isPrstatus(note) && note.desc.length >= PR_PID + 4
      ? { pid: viewOf(note.desc).getUint32(PR_PID, true) }
      : {},
  };
}

/** A note in a dump, and whose it is taken for. */
export interface Attribution {
  /** The CPU that left it. */
  readonly cpu: number;
  /** The CPU that a reader by position takes it for; none where there are no more. */
  readonly taken_for: number | undefined;
}

/**
 * Maps notes to CPUs by position, as crash does where all CPUs are online: the
 * n-th note is that of the n-th CPU.
 *
 * @param dumped CPUs whose notes are in the dump, in order.
 * @param online CPUs that were online at the panic.
 *
 * @example A note is lost, and the next is taken as it
 * ```ts
 * import { attributeByPosition } from "@kdump/elfcorehdr/vmcore";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(attributeByPosition([0, 2], [0, 1, 2]), [
 *   { cpu: 0, taken_for: 0 },
 *   { cpu: 2, taken_for: 1 },
 * ]);
 * ```
 */
export function attributeByPosition(
  dumped: Cpumask,
  online: Cpumask,
): Attribution[] {
  return dumped.map((cpu, i) => ({ cpu, taken_for: online[i] }));
}
