/**
 * The elfcorehdr of firmware-assisted dump on ppc64le, which lists all CPUs'
 * notes as one.
 *
 * @module
 */

import {
  EF_PPC64_ABI_V2,
  type Elf64Ehdr,
  type Elf64Phdr,
  PT_NOTE,
} from "../elf/elf64.ts";
import { archOf } from "../kernel/arch.ts";
import { MAX_NOTE_BYTES } from "../model/kexec_tools.ts";

/** Returns true of a PT_NOTE as large as the buffer of one CPU's notes. */
export function isNoteBuffer(
  { e_machine }: Elf64Ehdr,
  { p_memsz }: Elf64Phdr,
): boolean {
  return p_memsz === BigInt(MAX_NOTE_BYTES) ||
    p_memsz === BigInt(archOf(e_machine)?.crash_notes_size ?? 0);
}

/**
 * Returns true of a header of fadump: its first PT_NOTE is for the notes of all
 * CPUs, its second is vmcoreinfo. Up to 6.8 the first is empty until the second
 * kernel fills it in.
 *
 * @see `fadump_create_elfcore_headers()`, arch/powerpc/kernel/fadump.c
 */
export function isOfFadump(
  ehdr: Elf64Ehdr,
  phdrs: readonly Elf64Phdr[],
): boolean {
  const [notes, vmcoreinfo] = phdrs;
  return ehdr.e_flags === EF_PPC64_ABI_V2 &&
    archOf(ehdr.e_machine)?.name === "ppc64le" &&
    notes?.p_type === PT_NOTE && vmcoreinfo?.p_type === PT_NOTE &&
    !isNoteBuffer(ehdr, notes) &&
    !phdrs.slice(2).some(({ p_type }) => p_type === PT_NOTE);
}
