/**
 * Compares two heads of /proc/vmcore: every field of the headers, and the first
 * wrong byte of the notes.
 *
 * @module
 */

import {
  EHDR,
  type Elf64Phdr,
  PHDR,
  phdrOffset,
  PT_NOTE,
  readEhdr,
  readPhdr,
  viewOf,
} from "../elf/elf64.ts";
import { NHDR } from "../elf/notes.ts";
import { notesIn } from "../model/dump.ts";
import { type Difference, diffFields, diffRest } from "./diff.ts";

/**
 * Compares a head of /proc/vmcore with the one that it should be.
 *
 * @param expected One that a kernel makes: its program headers are at byte 64.
 * @param got Any bytes.
 * @returns In the order of the bytes; empty exactly where the two are equal.
 */
export function diffHead(
  expected: Uint8Array,
  got: Uint8Array,
): Difference[] {
  const view = viewOf(expected);
  const { e_phnum } = readEhdr(view);
  const phdrs = Array.from(
    { length: e_phnum },
    (_, index) => readPhdr(view, phdrOffset(index)),
  );
  return [
    ...diffFields(expected, got, 0, EHDR, "ehdr"),
    ...phdrs.flatMap((_, index) =>
      diffFields(expected, got, phdrOffset(index), PHDR, `phdr[${index}]`)
    ),
    ...diffRest(expected, got, phdrOffset(e_phnum)).map((difference) => ({
      ...difference,
      field: difference.field === "size"
        ? "size"
        : placeOf(expected, phdrs, difference.offset),
    })),
  ];
}

/** The note that a byte belongs to, and the field of its header. */
function placeOf(
  head: Uint8Array,
  phdrs: readonly Elf64Phdr[],
  at: number,
): string {
  const inNotes = phdrs.some(({ p_type, p_offset, p_filesz }) =>
    p_type === PT_NOTE && p_offset <= BigInt(at) &&
    BigInt(at) < p_offset + p_filesz
  );
  const notes = notesIn(head, phdrs);
  const index = notes.findLastIndex(({ offset }) => offset <= at);
  if (!inNotes || index < 0) return "padding";
  const inside = at - notes[index].offset;
  const field = Object.entries(NHDR).find(([, first]) =>
    first <= inside && inside < first + 4
  );
  return field ? `notes[${index}].${field[0]}` : `notes[${index}]`;
}
