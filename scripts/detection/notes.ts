/**
 * Wrong listers of notes: a second walk over the PT_NOTEs of a core file, with
 * one step wrong.
 *
 * @module
 */

import { type Elf64Phdr, viewOf } from "../../lib/elf/elf64.ts";
import { notePadded, NT_PRSTATUS } from "../../lib/elf/notes.ts";
import { PR_PID } from "../../lib/kernel/crash_notes.ts";
import {
  type FoundNote,
  notesAgain,
  WALK,
  WALK_MISTAKES,
} from "./note_walk.ts";
import { findAgain, ptNotesOf } from "./phdr_walk.ts";
import { PHDRS_MISTAKES, SEGMENT_MISTAKES } from "./phdrs.ts";

/** A note as it is printed. */
export type PrintedNote = Record<string, string | number | undefined>;

/** A wrong lister. */
export interface NotesMistake {
  /** Short name in kebab-case. */
  readonly name: string;
  /** Behaviour, in words. */
  readonly what: string;
  /** Its answer; nothing where it refuses. */
  readonly list: (file: Uint8Array) => PrintedNote[] | undefined;
}

/** `sizeof(struct elf_prpsinfo)` of 64 bits, in bytes. */
const SIZEOF_PRPSINFO = 136;

const RIGHT = {
  find: findAgain,
  segments: (phdrs: Elf64Phdr[], _file: Uint8Array): Elf64Phdr[] =>
    ptNotesOf(phdrs),
  outside: (): PrintedNote[] => [],
  walk: WALK,
  isListed: (_note: FoundNote): boolean => true,
  offset: ({ at }: FoundNote, _segment: number): number => at,
  name: ({ name }: FoundNote): string => name,
  type: ({ n_type }: FoundNote): number => n_type,
  descsz: ({ desc }: FoundNote): number => desc.size,
  isCpu: ({ name, n_type, desc }: FoundNote): boolean =>
    name === "CORE" && n_type === NT_PRSTATUS && desc.size >= PR_PID + 4,
  pid: PR_PID,
  pidOf: (pid: number): number => pid,
};

function listBy(steps: typeof RIGHT): NotesMistake["list"] {
  return (file) => {
    const view = viewOf(file);
    const found = steps.find(file);
    return found && steps.segments(found.phdrs, file).flatMap((phdr) => {
      if (phdr.p_offset >= BigInt(file.length)) return steps.outside();
      return notesAgain(file, phdr, steps.walk)
        .filter(steps.isListed)
        .map((note) => ({
          offset: steps.offset(note, Number(phdr.p_offset)),
          name: steps.name(note),
          type: steps.type(note),
          size: steps.descsz(note),
          pid: steps.isCpu(note)
            ? note.desc.size < steps.pid + 4 ? 0 : steps.pidOf(
              view.getUint32(note.desc.offset + steps.pid, true),
            )
            : undefined,
        }));
    });
  };
}

/** Returns true if the last note of a PT_NOTE ends with it. */
function endsWhole(file: Uint8Array, phdr: Elf64Phdr): boolean {
  const last = notesAgain(file, phdr, WALK).at(-1);
  const end = last && last.desc.offset + notePadded(last.desc.size);
  return BigInt(end ?? 0) === phdr.p_offset + phdr.p_filesz;
}

function mistake(
  name: string,
  what: string,
  steps: Partial<typeof RIGHT>,
): NotesMistake {
  return { name, what, list: listBy({ ...RIGHT, ...steps }) };
}

/** The second lister without any mistake. */
export const listNotesAgain: NotesMistake["list"] = listBy(RIGHT);

