/**
 * Wrong readers: each takes one thing on trust, or sees one thing that is not
 * there.
 *
 * @module
 */

import { decodeElfcorehdr, FormatError } from "../kernel/read_header.ts";
import {
  type Elf64Ehdr,
  phdrOffset,
  readEhdr,
  readPhdr,
} from "../elf/elf64.ts";
import { type Headers, headersOf } from "../compare/reader_json.ts";

/** A wrong reader: what it prints of an image; undefined where it refuses it. */
export interface ReaderMistake {
  /** Short name in kebab-case. */
  readonly name: string;
  /** What it does. */
  readonly what: string;
  /** Its answer. */
  readonly read: (bytes: Uint8Array) => Headers | undefined;
}

/** A reader that does not see what is wrong with some bytes: it mends them first. */
function blind(
  name: string,
  what: string,
  mend: (bytes: Uint8Array) => void,
): ReaderMistake {
  const read = (bytes: Uint8Array) => {
    const mended = bytes.slice();
    if (mended.length >= 64) mend(mended);
    return right(mended);
  };
  return { name, what, read };
}

/** A reader that changes what it reads. */
function wrong(
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
function counting(
  name: string,
  what: string,
  count: (ehdr: Elf64Ehdr, bytes: Uint8Array) => number,
): ReaderMistake {
  const read = (bytes: Uint8Array) => {
    if (bytes.length < 64) return undefined;
    const padded = new Uint8Array(Math.max(bytes.length, phdrOffset(65536)));
    padded.set(bytes);
    const view = new DataView(padded.buffer);
    const ehdr = readEhdr(view);
    const fixed = padded.slice(0, phdrOffset(count(ehdr, bytes)));
    const phdrs = (fixed.length - 64) / 56;
    if (phdrs === 0) {
      return { e_machine: ehdr.e_machine, e_phnum: 0, phdrs: [] };
    }
    new DataView(fixed.buffer).setUint16(0x38, phdrs, true);
    const headers = right(fixed);
    return headers && { ...headers, e_phnum: ehdr.e_phnum };
  };
  return { name, what, read };
}

function right(bytes: Uint8Array): Headers | undefined {
  try {
    return headersOf(bytes);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function set(at: number, ...values: number[]): (bytes: Uint8Array) => void {
  return (bytes) => bytes.set(values, at);
}

type Row = Headers["phdrs"][number];

function each(change: (row: Row) => Row): (headers: Headers) => Headers {
  return (headers) => ({ ...headers, phdrs: headers.phdrs.map(change) });
}

/** All of them. */
export const READER_MISTAKES: readonly ReaderMistake[] = [
  blind(
    "magic-three-bytes",
    "the last byte of the magic is not looked at",
    set(3, 0x46),
  ),
  blind("class-ignored", "a 32-bit header is read as a 64-bit one", set(4, 2)),
  blind("class-none-accepted", "class 0 passes for 64-bit", (bytes) => {
    if (bytes[4] === 0) bytes[4] = 2;
  }),
  blind("data-ignored", "big-endian data is read as little-endian", set(5, 1)),
  blind(
    "ident-version-ignored",
    "the version in e_ident is not looked at",
    set(6, 1),
  ),
  blind("type-ignored", "an executable passes for a core file", set(16, 4, 0)),
  blind("version-ignored", "e_version is not looked at", set(20, 1, 0, 0, 0)),
  blind(
    "phoff-ignored",
    "program headers are read from byte 64 though e_phoff says otherwise",
    set(32, 64, 0, 0, 0, 0, 0, 0, 0),
  ),
  blind("ehsize-ignored", "e_ehsize is not looked at", set(52, 64, 0)),
  blind("phentsize-ignored", "e_phentsize is not looked at", set(54, 56, 0)),
  blind(
    "phentsize-zero-accepted",
    "e_phentsize 0 passes for the usual one",
    (bytes) => {
      if (bytes[54] === 0) bytes[54] = 56;
    },
  ),
  counting(
    "phnum-trusted",
    "e_phnum is trusted beyond the end of the file",
    ({ e_phnum }) => e_phnum,
  ),
  counting(
    "phnum-cut-to-file",
    "what does not fit is cut off instead of refused",
    ({ e_phnum }, { length }) =>
      Math.min(e_phnum, Math.floor((length - 64) / 56)),
  ),
  counting(
    "phnum-zero-accepted",
    "a header without program headers is accepted",
    ({ e_phnum }, { length }) =>
      e_phnum === 0 ? 0 : Math.min(e_phnum, Math.floor((length - 64) / 56)),
  ),
  counting(
    "phnum-from-length",
    "as many program headers as the file could hold",
    (_, { length }) => Math.floor((length - 64) / 56),
  ),
  wrong(
    "phnum-xnum-refused",
    "65,535 program headers are taken for an escape to section 0",
    (headers) => headers.e_phnum === 0xffff ? undefined : headers,
  ),
  wrong(
    "phnum-signed",
    "more than 32,767 program headers are refused",
    (headers) => headers.e_phnum > 0x7fff ? undefined : headers,
  ),
  wrong(
    "padding-required",
    "a file that ends with its last program header is refused",
    (headers, { length }) => length % 1024 === 0 ? headers : undefined,
  ),
  wrong(
    "page-required",
    "a segment longer than its header is refused",
    (headers, { length }) =>
      length - phdrOffset(headers.e_phnum) > 8192 ? undefined : headers,
  ),
  wrong("overlap-refused", "RAM ranges that overlap are refused", (headers) => {
    const ends = headers.phdrs.filter(({ p_type }) => p_type === 1).slice(1)
      .map((
        { p_paddr, p_memsz },
      ) => [BigInt(p_paddr), BigInt(p_paddr) + BigInt(p_memsz)]);
    return ends.some(([start], i) =>
        i > 0 && start < ends[i - 1][1] && start >= ends[i - 1][0]
      )
      ? undefined
      : headers;
  }),
  wrong(
    "late-note-refused",
    "a PT_NOTE behind a PT_LOAD is refused",
    (headers) => {
      const types = headers.phdrs.map(({ p_type }) => p_type);
      return types.lastIndexOf(4) > types.indexOf(1) && types.includes(1)
        ? undefined
        : headers;
    },
  ),
  wrong(
    "wrap-refused",
    "a range that ends beyond 2^64 is refused",
    (headers) =>
      headers.phdrs.some(({ p_paddr, p_memsz }) =>
          BigInt(p_paddr) + BigInt(p_memsz) > 1n << 64n
        )
        ? undefined
        : headers,
  ),
  wrong(
    "filesz-differs-refused",
    "p_filesz unlike p_memsz is refused",
    (headers) =>
      headers.phdrs.some(({ p_filesz, p_memsz }) => p_filesz !== p_memsz)
        ? undefined
        : headers,
  ),
  wrong(
    "memsz-as-filesz",
    "p_memsz is printed for p_filesz",
    each((row) => ({ ...row, p_filesz: row.p_memsz })),
  ),
  wrong(
    "offset-as-paddr",
    "p_offset is printed for p_paddr",
    each((row) => ({ ...row, p_paddr: row.p_offset })),
  ),
  wrong(
    "paddr-as-offset",
    "p_paddr is printed for p_offset",
    each((row) => ({ ...row, p_offset: row.p_paddr })),
  ),
  wrong(
    "vaddr-double",
    "p_vaddr goes through a double",
    each((row) => ({
      ...row,
      p_vaddr: `0x${BigInt(Number(row.p_vaddr)).toString(16)}`,
    })),
  ),
  wrong(
    "paddr-32-bit",
    "p_paddr is cut to 32 bits",
    each((row) => ({
      ...row,
      p_paddr: `0x${BigInt.asUintN(32, BigInt(row.p_paddr)).toString(16)}`,
    })),
  ),
  wrong(
    "unknown-types-dropped",
    "program headers of unknown type are left out",
    (headers) => ({
      ...headers,
      phdrs: headers.phdrs.filter(({ p_type }) => p_type === 1 || p_type === 4),
    }),
  ),
  wrong(
    "notes-only",
    "PT_LOADs are left out",
    (headers) => ({
      ...headers,
      phdrs: headers.phdrs.filter(({ p_type }) => p_type === 4),
    }),
  ),
  wrong("sorted", "program headers are sorted by address", (headers) => ({
    ...headers,
    phdrs: headers.phdrs.toSorted((a, b) =>
      BigInt(a.p_paddr) < BigInt(b.p_paddr) ? -1 : 1
    ),
  })),
  wrong(
    "first-phdr-skipped",
    "the first program header is skipped",
    (headers) => ({ ...headers, phdrs: headers.phdrs.slice(1) }),
  ),
  {
    name: "alignment-word",
    what: "the flags are read from where a 32-bit header has them",
    read: (bytes) => {
      const headers = right(bytes);
      if (!headers) return undefined;
      const view = new DataView(
        bytes.buffer,
        bytes.byteOffset,
        bytes.byteLength,
      );
      const { phdrs } = decodeElfcorehdr(bytes);
      return {
        ...headers,
        phdrs: headers.phdrs.map((row, i) => ({
          ...row,
          p_flags: Number(
            BigInt.asUintN(32, readPhdr(view, phdrOffset(i)).p_offset),
          ) || phdrs[i].p_flags,
        })),
      };
    },
  },
];
