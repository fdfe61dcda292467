/**
 * Wrong counters of CPUs: a second walk over the notes of /proc/vmcore, with
 * one step replaced by a wrong one.
 *
 * @module
 */

import { type Elf64Phdr, viewOf } from "../../lib/elf/elf64.ts";
import { NT_PRSTATUS } from "../../lib/elf/notes.ts";
import { PR_PID } from "../../lib/kernel/crash_notes.ts";
import {
  type FoundNote,
  notesAgain,
  WALK,
  WALK_MISTAKES,
} from "./note_walk.ts";
import { findAgain, ptNotesOf } from "./phdr_walk.ts";
import { PHDRS_MISTAKES, SEGMENT_MISTAKES } from "./phdrs.ts";

/** Output of a counter. */
export interface DumpCount {
  /** CPUs that saved their registers. */
  nr_cpus: number;
  /** Place of the text of vmcoreinfo. */
  vmcoreinfo?: { offset: number; size: number };
}

/** A wrong counter. */
export interface DumpMistake {
  /** Short name in kebab-case. */
  readonly name: string;
  /** Behaviour, in words. */
  readonly what: string;
  /** Its answer; nothing where it refuses. */
  readonly count: (head: Uint8Array) => DumpCount | undefined;
}

/** The steps, each as makedumpfile takes it. */
const RIGHT = {
  find: findAgain,
  phdr: (notes: Elf64Phdr[]): Elf64Phdr | undefined => notes.at(-1),
  walk: WALK,
  goesOn: (_note: FoundNote): boolean => true,
  isCpu: ({ name, n_type }: FoundNote): boolean =>
    name === "CORE" && n_type === NT_PRSTATUS,
  isVmcoreinfo: ({ name, n_type }: FoundNote): boolean =>
    name === "VMCOREINFO" && n_type === 0,
  vmcoreinfo: (found: FoundNote[], _all: FoundNote[]): FoundNote | undefined =>
    found.at(-1),
  /** True where vmcoreinfo is looked for in every PT_NOTE. */
  everywhere: false as boolean,
  place: ({ desc }: FoundNote): DumpCount["vmcoreinfo"] => desc,
  cpus: (
    cpus: FoundNote[],
    _all: FoundNote[],
    _phdrs: Elf64Phdr[],
    _head: Uint8Array,
  ): number => cpus.length,
};

