/**
 * Wrong makers of /proc/vmcore: a second, small one that does each of its
 * steps as it is told, with one step told wrong.
 *
 * @module
 */

import { startsWith } from "@std/bytes";
import { alignUp } from "../elf/align.ts";
import { type ElfNote, walkNotes } from "../elf/notes.ts";
import {
  EHDR,
  EI,
  type Elf64Ehdr,
  type Elf64Phdr,
  ELFCLASS64,
  ELFDATA2LSB,
  ELFMAG,
  ET_CORE,
  EV_CURRENT,
  PHDR,
  phdrOffset,
  PN_XNUM,
  PT_LOAD,
  PT_NOTE,
  readEhdr,
  readPhdr,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
  viewOf,
} from "../elf/elf64.ts";
import type { CaptureKernel, ReadMemory } from "../model/vmcore.ts";

/** The steps, each as the kernel takes it. */
const RIGHT = {
  refuses: (header: Uint8Array, { e_machine }: CaptureKernel): boolean => {
    if (header.length < SIZEOF_EHDR) return true;
    const ehdr = readEhdr(viewOf(header));
    return !startsWith(header, Uint8Array.of(...ELFMAG, ELFCLASS64)) ||
      header[EI.EI_VERSION] !== EV_CURRENT || ehdr.e_type !== ET_CORE ||
      ehdr.e_version !== EV_CURRENT || ehdr.e_ehsize !== SIZEOF_EHDR ||
      ehdr.e_phentsize !== SIZEOF_PHDR || ehdr.e_machine !== e_machine ||
      ehdr.e_phnum === 0 || header.length < phdrOffset(ehdr.e_phnum);
  },
  /** Where program headers begin. */
  phoff: (_: Elf64Ehdr): number => phdrOffset(0),
  /** Where the notes of a PT_NOTE are, and how many bytes they may have. */
  buffer: (
    { p_offset, p_memsz }: Elf64Phdr,
  ): [bigint, bigint] => [p_offset, p_memsz],
  /** What of a buffer is kept. */
  kept: (buffer: Uint8Array): number =>
    walkNotes(buffer).reduce((sum, { size }) => sum + size, 0),
  /** In which order. */
  order: (notes: Uint8Array[]): Uint8Array[] => notes,
  refusesNotes: (size: number): boolean => size === 0,
  /** The program headers behind the merged one. */
  rest: (phdrs: Elf64Phdr[], count: number): Elf64Phdr[] => phdrs.slice(count),
  page: ({ page_size }: CaptureKernel): number => page_size,
  align: ({ note_align }: CaptureKernel): bigint => BigInt(note_align),
  /** p_filesz and p_memsz of the merged note. */
  size: (notes: number, _page: number): bigint => BigInt(notes),
  /** p_flags of the merged note. */
  flags: (_: readonly Elf64Phdr[]): number => 0,
  /** Whether a program header gets a place in the file. */
  placed: ({ p_type }: Elf64Phdr): boolean => p_type === PT_LOAD,
  /** Whether a PT_LOAD shares the place of an earlier one. */
  shares: (_: Elf64Phdr, _before: readonly Elf64Phdr[]): number => -1,
  /** The size of a PT_LOAD. */
  loadSize: ({ p_memsz }: Elf64Phdr): bigint => p_memsz,
  /** Where a PT_LOAD is read from. */
  source: ({ p_offset }: Elf64Phdr): bigint => p_offset,
  /** Its place within the first page. */
  inPage: (source: bigint, page: bigint): bigint => source % page,
  /** Bytes that it takes in the file. */
  takes: (source: bigint, memsz: bigint, page: bigint): bigint =>
    BigInt.asUintN(64, (source + memsz + page - 1n) / page * page) -
    source / page * page,
  /** The first byte behind the notes. */
  first: (header: number, notes: number): number => header + notes,
  phnum: (count: number, _before: number): number => count,
  /** Bytes of the header, before rounding. */
  header: (count: number, _before: number): number => phdrOffset(count),
};

/** A wrong maker. */
export interface VmcoreMistake {
  /** Short name in kebab-case. */
  readonly name: string;
  /** What it does. */
  readonly what: string;
  /** Its bytes; undefined where it refuses. */
  readonly make: (
    header: Uint8Array,
    read: ReadMemory,
    kernel: CaptureKernel,
  ) => Uint8Array | undefined;
}

