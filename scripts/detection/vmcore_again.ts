/**
 * A second, small maker of /proc/vmcore that does each of its steps as it is
 * stated, so that one step can be wrong.
 *
 * @module
 */

import { startsWith } from "@std/bytes";
import { alignUp } from "../../lib/elf/align.ts";
import {
  EHDR,
  EI,
  type Elf64Ehdr,
  type Elf64Phdr,
  ELFCLASS64,
  ELFMAG,
  ET_CORE,
  EV_CURRENT,
  PHDR,
  phdrOffset,
  PT_LOAD,
  PT_NOTE,
  readEhdr,
  readPhdr,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
  viewOf,
} from "../../lib/elf/elf64.ts";
import { walkNotes } from "../../lib/elf/notes.ts";
import { type ReadMemory, readNotes } from "../../lib/model/read_notes.ts";
import type { CaptureKernel } from "../../lib/model/vmcore.ts";

/** `KMALLOC_MAX_SIZE` by e_machine and page size, where it is not 1,024 pages. */
const LARGEST: Readonly<Record<string, number>> = {
  "183 16384": 32 << 20,
  "183 65536": 512 << 20,
  "258 16384": 32 << 20,
  "258 65536": 512 << 20,
  "21 4096": 16 << 20,
  "21 65536": 16 << 20,
};

/** The steps, each as the kernel takes it. */
export const STEPS = {
  refuses: (header: Uint8Array, { e_machine }: CaptureKernel): boolean => {
    if (header.length < SIZEOF_EHDR) return true;
    const ehdr = readEhdr(viewOf(header));
    return !startsWith(header, Uint8Array.of(...ELFMAG, ELFCLASS64)) ||
      header[EI.EI_VERSION] !== EV_CURRENT || ehdr.e_type !== ET_CORE ||
      ehdr.e_version !== EV_CURRENT || ehdr.e_ehsize !== SIZEOF_EHDR ||
      ehdr.e_phentsize !== SIZEOF_PHDR || ehdr.e_machine !== e_machine ||
      ehdr.e_phnum === 0 || header.length < phdrOffset(ehdr.e_phnum);
  },
  /** Offset of the program headers. */
  phoff: (_: Elf64Ehdr): number => phdrOffset(0),
  /** Place of the notes of a PT_NOTE, and the most bytes that they may have. */
  buffer: (
    { p_offset, p_memsz }: Elf64Phdr,
  ): [bigint, bigint] => [p_offset, p_memsz],
  /** The most bytes that a PT_NOTE may have. */
  most: ({ e_machine, page_size }: CaptureKernel): bigint =>
    BigInt(LARGEST[`${e_machine} ${page_size}`] ?? page_size << 10),
  /** p_memsz of a PT_NOTE whose notes were walked. */
  walked: (_: Elf64Phdr, size: number): bigint => BigInt(size),
  /** Returns the count of bytes of a buffer that are kept. */
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
  /** True if a program header gets a place in the file. */
  placed: ({ p_type }: Elf64Phdr): boolean => p_type === PT_LOAD,
  /** True if a PT_LOAD shares the place of an earlier one. */
  shares: (_: Elf64Phdr, _before: readonly Elf64Phdr[]): number => -1,
  /** The size of a PT_LOAD. */
  loadSize: ({ p_memsz }: Elf64Phdr): bigint => p_memsz,
  /** Offset from which a PT_LOAD is read. */
  source: ({ p_offset }: Elf64Phdr): bigint => p_offset,
  /** Its place within the first page. */
  inPage: (source: bigint, page: bigint): bigint => source % page,
  /** Bytes that it takes in the file. */
  takes: (source: bigint, memsz: bigint, page: bigint): bigint =>
    BigInt.asUintN(64, (source + memsz + page - 1n) / page * page) -
    source / page * page,
  /** The first byte behind the notes. */
  first: (header: number, notes: number): number => header + notes,
  /** The notes of device dumps, each padded. */
  dumps: ({ device_dumps = [], page_size }: CaptureKernel): Uint8Array[] =>
    device_dumps.map(({ name, bytes }) => dumpNote(name, bytes, page_size)),
  /** Device dumps and other notes, in which order. */
  joined: (dumps: Uint8Array[], notes: Uint8Array): Uint8Array[] => [
    ...dumps,
    notes,
  ],
  /** Bytes of device dumps that count for sizes and places. */
  counted: (dumps: number): number => dumps,
  phnum: (count: number, _before: number): number => count,
  /** Bytes of the header, before rounding. */
  header: (count: number, _before: number): number => phdrOffset(count),
};

