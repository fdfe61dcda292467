/**
 * Two headers of firmware-assisted dump with their notes in, the differences
 * out: by field, byte, both values and the rule broken.
 *
 * @module
 */

import { EHDR, PHDR, phdrOffset } from "../elf/elf64.ts";
import { decodeElfcorehdr } from "../kernel/read_header.ts";
import { type FadumpInput, reservedEnd } from "../model/fadump.ts";
import { FADUMP_NOTE_SIZE } from "../model/fadump_header.ts";
import { holds, RULES } from "../spec/rules.ts";
import { type Difference, diffFields, diffRest, formatField } from "./diff.ts";

/** Parts of a header of fadump that rules govern by program header. */
export const FADUMP_PARTS = [
  "cpu_notes",
  "relocated_vmcoreinfo",
  "boot_memory",
  "other_memory",
  "behind_reserved",
  "null_phdr",
] as const;

/** Purpose of a program header of fadump. */
export type FadumpPart = typeof FADUMP_PARTS[number];

/** Offset of the registers in a note: its header, the name, the start of `elf_prstatus`. */
const REGS = 132;

/**
 * Finds the rule of a release that a wrong field breaks.
 *
 * @param field Part and field: `cpu_notes.p_filesz`, `fadump_ehdr.e_flags`.
 */
export function fadumpRule(field: string, release: string): string {
  return RULES.find(({ id, governs }) =>
    governs.includes(field) && holds(id, release, "ppc64le") !== false
  )!.id;
}

/**
 * Compares an answer with the header and the notes that it should be.
 *
 * @param expected A well-formed header, and notes behind it.
 * @param got Any bytes.
 * @param input What the header was made of.
 * @param release The kernel that writes.
 */
export function diffFadump(
  expected: Uint8Array,
  got: Uint8Array,
  input: FadumpInput,
  release: string,
): Difference[] {
  const { phdrs } = decodeElfcorehdr(expected);
  const parts = partsOfFadump(expected, input);
  const ruled = (part: string) => (difference: Difference) => ({
    ...difference,
    rule: fadumpRule(difference.field.replace(/^.*\./, `${part}.`), release),
  });
  const end = phdrOffset(phdrs.length);
  return [
    ...diffFields(expected, got, 0, EHDR, "ehdr").map(ruled("fadump_ehdr")),
    ...parts.flatMap((part, i) =>
      diffFields(expected, got, phdrOffset(i), PHDR, `phdr[${i}]`)
        .map(ruled(part))
    ),
    ...diffNotes(expected, got, end).map((difference) => ({
      ...difference,
      rule: fadumpRule("notes.note", release),
    })),
    ...diffRest(expected, got, expected.length).map((difference) => ({
      ...difference,
      rule: fadumpRule("notes.size", release),
    })),
  ];
}

/** Tells what each program header is there for, by its place. */
export function partsOfFadump(
  header: Uint8Array,
  input: FadumpInput,
): FadumpPart[] {
  const { regions } = input.boot_memory;
  const end = reservedEnd(input);
  return decodeElfcorehdr(header).phdrs.map(({ p_type, p_paddr }, i) => {
    if (i < 2) return FADUMP_PARTS[i];
    if (i < 2 + regions.length) return "boot_memory";
    if (p_type === 0) return "null_phdr";
    return p_paddr === end ? "behind_reserved" : "other_memory";
  });
}

/** The first byte of each note that differs. */
function diffNotes(
  expected: Uint8Array,
  got: Uint8Array,
  start: number,
): Difference[] {
  const differences: Difference[] = [];
  for (
    let at = start, i = 0;
    at < expected.length;
    at += FADUMP_NOTE_SIZE, i++
  ) {
    const end = Math.min(at + FADUMP_NOTE_SIZE, expected.length);
    let offset = at;
    while (offset < end && expected[offset] === got[offset]) offset++;
    if (offset === end) continue;
    const word = offset - (offset - at) % 4;
    differences.push({
      offset: word,
      field: `notes[${i}].${word < at + REGS ? "header" : "regs"}`,
      expected: formatField(expected, word, 4),
      got: formatField(got, word, 4),
    });
  }
  return differences;
}
