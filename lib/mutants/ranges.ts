/**
 * Mistakes about the list of RAM ranges, whatever it was made from.
 *
 * @module
 */

import {
  excludeRange,
  mergeRanges,
  type Range,
  sortRanges,
} from "../kernel/range.ts";
import { type Mistake, phdr, ram, ranges } from "./kinds.ts";

const page = 4096n;

/** Those of the list. */
export const RANGES_MISTAKES: readonly Mistake[] = [
  phdr(
    "ends-exclusive",
    "p_memsz of RAM is a byte short: ends taken as exclusive",
    ram,
    "p_memsz",
    ({ p_memsz }) => p_memsz - 1n,
  ),
  ranges(
    "ends-short",
    "both sizes of RAM are a byte short: ends taken as exclusive",
    (list) => list.map(({ start, end }) => ({ start, end: end - 1n })),
  ),
  ranges(
    "ends-long",
    "both sizes of RAM are a byte long",
    (list) => list.map(({ start, end }) => ({ start, end: end + 1n })),
  ),
  ranges("ranges-sorted", "the writer sorts the ranges", sortRanges),
  ranges("ranges-merged", "the writer joins ranges that touch", mergeAdjacent),
  ranges(
    "ranges-merged-and-sorted",
    "the writer sorts the ranges and joins them",
    mergeRanges,
  ),
  ranges("ranges-reversed", "ranges in reverse", (list) => list.toReversed()),
  ranges(
    "ranges-first-missing",
    "the first range is missing",
    (list) => list.slice(1),
  ),
  ranges(
    "ranges-last-missing",
    "the last range is missing",
    (list) => list.slice(0, -1),
  ),
  ranges(
    "ranges-unique",
    "a range given twice is written once",
    (list) =>
      list.filter(({ start, end }, i) =>
        i === 0 || start !== list[i - 1].start || end !== list[i - 1].end
      ),
  ),
  ranges(
    "ranges-rounded-out",
    "ranges rounded out to whole pages",
    (list) =>
      list.map(({ start, end }) => ({
        start: start & -page,
        end: end | (page - 1n),
      })),
  ),
  ranges(
    "ranges-rounded-in",
    "ranges rounded in to whole pages",
    (list) =>
      list.map(({ start, end }) => ({
        start: (start + page - 1n) & -page,
        end: ((end + 1n) & -page) - 1n,
      })),
  ),
  ranges(
    "ranges-empty-dropped",
    "ranges that end before they start are dropped",
    (list) => list.filter(({ start, end }) => end >= start),
  ),
  ranges(
    "ranges-small-dropped",
    "ranges below a page are dropped",
    (list) => list.filter(({ start, end }) => end - start + 1n >= page),
  ),
  ranges(
    "ranges-zero-skipped",
    "a range that begins at 0 is taken for the end of the list",
    (list) => list.filter(({ start }) => start !== 0n),
  ),
  ranges("ranges-128", "no more than 128 ranges", (list) => list.slice(0, 128)),
  ranges(
    "kernel-cut-from-ram",
    "the kernel text is cut out of RAM",
    (list, { kernel }) =>
      kernel
        ? excludeRange(list, {
          start: kernel.paddr,
          end: kernel.paddr + kernel.size - 1n,
        })
        : list,
  ),
];

/** Joins ranges that touch. */
export function mergeAdjacent(list: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of list) {
    const last = merged.at(-1);
    if (last && last.end + 1n === range.start) {
      merged[merged.length - 1] = { start: last.start, end: range.end };
    } else merged.push(range);
  }
  return merged;
}

/** Returns true if two lists are equal. */
export function same(a: readonly Range[], b: readonly Range[]): boolean {
  return a.length === b.length &&
    a.every(({ start, end }, i) => start === b[i].start && end === b[i].end);
}
