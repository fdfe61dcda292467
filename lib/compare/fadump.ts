/**
 * The elfcorehdr of firmware-assisted dump on ppc64le, which lists all CPUs'
 * notes as one.
 *
 * @module
 */

import { type Elf64Ehdr, type Elf64Phdr, PT_NOTE } from "../elf/elf64.ts";
import { archOf } from "../kernel/arch.ts";

/** `e_flags` of the second ABI of ppc64, which fadump sets and kexec does not. */
const EF_PPC64_ABI_V2 = 2;

/** Bytes of a note buffer before `crash_notes_size` was known: `MAX_NOTE_BYTES` of kexec-tools. */
const MAX_NOTE_BYTES = 1024n;

/** Returns true of a PT_NOTE as large as the buffer of one CPU's notes. */
export function isNoteBuffer(
  { e_machine }: Elf64Ehdr,
  { p_memsz }: Elf64Phdr,
): boolean {
  return p_memsz === MAX_NOTE_BYTES ||
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
  const count = phdrs.filter(({ p_type }) => p_type === PT_NOTE).length;
  return ehdr.e_flags === EF_PPC64_ABI_V2 &&
    archOf(ehdr.e_machine)?.name === "ppc64le" && count === 2 &&
    notes.p_type === PT_NOTE && vmcoreinfo.p_type === PT_NOTE &&
    !isNoteBuffer(ehdr, notes);
}
