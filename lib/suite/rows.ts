/**
 * The lists of a right answer and of a wrong one, a row per program header or
 * note.
 *
 * @module
 */

import { partsOf, type PhdrPart } from "../compare/diff.ts";
import { valueOf } from "../compare/printed.ts";
import { readAnyElf } from "../compare/reader_json.ts";
import {
  type Elf64Phdr,
  ELFMAG,
  PHDR,
  PT_LOAD,
  PT_NOTE,
  readEhdr,
  readPhdrs,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
  viewOf,
} from "../elf/elf64.ts";
import { FormatError } from "../kernel/read_header.ts";

/** Purpose of a row. */
export type Part = PhdrPart | "PT_NOTE" | "PT_LOAD" | "other" | "note";

/** Names of the parts, in reports. */
export const PART_NAMES: Readonly<Record<Part, string>> = {
  crash_notes: "CPU notes",
  vmcoreinfo: "the vmcoreinfo note",
  kernel: "the kernel text",
  ram: "RAM",
  PT_NOTE: "PT_NOTEs",
  PT_LOAD: "PT_LOADs",
  other: "program headers of other types",
  note: "notes",
};

/** A program header or a note. */
export interface Row {
  /** Its purpose. */
  readonly part: Part;
  /** Index in its list. */
  readonly index: number;
  /** Index among those of its part. */
  readonly nth: number;
  /** Its name, of a note. */
  readonly name?: string;
  /** Its numbers by their field. */
  readonly fields: Readonly<Record<string, bigint>>;
}

/** Rows that are looked at; those of the largest headers are alike. */
export const MOST_ROWS = 9000;

/** Lists the rows of a right answer: an ELF file, or the JSON that lists one. */
export function rowsOf(bytes: Uint8Array): Row[] {
  if (isElf(bytes)) return rowsOfElf(bytes);
  const { phdrs, notes } = parsePrinted(bytes);
  const list: Record<string, unknown>[] = phdrs ?? notes ?? [];
  return numbered(list.map((printed) => ({
    part: phdrs ? partOfType(Number(printed.p_type)) : "note" as const,
    name: phdrs ? undefined : `${printed.name}`,
    fields: numbersIn(printed),
  })));
}

/** The numbers of a right answer that are in no list, its size among them. */
export function topOf(bytes: Uint8Array): Record<string, bigint> {
  const values = isElf(bytes)
    ? { ...readEhdr(viewOf(bytes)), size: bytes.length }
    : parsePrinted(bytes);
  return numbersIn(values);
}

/** Parses a printed answer; the memory of a dump is none. */
// deno-lint-ignore no-explicit-any
function parsePrinted(bytes: Uint8Array): any {
  if (bytes[0] !== "{".charCodeAt(0)) return {};
  return JSON.parse(new TextDecoder().decode(bytes));
}

function numbersIn(values: object): Record<string, bigint> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => {
      const number = typeof value === "bigint" ? value : valueOf(value);
      return number === undefined ? [] : [[key, number]];
    }),
  );
}

/** True if bytes begin as an ELF file does. */
export function isElf(bytes: Uint8Array): boolean {
  return ELFMAG.every((byte, at) => bytes[at] === byte);
}

/** The parts of an elfcorehdr have names; of another file the types do. */
function rowsOfElf(bytes: Uint8Array): Row[] {
  let elf: ReturnType<typeof readAnyElf>;
  try {
    elf = readAnyElf(bytes);
  } catch (error) {
    if (error instanceof FormatError) return [];
    throw error;
  }
  const { ehdr, phdrs } = elf;
  const isElfcorehdr = phdrs.some(({ p_type, p_offset, p_paddr }) =>
    p_type === PT_NOTE && p_offset === p_paddr
  );
  const some = phdrs.slice(0, MOST_ROWS);
  const parts: readonly Part[] = isElfcorehdr
    ? partsOf(ehdr, phdrs)
    : some.map(({ p_type }) => partOfType(p_type));
  return numbered(
    some.map((phdr, i) => ({ part: parts[i], fields: numbersIn(phdr) })),
  );
}

function partOfType(p_type: number): Part {
  return p_type === PT_NOTE
    ? "PT_NOTE"
    : p_type === PT_LOAD
    ? "PT_LOAD"
    : "other";
}

function numbered(
  rows: readonly Pick<Row, "part" | "name" | "fields">[],
): Row[] {
  const counts = new Map<Part, number>();
  return rows.map(({ part, name, fields }, index) => {
    const nth = counts.get(part) ?? 0;
    counts.set(part, nth + 1);
    return { part, index, nth, name, fields };
  });
}

/**
 * Lists the program headers of a wrong elfcorehdr. Where e_phnum cannot be
 * meant, all of them count that are there.
 */
export function slotsOf(got: Uint8Array, wanted: number): Elf64Phdr[] {
  if (got.length < SIZEOF_EHDR) return [];
  const view = viewOf(got);
  const room = Math.floor((got.length - SIZEOF_EHDR) / SIZEOF_PHDR);
  const last = got.findLastIndex((byte) => byte !== 0);
  const there = Math.ceil((last + 1 - SIZEOF_EHDR) / SIZEOF_PHDR);
  const { e_phnum } = readEhdr(view);
  const count = there === wanted || e_phnum > Math.min(room, there)
    ? Math.max(0, there)
    : e_phnum;
  return readPhdrs(view, Math.min(count, room));
}

/** All fields of a program header. */
export const PHDR_KEYS = Object.keys(PHDR) as (keyof Elf64Phdr)[];
