/**
 * Two lists of program headers or notes in, their differences out. Items are
 * paired before they are compared, so that one which is left out does not make
 * all behind it wrong.
 *
 * @module
 */

import type { Difference } from "./diff.ts";
import type { Printed } from "./printed.ts";

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
  /** Where the fields of an item differ from those of the one that is its pair. */
  readonly fieldsOf: (index: number, got: Printed) => readonly Difference[];
}

/** Compares two lists. */
export function diffItems<T>(items: Items<T>): Difference[] {
  const { name, expected, got, keyOf, titleOf, placeOf, fieldsOf } = items;
  const [wanted, found] = [expected.map(keyOf), got.map(keyOf)];
  const moved = firstMoved(wanted, found);
  const at = (index: number, expected: string, got: string): Difference => ({
    offset: placeOf(index),
    field: `${name}[${index}]`,
    expected,
    got,
  });
  if (moved) {
    return [at(moved.to, `${name}[${moved.to}]`, `${name}[${moved.from}]`)];
  }
  const differences: Difference[] = [];
  const more: number[] = [];
  let behind = 0;
  for (const [index, other] of pairItems(wanted, found)) {
    if (index === undefined) {
      if (more.push(other!) === 1) behind = differences.length;
    } else if (other === undefined) {
      differences.push(at(index, titleOf(expected[index]), "nothing"));
    } else if (wanted[index] !== found[other]) {
      differences.push(...fieldsOf(index, got[other]));
    }
  }
  if (more.length === 0) return differences;
  return differences.toSpliced(behind, 0, {
    offset: placeOf(more[0]),
    field: name,
    expected: `${expected.length}`,
    got: `${got.length}, of which number ${more[0]} is the first too many`,
  });
}

/** The first item in the place of another, where all are there and the order alone is wrong. */
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

/** Cells of the table beyond which items are paired by number alone. */
const MOST_CELLS = 1 << 22;

/** Two indexes of items that belong together, or one that has no other. */
export type Pair = readonly [
  expected: number | undefined,
  got: number | undefined,
];

/**
 * Pairs the items of two lists: as many equal ones as there can be in order,
 * and of those between them the first with the first.
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

/** Indexes of a longest common subsequence; of lists too long for it none. */
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
