/**
 * Dumps of devices in /proc/vmcore: the notes that drivers of the capture
 * kernel add, and what they move.
 *
 * @module
 */

import { concat } from "@std/bytes";
import { alignUp } from "../elf/align.ts";
import {
  PHDR,
  phdrOffset,
  PT_NOTE,
  readEhdr,
  readPhdr,
  viewOf,
} from "../elf/elf64.ts";
import { NHDR, SIZEOF_NHDR } from "../elf/notes.ts";
import { placeByPages } from "./whole_pages.ts";

/** A dump that a driver makes of its device: `struct vmcoredd_data`. */
export interface DeviceDump {
  /** Its name, of 1 to 43 bytes. */
  readonly name: string;
  /** Items that it collects. */
  readonly bytes: Uint8Array;
}

const VMCOREDD_NOTE_NAME = "LINUX";
const NT_VMCOREDD = 0x700;
/** Bytes of a name in the kernel: `VMCOREDD_MAX_NAME_BYTES`, and of the note's own. */
const DUMP_NAME_BYTES = 44;
const NAME_BYTES = 8;
const SIZEOF_VMCOREDD_HEADER = SIZEOF_NHDR + NAME_BYTES + DUMP_NAME_BYTES;

/**
 * The notes of device dumps, each of whole pages.
 *
 * @see `vmcore_add_device_dump()`, `vmcoredd_write_header()`, fs/proc/vmcore.c
 */
export function dumpNotes(
  device_dumps: readonly DeviceDump[],
  page_size: number,
): Uint8Array {
  const notes = device_dumps.map(({ name, bytes }) => {
    const note = new Uint8Array(
      alignUp(SIZEOF_VMCOREDD_HEADER + bytes.length, page_size),
    );
    const view = viewOf(note);
    view.setUint32(NHDR.n_namesz, NAME_BYTES, true);
    view.setUint32(
      NHDR.n_descsz,
      note.length - SIZEOF_NHDR - NAME_BYTES,
      true,
    );
    view.setUint32(NHDR.n_type, NT_VMCOREDD, true);
    note.set(new TextEncoder().encode(VMCOREDD_NOTE_NAME), SIZEOF_NHDR);
    note.set(new TextEncoder().encode(name), SIZEOF_NHDR + NAME_BYTES);
    note.set(bytes, SIZEOF_VMCOREDD_HEADER);
    return note;
  });
  return concat(notes);
}

/**
 * Puts device dumps before the other notes. Every PT_NOTE gets the size of all
 * notes, every other program header a place behind them, whatever its type.
 *
 * @see `vmcoredd_update_program_headers()`, fs/proc/vmcore.c
 */
export function withDumps(
  head: Uint8Array,
  dumps: Uint8Array,
  { header_size, notes_size, page_size }: {
    header_size: number;
    notes_size: number;
    page_size: number;
  },
): Uint8Array<ArrayBuffer> {
  const whole = concat([
    head.subarray(0, header_size),
    dumps,
    head.subarray(header_size),
  ]);
  const view = viewOf(whole);
  const size = BigInt(notes_size + dumps.length);
  for (let index = 0; index < readEhdr(view).e_phnum; index++) {
    const at = phdrOffset(index);
    if (readPhdr(view, at).p_type !== PT_NOTE) continue;
    view.setBigUint64(at + PHDR.p_memsz.at, size, true);
    view.setBigUint64(at + PHDR.p_filesz.at, size, true);
  }
  placeByPages(
    view,
    BigInt(whole.length),
    BigInt(page_size),
    (p_type) => p_type !== PT_NOTE,
  );
  return whole;
}
