/**
 * Wrong readers of memory: a second reader of dumps, with one step wrong.
 *
 * @module
 */

import {
  type Elf64Phdr,
  phdrOffset,
  PT_LOAD,
  readEhdr,
  readPhdr,
  viewOf,
} from "../../lib/elf/elf64.ts";
import { parseMemory } from "../../lib/spec/memory.ts";
import type { Corpus } from "../../lib/suite/corpus.ts";
import {
  answerOf,
  dumpOf,
  memoryTests,
  readOf,
} from "../../lib/suite/memory.ts";
import type { Answer } from "../../lib/suite/answer.ts";
import { type Mutant, mutant } from "./mutant.ts";

/** A read: `space` says by which address. */
type Read = ReturnType<typeof readOf>;

/** A wrong reader. */
interface MemoryMistake {
  /** Short name in kebab-case. */
  readonly name: string;
  /** Description of the mistake. */
  readonly what: string;
  /** The bytes; nothing where they are not in the dump. */
  readonly read: (dump: Uint8Array, read: Read) => Uint8Array | undefined;
}

/** A segment as far as a read is concerned. */
interface Segment {
  readonly start: bigint;
  readonly memsz: bigint;
  readonly filesz: bigint;
  readonly offset: bigint;
}

const TOP = 1n << 64n;

/** The steps of the second reader, which goes byte by byte. */
const STEPS = {
  address: ({ address }: Read): bigint => address,
  start: (phdr: Elf64Phdr, { space }: Read): bigint =>
    space === "physical" ? phdr.p_paddr : phdr.p_vaddr,
  segments: (all: Segment[]): Segment[] => all,
  has: ({ start, memsz }: Segment, at: bigint): boolean =>
    start <= at && at < start + memsz,
  /** The segment of a byte, given that of the byte before. */
  next: (
    found: Segment | undefined,
    _before: Segment | undefined,
  ): Segment | undefined => found,
  /** Where a byte is in the file; nothing where it is zero. */
  place: (
    { start, filesz, offset }: Segment,
    at: bigint,
    _segments: Segment[],
  ): bigint | undefined =>
    at - start < filesz ? offset + at - start : undefined,
  /** A byte that is in no segment: its value, or the end of the read. */
  hole: "refused" as "refused" | "zero" | "short",
  /** The byte behind another. */
  after: (at: bigint): bigint => at + 1n,
  size: ({ size }: Read): number => size,
};

function readBy(steps: typeof STEPS): MemoryMistake["read"] {
  return (dump, read) => {
    const view = viewOf(dump);
    const phdrs = Array.from(
      { length: readEhdr(view).e_phnum },
      (_, i) => readPhdr(view, phdrOffset(i)),
    ).filter(({ p_type }) => p_type === PT_LOAD);
    const segments = steps.segments(phdrs.map((phdr): Segment => ({
      start: steps.start(phdr, read),
      memsz: phdr.p_memsz,
      filesz: phdr.p_filesz,
      offset: phdr.p_offset,
    })));
    const bytes: number[] = [];
    let before: Segment | undefined;
    let at = steps.address(read);
    while (bytes.length < steps.size(read)) {
      const found = steps.next(
        segments.find((segment) => steps.has(segment, at)),
        before,
      );
      if (found === undefined && steps.hole === "refused") return undefined;
      if (found === undefined && steps.hole === "short") break;
      const place = found && steps.place(found, at, segments);
      bytes.push(place === undefined ? 0 : dump[Number(place)] ?? 0);
      before = found;
      at = steps.after(at);
    }
    return bytes.length > 0 ? Uint8Array.from(bytes) : undefined;
  };
}

function mistake(
  name: string,
  what: string,
  steps: Partial<typeof STEPS>,
): MemoryMistake {
  return { name, what, read: readBy({ ...STEPS, ...steps }) };
}

/** The second reader without any mistake. */
export const readMemoryAgain: MemoryMistake["read"] = readBy(STEPS);

const PAGE = 4096n;

