/**
 * The buffer of a PT_NOTE in the old kernel's memory, read as far as its notes
 * reach.
 *
 * @module
 */

import { NHDR, SIZEOF_NHDR, walkNotes } from "../elf/notes.ts";
import { viewOf } from "../elf/elf64.ts";

/** Reads the old kernel's memory: `size` bytes from physical address `paddr`. */
export type ReadMemory = (paddr: bigint, size: number) => Uint8Array;

/** Bytes that are read first: more than the notes of a CPU, or vmcoreinfo, have. */
const FIRST_READ = 1 << 17;

/**
 * Reads a PT_NOTE up to the empty note that ends it. One of 512 MiB that ends
 * after a few notes takes no more memory than these.
 *
 * @param size Bytes of the PT_NOTE.
 * @returns A whole buffer of `size` bytes where no empty note ends it earlier.
 */
export function readNotes(
  read: ReadMemory,
  p_offset: bigint,
  size: number,
): Uint8Array {
  for (let length = Math.min(size, FIRST_READ);; length *= 2) {
    if (length >= size) return read(p_offset, size);
    const buffer = read(p_offset, length);
    const end = walkNotes(buffer).reduce((sum, note) => sum + note.size, 0);
    if (end + SIZEOF_NHDR > length) continue;
    const namesz = viewOf(buffer).getUint32(end + NHDR.n_namesz, true);
    if (namesz === 0) return buffer;
  }
}
