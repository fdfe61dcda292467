/**
 * The kinds of mistakes that a reader makes, each as a function from what is
 * particular about one to the wrong reader.
 *
 * @module
 */

import {
  type Headers,
  headersOf,
  listHeaders,
} from "../../lib/compare/reader_json.ts";
import {
  EHDR,
  type Elf64Ehdr,
  ET_CORE,
  EV_CURRENT,
  phdrOffset,
  readEhdr,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
  viewOf,
} from "../../lib/elf/elf64.ts";
import { FormatError } from "../../lib/kernel/read_header.ts";
import type { Found } from "./phdr_walk.ts";

/** A wrong reader: what it prints of an image; undefined where it refuses it. */
export interface ReaderMistake {
  /** Short name in kebab-case. */
  readonly name: string;
  /** Behaviour, in words. */
  readonly what: string;
  /** Its answer. */
  readonly read: (bytes: Uint8Array) => Headers | undefined;
}

/** A reader that does not see what is wrong with some bytes: it corrects them first. */
export function blind(
  name: string,
  what: string,
  correct: (bytes: Uint8Array) => void,
): ReaderMistake {
  const read = (bytes: Uint8Array) => {
    const corrected = bytes.slice();
    if (corrected.length >= SIZEOF_EHDR) correct(corrected);
    return right(corrected);
  };
  return { name, what, read };
}

/** A reader that changes what it reads. */
export function changing(
  name: string,
  what: string,
  change: (headers: Headers, bytes: Uint8Array) => Headers | undefined,
): ReaderMistake {
  const read = (bytes: Uint8Array) => {
    const headers = right(bytes);
    return headers && change(headers, bytes);
  };
  return { name, what, read };
}

/** A reader that reads `count` program headers, come what may. */
export function counting(
  name: string,
  what: string,
  count: (ehdr: Elf64Ehdr, bytes: Uint8Array) => number,
): ReaderMistake {
  const read = (bytes: Uint8Array) => {
    if (bytes.length < SIZEOF_EHDR) return undefined;
    const ehdr = readEhdr(viewOf(bytes));
    // Beyond the end of the file zeroes are read, up to the largest count.
    const fixed = new Uint8Array(
      Math.min(
        phdrOffset(count(ehdr, bytes)),
        Math.max(bytes.length, phdrOffset(65536)),
      ),
    );
    fixed.set(bytes.subarray(0, fixed.length));
    const phdrs = (fixed.length - SIZEOF_EHDR) / SIZEOF_PHDR;
    if (phdrs === 0) {
      return { e_machine: ehdr.e_machine, e_phnum: 0, phdrs: [] };
    }
    new DataView(fixed.buffer).setUint16(EHDR.e_phnum.at, phdrs, true);
    const headers = right(fixed);
    return headers && { ...headers, e_phnum: ehdr.e_phnum };
  };
  return { name, what, read };
}

/** Output of a correct reader; nothing where it refuses. */
export function right(bytes: Uint8Array): Headers | undefined {
  try {
    return headersOf(bytes);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** Formats what was found; nothing where it was refused. */
export function listed(found: Found): Headers | undefined {
  return found && listHeaders(found.ehdr, found.phdrs);
}

/** Program headers that a file of this length has room for. */
export function countThatFits(length: number): number {
  return Math.floor((length - SIZEOF_EHDR) / SIZEOF_PHDR);
}

/** Sets a field of the ELF header to its right value. */
export function set(
  key: keyof typeof EHDR_RIGHT,
): (bytes: Uint8Array) => void {
  const { at, size } = EHDR[key];
  return (bytes) => {
    bytes.fill(0, at, at + size);
    viewOf(bytes).setUint16(at, EHDR_RIGHT[key], true);
  };
}

const EHDR_RIGHT = {
  e_type: ET_CORE,
  e_version: EV_CURRENT,
  e_phoff: SIZEOF_EHDR,
  e_ehsize: SIZEOF_EHDR,
  e_phentsize: SIZEOF_PHDR,
} as const;

type Row = Headers["phdrs"][number];

/** A reader that changes every program header alike. */
export function each(change: (row: Row) => Row): (headers: Headers) => Headers {
  return (headers) => ({ ...headers, phdrs: headers.phdrs.map(change) });
}
