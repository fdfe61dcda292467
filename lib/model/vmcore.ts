/**
 * The first bytes of /proc/vmcore: an elfcorehdr and the old kernel's memory
 * in; the header that the capture kernel shows, with all notes merged, out.
 *
 * @module
 */

import { startsWith } from "@std/bytes";
import { alignUp } from "../elf/align.ts";
import {
  EHDR,
  EI,
  type Elf64Ehdr,
  ELFCLASS64,
  ELFMAG,
  ET_CORE,
  EV_CURRENT,
  PHDR,
  phdrOffset,
  PT_LOAD,
  PT_NOTE,
  readEhdr,
  readPhdr,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
  viewOf,
} from "../elf/elf64.ts";
import { walkNotes } from "../elf/notes.ts";
import { archOf, kmallocMaxSize } from "../kernel/arch.ts";
import { type DeviceDump, dumpNotes, withDumps } from "./device_dumps.ts";
import { type ReadMemory, readNotes } from "./read_notes.ts";
import { placeByPages } from "./whole_pages.ts";
import type { VmcoreRefusal } from "../spec/vmcore.ts";

/** The kernel that captures. */
export interface CaptureKernel {
  /** Its page size in bytes, to which it rounds. */
  readonly page_size: number;
  /** `EM_*` number that it accepts. */
  readonly e_machine: number;
  /** p_align of the merged note: R56, R72. */
  readonly note_align: 0 | 4;
  /** Device dumps of its drivers, in their order: R87. */
  readonly device_dumps?: readonly DeviceDump[];
}

/**
 * A header from which the capture kernel makes no /proc/vmcore.
 *
 * @example What it refuses
 * ```ts
 * import { makeVmcore, VmcoreError } from "@kdump/elfcorehdr/vmcore";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const error = assertThrows(
 *   () =>
 *     makeVmcore(new Uint8Array(4096), (_, size) => new Uint8Array(size), {
 *       page_size: 4096,
 *       e_machine: 62,
 *       note_align: 4,
 *     }),
 *   VmcoreError,
 * );
 * assertEquals(error.refusal, "magic");
 * ```
 */
export class VmcoreError extends Error {
  /** The class of the refusal. */
  readonly refusal: VmcoreRefusal;

  /** Says what was refused. */
  constructor(refusal: VmcoreRefusal, message: string) {
    super(`Cannot make /proc/vmcore: ${message}`);
    this.name = "VmcoreError";
    this.refusal = refusal;
  }
}

/** The beginning of /proc/vmcore, and its size. */
export interface Vmcore {
  /** Header, merged notes, each rounded up to whole pages. */
  readonly head: Uint8Array<ArrayBuffer>;
  /** Bytes of all notes, before rounding. */
  readonly notes_size: number;
  /** Bytes of the whole file. */
  readonly size: bigint;
  /** Part of each PT_NOTE that was kept: its place and size in bytes. */
  readonly notes: readonly { readonly paddr: bigint; readonly size: number }[];
}

/**
 * Makes the beginning of /proc/vmcore.
 *
 * Memory behind a PT_LOAD is never read. The header that the first PT_NOTE
 * takes is the first of all, and others go by position: a PT_NOTE that comes
 * late costs the PT_LOADs before it.
 *
 * @param elfcorehdr The header in memory; may be longer than its program headers.
 * @param read The old kernel's memory, asked for notes only.
 * @throws {VmcoreError} Where the capture kernel has no /proc/vmcore.
 *
 * @see `parse_crash_elf64_headers()`, `merge_note_headers_elf64()`, fs/proc/vmcore.c
 *
 * @example Two CPUs, of which one saved its registers
 * ```ts
 * import { encodeElfcorehdr, parseCase, resolveCase } from "@kdump/elfcorehdr";
 * import { buildCrashNotes, makeVmcore } from "@kdump/elfcorehdr/vmcore";
 * import { CORPUS } from "@kdump/elfcorehdr/corpus";
 * import { assertEquals } from "@std/assert";
 *
 * const { yaml } = CORPUS.cases.find(({ id }) => id === "x86_64/two-cpus")!;
 * const machine = parseCase(yaml);
 * const saved = buildCrashNotes("x86_64", { pid: 42 });
 * const { notes_size } = makeVmcore(
 *   encodeElfcorehdr(resolveCase(machine)),
 *   (paddr, size) => paddr === 0x3da3d800n ? saved : new Uint8Array(size),
 *   { page_size: 4096, e_machine: 62, note_align: 4 },
 * );
 * assertEquals(notes_size, 356); // the other CPU left zeroes
 * ```
 */
