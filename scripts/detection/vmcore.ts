/**
 * Wrong makers of /proc/vmcore, each with one step of the second maker wrong.
 *
 * @module
 */

import { alignUp } from "../../lib/elf/align.ts";
import { phdrOffset, PT_NOTE } from "../../lib/elf/elf64.ts";
import { type ElfNote, SIZEOF_NHDR, walkNotes } from "../../lib/elf/notes.ts";
import {
  dumpNote,
  makeBy,
  mistake,
  STEPS,
  type VmcoreMistake,
} from "./vmcore_again.ts";
import { CHECK_MISTAKES } from "./vmcore_checks.ts";

/** The size of a note and of its walk where some notes are not understood. */
function keptWhile(
  goesOn: (note: ElfNote) => boolean,
): (buffer: Uint8Array) => number {
  return (buffer) => {
    let size = 0;
    for (const note of walkNotes(buffer)) {
      if (!goesOn(note)) break;
      size += note.size;
    }
    return size;
  };
}

/** The second maker without any mistake, against which the others are few. */
export const makeVmcoreAgain: VmcoreMistake["make"] = makeBy(STEPS);

/** All of them. */
export const VMCORE_MISTAKES: readonly VmcoreMistake[] = [
  mistake("dumps-left-out", "device dumps are left out", { dumps: () => [] }),
  mistake("dumps-behind", "device dumps come behind the other notes", {
    joined: (dumps, notes) => [notes, ...dumps],
  }),
  mistake("dumps-not-counted", "device dumps count for no size and no place", {
    counted: () => 0,
  }),
  mistake("dumps-unpadded", "only all device dumps together are whole pages", {
    dumps: ({ device_dumps = [], page_size }) =>
      device_dumps.map(({ name, bytes }, i) =>
        dumpNote(name, bytes, i + 1 < device_dumps.length ? 4 : page_size)
      ),
  }),
  mistake("removal-by-type", "PT_NOTEs are removed by type, not by position", {
    rest: (phdrs) => phdrs.filter(({ p_type }) => p_type !== PT_NOTE),
  }),
  mistake("removal-one-short", "one PT_NOTE is left behind", {
    rest: (phdrs, count) => phdrs.slice(Math.max(count - 1, 0)),
  }),
  mistake("removal-none", "no program header is removed", {
    rest: (phdrs) => phdrs.slice(1),
  }),
  mistake("notes-at-paddr", "notes are read from p_paddr plus a page", {
    buffer: ({ p_paddr, p_memsz }) => [p_paddr + 4096n, p_memsz],
  }),
  mistake("notes-whole-buffers", "whole buffers are kept, zeroes and all", {
    kept: (buffer) => buffer.length,
  }),
  mistake("notes-with-terminator", "the empty note behind each CPU's is kept", {
    kept: (buffer) =>
      Math.min(
        STEPS.kept(buffer) + (STEPS.kept(buffer) > 0 ? SIZEOF_NHDR : 0),
        buffer.length,
      ),
  }),
  mistake("notes-first-only", "of each buffer the first note only", {
    kept: (buffer) => walkNotes(buffer.slice(0, 400))[0]?.size ?? 0,
  }),
  mistake(
    "notes-overrun-kept",
    "a note that overruns its buffer is kept as far as it goes",
    {
      kept: (buffer) =>
        buffer[0] !== 0 && walkNotes(buffer).length === 0
          ? buffer.length
          : STEPS.kept(buffer),
    },
  ),
  mistake(
    "notes-overrun-drops-all",
    "an overrunning note takes the good one before it along",
    {
      kept: (buffer) => {
        const size = STEPS.kept(buffer);
        return size > 0 && size + SIZEOF_NHDR < buffer.length &&
            buffer[size] !== 0
          ? 0
          : size;
      },
    },
  ),
  mistake(
    "notes-need-terminator",
    "a full buffer without an empty note is dropped",
    {
      kept: (buffer) =>
        STEPS.kept(buffer) === buffer.length ? 0 : STEPS.kept(buffer),
    },
  ),
  mistake("late-note-as-it-was", "a PT_NOTE that stays keeps its p_memsz", {
    walked: ({ p_memsz }) => p_memsz,
  }),
  mistake("notes-without-bound", "a PT_NOTE may have any size", {
    most: () => 1n << 40n,
  }),
  mistake("notes-below-bound", "a PT_NOTE must have less than the bound", {
    most: (kernel) => STEPS.most(kernel) - 1n,
  }),
  mistake("notes-of-4-mib", "a PT_NOTE may have 4 MiB on every kernel", {
    most: () => 4n << 20n,
  }),
  mistake("notes-of-1024-pages", "a PT_NOTE may have 1,024 pages everywhere", {
    most: ({ page_size }) => BigInt(page_size) << 10n,
  }),
  mistake("notes-reversed", "notes in reverse order", {
    order: (notes) => notes.toReversed(),
  }),
  mistake(
    "notes-stop-at-zero",
    "the walk over CPUs ends at the first that saved nothing",
    {
      order: (notes) => {
        const empty = notes.findIndex(({ length }) => length === 0);
        return empty < 0 ? notes : notes.slice(0, empty);
      },
    },
  ),
  mistake("notes-of-64-cpus", "notes beyond the 64th are lost", {
    order: (notes) => notes.slice(0, 64),
  }),
  mistake("vmcoreinfo-lost", "the last note is lost", {
    order: (notes) => notes.slice(0, -1),
  }),
  mistake(
    "no-notes-accepted",
    "a header whose notes are all empty is accepted",
    { refusesNotes: () => false },
  ),
  mistake("no-cpu-refused", "a dump without a saved CPU is refused", {
    refusesNotes: (size) => size < 356,
  }),
  mistake("page-always-4k", "everything is rounded to 4096", {
    page: () => 4096,
  }),
  mistake("page-always-64k", "everything is rounded to 65536", {
    page: () => 65536,
  }),
  mistake("align-always-4", "p_align of the merged note is 4 in every kernel", {
    align: () => 4n,
  }),
  mistake("align-always-0", "p_align of the merged note is 0 in every kernel", {
    align: () => 0n,
  }),
  mistake("size-rounded", "the merged note's size is rounded up to pages", {
    size: (notes, page) => BigInt(alignUp(notes, page)),
  }),
  mistake("size-one-short", "the merged note's size is a byte short", {
    size: (notes) => BigInt(notes - 1),
  }),
  mistake(
    "load-from-paddr",
    "PT_LOADs are read from p_paddr, past the backup copy",
    { source: ({ p_paddr }) => p_paddr },
  ),
  mistake("load-from-vaddr", "PT_LOADs are placed by p_vaddr", {
    source: ({ p_vaddr }) => p_vaddr,
  }),
  mistake("load-not-in-page", "a PT_LOAD begins at its page", {
    inPage: () => 0n,
  }),
  mistake("load-not-rounded", "a PT_LOAD takes its own size, not whole pages", {
    takes: (_, memsz) => memsz,
  }),
  mistake(
    "load-size-rounded",
    "only the size of a PT_LOAD is rounded, not its ends",
    {
      takes: (_, memsz, page) => (memsz + page - 1n) / page * page,
    },
  ),
  mistake(
    "load-behind-header",
    "PT_LOADs are placed as if there were no notes",
    { first: (header) => header },
  ),
  mistake("phnum-unchanged", "e_phnum stays as it was", {
    phnum: (_, before) => before,
  }),
  mistake("phnum-off-by-one", "e_phnum does not count the merged note", {
    phnum: (count) => count - 1,
  }),
  mistake(
    "header-as-large-as-before",
    "room for the program headers that are gone",
    { header: (_, before) => phdrOffset(before) },
  ),
  ...CHECK_MISTAKES,
  mistake("phoff-followed", "program headers are read from e_phoff", {
    phoff: ({ e_phoff }) => Number(BigInt.asUintN(16, e_phoff)),
  }),
  mistake("note-by-filesz", "p_filesz bounds the notes of a PT_NOTE", {
    buffer: ({ p_offset, p_filesz }) => [p_offset, p_filesz],
  }),
  mistake("note-at-paddr", "notes are read from p_paddr", {
    buffer: ({ p_paddr, p_memsz }) => [p_paddr, p_memsz],
  }),
  mistake("load-by-filesz", "p_filesz is the size of a PT_LOAD", {
    loadSize: ({ p_filesz }) => p_filesz,
  }),
  mistake("flags-kept", "the merged note has the first PT_NOTE's flags", {
    flags: ([first]) => first?.p_flags ?? 0,
  }),
  mistake("equal-offsets-joined", "PT_LOADs of one p_offset share a place", {
    shares: ({ p_offset }, before) =>
      before.findIndex((phdr) => phdr.p_offset === p_offset),
  }),
  mistake("long-names-end-the-walk", "a name above 15 bytes ends the walk", {
    kept: keptWhile(({ name }) => name.length < 15),
  }),
  mistake("type-0-ends-the-walk", "a note of type 0 ends the walk", {
    kept: keptWhile(({ name, n_type }) =>
      n_type !== 0 || name === "VMCOREINFO"
    ),
  }),
  mistake("unknown-types-placed", "program headers of any type are placed", {
    placed: ({ p_type }) => p_type !== PT_NOTE,
  }),
  mistake("empty-load-takes-a-page", "a PT_LOAD of 0 bytes takes a page", {
    takes: (source, memsz, page) =>
      memsz === 0n ? page : STEPS.takes(source, memsz, page),
  }),
];
