/**
 * Notes in a buffer: how their sizes are padded, and how they are walked.
 *
 * @module
 */

import { alignUp } from "./align.ts";
import { viewOf } from "./elf64.ts";

/** `n_type` of the registers of a CPU. */
export const NT_PRSTATUS = 1;
/** `sizeof(Elf64_Nhdr)`, in bytes. */
export const SIZEOF_NHDR = 12;
/** Name of the notes that a core file's own consumer defines. */
export const NOTE_NAME_CORE = "CORE";
/** Name of the note with vmcoreinfo. */
export const NOTE_NAME_VMCOREINFO = "VMCOREINFO";

/** Offsets of the fields of an `Elf64_Nhdr` in bytes; each has four. */
export const NHDR = { n_namesz: 0, n_descsz: 4, n_type: 8 } as const;

/** Returns the bytes that a name or a descriptor takes: a multiple of 4. */
export function notePadded(size: number): number {
  return alignUp(size, 4);
}

/** A note in a buffer. */
export interface ElfNote {
  /** Offset of its header, in bytes. */
  readonly offset: number;
  /** Size with header and padding, in bytes. */
  readonly size: number;
  /** Size of the name with its terminators, in bytes. */
  readonly n_namesz: number;
  /** Name, without its terminator. */
  readonly name: string;
  /** `n_type`. */
  readonly n_type: number;
  /** Its data. */
  readonly desc: Uint8Array;
}

/**
 * Walks the notes of one CPU in memory, as /proc/vmcore does: up to a name of
 * size 0, which is all that a CPU without saved registers has, or to a note
 * that would go beyond the end, which is dropped with all behind it.
 *
 * @see `update_note_header_size_elf64()`, fs/proc/vmcore.c
 *
 * @example One note, then an empty one
 * ```ts
 * import { buildCrashNotes, walkNotes } from "@kdump/elfcorehdr/vmcore";
 * import { assertEquals } from "@std/assert";
 *
 * const [note, ...others] = walkNotes(buildCrashNotes("x86_64", { pid: 42 }));
 * assertEquals([note.name, note.n_type, note.size], ["CORE", 1, 356]);
 * assertEquals(others, []);
 * ```
 */
export function walkNotes(bytes: Uint8Array): ElfNote[] {
  const notes: ElfNote[] = [];
  for (const note of wholeNotes(bytes)) {
    if (note.n_namesz === 0) break;
    notes.push(note);
  }
  return notes;
}

/**
 * Walks notes as a file has them, up to one that would go beyond the end. Where
 * no name is present n_namesz is 0, and others follow.
 *
 * @see gABI, "Note Section"
 */
export function* wholeNotes(bytes: Uint8Array): Generator<ElfNote> {
  const view = viewOf(bytes);
  for (let offset = 0; offset + SIZEOF_NHDR <= bytes.length;) {
    const n_namesz = view.getUint32(offset + NHDR.n_namesz, true);
    const n_descsz = view.getUint32(offset + NHDR.n_descsz, true);
    const size = SIZEOF_NHDR + notePadded(n_namesz) + notePadded(n_descsz);
    if (offset + size > bytes.length) return;
    const name = offset + SIZEOF_NHDR;
    const desc = name + notePadded(n_namesz);
    yield {
      offset,
      size,
      n_namesz,
      name: nameOf(bytes.subarray(name, name + n_namesz)),
      n_type: view.getUint32(offset + NHDR.n_type, true),
      desc: bytes.subarray(desc, desc + n_descsz),
    };
    offset += size;
  }
}

/** A name up to its first zero, a letter a byte: "latin1" of TextDecoder is another set. */
function nameOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Array.from(
    bytes.subarray(0, end < 0 ? bytes.length : end),
    (byte) => String.fromCharCode(byte),
  ).join("");
}

/**
 * Writes a note at byte `at`: its header, its name, and room for `descsz`
 * bytes. Returns the offset of the descriptor.
 */
export function writeNoteHeader(
  bytes: Uint8Array,
  at: number,
  { name, n_type, descsz }: { name: string; n_type: number; descsz: number },
): number {
  const view = viewOf(bytes);
  const namesz = name.length + 1;
  view.setUint32(at + NHDR.n_namesz, namesz, true);
  view.setUint32(at + NHDR.n_descsz, descsz, true);
  view.setUint32(at + NHDR.n_type, n_type, true);
  bytes.set(new TextEncoder().encode(name), at + SIZEOF_NHDR);
  return at + SIZEOF_NHDR + notePadded(namesz);
}

/** Returns true if a note has the registers of a CPU. */
export function isPrstatus({ name, n_type }: ElfNote): boolean {
  return name === NOTE_NAME_CORE && n_type === NT_PRSTATUS;
}

/** Returns true if a note has the text of vmcoreinfo. */
export function isVmcoreinfo({ name, n_type }: ElfNote): boolean {
  return name === NOTE_NAME_VMCOREINFO && n_type === 0;
}
