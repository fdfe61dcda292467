/**
 * Crash notes: what a CPU leaves in its per-CPU buffer when it stops, and the
 * note of vmcoreinfo.
 *
 * @module
 */

import { viewOf } from "../elf/elf64.ts";
import {
  NOTE_NAME_CORE,
  NOTE_NAME_VMCOREINFO,
  notePadded,
  NT_PRSTATUS,
  SIZEOF_NHDR,
  writeNoteHeader,
} from "../elf/notes.ts";
import { ARCHES, type ArchName } from "./arch.ts";

/** Offset of pr_pid in `struct elf_prstatus`, in bytes, on every architecture. */
export const PR_PID = 32;
/** Offset of pr_reg. */
const PR_REG = 112;
/** Bytes behind pr_reg: pr_fpvalid and its padding. */
const PR_TAIL = 8;

/** Bytes of a note around its data: a header, the padded name. */
function noteFrame(name: string): number {
  return SIZEOF_NHDR + notePadded(name.length + 1);
}

/** State of a CPU when it stopped. */
export interface Saved {
  /** Process that ran: pr_pid. */
  readonly pid: number;
  /** General registers, `struct user_regs`; zeroes where shorter. */
  readonly regs?: Uint8Array;
}

/**
 * Builds the crash notes of a CPU that stopped: one NT_PRSTATUS named CORE,
 * then an empty note. A CPU that never ran has a buffer of zeroes instead.
 *
 * @returns The whole `note_buf_t`.
 *
 * @see `crash_save_cpu()`, kernel/crash_core.c
 *
 * @example The whole buffer
 * ```ts
 * import { buildCrashNotes } from "@kdump/elfcorehdr/vmcore";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(buildCrashNotes("arm64", { pid: 1 }).length, 424);
 * ```
 */
export function buildCrashNotes(
  arch: ArchName,
  { pid, regs }: Saved,
): Uint8Array {
  const bytes = new Uint8Array(ARCHES[arch].crash_notes_size);
  const desc = writeNoteHeader(bytes, 0, {
    name: NOTE_NAME_CORE,
    n_type: NT_PRSTATUS,
    // note_buf_t is the note and an empty header behind it.
    descsz: bytes.length - noteFrame(NOTE_NAME_CORE) - SIZEOF_NHDR,
  });
  new DataView(bytes.buffer).setUint32(desc + PR_PID, pid, true);
  bytes.set(regs ?? [], desc + PR_REG);
  return bytes;
}

/**
 * Reads who ran and the registers out of the data of an NT_PRSTATUS; pid 0 where it is cut.
 *
 * @example Who ran
 * ```ts
 * import { buildCrashNotes, readPrstatus, walkNotes } from "@kdump/elfcorehdr/vmcore";
 * import { assertEquals } from "@std/assert";
 *
 * const [{ desc }] = walkNotes(buildCrashNotes("ppc64le", { pid: 42 }));
 * assertEquals(readPrstatus(desc).pid, 42);
 * ```
 */
export function readPrstatus(desc: Uint8Array): Saved {
  const view = viewOf(desc);
  return {
    pid: desc.length < PR_REG ? 0 : view.getUint32(PR_PID, true),
    regs: desc.slice(PR_REG, Math.max(PR_REG, desc.length - PR_TAIL)),
  };
}

/** Builds the note of vmcoreinfo around its text, without what a page has behind it. */
export function buildVmcoreinfo(info: string): Uint8Array {
  const data = new TextEncoder().encode(info);
  const bytes = new Uint8Array(
    noteFrame(NOTE_NAME_VMCOREINFO) + notePadded(data.length),
  );
  const desc = writeNoteHeader(bytes, 0, {
    name: NOTE_NAME_VMCOREINFO,
    n_type: 0,
    descsz: data.length,
  });
  bytes.set(data, desc);
  return bytes;
}

/**
 * Returns the size in bytes of the vmcoreinfo note: `VMCOREINFO_NOTE_SIZE`, a
 * header, the name padded to 12, one page of data and an empty header.
 *
 * @param page_size Of the crashed kernel, in bytes.
 *
 * @example Not 4096
 * ```ts
 * import { vmcoreinfoNoteSize } from "@kdump/elfcorehdr";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(vmcoreinfoNoteSize(4096), 4132n);
 * ```
 */
export function vmcoreinfoNoteSize(page_size: number): bigint {
  return BigInt(noteFrame(NOTE_NAME_VMCOREINFO) + page_size + SIZEOF_NHDR);
}

/**
 * Returns the page size of a kernel whose vmcoreinfo note has this size.
 *
 * @param note_size In bytes, as /sys/kernel/vmcoreinfo has it.
 */
export function pageSizeOf(note_size: number): number {
  return note_size - Number(vmcoreinfoNoteSize(0));
}
