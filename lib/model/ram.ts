/**
 * The RAM of a machine while memory comes and goes.
 *
 * @module
 */

import type { Arch } from "../kernel/arch.ts";
import { excludeRange, type Range, sortRanges } from "../kernel/range.ts";

/** A list of RAM that events change. */
export interface RamList {
  /** The ranges now, ascending. */
  readonly ranges: Range[];
  /** Adds a range. */
  add(added: Range): void;
  /** Adds a range by a driver that merges its resources. */
  merge(added: Range): void;
  /** Removes a range, or the parts of it that are there. */
  remove(removed: Range): void;
}

/** Makes a list with the ranges of a machine at boot. */
export type MakeRam = (
  list: Arch["walks"],
  ranges: readonly Range[],
) => RamList;

/** The list as kernels keep it. */
export const makeRam: MakeRam = (list, ranges) => new Ram(list, ranges);

/**
 * The ranges of one list of RAM, ascending and disjoint.
 *
 * iomem keeps neighbours apart, unless a driver added both with
 * `MHP_MERGE_RESOURCE`. memblock joins what is added with its neighbours, but
 * never what a driver manages (`MEMBLOCK_DRIVER_MANAGED`) with what it does
 * not; borders that were there before, between nodes for example, stay.
 *
 * @see `add_memory_resource()`, mm/memory_hotplug.c;
 * `merge_system_ram_resource()`, kernel/resource.c; `memblock_add_range()`,
 * mm/memblock.c
 */
export class Ram implements RamList {
  readonly #list: Arch["walks"];
  /** Ranges that nothing joins later. */
  #apart: readonly Range[];
  /** Ranges that such a driver added. */
  #mergeable: readonly Range[] = [];

  /** Begins with the ranges of the machine at boot. */
  constructor(list: Arch["walks"], ranges: readonly Range[]) {
    this.#list = list;
    this.#apart = ranges;
  }

  /** The ranges now, ascending. */
  get ranges(): Range[] {
    return sortRanges([...this.#apart, ...this.#mergeable]);
  }

  /** Adds a range. */
  add(added: Range): void {
    this.#apart = this.#list === "iomem"
      ? [...this.#apart, added]
      : join(this.#apart, added);
  }

  /** Adds a range by a driver that merges its resources. */
  merge(added: Range): void {
    this.#mergeable = join(this.#mergeable, added);
  }

  /** Removes a range, or the parts of it that are there. */
  remove(removed: Range): void {
    this.#apart = excludeRange(this.#apart, removed);
    this.#mergeable = excludeRange(this.#mergeable, removed);
  }
}

/** Adds a range to a list and joins it with the neighbours that it touches. */
function join(ranges: readonly Range[], added: Range): Range[] {
  const before = ranges.find(({ end }) => end + 1n === added.start);
  const behind = ranges.find(({ start }) => start === added.end + 1n);
  return [
    ...ranges.filter((range) => range !== before && range !== behind),
    {
      start: before?.start ?? added.start,
      end: behind?.end ?? added.end,
    },
  ];
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
