/**
 * Crash notes: what a CPU leaves in its per-CPU buffer when it stops, and how
 * notes are walked.
 *
 * @module
 */

import { type Arch, ARCHES, type ArchName } from "./arch.ts";

/** `n_type` of the registers of a CPU. */
export const NT_PRSTATUS = 1;
/** `sizeof(Elf64_Nhdr)`, in bytes. */
export const SIZEOF_NHDR = 12;

/** Offset of pr_pid in `struct elf_prstatus`, in bytes, on every architecture. */
const PR_PID = 32;
/** Offset of pr_reg. */
const PR_REG = 112;

/** A note in a buffer. */
export interface ElfNote {
  /** Offset of its header, in bytes. */
  readonly offset: number;
  /** Size with header and padding, in bytes. */
  readonly size: number;
  /** Name, without its terminator. */
  readonly name: string;
  /** `n_type`. */
  readonly n_type: number;
  /** Its data. */
  readonly desc: Uint8Array;
}

/** What a CPU had when it stopped. */
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
 */
export function buildCrashNotes(
  arch: ArchName,
  { pid, regs }: Saved,
): Uint8Array {
  const bytes = new Uint8Array(ARCHES[arch].crash_notes_size);
  const view = new DataView(bytes.buffer);
  const desc = SIZEOF_NHDR + 8; // "CORE" with its terminator, padded
  view.setUint32(0, "CORE".length + 1, true);
  view.setUint32(4, prstatusSize(ARCHES[arch]), true);
  view.setUint32(8, NT_PRSTATUS, true);
  bytes.set(new TextEncoder().encode("CORE"), SIZEOF_NHDR);
  view.setUint32(desc + PR_PID, pid, true);
  bytes.set(regs ?? [], desc + PR_REG);
  return bytes;
}

/** `sizeof(struct elf_prstatus)`: what note_buf_t is without two headers and a name. */
function prstatusSize({ crash_notes_size }: Arch): number {
  return crash_notes_size - 2 * SIZEOF_NHDR - 8;
}

/** Reads who ran and the registers out of the data of an NT_PRSTATUS; pid 0 where it is cut. */
export function readPrstatus(desc: Uint8Array): Saved {
  const view = new DataView(desc.buffer, desc.byteOffset, desc.byteLength);
  return {
    pid: desc.length < PR_REG ? 0 : view.getUint32(PR_PID, true),
    regs: desc.slice(PR_REG, Math.max(PR_REG, desc.length - 8)),
  };
}

/**
 * Walks notes as /proc/vmcore does: from one to the next until a name of size
 * 0, or one that would go beyond the end, which is dropped with all behind it.
 *
 * @see `update_note_header_size_elf64()`, fs/proc/vmcore.c
 */
export function walkNotes(bytes: Uint8Array): ElfNote[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const notes: ElfNote[] = [];
  for (let offset = 0; offset + SIZEOF_NHDR <= bytes.length;) {
    const namesz = view.getUint32(offset, true);
    const descsz = view.getUint32(offset + 4, true);
    if (namesz === 0) break;
    const size = SIZEOF_NHDR + align4(namesz) + align4(descsz);
    if (offset + size > bytes.length) break;
    const name = offset + SIZEOF_NHDR;
    const desc = name + align4(namesz);
    notes.push({
      offset,
      size,
      name: new TextDecoder("latin1").decode(
        bytes.subarray(name, name + namesz),
      ).replace(/\0.*$/s, ""),
      n_type: view.getUint32(offset + 8, true),
      desc: bytes.subarray(desc, desc + descsz),
    });
    offset += size;
  }
  return notes;
}

function align4(size: number): number {
  return Math.ceil(size / 4) * 4;
}
