/**
 * The walk over notes that the wrong readers of notes share, apart from the
 * library's own.
 *
 * @module
 */

import {
  type Elf64Phdr,
  phdrOffset,
  PT_NOTE,
  readEhdr,
  readPhdr,
  viewOf,
} from "../elf/elf64.ts";
import { NHDR, SIZEOF_NHDR } from "../elf/notes.ts";

/** A note where it was found. */
export interface FoundNote {
  /** Offset of the note in the file. */
  readonly at: number;
  /** With its terminator, as far as it has one. */
  readonly name: string;
  readonly n_type: number;
  /** Its data, without padding. */
  readonly desc: { readonly offset: number; readonly size: number };
}

/** The program headers, in their order. */
export function phdrsAgain(file: Uint8Array): Elf64Phdr[] {
  const view = viewOf(file);
  return Array.from(
    { length: readEhdr(view).e_phnum },
    (_, i) => readPhdr(view, phdrOffset(i)),
  );
}

/** Those of `PT_NOTE`. */
export function ptNotesOf(phdrs: Elf64Phdr[]): Elf64Phdr[] {
  return phdrs.filter(({ p_type }) => p_type === PT_NOTE);
}

/** The notes from `start` on, as far as they are whole before `end`. */
export function notesAgain(
  file: Uint8Array,
  start: number,
  end: number,
  padded: (size: number) => number,
): FoundNote[] {
  const view = viewOf(file);
  const notes: FoundNote[] = [];
  for (let at = start; at + SIZEOF_NHDR <= end;) {
    const namesz = view.getUint32(at + NHDR.n_namesz, true);
    const size = view.getUint32(at + NHDR.n_descsz, true);
    const text = at + SIZEOF_NHDR;
    const offset = text + padded(namesz);
    const next = offset + padded(size);
    if (namesz === 0 || next > end) break;
    const name = new TextDecoder("latin1").decode(
      file.subarray(text, text + namesz),
    );
    const n_type = view.getUint32(at + NHDR.n_type, true);
    notes.push({ at, name, n_type, desc: { offset, size } });
    at = next;
  }
  return notes;
}