/** All of them. */
export const NOTES_MISTAKES: readonly NotesMistake[] = [
  ...[...PHDRS_MISTAKES, ...SEGMENT_MISTAKES].map(({ name, what, find }) =>
    mistake(name, what, { find })
  ),
  ...WALK_MISTAKES.map(({ name, what, walk }) => mistake(name, what, { walk })),
  mistake("first-pt-note-alone", "only the first PT_NOTE is read", {
    segments: (all) => ptNotesOf(all).slice(0, 1),
  }),
  mistake("last-pt-note-alone", "only the last PT_NOTE is read", {
    segments: (all) => ptNotesOf(all).slice(-1),
  }),
  mistake("stops-at-cut-note", "a note that is cut ends all PT_NOTEs", {
    segments: (all, file) => {
      const cut = ptNotesOf(all).findIndex((phdr) => !endsWhole(file, phdr));
      return ptNotesOf(all).slice(0, cut < 0 ? undefined : cut + 1);
    },
  }),
  mistake("notes-made-up", "a PT_NOTE outside of the file has an empty note", {
    outside: () => [{ offset: 0, name: "", type: 0, size: 0 }],
  }),
  mistake("cores-alone", "notes of other names than CORE are left out", {
    isListed: ({ name }) => name === "CORE",
  }),
  mistake("nameless-left-out", "notes without a name are left out", {
    isListed: ({ name }) => name !== "",
  }),
  mistake("type-0-left-out", "notes of type 0 are left out", {
    isListed: ({ n_type }) => n_type !== 0,
  }),
  mistake("offset-of-data", "offset is that of the data", {
    offset: ({ desc }) => desc.offset,
  }),
  mistake("offset-in-segment", "offset counts from the PT_NOTE", {
    offset: ({ at }, segment) => at - segment,
  }),
  mistake("name-with-terminator", "the name has its terminator", {
    name: ({ letters }) => letters,
  }),
  mistake("name-without-last", "the last byte of a name is its terminator", {
    name: ({ letters }) => letters.slice(0, -1),
  }),
  mistake("name-trimmed", "spaces behind a name are left out", {
    name: ({ name }) => name.trimEnd(),
  }),
  mistake("name-up-to-32", "a name is cut to 32 letters", {
    name: ({ name }) => name.slice(0, 32),
  }),
  mistake("type-signed", "the type has a sign", {
    type: ({ n_type }) => n_type | 0,
  }),
  mistake("type-8-bit", "the type is cut to 8 bits", {
    type: ({ n_type }) => n_type & 0xff,
  }),
  mistake("type-16-bit", "the type is cut to 16 bits", {
    type: ({ n_type }) => n_type & 0xffff,
  }),
  mistake("size-padded", "the size of data is padded to 4", {
    descsz: ({ desc }) => notePadded(desc.size),
  }),
  mistake("pid-of-any-type", "every CORE note has a pid", {
    isCpu: ({ name, desc }) => name === "CORE" && desc.size > PR_PID,
  }),
  mistake("pid-of-nameless", "a note of type 1 without a name has a pid", {
    isCpu: ({ name, n_type, desc }) =>
      ["CORE", ""].includes(name) && n_type === NT_PRSTATUS &&
      desc.size > PR_PID,
  }),
  mistake("pid-of-gnu", "an ABI tag, GNU of type 1, has a pid", {
    isCpu: ({ name, n_type, desc }) =>
      ["CORE", "GNU"].includes(name) && n_type === NT_PRSTATUS &&
      desc.size > PR_PID,
  }),
  mistake("gnu-type-of-core", "a build ID is read as NT_PRPSINFO", {
    isListed: ({ name, n_type, desc }) =>
      name !== "GNU" || n_type !== 3 || desc.size >= SIZEOF_PRPSINFO,
  }),
  mistake("pid-of-any-size", "registers too short for a pid have one", {
    isCpu: ({ name, n_type }) => name === "CORE" && n_type === NT_PRSTATUS,
  }),
  mistake("ppid-for-pid", "the parent's pid is taken", { pid: PR_PID + 4 }),
  mistake("pid-16-bit", "the pid is cut to 16 bits", {
    pidOf: (pid) => pid & 0xffff,
  }),
];
