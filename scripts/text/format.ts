/**
 * Any file as a text that a person reviews: each structure field by field,
 * notes with their registers and lines, and what is left as zeroes and hex.
 * `parseText()` makes the same bytes of it.
 *
 * @module
 */

import {
  EI,
  phdrCount,
  PN_XNUM,
  PT_NOTE,
  readEhdr,
  readPhdr,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
  SIZEOF_SHDR,
  viewOf,
} from "../../lib/elf/elf64.ts";
import {
  type ElfNote,
  isPrstatus,
  isVmcoreinfo,
  notePadded,
  SIZEOF_NHDR,
} from "../../lib/elf/notes.ts";
import { walkPtNote } from "../../lib/model/dump.ts";
import { NAMES, readNumber, STRUCTURES } from "./records.ts";
import { hex } from "../../lib/spec/shape.ts";

/** Something that is known of a file: where it is, and its records. */
interface Known {
  readonly at: number;
  readonly size: number;
  readonly lines: () => string[];
}

const ELFCLASS32 = 1;
const SIZEOF_IDENT = 16;

/** Formats a file. */
export function formatText(bytes: Uint8Array): string {
  const parts: string[][] = [];
  let next = 0;
  for (const { at, size, lines: linesOf } of knownIn(bytes)) {
    // An overlapping structure was shown by another one before it.
    if (at < next) continue;
    parts.push(fill(bytes.subarray(next, at)), linesOf());
    next = at + size;
  }
  parts.push(fill(bytes.subarray(next)));
  return parts.flat().join("\n") + "\n";
}

/** Everything that is whole in the file, in the order of the file. */
function knownIn(bytes: Uint8Array): Known[] {
  const ident = structure(bytes, "e_ident", 0);
  if (bytes.length < SIZEOF_IDENT) return [];
  if (bytes.length < SIZEOF_EHDR || bytes[EI.EI_CLASS] === ELFCLASS32) {
    return [ident];
  }
  const view = viewOf(bytes);
  const ehdr = readEhdr(view);
  const phdrs = table(
    bytes,
    phdrCount(view, ehdr) ?? ehdr.e_phnum,
    ehdr.e_phentsize >= SIZEOF_PHDR ? ehdr.e_phoff : undefined,
    ehdr.e_phentsize,
    "phdr",
  );
  const shdrs = table(
    bytes,
    Math.max(ehdr.e_shnum, ehdr.e_phnum === PN_XNUM ? 1 : 0),
    ehdr.e_shentsize >= SIZEOF_SHDR ? ehdr.e_shoff : undefined,
    ehdr.e_shentsize,
    "shdr",
  );
  const notes = phdrs.map(({ at }) => readPhdr(view, at))
    .filter(({ p_type }) => p_type === PT_NOTE)
    .flatMap((phdr) => walkPtNote(bytes, phdr))
    .map((note) => ({
      at: note.offset,
      size: note.size,
      lines: () => noteLines(bytes, note),
    }));
  return [
    ident,
    structure(bytes, "ehdr", SIZEOF_IDENT),
    ...phdrs,
    ...shdrs,
    ...notes,
  ].sort((a, b) => a.at - b.at);
}

/** Rows of a table behind the ELF header, as many as are whole. */
function table(
  bytes: Uint8Array,
  count: number,
  first: bigint | undefined,
  stride: number,
  name: string,
): Known[] {
  if (first === undefined || first >= BigInt(bytes.length)) return [];
  const rows: Known[] = [];
  for (let i = 0; i < count; i++) {
    const at = Number(first) + i * stride;
    if (at + STRUCTURES[name].size > bytes.length) break;
    if (at < SIZEOF_EHDR) continue;
    rows.push(structure(bytes, name, at, `${name}[${i}]`));
  }
  return rows;
}

function structure(
  bytes: Uint8Array,
  name: string,
  at: number,
  title = name,
): Known {
  const { size } = STRUCTURES[name];
  const lines = () => {
    const [first, ...rest] = fieldsIn(name, bytes.subarray(at, at + size));
    return [`${first}  # ${title} at ${hex(at)}`, ...rest];
  };
  return { at, size, lines };
}

