/**
 * A second parser of notes, independent of the library's, and wrong variants of
 * it.
 *
 * @module
 */

import { type Elf64Phdr, viewOf } from "../../lib/elf/elf64.ts";
import { NHDR, notePadded, SIZEOF_NHDR } from "../../lib/elf/notes.ts";

/** A note where it was found. */
export interface FoundNote {
  /** Offset of the note in the file. */
  readonly at: number;
  /** Up to its first zero. */
  readonly name: string;
  /** With its terminators, as far as it has them. */
  readonly letters: string;
  readonly n_type: number;
  /** Its data, without padding. */
  readonly desc: { readonly offset: number; readonly size: number };
}

/** The steps of the parser. */
export const WALK = {
  /** Padded size of a name or of data that begins at byte `at`. */
  padded: (size: number, _at: number, _phdr: Elf64Phdr): number =>
    notePadded(size),
  namesz: (n_namesz: number): number => n_namesz,
  descsz: (n_descsz: number): number => n_descsz,
  /** Smallest note, in bytes. */
  smallest: SIZEOF_NHDR,
  /** Longest name, in bytes. */
  longest: Infinity,
  /** No note ends the walk: a file's goes on behind one without a name. */
  isEnd: (_n_namesz: number, _n_descsz: number): boolean => false,
  /** Offset at which a note must end. */
  bound: (end: number, _file: Uint8Array): number => end,
};

/** The notes of a PT_NOTE, as far as they are whole in it and in the file. */
export function notesAgain(
  file: Uint8Array,
  phdr: Elf64Phdr,
  { padded, namesz, descsz, smallest, longest, isEnd, bound }: typeof WALK,
): FoundNote[] {
  const view = viewOf(file);
  const start = Number(phdr.p_offset);
  const end = Math.min(file.length, start + Number(phdr.p_filesz));
  const notes: FoundNote[] = [];
  for (let at = start; at + smallest <= end;) {
    const length = namesz(view.getUint32(at + NHDR.n_namesz, true));
    const size = descsz(view.getUint32(at + NHDR.n_descsz, true));
    const text = at + SIZEOF_NHDR;
    const offset = text + padded(length, text, phdr);
    const next = offset + padded(size, offset, phdr);
    if (isEnd(length, size) || length > longest) break;
    if (next > bound(end, file)) break;
    const letters = String.fromCharCode(
      ...file.subarray(text, Math.min(text + length, end)),
    );
    const [name] = letters.split("\0");
    const n_type = view.getUint32(at + NHDR.n_type, true);
    notes.push({ at, name, letters, n_type, desc: { offset, size } });
    at = next;
  }
  return notes;
}

/** A walk with some of its steps wrong. */
export interface WalkMistake {
  /** Short name in kebab-case. */
  readonly name: string;
  /** Behaviour, in words. */
  readonly what: string;
  /** Its steps. */
  readonly walk: typeof WALK;
}

function mistake(
  name: string,
  what: string,
  steps: Partial<typeof WALK>,
): WalkMistake {
  return { name, what, walk: { ...WALK, ...steps } };
}

const roundUp = (size: number, to: number) => Math.ceil(size / to) * to;

/** All of them. */
export const WALK_MISTAKES: readonly WalkMistake[] = [
  mistake("padding-forgotten", "names and data are not padded to 4", {
    padded: (size) => size,
  }),
  mistake("padding-to-8", "names and data are padded to 8", {
    padded: (size) => roundUp(size, 8),
  }),
  mistake("padding-by-align", "names and data are padded to p_align", {
    padded: (size, _, { p_align }) => roundUp(size, Number(p_align) || 1),
  }),
  mistake(
    "padding-by-large-align",
    "names and data are padded to p_align where that is above 4",
    {
      padded: (size, _, { p_align }) =>
        roundUp(size, Math.max(4, Number(p_align))),
    },
  ),
  mistake("padding-in-file", "padding counts from the beginning of the file", {
    padded: (size, at) => notePadded(at + size) - at,
  }),
  mistake("sizes-in-32-bits", "sizes are rounded up in 32 bits", {
    padded: (size) => notePadded(size) >>> 0,
  }),
  mistake("namesz-8-bit", "n_namesz is cut to 8 bits", {
    namesz: (n_namesz) => n_namesz & 0xff,
  }),
  mistake("namesz-16-bit", "n_namesz is cut to 16 bits", {
    namesz: (n_namesz) => n_namesz & 0xffff,
  }),
  mistake("names-up-to-64", "a name above 64 bytes ends the walk", {
    longest: 64,
  }),
  mistake("ends-without-name", "a note without a name ends the walk", {
    isEnd: (n_namesz) => n_namesz === 0,
  }),
  mistake("ends-at-zeroes", "an empty note without a name ends the walk", {
    isEnd: (n_namesz, n_descsz) => n_namesz === 0 && n_descsz === 0,
  }),
  mistake("descsz-16-bit", "n_descsz is cut to 16 bits", {
    descsz: (n_descsz) => n_descsz & 0xffff,
  }),
  mistake("descsz-24-bit", "n_descsz is cut to 24 bits", {
    descsz: (n_descsz) => n_descsz & 0xffffff,
  }),
  mistake("smallest-20", "what is below 20 bytes is no note", { smallest: 20 }),
  mistake("bound-by-file", "a note must end in the file, not in its PT_NOTE", {
    bound: (_, { length }) => length,
  }),
];