function countBy(steps: typeof RIGHT): DumpMistake["count"] {
  return (head) => {
    const found = steps.find(head);
    if (found === undefined) return undefined;
    const { phdrs } = found;
    const phdr = steps.phdr(ptNotesOf(phdrs));
    const whole = phdr ? notesAgain(head, phdr, steps.walk) : [];
    const stop = whole.findIndex((note) => !steps.goesOn(note));
    const notes = stop < 0 ? whole : whole.slice(0, stop + 1);
    const searched = steps.everywhere
      ? ptNotesOf(phdrs).flatMap((each) => notesAgain(head, each, steps.walk))
      : notes;
    const text = steps.vmcoreinfo(searched.filter(steps.isVmcoreinfo), notes);
    return {
      nr_cpus: steps.cpus(notes.filter(steps.isCpu), notes, phdrs, head),
      vmcoreinfo: text && steps.place(text),
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

/** Mistakes without effect on a counter: it reads the last PT_NOTE only, and no CPU has a note of 16 bytes. */
const UNSEEN = ["empty-is-unbounded", "smallest-20"];

function isSeen({ name }: { readonly name: string }): boolean {
  return !UNSEEN.includes(name);
}

/** The second counter without any mistake. */
export const countDumpAgain: DumpMistake["count"] = countBy(RIGHT);

/** All of them. */
export const DUMP_MISTAKES: readonly DumpMistake[] = [
  ...[...PHDRS_MISTAKES, ...SEGMENT_MISTAKES].filter(isSeen).map((
    { name, what, find },
  ) => mistake(name, what, { find })),
  ...WALK_MISTAKES.filter(isSeen).map(({ name, what, walk }) =>
    mistake(name, what, { walk })
  ),
  mistake("count-one-more", "vmcoreinfo counts as a CPU", {
    cpus: ({ length }) => length + 1,
  }),
  mistake("count-notes", "every note counts as a CPU", {
    cpus: (_, { length }) => length,
  }),
  mistake("count-pt-notes", "every PT_NOTE counts as a CPU", {
    cpus: (_, __, phdrs) => ptNotesOf(phdrs).length,
  }),
  mistake("count-at-least-one", "a dump without a saved CPU has one", {
    cpus: ({ length }) => Math.max(length, 1),
  }),
  mistake("count-8-bit", "the count is cut to 8 bits", {
    cpus: ({ length }) => length & 0xff,
  }),
  mistake("type-without-name", "the type alone makes a CPU's note", {
    isCpu: ({ n_type }) => n_type === NT_PRSTATUS,
  }),
  mistake("name-without-type", "the name alone makes a CPU's note", {
    isCpu: ({ name }) => name === "CORE",
  }),
  mistake("nameless-counted", "type 1 without a name makes a CPU's note", {
    isCpu: ({ name, n_type }) =>
      ["CORE", ""].includes(name) && n_type === NT_PRSTATUS,
  }),
  mistake("gnu-counted", "an ABI tag, GNU of type 1, counts as a CPU", {
    isCpu: ({ name, n_type }) =>
      ["CORE", "GNU"].includes(name) && n_type === NT_PRSTATUS,
  }),
  mistake("name-by-prefix", "a name that begins with CORE passes", {
    isCpu: ({ name, n_type }) =>
      name.startsWith("CORE") && n_type === NT_PRSTATUS,
  }),
  mistake("name-by-its-length", "a prefix of CORE is accepted as CORE", {
    isCpu: ({ name, n_type }) =>
      "CORE".startsWith(name) && n_type === NT_PRSTATUS,
  }),
  mistake("name-in-any-case", "core counts as CORE", {
    isCpu: ({ name, n_type }) =>
      name.toUpperCase() === "CORE" && n_type === NT_PRSTATUS,
  }),
  mistake("name-trimmed", "a space behind CORE is not seen", {
    isCpu: ({ name, n_type }) =>
      name.trim() === "CORE" && n_type === NT_PRSTATUS,
  }),
  mistake("name-of-5-bytes", "n_namesz of CORE must be 5", {
    isCpu: ({ letters, n_type }) =>
      letters === "CORE\0" && n_type === NT_PRSTATUS,
  }),
  mistake("pids-counted", "CPUs that ran one process count once", {
    cpus: (cpus, _, __, head) =>
      new Set(
        cpus.map(({ desc }) =>
          viewOf(head).getUint32(desc.offset + PR_PID, true)
        ),
      ).size,
  }),
  mistake("stop-at-foreign-name", "the walk ends at the first foreign name", {
    goesOn: ({ name }) => name === "CORE",
  }),
  mistake("stop-at-type-0", "the walk ends at a type of 0", {
    goesOn: ({ n_type }) => n_type !== 0,
  }),
  mistake("vmcoreinfo-last-note", "the last note is taken as vmcoreinfo", {
    vmcoreinfo: (_, all) => all.at(-1),
  }),
  mistake("vmcoreinfo-first", "of two vmcoreinfos the first is taken", {
    vmcoreinfo: ([first]) => first,
  }),
  mistake("vmcoreinfo-everywhere", "each PT_NOTE may have vmcoreinfo", {
    everywhere: true,
  }),
  mistake("vmcoreinfo-any-type", "vmcoreinfo may have any type", {
    isVmcoreinfo: ({ name }) => name === "VMCOREINFO",
  }),
  mistake("vmcoreinfo-in-any-case", "vmcoreinfo counts as VMCOREINFO", {
    isVmcoreinfo: ({ name, n_type }) =>
      name.toUpperCase() === "VMCOREINFO" && n_type === 0,
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
