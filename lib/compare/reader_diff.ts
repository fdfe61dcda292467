/**
 * Compares the output of a reader with the headers of its input. The rules are
 * about writers, so these differences name none.
 *
 * @module
 */

import {
  EHDR,
  type Elf64Phdr,
  PHDR,
  phdrPlace,
  PN_XNUM,
  PT_LOAD,
  PT_NOTE,
  readEhdr,
  viewOf,
} from "../elf/elf64.ts";
import type { Difference } from "./diff.ts";
import { diffItems } from "./lists.ts";
import { type Printed, shown, valueOf } from "./printed.ts";
import { type Headers, headersOfAnyElf } from "./reader_json.ts";

/**
 * Compares what a reader printed with what an ELF file has.
 *
 * A value may be a number or a string, decimal or hex; keys that are not asked
 * for are not looked at.
 *
 * @param bytes A file whose program headers are there.
 * @param printed JSON, parsed.
 */
export function diffHeaders(bytes: Uint8Array, printed: unknown): Difference[] {
  const expected = headersOfAnyElf(bytes);
  const got = Object(printed) as Printed;
  const ehdr = (["e_machine", "e_phnum"] as const).flatMap((key) => {
    const value = valueOf(got[key]);
    // A reader of PN_XNUM may print the count that it found.
    const counted = key === "e_phnum" && expected.e_phnum === PN_XNUM &&
      value === BigInt(expected.phdrs.length);
    return value === BigInt(expected[key]) || counted ? [] : [{
      offset: EHDR[key].at,
      field: `ehdr.${key}`,
      expected: `${expected[key]}`,
      got: shown(got[key]),
    }];
  });
  const { e_phoff, e_phentsize } = readEhdr(viewOf(bytes));
  const place = (index: number) => phdrPlace({ e_phoff, e_phentsize }, index);
  return [...ehdr, ...diffRows(expected.phdrs, got.phdrs, place)];
}

type Row = Headers["phdrs"][number];

const KEYS = Object.keys(PHDR) as (keyof Elf64Phdr)[];

function diffRows(
  expected: readonly Row[],
  printed: unknown,
  place: (index: number) => number,
): Difference[] {
  if (!Array.isArray(printed)) {
    const wanted = `a list of ${expected.length}`;
    return [{
      offset: place(0),
      field: "phdrs",
      expected: wanted,
      got: shown(printed),
    }];
  }
  const got = printed.map((row): Printed => Object(row));
  // Most answers are equal to the letter, and then no value need be parsed.
  if (
    got.length === expected.length &&
    expected.every((row, i) => KEYS.every((key) => row[key] === got[i][key]))
  ) return [];
  return diffItems<Row>({
    name: "phdr",
    expected,
    got,
    keyOf: (row) => KEYS.map((key) => `${valueOf(row[key])}`).join(" "),
    titleOf: typeName,
    placeOf: place,
    fieldsOf: (index, row) =>
      KEYS.filter((key) => valueOf(row[key]) !== BigInt(expected[index][key]))
        .map((key) => ({
          offset: place(index) + PHDR[key].at,
          field: `phdr[${index}].${key}`,
          expected: `${expected[index][key]}`,
          got: shown(row[key], typeof expected[index][key] === "string"),
        })),
  });
}

function typeName({ p_type }: Row): string {
  return p_type === PT_NOTE
    ? "a PT_NOTE"
    : p_type === PT_LOAD
    ? "a PT_LOAD"
    : `one of type ${p_type}`;
}
