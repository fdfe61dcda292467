/**
 * Two lists of program headers or notes in, their differences out: what is left
 * out, added or moved as such, where one value too few would otherwise make all
 * that follow wrong.
 *
 * @module
 */

import type { Difference } from "./diff.ts";

/** An item as it is printed. */
export type Printed = Record<string, unknown>;

/** What the comparison of two lists must know of their items. */
export interface Items<T> {
  /** Name of the list, as fields have it: `phdr`. */
  readonly name: string;
  /** What is there. */
  readonly expected: readonly T[];
  /** What was printed. */
  readonly got: readonly Printed[];
  /** The same text for equal items. */
  readonly keyOf: (item: T | Printed) => string;
  /** An item in words. */
  readonly titleOf: (item: T) => string;
  /** Byte of an item; of one behind the last too. */
  readonly placeOf: (index: number) => number;
  /** Where the fields of an item differ. */
  readonly fieldsOf: (index: number) => readonly Difference[];
}

/** Compares two lists, item by item where items are neither left out nor added nor moved alone. */
export function diffItems<T>(items: Items<T>): Difference[] {
  const { name, expected, got, keyOf, titleOf, placeOf, fieldsOf } = items;
  const at = (index: number, expected: string, got: string): Difference => ({
    offset: placeOf(index),
    field: `${name}[${index}]`,
    expected,
    got,
  });
  const leftOut = (index: number) =>
    at(index, titleOf(expected[index]), "nothing");
  const lists = diffLists(expected.map(keyOf), got.map(keyOf));
  switch (lists?.kind) {
    case "left out":
      return lists.at.map(leftOut);
    case "added":
      return [at(lists.at, "nothing", `${lists.count} more`)];
    case "moved":
      return [at(lists.at, `${name}[${lists.at}]`, `${name}[${lists.from}]`)];
  }
  const more = got.length - expected.length;
  return [
    ...expected.flatMap((_, index) =>
      index < got.length ? fieldsOf(index) : [leftOut(index)]
    ),
    ...more > 0 ? [at(expected.length, "nothing", `${more} more`)] : [],
  ];
}

/** How a list differs from another whose items are all right. */
export type ListDifference =
  /** These items are not there, by index. */
  | { readonly kind: "left out"; readonly at: readonly number[] }
  /** So many are there that should not be; the first is at an index of what was got. */
  | { readonly kind: "added"; readonly at: number; readonly count: number }
  /** All are there, and the first in another place is that of another index. */
  | { readonly kind: "moved"; readonly at: number; readonly from: number };

/**
 * Finds items that are left out, added or moved where all others are equal.
 *
 * @returns Nothing where the lists are equal or differ otherwise.
 */
export function diffLists(
  expected: readonly string[],
  got: readonly string[],
): ListDifference | undefined {
  const [more, fewer] = expected.length > got.length
    ? [expected, got]
    : [got, expected];
  const left = leftOver(more, fewer);
  if (left.length === 0) return undefined;
  if (left.length === more.length - fewer.length) {
    return more === expected
      ? { kind: "left out", at: left }
      : { kind: "added", at: left[0], count: left.length };
  }
  const [a, b] = [expected.toSorted(), got.toSorted()];
  if (a.length !== b.length || a.some((item, i) => item !== b[i])) {
    return undefined;
  }
  const at = expected.findIndex((item, i) => item !== got[i]);
  return { kind: "moved", at, from: expected.indexOf(got[at]) };
}

/** Indexes of what is left of a list where another is taken out of it in order. */
function leftOver(all: readonly string[], taken: readonly string[]): number[] {
  let next = 0;
  return [...all.keys()].filter((i) => {
    if (next === taken.length || all[i] !== taken[next]) return true;
    next++;
    return false;
  });
}
