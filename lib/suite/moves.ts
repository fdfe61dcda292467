/**
 * Orders of rows that a mistake may make: parts among each other, or the rows of
 * one part.
 *
 * @module
 */

import type { Difference } from "../compare/diff.ts";
import type { Compared } from "./compared.ts";
import { PART_NAMES, type Row } from "./rows.ts";

/** An order that someone may make of rows. */
interface Order {
  readonly what: string;
  readonly of: (rows: readonly Row[]) => readonly Row[];
}

const by = (key: string) => (a: Row, b: Row) =>
  a.fields[key] < b.fields[key] ? -1 : a.fields[key] > b.fields[key] ? 1 : 0;

const ORDERS: readonly Order[] = [
  { what: "in reverse", of: (rows) => rows.toReversed() },
  {
    what: "the first comes last",
    of: ([first, ...rest]) => [...rest, first],
  },
  {
    what: "the last comes first",
    of: (rows) => [...rows.slice(-1), ...rows.slice(0, -1)],
  },
  { what: "sorted by address", of: (rows) => rows.toSorted(by("p_paddr")) },
  { what: "sorted by size", of: (rows) => rows.toSorted(by("p_memsz")) },
  {
    what: "sorted by size, the largest first",
    of: (rows) => rows.toSorted((a, b) => by("p_memsz")(b, a)),
  },
  {
    what: "the first two have changed places",
    of: ([first, second, ...rest]) => [second, first, ...rest],
  },
];

/** Lists the moves that explain the order of an answer, in words. */
export function movesOf({ rows, edits, result }: Compared): string[] {
  const listed = result.differences?.find(({ item }) => item === "moved");
  if (listed) return [`${listOf(listed)}: in another order`];
  const { order = [], lost = [] } = edits ?? {};
  if (order.length === 0) return [];
  const wanted = rows.filter((row) => !lost.includes(row));
  if (wanted.every((row, i) => order[i] === row)) return [];
  const behind = partsBehind(wanted, order);
  if (behind.length > 0) return behind;
  const parts = [...new Set(wanted.map(({ part }) => part))];
  return parts.flatMap((part) => {
    const [right, got] = [wanted, order].map((rows) =>
      rows.filter((row) => row.part === part)
    );
    if (right.every((row, i) => got[i] === row)) return [];
    return [
      ...ORDERS.filter(({ of }) => of(right).every((row, i) => got[i] === row))
        .map(({ what }) => what),
      "in another order",
    ].map((what) => `${PART_NAMES[part]}: ${what}`);
  });
}

/** Parts that come behind one before which they belong. */
function partsBehind(wanted: readonly Row[], order: readonly Row[]): string[] {
  const parts = [...new Set(wanted.map(({ part }) => part))];
  const [firsts, lasts] = [
    parts.map((part) => order.findIndex((row) => row.part === part)),
    parts.map((part) => order.findLastIndex((row) => row.part === part)),
  ];
  return parts.flatMap((part, i) =>
    parts.slice(i + 1).filter((_, j) => firsts[i] > lasts[i + 1 + j])
      .map((other) => `${PART_NAMES[part]} behind ${PART_NAMES[other]}`)
  ).toReversed();
}

/** The first row that has another place. */
export function firstMoved({ edits, rows }: Compared): Row[] {
  const { order = [], lost = [] } = edits ?? {};
  const wanted = rows.filter((row) => !lost.includes(row));
  return wanted.filter((row, i) => order[i] !== row).slice(0, 1);
}

/** `phdr` of `phdr[3]`. */
export function listOf({ field }: Difference): string {
  return field.replace(/\[\d+\]$/, "");
}
