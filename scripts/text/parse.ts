/**
 * The text of a file back into its bytes. Every byte comes from a value of the
 * text; comments and offsets in them mean nothing.
 *
 * @module
 */

import { concat } from "@std/bytes";
import { notePadded } from "../../lib/elf/notes.ts";
import { NAMES, type Structure, STRUCTURES, writeNumber } from "./records.ts";

/** A record, and the line where it begins. */
interface Line {
  readonly line: number;
  readonly kind: string;
  readonly words: readonly string[];
}

/** The most bytes of a text: those of the largest header. */
const MOST = 8 << 20;

/**
 * Makes the bytes of a text.
 *
 * @throws {SyntaxError} If it is malformed, with the line and what is wanted.
 */
export function parseText(text: string): Uint8Array {
  const parts = recordsIn(text).map((record) => bytesOf(record));
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  if (size > MOST) {
    fail(1, "the whole text", `${MOST} bytes at most`, `${size}`);
  }
  return concat(parts);
}

/** A string, or what has no blank; a mark outside of strings begins a comment. */
const WORD_REGEXP =
  /[^\s"#=]+="(?:[^"\\]|\\.)*"|"(?:[^"\\]|\\.)*"|[^\s#]+|#.*/g;

function recordsIn(text: string): Line[] {
  const records: { line: number; kind: string; words: string[] }[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    const words = (line.match(WORD_REGEXP) ?? []).filter((word) =>
      !word.startsWith("#")
    );
    if (words.length === 0) continue;
    const last = records.at(-1);
    if (!/^\s/.test(line)) {
      const [kind, ...rest] = words;
      records.push({ line: i + 1, kind, words: rest });
    } else if (last) last.words.push(...words);
    else fail(i + 1, "a line", "without indent, as the first", "indented");
  }
  return records;
}

function bytesOf({ line, kind, words }: Line): Uint8Array {
  if (Object.hasOwn(STRUCTURES, kind)) {
    return structureOf(line, kind, STRUCTURES[kind], words);
  }
  const one = () => {
    if (words.length === 1) return words[0];
    return fail(line, kind, "followed by one word", `${words.length} words`);
  };
  switch (kind) {
    case "zeroes": {
      const size = numberOf(line, kind, one(), 4);
      if (size > MOST) fail(line, kind, `${MOST} at most`, `${size}`);
      return new Uint8Array(Number(size));
    }
    case "hex":
      if (/^(?:[0-9a-f]{2})+$/.test(one())) return Uint8Array.fromHex(one());
      return fail(line, kind, "bytes in hex", one());
    case "text":
      return lettersOf(line, kind, one());
    case "words":
      return concat(words.map((word) => {
        const bytes = new Uint8Array(8);
        const place = { at: 0, size: bytes.length };
        writeNumber(bytes, place, numberOf(line, kind, word, bytes.length));
        return bytes;
      }));
  }
  const kinds = [...Object.keys(STRUCTURES), "zeroes", "hex", "text", "words"];
  return fail(line, "the first word", `one of ${kinds.join(", ")}`, kind);
}

function structureOf(
  line: number,
  kind: string,
  { size, fields, sparse }: Structure,
  words: readonly string[],
): Uint8Array {
  const bytes = new Uint8Array(size);
  const values = new Map(words.map((word) => {
    const equal = word.indexOf("=");
    return [word.slice(0, equal), word.slice(equal + 1)] as const;
  }));
  if (values.size !== words.length) {
    fail(
      line,
      kind,
      "fields that differ, each with = and a value",
      words.join(" "),
    );
  }
  const known = [...Object.keys(fields), ...kind === "note" ? ["name"] : []];
  const unknown = [...values.keys()].find((key) => !known.includes(key));
  if (unknown !== undefined) {
    fail(line, `a field of ${kind}`, `one of ${known.join(", ")}`, unknown);
  }
  for (const [field, place] of Object.entries(fields)) {
    const value = values.get(field);
    if (value !== undefined) {
      const number = numberOf(line, field, value, place.size);
      writeNumber(bytes, place, number);
    } else if (!sparse) fail(line, field, "there", "nothing");
  }
  if (kind !== "note") return bytes;
  return concat([bytes, nameOf(line, values)]);
}

/** The name of a note, filled up with zeroes as n_namesz has it. */
function nameOf(line: number, values: ReadonlyMap<string, string>): Uint8Array {
  const n_namesz = Number(
    numberOf(line, "n_namesz", values.get("n_namesz")!, 4),
  );
  const letters = lettersOf(line, "name", values.get("name") ?? '""');
  const size = notePadded(n_namesz);
  if (letters.length > size || size > MOST) {
    const wanted = `${n_namesz} bytes at most, by n_namesz, and padding`;
    fail(line, "name", wanted, `${letters.length} bytes`);
  }
  const name = new Uint8Array(size);
  name.set(letters);
  return name;
}

function numberOf(
  line: number,
  field: string,
  word: string,
  size: number,
): bigint {
  const named = NAMES[field]?.[word];
  if (named !== undefined) return named;
  const value = /^(?:0x[0-9a-f]+|\d+)$/.test(word) ? BigInt(word) : undefined;
  if (value !== undefined && value < 1n << BigInt(8 * size)) return value;
  return fail(line, field, `a number of ${size} bytes`, word);
}

function lettersOf(line: number, field: string, word: string): Uint8Array {
  try {
    const text: unknown = JSON.parse(word);
    if (typeof text === "string" && /^[\0-\xff]*$/.test(text)) {
      return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    }
  } catch { /* no JSON */ }
  return fail(line, field, "a string of JSON, a letter a byte", word);
}

function fail(
  line: number,
  field: string,
  wanted: string,
  found: string,
): never {
  throw new SyntaxError(
    `Cannot read text at line ${line}: ${field} must be ${wanted}: current value is ${
      JSON.stringify(found.slice(0, 80))
    }`,
  );
}
