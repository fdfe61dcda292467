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
  phdrPlace,
  PT_NOTE,
  readEhdr,
  readPhdr,
  SIZEOF_PHDR,
  viewOf,
} from "../elf/elf64.ts";
import { NHDR } from "../elf/notes.ts";
import { walkPtNote } from "../model/dump.ts";
import { MOST_NOTES } from "./core_notes.ts";
import { type Difference, diffFields, diffRest } from "./diff.ts";

/**
 * Compares a head of /proc/vmcore, or of another dump, with the expected one.
 *
 * @param expected At least an ELF header. Program headers behind its end are
 * ignored.
 * @param got Any bytes.
 * @returns In the order of the headers, then of the bytes behind byte 64 or the
 * last program header, if these follow the ELF header.
 */
export function diffHead(
  expected: Uint8Array,
  got: Uint8Array,
): Difference[] {
  const view = viewOf(expected);
  const ehdr = readEhdr(view);
  const places = Array.from(
    { length: ehdr.e_phnum },
    (_, index) => phdrPlace(ehdr, index),
  ).filter((at) => at + SIZEOF_PHDR <= expected.length);
  const phdrs = places.map((at) => readPhdr(view, at));
  const isFirst = places[0] === ehdr.e_ehsize;
  const behind = isFirst ? places.at(-1)! + SIZEOF_PHDR : ehdr.e_ehsize;
  const inPhdrs = (offset: number) =>
    places.some((at) => at <= offset && offset < at + SIZEOF_PHDR);
  return [
    ...diffFields(expected, got, 0, EHDR, "ehdr"),
    ...places.flatMap((at, index) =>
      diffFields(expected, got, at, PHDR, `phdr[${index}]`)
    ),
    ...diffRest(expected, got, behind).filter(({ field, offset }) =>
      field === "size" || !inPhdrs(offset)
    ).map((difference) => ({
      ...difference,
      field: difference.field === "size"
        ? "size"
        : placeOf(expected, phdrs, difference.offset),
    })),
  ];
}

/** The note that has a byte, and the field of its header; `padding` if none has. */
function placeOf(
  head: Uint8Array,
  phdrs: readonly Elf64Phdr[],
  at: number,
): string {
  let before = 0;
  for (const phdr of phdrs) {
    if (phdr.p_type !== PT_NOTE) continue;
    const notes = walkPtNote(head, phdr);
    const index = notes.findIndex(({ offset, size }) =>
      offset <= at && at < offset + size
    );
    if (index >= 0) {
      const inside = at - notes[index].offset;
      const field = Object.entries(NHDR).find(([, first]) =>
        first <= inside && inside < first + 4
      );
      const name = `notes[${before + index}]`;
      return field ? `${name}.${field[0]}` : name;
    }
    before += notes.length;
    if (before > MOST_NOTES) return "notes";
  }
  return "padding";
}
