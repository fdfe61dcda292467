/**
 * The notes of any core file, and what of its PT_NOTEs is no note or missing.
 *
 * @module
 */

import { type Elf64Phdr, PT_NOTE } from "../elf/elf64.ts";
import type { ElfNote } from "../elf/notes.ts";
import { type ListedNote, listNote, walkPtNote } from "../model/dump.ts";
import { hex } from "../spec/shape.ts";

/** A note, with a description of an odd name. */
export interface CoreNote extends ListedNote {
  /** Bytes of the name, its terminators included. */
  readonly n_namesz: number;
  /** How many such follow each other, where it is more than one: empty ones, twelve zeroes each. */
  readonly times?: number;
}

/** Notes beyond which the walk ends: a small file may name its notes thousands of times. */
export const MOST_NOTES = 100_000;

/**
 * Walks the PT_NOTEs of different places.
 *
 * @param size Bytes of the whole file, of which `bytes` may be the head.
 * @returns The notes; in `odd` what is there and is no note, in `cut` what is
 * missing, a sentence each.
 */
export function notesOfCore(
  bytes: Uint8Array,
  phdrs: readonly Elf64Phdr[],
  size: bigint,
): { notes: CoreNote[]; odd: string[]; cut: string[] } {
  const places = new Set<string>();
  const notes: CoreNote[] = [];
  const odd: string[] = [];
  const cut: string[] = [];
  let walked = 0;
  for (const phdr of phdrs) {
    const { p_type, p_offset, p_filesz } = phdr;
    const place = `${p_offset} ${p_filesz}`;
    if (p_type !== PT_NOTE || places.has(place)) continue;
    if (walked > MOST_NOTES) {
      odd.push(`there are more than ${MOST_NOTES} notes`);
      break;
    }
    places.add(place);
    const found = walkPtNote(bytes, phdr);
    walked += found.length;
    notes.push(...runsOf(found));
    const end = p_offset + p_filesz;
    const last = found.at(-1);
    const behind = last ? BigInt(last.offset + last.size) : p_offset;
    if (end <= BigInt(bytes.length) && behind < end) {
      odd.push(
        `${end - behind} bytes of the PT_NOTE at ${hex(p_offset)}, from ${
          hex(behind)
        } on, are no whole note`,
      );
    }
    if (p_offset < size && end > size) {
      cut.push(
        `${end - size} bytes of the PT_NOTE at ${
          hex(p_offset)
        }; ${found.length} of its notes are whole`,
      );
    }
  }
  return { notes, odd, cut };
}

/** Notes, of which empty ones that follow each other are one: a tail of zeroes has thousands. */
function runsOf(found: readonly ElfNote[]): CoreNote[] {
  const notes: CoreNote[] = [];
  for (let first = 0, end; first < found.length; first = end) {
    end = first + 1;
    if (isEmpty(found[first])) {
      while (end < found.length && isEmpty(found[end])) end++;
    }
    const times = end - first;
    notes.push({
      ...listNote(found[first]),
      n_namesz: found[first].n_namesz,
      ...times > 1 ? { times } : {},
    });
  }
  return notes;
}

/** Returns true of a note that is twelve zeroes. */
function isEmpty({ n_namesz, n_type, desc }: ElfNote): boolean {
  return n_namesz === 0 && n_type === 0 && desc.length === 0;
}