/** A note of a device dump, filled up with zeroes. */
export function dumpNote(
  name: string,
  bytes: Uint8Array,
  round: number,
): Uint8Array {
  const note = new Uint8Array(alignUp(64 + bytes.length, round));
  const words = [8, note.length - 20, 0x700];
  words.forEach((word, i) => viewOf(note).setUint32(4 * i, word, true));
  note.set(new TextEncoder().encode(`LINUX\0\0\0${name}`), 12);
  note.set(bytes, 64);
  return note;
}

/** A wrong maker. */
export interface VmcoreMistake {
  /** Short name in kebab-case. */
  readonly name: string;
  /** Behaviour, in words. */
  readonly what: string;
  /** Its bytes; undefined where it refuses. */
  readonly make: (
    header: Uint8Array,
    read: ReadMemory,
    kernel: CaptureKernel,
  ) => Uint8Array | undefined;
}

/** A maker that takes these steps. */
export function makeBy(steps: typeof STEPS): VmcoreMistake["make"] {
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
    const most = steps.most(kernel);
    if (noted.some(({ p_memsz }) => p_memsz === 0n || p_memsz > most)) {
      return undefined;
    }
    const places = new Map(phdrs.map((phdr, i) => [phdr, i]));
    const notes = steps.order(noted.map((phdr) => {
      const [at, size] = steps.buffer(phdr);
      const buffer = readNotes(read, at, Number(size));
      const kept = buffer.slice(0, steps.kept(buffer));
      phdrs[places.get(phdr)!] = {
        ...phdr,
        p_memsz: steps.walked(phdr, kept.length),
      };
      return kept;
    }));
    const size = notes.reduce((sum, { length }) => sum + length, 0);
    if (steps.refusesNotes(size)) return undefined;
    const page = steps.page(kernel);
    const rest = steps.rest(phdrs, noted.length);
    const room = alignUp(steps.header(rest.length + 1, before), page);
    const dumps = steps.dumps(kernel);
    const dumped = dumps.reduce((sum, { length }) => sum + length, 0);
    const counted = steps.counted(dumped);
    const own = new Uint8Array(alignUp(size, page));
    let filled = 0;
    for (const note of notes) {
      own.set(note, filled);
      filled += note.length;
    }
    const head = new Uint8Array(room + dumped + own.length);
    head.set(header.subarray(0, SIZEOF_EHDR));
    const out = new DataView(head.buffer);
    out.setUint16(EHDR.e_phnum.at, steps.phnum(rest.length + 1, before), true);
    let next = BigInt(steps.first(room, alignUp(size, page)) + counted);
    const merged: Elf64Phdr = {
      p_type: PT_NOTE,
      p_flags: steps.flags(noted),
      p_offset: BigInt(room),
      p_vaddr: 0n,
      p_paddr: 0n,
      p_filesz: steps.size(size, page) + BigInt(counted),
      p_memsz: steps.size(size, page) + BigInt(counted),
      p_align: steps.align(kernel),
    };
    for (const [i, phdr] of [merged, ...rest].entries()) {
      let { p_offset } = phdr;
      const again = dumps.length > 0 && i > 0;
      const isNote = phdr.p_type === PT_NOTE;
      if (steps.placed(phdr) || again && !isNote) {
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
      // A device dump has every PT_NOTE take the size of all notes.
      const sizes = again && isNote
        ? { p_filesz: merged.p_filesz, p_memsz: merged.p_memsz }
        : {};
      const written = { ...phdr, p_offset, ...sizes };
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
    for (const part of steps.joined(dumps, own)) {
      head.set(part, at);
      at += part.length;
    }
    return head;
  };
}

/** A maker with some of its steps wrong. */
export function mistake(
  name: string,
  what: string,
  steps: Partial<typeof STEPS>,
): VmcoreMistake {
  return { name, what, make: makeBy({ ...STEPS, ...steps }) };
}
