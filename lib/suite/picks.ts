/**
 * Choices of rows that a mistake may concern: the first, empty ones, every other.
 *
 * @module
 */

import type { Row } from "./rows.ts";

/** Some of the rows of a part. */
export interface Pick {
  /** Which, in words: `the first`. */
  readonly what: string;
  /** Indexes among their part. */
  readonly of: (rows: readonly Row[]) => readonly number[];
}

function where(what: string, is: (row: Row, rows: readonly Row[]) => boolean) {
  return {
    what,
    of: (rows: readonly Row[]) =>
      rows.filter((row) => is(row, rows)).map(({ nth }) => nth),
  };
}

/** Choices, the simplest first. */
export const PICKS: readonly Pick[] = [
  where("all", () => true),
  where("the first", ({ nth }) => nth === 0),
  where("the last", ({ nth }, { length }) => nth === length - 1),
  where("empty ones", ({ fields }) => fields.p_memsz === 0n),
  where(
    "those that end before they start",
    ({ fields }) => fields.p_memsz === 0n || fields.p_memsz >= 1n << 63n,
  ),
  where("those of one byte", ({ fields }) => fields.p_memsz === 1n),
  where("those of at most one byte", ({ fields }) => fields.p_memsz <= 1n),
  where("those below a page", ({ fields }) => fields.p_memsz < 0x1000n),
  where("those at address 0", ({ fields }) => fields.p_paddr === 0n),
  where(
    "those at 4 GiB and above",
    ({ fields }) => fields.p_paddr >= 1n << 32n,
  ),
  where("those below 1 MiB", ({ fields }) => fields.p_paddr < 0x100000n),
  { what: "those that are given twice", of: repeated },
  where("every other", ({ nth }) => nth % 2 === 1),
  where("all but the first", ({ nth }) => nth > 0),
  where("all but the last", ({ nth }, { length }) => nth < length - 1),
  where("those of type 0", ({ fields }) => fields.type === 0n),
];

/** Indexes of rows that are equal to one before. */
function repeated(rows: readonly Row[]): number[] {
  const seen = new Set<string>();
  return rows.filter(({ fields }) => {
    const key = Object.values(fields).join(" ");
    return seen.has(key) || !seen.add(key);
  }).map(({ nth }) => nth);
}

/** Choices by number and type, after those that are concerned: the fourth, all behind the third. */
export function suggested(rows: readonly Row[]): Pick[] {
  const [{ nth, fields }] = rows;
  const types = new Set(rows.map(({ fields }) => fields.p_type ?? fields.type));
  return [
    where(`number ${nth + 1}`, (row) => row.nth === nth),
    where(`those behind the first ${nth}`, (row) => row.nth >= nth),
    ...types.size === 1 && fields.type !== undefined
      ? [
        where(`those of type ${fields.type}`, (row) =>
          row.fields.type === fields.type),
      ]
      : [],
  ];
}
