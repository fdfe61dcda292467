/**
 * Reads of a small dump: the text of a file of spec/memory in; the layout of
 * the dump, and each read with its answer out.
 *
 * @module
 */

import { parseSpec } from "./document.ts";
import { headKeys } from "./head.ts";
import {
  count,
  counted,
  described,
  list,
  matching,
  optional,
  record,
  type Shape,
  text,
  u64,
} from "./shape.ts";

/** A PT_LOAD of the dump; p_flags is 7 and p_align 0. */
export interface DumpLoad {
  /** Where its bytes are in the dump. */
  p_offset: bigint;
  /** Virtual address. */
  p_vaddr: bigint;
  /** Physical address. */
  p_paddr: bigint;
  /** Bytes in the dump. */
  p_filesz: bigint;
  /** Bytes of memory; what is not in the dump is zero. */
  p_memsz: bigint;
}

/** A part of an answer: memory from a physical address on, or zeroes. */
export interface ReadPart {
  /** Physical address of the first byte; zeroes where absent. */
  paddr?: bigint;
  /** Bytes. */
  size: number;
}

/** A read of the dump. */
export interface MemoryRead {
  /** Unique in the file. */
  name: string;
  /** Mistake of a reader that it finds. */
  why: string;
  /** Physical address of the first byte; a read has this one or `virtual`. */
  physical?: bigint;
  /** Virtual address of the first byte. */
  virtual?: bigint;
  /** Bytes, 4096 at most. */
  size: number;
  /** The right answer, worked out by hand; absent where not all is in the dump. */
  answer?: ReadPart[];
  /** Name of a valid read, where there is no answer. */
  twin?: string;
}

/** Contents of a file of spec/memory. */
export interface MemorySpec {
  /** Description, in one line. */
  title: string;
  /** Why it exists. */
  why: string;
  /** Rules that it is there for. */
  rules: string[];
  /** Id of the panic whose ELF header and notes the dump has. */
  base: string;
  /** p_offset of its PT_NOTE. */
  notes: number;
  /** Its PT_LOADs, in order. */
  loads: DumpLoad[];
  /** Reads of it. */
  reads: MemoryRead[];
}

/** The most bytes of a read. */
export const MOST_READ = 4096;

const size = counted(1, MOST_READ);

/** The shape of a file of spec/memory. */
export const memoryShape: Shape<MemorySpec> = record({
  ...headKeys,
  base: described(
    matching(/^vmcore\/[A-Za-z0-9._-]+$/, "the id of a panic"),
    "Id of the panic whose ELF header and notes the dump has.",
  ),
  notes: described(count, "p_offset of its PT_NOTE."),
  loads: described(
    list(record({
      p_offset: described(u64, "Place of its bytes in the dump."),
      p_vaddr: described(u64, "Virtual address."),
      p_paddr: described(u64, "Physical address."),
      p_filesz: described(u64, "Bytes in the dump."),
      p_memsz: described(u64, "Bytes of memory; the others are zero."),
    })),
    "Its PT_LOADs; each word of 8 bytes in them is its own physical address.",
  ),
  reads: described(
    list(record({
      name: described(
        matching(/^[a-z0-9-]+$/, "a name in kebab-case"),
        "Name, unique in the file.",
      ),
      why: described(text, "Mistake of a reader that this read finds."),
      physical: optional(u64, "Physical address; or virtual is there."),
      virtual: optional(u64, "Virtual address."),
      size: described(size, "Bytes."),
      answer: optional(
        list(record({
          paddr: optional(u64, "Physical address; zeroes where absent."),
          size: described(size, "Bytes."),
        })),
        "The right answer in parts, worked out by hand.",
      ),
      twin: optional(text, "Of a read without answer: name of a valid one."),
    })),
    "Reads of the dump.",
  ),
});

/**
 * Parses a file of spec/memory.
 *
 * @throws {SpecError} If it is malformed, with every problem.
 */
export function parseMemory(yaml: string, file = "spec"): MemorySpec {
  return parseSpec(memoryShape, yaml, file, ({ reads = [] }, report) => {
    const answered = new Set(
      reads.filter(({ answer }) => answer).map(({ name }) => name),
    );
    for (const [i, read] of reads.entries()) {
      const { physical, virtual, size, answer, twin } = read;
      const at = (key: string) => `reads[${i}].${key}`;
      if ((physical === undefined) === (virtual === undefined)) {
        report("value", at("physical"), "there, or virtual", "both or none");
      }
      const sum = answer?.reduce((sum, part) => sum + part.size, 0) ?? size;
      if (sum !== size) {
        report("value", at("answer"), `${size} bytes`, `${sum}`);
      }
      if (answer ? twin !== undefined : !answered.has(twin ?? "")) {
        const wanted = "the name of a read with an answer where it has none";
        report("value", at("twin"), wanted, twin ?? "nothing");
      }
    }
  });
}
