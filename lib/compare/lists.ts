/**
 * Compares two lists of program headers or notes. Items are paired first, so
 * that a missing item is one difference and not one for each item behind it.
 *
 * @module
 */

import type { Difference } from "./diff.ts";
import type { Printed } from "./printed.ts";

/** Two lists, and how their items are named, placed and compared. */
export interface Items<T> {
  /** Name of the list, as fields have it: `phdr`. */
  readonly name: string;
  /** Value that was found. */
  readonly expected: readonly T[];
  /** Printed text. */
  readonly got: readonly Printed[];
  /** Equal items have equal keys. */
  readonly keyOf: (item: T | Printed) => string;
  /** Names an item in a message. */
  readonly titleOf: (item: T) => string;
  /** Byte offset of an item; also defined for the index behind the last. */
  readonly placeOf: (index: number) => number;
  /** Compares the fields of an item with those of its pair. */
  readonly fieldsOf: (index: number, got: Printed) => readonly Difference[];
}

/** Compares two lists. */
export function diffItems<T>(items: Items<T>): Difference[] {
  const { name, expected, got, keyOf, titleOf, placeOf, fieldsOf } = items;
  const [wanted, found] = [expected.map(keyOf), got.map(keyOf)];
  const moved = firstMoved(wanted, found);
  const at = (index: number) => ({
    offset: placeOf(index),
    field: `${name}[${index}]`,
  });
  if (moved) {
    const { to, from } = moved;
    const [expected, got] = [to, from].map((index) => `${name}[${index}]`);
    return [{ ...at(to), expected, got, item: "moved" }];
  }
  const differences: Difference[] = [];
  const more: number[] = [];
  let next = 0;
  let placeOfMore = 0;
  for (const [index, other] of pairItems(wanted, found)) {
    if (index === undefined) {
      if (more.push(other!) === 1) placeOfMore = placeOf(next);
      continue;
    }
    next = index + 1;
    if (other === undefined) {
      const title = titleOf(expected[index]);
      differences.push(
        { ...at(index), expected: title, got: "nothing", item: "missing" },
      );
    } else differences.push(...fieldsOf(index, got[other]));
  }
  if (more.length === 0) return differences;
  return [...differences, {
    offset: placeOfMore,
    field: name,
    expected: "nothing",
    got: `${more.length} more, the first at index ${more[0]}`,
    item: "surplus" as const,
  }].sort((a, b) => a.offset - b.offset);
}

/** The first item out of order, if both lists have the same items. */
function firstMoved(
  expected: readonly string[],
  got: readonly string[],
): { to: number; from: number } | undefined {
  if (expected.length !== got.length) return undefined;
  const to = expected.findIndex((item, i) => item !== got[i]);
  if (to < 0) return undefined;
  const [a, b] = [expected.toSorted(), got.toSorted()];
  return a.every((item, i) => item === b[i])
    ? { to, from: expected.indexOf(got[to], to) }
    : undefined;
}

/** Largest table for pairing equal items; longer lists are paired by index. */
const MOST_CELLS = 1 << 22;

/** Indexes of two paired items; one of them is undefined for an item without a pair. */
export type Pair = readonly [
  expected: number | undefined,
  got: number | undefined,
];

/**
 * Pairs the items of two lists: a longest common subsequence first, then the
 * remaining items between two of its members in their order.
 */
export function pairItems(
  expected: readonly string[],
  got: readonly string[],
): Pair[] {
  let start = 0;
  while (start < expected.length && expected[start] === got[start]) start++;
  const shorter = Math.min(expected.length, got.length);
  let end = 0;
  while (
    end < shorter - start && expected.at(-1 - end) === got.at(-1 - end)
  ) end++;
  const equal = [
    ...Array.from({ length: start }, (_, i) => [i, i] as const),
    ...longestCommon(
      expected.slice(start, expected.length - end),
      got.slice(start, got.length - end),
    ).map(([i, j]) => [start + i, start + j] as const),
    ...Array.from({ length: end }, (_, i) =>
      [
        expected.length - end + i,
        got.length - end + i,
      ] as const),
    [expected.length, got.length] as const,
  ];
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  for (const [nextExpected, nextGot] of equal) {
    while (i < nextExpected || j < nextGot) {
      pairs.push([
        i < nextExpected ? i++ : undefined,
        j < nextGot ? j++ : undefined,
      ]);
    }
    if (i < expected.length) pairs.push([i++, j++]);
  }
  return pairs;
}

/** Indexes of a longest common subsequence; empty for lists that are too long. */
function longestCommon(
  a: readonly string[],
  b: readonly string[],
): [number, number][] {
  const width = b.length + 1;
  if ((a.length + 1) * width > MOST_CELLS) return [];
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] = a[i] === b[j]
        ? lengths[(i + 1) * width + j + 1] + 1
        : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const common: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) common.push([i++, j++]);
    else if (
      lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]
    ) i++;
    else j++;
  }
  return common;
}