/** All of them. */
const MEMORY_MISTAKES: readonly MemoryMistake[] = [
  mistake("filesz-bounds", "what is not in the file is not in the dump", {
    has: ({ start, filesz }, at) => start <= at && at < start + filesz,
  }),
  mistake("filesz-ignored", "the file is read on where p_filesz ends", {
    place: ({ start, offset }, at) => offset + at - start,
  }),
  mistake("one-load-alone", "a read that leaves its PT_LOAD is refused", {
    next: (found, before) => before && found !== before ? undefined : found,
  }),
  mistake("short-at-end-of-load", "a read ends where its PT_LOAD ends", {
    next: (found, before) => before && found !== before ? undefined : found,
    hole: "short",
  }),
  mistake(
    "file-read-on",
    "behind a PT_LOAD the next bytes of the file are read",
    {
      next: (found, before) => found && (before ?? found),
      place: ({ start, filesz, memsz, offset }, at) =>
        at - start < filesz || at - start >= memsz
          ? offset + at - start
          : undefined,
    },
  ),
  mistake("holes-are-zero", "what is in no PT_LOAD is zero", { hole: "zero" }),
  mistake("short-in-hole", "a read ends where a hole begins", {
    hole: "short",
  }),
  mistake("first-offset-for-all", "all PT_LOADs lie as the first one does", {
    place: ({ start, filesz }, at, [first]) =>
      at - start < filesz
        ? BigInt.asUintN(32, first.offset + at - first.start)
        : undefined,
  }),
  mistake(
    "offset-in-page-of-address",
    "a byte has one place in its page, in memory as in the file",
    {
      place: ({ start, filesz, offset }, at) =>
        at - start < filesz
          ? (offset + at - start) / PAGE * PAGE + at % PAGE
          : undefined,
    },
  ),
  mistake("pages-are-whole", "a page that is there in part is there", {
    has: ({ start, memsz }, at) =>
      start / PAGE * PAGE <= at && at < start + memsz,
  }),
  mistake("paddr-for-vaddr", "virtual addresses are looked up in p_paddr", {
    start: ({ p_paddr }) => p_paddr,
  }),
  mistake("vaddr-for-paddr", "physical addresses are looked up in p_vaddr", {
    start: ({ p_vaddr }) => p_vaddr,
  }),
  mistake("any-address", "an address is looked up in p_vaddr and p_paddr", {
    start: ({ p_vaddr, p_paddr, p_memsz }, { address }) =>
      p_vaddr <= address && address < p_vaddr + p_memsz ? p_vaddr : p_paddr,
  }),
  mistake("kernel-left-out", "the first PT_LOAD is taken as a copy of RAM", {
    segments: ([_, ...rest]) => rest,
  }),
  mistake("last-byte-left-out", "the last byte of a PT_LOAD is not in it", {
    has: ({ start, memsz }, at) => start <= at && at < start + memsz - 1n,
  }),
  mistake("end-included", "the byte behind a PT_LOAD is in it", {
    has: ({ start, memsz }, at) => start <= at && at <= start + memsz,
  }),
  mistake("addresses-wrap", "behind the last address comes 0", {
    after: (at) => (at + 1n) % TOP,
  }),
  mistake("end-wraps", "the end of a PT_LOAD is computed in 64 bits", {
    has: ({ start, memsz }, at) => start <= at && at < (start + memsz) % TOP,
  }),
  mistake("address-double", "an address goes through a double", {
    address: ({ address }) => BigInt(Number(address)),
  }),
  mistake("address-32-bit", "an address is cut to 32 bits", {
    address: ({ address }) => BigInt.asUintN(32, address),
  }),
  mistake("address-0-refused", "an address of 0 is none", {
    has: (segment, at) => at !== 0n && STEPS.has(segment, at),
  }),
  mistake("words-alone", "an address is rounded down to words", {
    address: ({ address }) => address / 8n * 8n,
  }),
  mistake(
    "nearest-below",
    "only the PT_LOAD with the nearest start is looked at",
    {
      segments: (all) => all.toSorted((a, b) => a.start < b.start ? 1 : -1),
      has: ({ start }, at) => start <= at,
    },
  ),
  mistake("half-page", "of a page half is read", {
    size: ({ size }) => Math.min(size, 2048),
  }),
];

/** A wrong reader each, over all reads. */
export function memoryMutants(corpus: Corpus): Mutant[] {
  const tests = memoryTests(corpus);
  const reads = new Map<string, { dump: Uint8Array; read: Read }>();
  for (const { id, yaml } of corpus.memories) {
    const spec = parseMemory(yaml);
    const dump = dumpOf(spec, corpus);
    for (const read of spec.reads) {
      reads.set(`${id}/${read.name}`, { dump, read: readOf(read) });
    }
  }
  return MEMORY_MISTAKES.map(({ name, what, read: wrong }) =>
    mutant("memory", name, what, tests, ({ id }): Answer => {
      const { dump, read } = reads.get(id)!;
      return answerOf(wrong(dump, read));
    })
  );
}
