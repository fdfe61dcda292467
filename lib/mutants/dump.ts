/**
 * Wrong counters of CPUs: a second walk over the notes of /proc/vmcore, with
 * one step told wrong.
 *
 * @module
 */

import type { Elf64Phdr } from "../elf/elf64.ts";
import { notePadded, NT_PRSTATUS } from "../elf/notes.ts";
import { type FoundNote, notesAgain, PADDING_MISTAKES } from "./note_walk.ts";
import { PHDRS_MISTAKES, phdrsAgain, ptNotesOf } from "./phdr_walk.ts";

/** What a counter prints. */
export interface DumpCount {
  /** CPUs that saved their registers. */
  nr_cpus: number;
  /** Where the text of vmcoreinfo is. */
  vmcoreinfo?: { offset: number; size: number };
}

/** A wrong counter. */
export interface DumpMistake {
  /** Short name in kebab-case. */
  readonly name: string;
  /** What it does. */
  readonly what: string;
  /** Its answer; nothing where it refuses. */
  readonly count: (head: Uint8Array) => DumpCount | undefined;
}

/** The steps, each as makedumpfile takes it. */
const RIGHT = {
  phdrs: phdrsAgain,
  phdr: (notes: Elf64Phdr[]): Elf64Phdr | undefined => notes.at(-1),
  padded: (size: number): number => notePadded(size),
  goesOn: (_note: FoundNote): boolean => true,
  isCpu: ({ name, n_type }: FoundNote): boolean =>
    name === "CORE\0" && n_type === NT_PRSTATUS,
  isVmcoreinfo: ({ name, n_type }: FoundNote): boolean =>
    name === "VMCOREINFO\0" && n_type === 0,
  vmcoreinfo: (found: FoundNote[], _all: FoundNote[]): FoundNote | undefined =>
    found[0],
  place: ({ desc }: FoundNote): DumpCount["vmcoreinfo"] => desc,
  cpus: (count: number, _all: FoundNote[], _phdrs: Elf64Phdr[]): number =>
    count,
};

function countBy(steps: typeof RIGHT): DumpMistake["count"] {
  return (head) => {
    const phdrs = steps.phdrs(head);
    if (phdrs === undefined) return undefined;
    const phdr = steps.phdr(ptNotesOf(phdrs));
    const whole = phdr ? notesAgain(head, phdr, steps.padded) : [];
    const stop = whole.findIndex((note) => !steps.goesOn(note));
    const notes = stop < 0 ? whole : whole.slice(0, stop + 1);
    const found = steps.vmcoreinfo(notes.filter(steps.isVmcoreinfo), notes);
    return {
      nr_cpus: steps.cpus(notes.filter(steps.isCpu).length, notes, phdrs),
      vmcoreinfo: found && steps.place(found),
    };
  };
}

function mistake(
  name: string,
  what: string,
  steps: Partial<typeof RIGHT>,
): DumpMistake {
  return { name, what, count: countBy({ ...RIGHT, ...steps }) };
}

/** The second counter without any mistake. */
export const countDumpAgain: DumpMistake["count"] = countBy(RIGHT);

/** All of them. */
export const DUMP_MISTAKES: readonly DumpMistake[] = [
  ...PHDRS_MISTAKES.map(({ name, what, phdrs }) =>
    mistake(name, what, { phdrs })
  ),
  ...PADDING_MISTAKES.map(({ name, what, padded }) =>
    mistake(name, what, { padded })
  ),
  mistake("count-one-more", "vmcoreinfo counts as a CPU", {
    cpus: (count) => count + 1,
  }),
  mistake("count-notes", "every note counts as a CPU", {
    cpus: (_, { length }) => length,
  }),
  mistake("count-pt-notes", "every PT_NOTE counts as a CPU", {
    cpus: (_, __, phdrs) => ptNotesOf(phdrs).length,
  }),
  mistake("count-at-least-one", "a dump without a saved CPU has one", {
    cpus: (count) => Math.max(count, 1),
  }),
  mistake("count-8-bit", "the count is cut to 8 bits", {
    cpus: (count) => count & 0xff,
  }),
  mistake("type-without-name", "the type alone makes a CPU's note", {
    isCpu: ({ n_type }) => n_type === NT_PRSTATUS,
  }),
  mistake("name-without-type", "the name alone makes a CPU's note", {
    isCpu: ({ name }) => name === "CORE\0",
  }),
  mistake("name-by-prefix", "a name that begins with CORE passes", {
    isCpu: ({ name, n_type }) =>
      name.startsWith("CORE") && n_type === NT_PRSTATUS,
  }),
  mistake("stop-at-foreign-name", "the walk ends at the first foreign name", {
    goesOn: ({ name }) => name === "CORE\0",
  }),
  mistake("stop-at-type-0", "the walk ends at a type of 0", {
    goesOn: ({ n_type }) => n_type !== 0,
  }),
  mistake("vmcoreinfo-last-note", "the last note is taken as vmcoreinfo", {
    vmcoreinfo: (_, all) => all.at(-1),
  }),
  mistake("vmcoreinfo-any-type", "vmcoreinfo may have any type", {
    isVmcoreinfo: ({ name }) => name === "VMCOREINFO\0",
  }),
  mistake("vmcoreinfo-by-prefix", "VMCOREINFO_XEN is taken as vmcoreinfo", {
    isVmcoreinfo: ({ name, n_type }) =>
      name.startsWith("VMCOREINFO") && n_type === 0,
  }),
  mistake("vmcoreinfo-at-its-note", "the place of vmcoreinfo is its note's", {
    place: ({ at, desc: { size } }) => ({ offset: at, size }),
  }),
  mistake("first-pt-note", "of several PT_NOTEs the first counts", {
    phdr: (notes) => notes[0],
  }),
];
