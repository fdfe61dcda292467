/**
 * Lists of RAM as the model once kept them: each was wrong, and nobody saw it
 * while the oracle was given the same list.
 *
 * @module
 */

import type { ArchName } from "../../../lib/kernel/arch.ts";
import {
  excludeRange,
  mergeRanges,
  type Range,
  sortRanges,
} from "../../../lib/kernel/range.ts";
import { type MakeRam, makeRam, type RamList } from "../../../lib/model/ram.ts";

/** A wrong list. */
export interface RamBend {
  /** Description of the mistake. */
  readonly name: string;
  /** The rule that it breaks. */
  readonly rule: string;
  /** Makes the list on an architecture. */
  readonly ram: (arch: ArchName) => MakeRam;
}

/** All of them. */
export const RAM_BENDS: readonly RamBend[] = [
  {
    name: "a merged range is listed again after a part of it was removed",
    rule: "R47",
    ram: () => (list, ranges) =>
      list === "iomem" ? new MergedAgain(ranges) : makeRam(list, ranges),
  },
  {
    name: "riscv64 joins what is added side by side",
    rule: "R66",
    ram: (arch) => (list, ranges) =>
      makeRam(arch === "riscv64" ? "memblock" : list, ranges),
  },
  {
    name: "memblock joins what a driver manages with what it does not",
    rule: "R34",
    ram: () => (list, ranges) => {
      const ram = makeRam(list, ranges);
      if (list === "iomem") return ram;
      return {
        get ranges() {
          return ram.ranges;
        },
        add: (added) => ram.add(added),
        merge: (added) => ram.add(added),
        remove: (removed) => ram.remove(removed),
      };
    },
  },
];

/** Finds by identity what it merged, which a removal elsewhere in the list changes. */
class MergedAgain implements RamList {
  ranges: Range[];
  #merged: Range[] = [];

  constructor(ranges: readonly Range[]) {
    this.ranges = [...ranges];
  }

  add(added: Range): void {
    this.ranges = sortRanges([...this.ranges, added]);
  }

  merge(added: Range): void {
    const others = this.ranges.filter((range) => !this.#merged.includes(range));
    this.#merged = mergeRanges([...this.#merged, added]);
    this.ranges = sortRanges([...others, ...this.#merged]);
  }

  remove(removed: Range): void {
    this.ranges = excludeRange(this.ranges, removed);
    this.#merged = excludeRange(this.#merged, removed);
  }
}