/** The record of a structure. */
function fieldsIn(name: string, bytes: Uint8Array): string[] {
  const { fields, sparse, tall } = STRUCTURES[name];
  const words = Object.entries(fields).flatMap(([field, place]) => {
    const value = readNumber(bytes, place);
    return sparse && value === 0n ? [] : [`${field}=${shown(field, value)}`];
  });
  return tall
    ? [name, ...words.map((word) => `  ${word}`)]
    : [[name, ...words].join(" ")];
}

/** Counts in decimal; addresses, sizes and masks in hex. */
const DECIMAL_REGEXP =
  /^(?:n_|si_|pr_p|pr_sid|pr_cursig|EI_|e_(?!entry|phoff|shoff|flags)|p_flags|sh_(?:link|info|type))/;

function shown(field: string, value: bigint): string {
  const named = Object.entries(NAMES[field] ?? {}).find(([, known]) =>
    known === value
  );
  if (named) return named[0];
  return DECIMAL_REGEXP.test(field) && !["EI_MAG", "EI_PAD"].includes(field)
    ? `${value}`
    : hex(value);
}

/** A note with what is known of its data. */
function noteLines(bytes: Uint8Array, note: ElfNote): string[] {
  const { offset, size, n_namesz, desc } = note;
  const header = bytes.subarray(offset, offset + SIZEOF_NHDR);
  const start = offset + SIZEOF_NHDR + notePadded(n_namesz);
  const name = bytes.subarray(offset + SIZEOF_NHDR, start);
  const end = name.findLastIndex((byte) => byte !== 0) + 1;
  return [
    `${fieldsIn("note", header)[0]} name=${quote(name.subarray(0, end))}` +
    `  # note at ${hex(offset)}`,
    ...descLines(note),
    ...fill(bytes.subarray(start + desc.length, offset + size)),
  ];
}

function descLines(note: ElfNote): string[] {
  const { desc } = note;
  const { size } = STRUCTURES.prstatus;
  if (isPrstatus(note) && desc.length >= size) {
    return [
      ...fieldsIn("prstatus", desc.subarray(0, size)),
      ...registers(desc.subarray(size)),
    ];
  }
  return isVmcoreinfo(note) ? textLines(desc) : fill(desc);
}

const WORD = 8;
const WORDS_A_LINE = 4;

/** Registers as words of 8 bytes, up to the last that is not zero. */
function registers(bytes: Uint8Array): string[] {
  const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
  const count = Math.min(
    Math.ceil(end / WORD),
    Math.floor(bytes.length / WORD),
  );
  const lines: string[] = [];
  for (let i = 0; i < count; i += WORDS_A_LINE) {
    const words = Array.from(
      { length: Math.min(WORDS_A_LINE, count - i) },
      (_, k) => {
        const at = WORD * (i + k);
        return hex(readNumber(bytes, { at, size: WORD }));
      },
    );
    lines.push(`words ${words.join(" ")}  # pr_reg[${i}]`);
  }
  return [...lines, ...fill(bytes.subarray(WORD * count))];
}

/** Lines of text, each with its line feed. */
function textLines(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length;) {
    const feed = bytes.indexOf("\n".charCodeAt(0), start);
    const end = feed < 0 ? bytes.length : feed + 1;
    lines.push(`text ${quote(bytes.subarray(start, end))}`);
    start = end;
  }
  return lines;
}

/** A string of JSON, a letter a byte. */
function quote(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return JSON.stringify(text).replace(
    /[\x7f-\xff]/g,
    (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`,
  );
}

/** Zeroes that are worth a line of their own. */
const RUN = 16;
const BYTES_A_LINE = 32;

/** Bytes without a meaning that is known. */
function fill(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length;) {
    let zeroes = 0;
    while (at + zeroes < bytes.length && bytes[at + zeroes] === 0) zeroes++;
    if (zeroes >= RUN || at + zeroes === bytes.length) {
      lines.push(`zeroes ${zeroes}`);
      at += zeroes;
      continue;
    }
    let end = at + zeroes;
    for (let run = 0; end < bytes.length && end < at + BYTES_A_LINE; end++) {
      run = bytes[end] === 0 ? run + 1 : 0;
      if (run === RUN) {
        end -= RUN - 1;
        break;
      }
    }
    lines.push(`hex ${bytes.subarray(at, end).toHex()}`);
    at = end;
  }
  return lines;
}