function makeBy(steps: typeof RIGHT): VmcoreMistake["make"] {
  return (header, read, kernel) => {
    if (steps.refuses(header, kernel)) return undefined;
    const view = viewOf(header);
    const ehdr = readEhdr(view);
    const phoff = steps.phoff(ehdr);
    const before = Math.min(
      ehdr.e_phnum,
      Math.floor((header.length - phoff) / SIZEOF_PHDR),
    );
    const phdrs = Array.from(
      { length: before },
      (_, i) => readPhdr(view, phoff + i * SIZEOF_PHDR),
    );
    const noted = phdrs.filter(({ p_type }) => p_type === PT_NOTE);
    const notes = steps.order(noted.map((phdr) => {
      const [at, size] = steps.buffer(phdr);
      const buffer = read(at, Number(size));
      return buffer.slice(0, steps.kept(buffer));
    }));
    const size = notes.reduce((sum, { length }) => sum + length, 0);
    if (steps.refusesNotes(size)) return undefined;
    const page = steps.page(kernel);
    const rest = steps.rest(phdrs, noted.length);
    const room = alignUp(steps.header(rest.length + 1, before), page);
    const head = new Uint8Array(room + alignUp(size, page));
    head.set(header.subarray(0, SIZEOF_EHDR));
    const out = new DataView(head.buffer);
    out.setUint16(EHDR.e_phnum.at, steps.phnum(rest.length + 1, before), true);
    let next = BigInt(steps.first(room, alignUp(size, page)));
    const merged: Elf64Phdr = {
      p_type: PT_NOTE,
      p_flags: steps.flags(noted),
      p_offset: BigInt(room),
      p_vaddr: 0n,
      p_paddr: 0n,
      p_filesz: steps.size(size, page),
      p_memsz: steps.size(size, page),
      p_align: steps.align(kernel),
    };
    for (const [i, phdr] of [merged, ...rest].entries()) {
      let { p_offset } = phdr;
      if (steps.placed(phdr)) {
        const source = steps.source(phdr);
        const shared = steps.shares(phdr, rest.slice(0, i - 1));
        if (shared >= 0) {
          p_offset = readPhdr(out, phdrOffset(shared + 1)).p_offset;
        } else {
          p_offset = next + steps.inPage(source, BigInt(page));
          next += steps.takes(source, steps.loadSize(phdr), BigInt(page));
        }
      }
      const at = phdrOffset(i);
      if (at + SIZEOF_PHDR > head.length) break;
      const written = { ...phdr, p_offset };
      for (const [key, field] of Object.entries(PHDR)) {
        const value = written[key as keyof Elf64Phdr];
        if (field.size === 4) {
          out.setUint32(at + field.at, Number(value), true);
        } else {
          out.setBigUint64(
            at + field.at,
            BigInt.asUintN(64, BigInt(value)),
            true,
          );
        }
      }
    }
    let at = room;
    for (const note of notes) {
      head.set(note, at);
      at += note.length;
    }
    return head;
  };
}

function mistake(
  name: string,
  what: string,
  steps: Partial<typeof RIGHT>,
): VmcoreMistake {
  return { name, what, make: makeBy({ ...RIGHT, ...steps }) };
}

/** Looks at a header with its bytes at `at` set right, so that one check is as good as gone. */
function unchecked(
  name: string,
  what: string,
  at: number,
  ...values: number[]
): VmcoreMistake {
  return mistake(name, what, {
    refuses: (header, kernel) => {
      const mended = header.slice();
      if (mended.length >= SIZEOF_EHDR) mended.set(values, at);
      return RIGHT.refuses(mended, kernel);
    },
  });
}

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
export const makeVmcoreAgain: VmcoreMistake["make"] = makeBy(RIGHT);

/** All of them. */
export const VMCORE_MISTAKES: readonly VmcoreMistake[] = [
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
        RIGHT.kept(buffer) + (RIGHT.kept(buffer) > 0 ? 12 : 0),
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
          : RIGHT.kept(buffer),
    },
  ),
  mistake(
    "notes-overrun-drops-all",
    "an overrunning note takes the good one before it along",
    {
      kept: (buffer) => {
        const size = RIGHT.kept(buffer);
        return size > 0 && size + 12 < buffer.length && buffer[size] !== 0
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
        RIGHT.kept(buffer) === buffer.length ? 0 : RIGHT.kept(buffer),
    },
  ),
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
  unchecked("magic-unchecked", "the magic is not looked at", 0, ...ELFMAG),
  unchecked(
    "class-unchecked",
    "the class is not looked at",
    EI.EI_CLASS,
    ELFCLASS64,
  ),
  unchecked(
    "ident-version-unchecked",
    "the version in e_ident is not looked at",
    EI.EI_VERSION,
    EV_CURRENT,
  ),
  unchecked(
    "type-unchecked",
    "e_type is not looked at",
    EHDR.e_type.at,
    ET_CORE,
    0,
  ),
  mistake("machine-unchecked", "e_machine is not looked at", {
    refuses: (header, kernel) =>
      header.length < SIZEOF_EHDR ||
      RIGHT.refuses(header, {
        ...kernel,
        e_machine: readEhdr(viewOf(header)).e_machine,
      }),
  }),
  unchecked(
    "version-unchecked",
    "e_version is not looked at",
    EHDR.e_version.at,
    EV_CURRENT,
    0,
    0,
    0,
  ),
  unchecked(
    "ehsize-unchecked",
    "e_ehsize is not looked at",
    EHDR.e_ehsize.at,
    SIZEOF_EHDR,
    0,
  ),
  unchecked(
    "phentsize-unchecked",
    "e_phentsize is not looked at",
    EHDR.e_phentsize.at,
    SIZEOF_PHDR,
    0,
  ),
  mistake(
    "truncation-unchecked",
    "program headers beyond the end are read as far as they go",
    {
      refuses: (header, kernel) => {
        if (header.length < SIZEOF_EHDR) return true;
        const padded = new Uint8Array(
          Math.max(header.length, phdrOffset(PN_XNUM)),
        );
        padded.set(header);
        return RIGHT.refuses(padded, kernel);
      },
    },
  ),
  mistake("phoff-followed", "program headers are read from e_phoff", {
    phoff: ({ e_phoff }) => Number(BigInt.asUintN(16, e_phoff)),
  }),
  mistake("data-checked", "a foreign data encoding is refused", {
    refuses: (header, kernel) =>
      RIGHT.refuses(header, kernel) || header[EI.EI_DATA] !== ELFDATA2LSB,
  }),
  mistake("osabi-checked", "another OS ABI than 0 is refused", {
    refuses: (header, kernel) =>
      RIGHT.refuses(header, kernel) || header[EI.EI_OSABI] !== 0,
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
      memsz === 0n ? page : RIGHT.takes(source, memsz, page),
  }),
];