export function makeVmcore(
  elfcorehdr: Uint8Array,
  read: ReadMemory,
  kernel: CaptureKernel,
): Vmcore {
  const { page_size, e_machine, note_align } = kernel;
  const ehdr = checkHeader(elfcorehdr, e_machine);
  const phdrs = elfcorehdr.slice(SIZEOF_EHDR, phdrOffset(ehdr.e_phnum));
  const view = new DataView(phdrs.buffer);
  const most = kmallocMaxSize(archOf(e_machine), page_size);
  const kept = collectNotes(view, ehdr.e_phnum, read, most);
  const notes_size = kept.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (notes_size === 0) {
    throw new VmcoreError(
      "no-notes",
      "no CPU left a note, not even vmcoreinfo is there; the kernel allocates no buffer of 0 bytes (-ENOMEM)",
    );
  }
  const e_phnum = ehdr.e_phnum - kept.length + 1;
  const header_size = alignUp(phdrOffset(e_phnum), page_size);
  const notes_room = alignUp(notes_size, page_size);
  const head = new Uint8Array(header_size + notes_room);
  head.set(elfcorehdr.subarray(0, SIZEOF_EHDR));
  const out = new DataView(head.buffer);
  out.setUint16(EHDR.e_phnum.at, e_phnum, true);
  head.set(phdrs.subarray(kept.length * SIZEOF_PHDR), phdrOffset(1));
  writeNote(out, BigInt(header_size), BigInt(notes_size), BigInt(note_align));
  let at = header_size;
  for (const { bytes } of kept) {
    head.set(bytes, at);
    at += bytes.length;
  }
  const size = placeByPages(
    out,
    BigInt(head.length),
    BigInt(page_size),
    (p_type) => p_type === PT_LOAD,
  );
  const dumps = dumpNotes(kernel.device_dumps ?? [], page_size);
  return {
    head: dumps.length === 0
      ? head
      : withDumps(head, dumps, { header_size, notes_size, page_size }),
    notes_size: notes_size + dumps.length,
    size: BigInt.asUintN(64, size + BigInt(dumps.length)),
    notes: kept.map(({ paddr, bytes }) => ({ paddr, size: bytes.length })),
  };
}

/** Checks the fields that the kernel checks, in its order; e_phoff and the data encoding are not among them. */
function checkHeader(bytes: Uint8Array, e_machine: number): Elf64Ehdr {
  if (bytes.length < SIZEOF_EHDR) {
    throw new VmcoreError(
      "size",
      `the ELF header must have ${SIZEOF_EHDR} bytes: there are ${bytes.length}`,
    );
  }
  const ehdr = readEhdr(viewOf(bytes));
  if (!startsWith(bytes, Uint8Array.from(ELFMAG))) {
    throw new VmcoreError("magic", "the ELF magic must be at byte 0");
  }
  if (ehdr.e_ident[EI.EI_CLASS] !== ELFCLASS64) {
    throw new VmcoreError(
      "class",
      `e_ident[EI_CLASS] must be ${ELFCLASS64}: current value is ${
        ehdr.e_ident[EI.EI_CLASS]
      }`,
    );
  }
  if (ehdr.e_machine !== e_machine) {
    throw new VmcoreError(
      "machine",
      `e_machine must be ${e_machine}: current value is ${ehdr.e_machine}`,
    );
  }
  const wanted: [string, number, number][] = [
    ["e_ident[EI_VERSION]", ehdr.e_ident[EI.EI_VERSION], EV_CURRENT],
    ["e_type", ehdr.e_type, ET_CORE],
    ["e_version", ehdr.e_version, EV_CURRENT],
    ["e_ehsize", ehdr.e_ehsize, SIZEOF_EHDR],
    ["e_phentsize", ehdr.e_phentsize, SIZEOF_PHDR],
  ];
  for (const [field, found, right] of wanted) {
    if (found !== right) {
      throw new VmcoreError(
        "header",
        `${field} must be ${right}: current value is ${found}`,
      );
    }
  }
  if (ehdr.e_phnum === 0) {
    throw new VmcoreError(
      "header",
      "e_phnum must be above 0: current value is 0",
    );
  }
  if (bytes.length < phdrOffset(ehdr.e_phnum)) {
    throw new VmcoreError(
      "size",
      `${ehdr.e_phnum} program headers must fit into ${bytes.length} bytes`,
    );
  }
  return ehdr;
}

/**
 * The notes of each PT_NOTE, up to its first empty one; read from p_offset.
 * How far they reach becomes its p_memsz, that of one which stays included.
 */
function collectNotes(
  view: DataView,
  e_phnum: number,
  read: ReadMemory,
  most: number,
): { paddr: bigint; bytes: Uint8Array }[] {
  const kept: { paddr: bigint; bytes: Uint8Array }[] = [];
  for (let index = 0; index < e_phnum; index++) {
    const at = index * SIZEOF_PHDR;
    const { p_type, p_offset, p_memsz } = readPhdr(view, at);
    if (p_type !== PT_NOTE) continue;
    checkNoteSize(index, p_memsz, most);
    const buffer = readNotes(read, p_offset, Number(p_memsz));
    const size = walkNotes(buffer).reduce((sum, note) => sum + note.size, 0);
    kept.push({ paddr: p_offset, bytes: buffer.slice(0, size) });
    view.setBigUint64(at + PHDR.p_memsz.at, BigInt(size), true);
  }
  return kept;
}

/**
 * A buffer of 0 bytes is read all the same, beyond its end.
 *
 * @param most `KMALLOC_MAX_SIZE` of the capture kernel.
 */
function checkNoteSize(index: number, p_memsz: bigint, most: number): void {
  if (p_memsz > 0n && p_memsz <= BigInt(most)) return;
  throw new VmcoreError(
    "note-size",
    `p_memsz of the PT_NOTE in program header ${index} must be from 1 to ${most}: current value is ${p_memsz}`,
  );
}

function writeNote(
  view: DataView,
  offset: bigint,
  size: bigint,
  align: bigint,
): void {
  const at = phdrOffset(0);
  view.setUint32(at + PHDR.p_type.at, PT_NOTE, true);
  view.setBigUint64(at + PHDR.p_offset.at, offset, true);
  view.setBigUint64(at + PHDR.p_filesz.at, size, true);
  view.setBigUint64(at + PHDR.p_memsz.at, size, true);
  view.setBigUint64(at + PHDR.p_align.at, align, true);
}
