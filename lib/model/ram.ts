/**
 * The RAM of a machine while memory comes and goes.
 *
 * @module
 */

import type { ArchName } from "../kernel/arch.ts";
import {
  excludeRange,
  mergeRanges,
  type Range,
  sortRanges,
} from "../kernel/range.ts";
import { expandRanges, type RangeSeries } from "../spec/parts.ts";

/** System RAM as iomem or memblock has it. */
export class Ram {
  readonly #arch: ArchName;
  #ranges: readonly Range[];
  /** What drivers added that join their blocks. */
  #merged: readonly Range[] = [];

  /** Begins with what a case lists. */
  constructor(arch: ArchName, entries: readonly (Range | RangeSeries)[]) {
    this.#arch = arch;
    this.#ranges = expandRanges(entries);
  }

  /** The ranges now, ascending. */
  get ranges(): readonly Range[] {
    return this.#ranges;
  }

  /** Adds a range: iomem keeps neighbours apart, memblock joins them. */
  add(added: Range): void {
    const ranges = sortRanges([...this.#ranges, added]);
    this.#ranges = this.#arch === "x86_64" ? ranges : mergeRanges(ranges);
  }

  /** Adds a range by a driver that joins it with what it added beside it. */
  merge(added: Range): void {
    const others = this.#ranges.filter((range) =>
      !this.#merged.includes(range)
    );
    this.#merged = mergeRanges([...this.#merged, added]);
    this.#ranges = sortRanges([...others, ...this.#merged]);
  }

  /** Takes a range away. */
  remove(gone: Range): void {
    this.#ranges = excludeRange(this.#ranges, gone);
    this.#merged = excludeRange(this.#merged, gone);
  }
}

/** Cuts a range into memory blocks of `size` bytes, each of which is one event. */
export function blocksOf({ start, end }: Range, size: number): Range[] {
  const blocks: Range[] = [];
  for (let at = start; at <= end; at += BigInt(size)) {
    const last = at + BigInt(size) - 1n;
    blocks.push({ start: at, end: last < end ? last : end });
  }
  return blocks;
}
