/**
 * The walk over notes, apart from the library's own, and its wrong paddings.
 *
 * @module
 */

import { type Elf64Phdr, viewOf } from "../elf/elf64.ts";
import { NHDR, notePadded, SIZEOF_NHDR } from "../elf/notes.ts";

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

/** The notes of a PT_NOTE, as far as they are whole in it and in the file. */
export function notesAgain(
  file: Uint8Array,
  { p_offset, p_filesz }: Elf64Phdr,
  padded: (size: number) => number,
): FoundNote[] {
  const end = Math.min(file.length, Number(p_offset + p_filesz));
  const view = viewOf(file);
  const notes: FoundNote[] = [];
  for (let at = Number(p_offset); at + SIZEOF_NHDR <= end;) {
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

/** Wrong paddings of names and data. */
export const PADDING_MISTAKES: readonly {
  readonly name: string;
  readonly what: string;
  readonly padded: (size: number) => number;
}[] = [
  {
    name: "padding-forgotten",
    what: "names and data are not padded to 4",
    padded: (size) => size,
  },
  {
    name: "padding-to-8",
    what: "names and data are padded to 8",
    padded: (size) => notePadded(notePadded(size) / 2) * 2,
  },
];
