/**
 * Changes of a list as a whole: rows that were lost, are there again, or
 * have another place.
 *
 * @module
 */

import type { Elf64Phdr } from "../elf/elf64.ts";
import { PHDR_KEYS, type Row } from "./rows.ts";

/** How a list differs from the right one, where its rows are known ones. */
export interface Edits {
  /** Rows that are missing. */
  readonly lost: readonly Row[];
  /** Rows that are there once more than they should be, once each time. */
  readonly again: readonly Row[];
  /** All others, as they follow each other. */
  readonly order: readonly Row[];
  /** Each of these, and its index in the list that is wrong. */
  readonly pairs: readonly (readonly [row: Row, got: number])[];
}

/** Fields that identify a program header: all, or those that stay where one is wrong. */
const IDENTITIES: readonly (readonly (keyof Elf64Phdr)[])[] = [
  PHDR_KEYS,
  ["p_type", "p_paddr", "p_memsz"],
  ["p_type", "p_paddr"],
];

/** Finds what was lost, repeated or moved; nothing where each row is in its place, or is of no known one. */
export function editsOf(
  rows: readonly Row[],
  got: readonly Elf64Phdr[],
): Edits | undefined {
  const isInPlace = got.length === rows.length &&
    rows.every(({ fields }, i) =>
      fields.p_paddr === got[i].p_paddr &&
      fields.p_type === BigInt(got[i].p_type)
    );
  if (got.length === 0 || isInPlace) return undefined;
  for (const identity of IDENTITIES) {
    const keyOf = (fields: Readonly<Record<string, unknown>>) =>
      identity.map((key) => `${fields[key]}`).join(" ");
    const wanted = rows.map(({ fields }) => keyOf(fields));
    const found = got.map((phdr) => keyOf({ ...phdr }));
    if (
      wanted.length === found.length &&
      wanted.every((key, i) => key === found[i])
    ) return undefined;
    const edits = matched(rows, wanted, found);
    if (edits) return edits;
  }
}

function matched(
  rows: readonly Row[],
  wanted: readonly string[],
  found: readonly string[],
): Edits | undefined {
  const left = new Map<string, Row[]>();
  for (const [i, key] of wanted.entries()) {
    const same = left.get(key);
    if (same) same.push(rows[i]);
    else left.set(key, [rows[i]]);
  }
  const known = new Map([...left].map(([key, [row]]) => [key, row]));
  const again: Row[] = [];
  const pairs: (readonly [Row, number])[] = [];
  for (const [at, key] of found.entries()) {
    const row = left.get(key)?.shift();
    if (row) pairs.push([row, at]);
    else if (known.has(key)) again.push(known.get(key)!);
    else return undefined;
  }
  const lost = rows.filter(({ index }) =>
    left.get(wanted[index])?.some((row) => row.index === index)
  );
  // As many as before, and not the same: values are wrong, not the list.
  if (again.length > 0 && lost.length > 0) return undefined;
  return { lost, again, order: pairs.map(([row]) => row), pairs };
}
