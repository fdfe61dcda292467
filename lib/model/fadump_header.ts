/**
 * A plan of firmware-assisted dump in, the bytes of the header and of the notes
 * of CPUs out.
 *
 * @module
 */

import {
  EF_PPC64_ABI_V2,
  EHDR,
  PF_RWX,
  PHDR,
  phdrOffset,
  PN_XNUM,
  PT_LOAD,
  readEhdr,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
  viewOf,
} from "../elf/elf64.ts";
import { SIZEOF_NHDR } from "../elf/notes.ts";
import { ARCHES } from "../kernel/arch.ts";
import { buildCrashNotes } from "../kernel/crash_notes.ts";
import { writeEhdr, writeNotes } from "../kernel/write_header.ts";
import type { FadumpLoad, FadumpPlan } from "./fadump.ts";

const { e_machine, crash_notes_size } = ARCHES.ppc64le;
/** Bytes of a note with registers, without the empty one behind it. */
export const FADUMP_NOTE_SIZE: number = crash_notes_size - SIZEOF_NHDR;
/** Start of the linear map. */
const PAGE_OFFSET = 0xc000_0000_0000_0000n;

/**
 * Encodes a header of fadump and, right behind it, the notes of CPUs up to the
 * empty one that ends them. In memory each has a place of its own.
 *
 * @returns Freshly allocated.
 * @throws {RangeError} If there are more than 65,535 program headers. The
 * kernel lets e_phnum wrap, which no reader can undo.
 *
 * @see `fadump_populate_elfcorehdr()`, arch/powerpc/kernel/fadump.c;
 * `rtas_fadump_build_cpu_notes()`, arch/powerpc/platforms/pseries/rtas-fadump.c
 */
export function encodeFadump(plan: FadumpPlan): Uint8Array<ArrayBuffer> {
  const { notes, vmcoreinfo, loads, noted } = plan;
  const e_phnum = 2 + loads.length;
  if (e_phnum > PN_XNUM) {
    throw new RangeError(
      `Cannot encode a header of fadump: e_phnum must be at most ${PN_XNUM}: current value is ${e_phnum}`,
    );
  }
  const end = phdrOffset(e_phnum);
  const bytes = new Uint8Array(
    end + noted.length * FADUMP_NOTE_SIZE + SIZEOF_NHDR,
  );
  const view = new DataView(bytes.buffer);
  writeEhdr(view, e_machine, e_phnum);
  view.setUint32(EHDR.e_flags.at, EF_PPC64_ABI_V2, true);
  let at = SIZEOF_EHDR;
  for (const { paddr, size } of [notes, vmcoreinfo]) {
    at = writeNotes(view, at, BigUint64Array.of(paddr), size);
  }
  for (const load of loads) {
    if (load) writeLoad(view, at, load);
    at += SIZEOF_PHDR;
  }
  for (const { regs } of noted) {
    const note = buildCrashNotes("ppc64le", {
      pid: 0,
      regs: Uint8Array.fromHex(regs),
    });
    bytes.set(note.subarray(0, FADUMP_NOTE_SIZE), at);
    at += FADUMP_NOTE_SIZE;
  }
  return bytes;
}

function writeLoad(
  view: DataView,
  at: number,
  { paddr, size, p_offset }: FadumpLoad,
): void {
  view.setUint32(at + PHDR.p_type.at, PT_LOAD, true);
  view.setUint32(at + PHDR.p_flags.at, PF_RWX, true);
  view.setBigUint64(at + PHDR.p_offset.at, p_offset, true);
  view.setBigUint64(at + PHDR.p_vaddr.at, paddr | PAGE_OFFSET, true);
  view.setBigUint64(at + PHDR.p_paddr.at, paddr, true);
  view.setBigUint64(at + PHDR.p_filesz.at, size, true);
  view.setBigUint64(at + PHDR.p_memsz.at, size, true);
}

/** Splits what `encodeFadump()` returns into the header and the notes. */
export function splitFadump(
  bytes: Uint8Array<ArrayBuffer>,
): { elfcorehdr: Uint8Array<ArrayBuffer>; notes: Uint8Array<ArrayBuffer> } {
  const end = phdrOffset(readEhdr(viewOf(bytes)).e_phnum);
  return { elfcorehdr: bytes.slice(0, end), notes: bytes.slice(end) };
}
