/**
 * The parts that spec files are written in, read and formatted: masks, ranges,
 * series, notes, where a golden is from.
 *
 * @module
 */

import {
  CPULIST_REGEXP,
  type Cpumask,
  formatCpulist,
  parseCpulist,
} from "../kernel/cpumask.ts";
import type { Range } from "../kernel/range.ts";
import { show } from "./problem.ts";
import {
  count,
  counted,
  described,
  either,
  hex,
  isMapping,
  mapOf,
  mapped,
  matching,
  pair,
  record,
  type Shape,
  shapeOf,
  u64,
  whole,
  withSchema,
} from "./shape.ts";

/** Equal steps: `base + n * stride`, in bytes of physical address. */
export interface Stride {
  /** The address for n = 0. */
  readonly base: bigint;
  /** From one address to the next. */
  readonly stride: bigint;
}

/** `count` ranges of `size` bytes each, `stride` apart. */
export interface RangeSeries extends Stride {
  /** Bytes in each range. */
  readonly size: bigint;
  /** Count of ranges. */
  readonly count: number;
}

/** A mask in the kernel's cpulist syntax. */
export const cpulist: Shape<Cpumask> = shapeOf(
  {
    type: "string",
    pattern: CPULIST_REGEXP.source,
    description: "CPUs in the kernel's syntax: 0-3,8 or 0-31:2/4.",
  },
  (node, path, report) => {
    if (typeof node !== "string") {
      return report("type", path, "a cpulist", show(node));
    }
    try {
      return parseCpulist(node);
    } catch (error) {
      const wanted = (error as Error).message.replace(
        /^.*?must be |: current.*$/g,
        "",
      );
      return report("mask", path, wanted, show(node));
    }
  },
);

const ends = pair(u64, "[start, end]");

/** A range: `[start, end]`, both ends inclusive. */
export const range: Shape<Range> = shapeOf(
  { ...ends.schema, description: "[start, end] in bytes, both inclusive." },
  (node, path, report) => {
    const read = ends(node, path, report);
    if (read === undefined) return;
    const [start, end] = read;
    if (end < start) {
      report(
        "value",
        `${path}.end`,
        `at or above start ${hex(start)}`,
        hex(end),
      );
    }
    return { start, end };
  },
);

const steps = {
  base: described(u64, "The first address."),
  stride: described(u64, "Bytes from one address to the next."),
};

const seriesKeys: Shape<RangeSeries> = whole(record({
  ...steps,
  size: described(u64, "Bytes in each range, at least one."),
  count: described(counted(1, 999_999_999), "Count of ranges."),
}));

const series: Shape<RangeSeries> = shapeOf(
  {
    ...seriesKeys.schema,
    description: "Equal ranges in equal steps, all within 64 bits.",
  },
  (node, path, report) => {
    const read = seriesKeys(node, path, report);
    if (read === undefined) return;
    if (read.size === 0n) {
      return report("value", `${path}.size`, "1 or more", "0x0");
    }
    return span(read).end <= U64_MAX ? read : report(
      "value",
      `${path}.count`,
      "such that all ends within 64 bits",
      `${read.count}`,
    );
  },
);

/** The last address. */
export const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** An entry of a list of ranges. */
export const rangeEntry: Shape<Range | RangeSeries> = either(
  Array.isArray,
  range,
  series,
);

const cpuNumber: Shape<number> = mapped(
  matching(/^(?:0|[1-9]\d{0,3})$/, "a CPU number"),
  Number,
);

/** Places of the crash notes: by CPU, or in equal steps. */
export const crashNotes: Shape<Map<number, bigint> | Stride> = either(
  (node) => isMapping(node) && Object.hasOwn(node, "base"),
  whole(record(steps)),
  mapOf(cpuNumber, u64),
);

const number: Shape<bigint> = either(
  (node) => typeof node === "string" && node.startsWith("0x"),
  u64,
  mapped(count, BigInt),
);

/** The three masks of a machine, each within the one before it. */
export interface Masks {
  /** CPUs that can ever be there. */
  possible: Cpumask;
  /** CPUs that are there. */
  present: Cpumask;
  /** CPUs that run. */
  online: Cpumask;
}

const mask = withSchema(cpulist, { minLength: 1 });

/** The three masks of a machine. */
export const masks: Shape<Masks> = record({
  possible: described(mask, "CPUs that can ever be there: a cpulist."),
  present: described(mask, "CPUs that are there: a cpulist, within possible."),
  online: described(mask, "CPUs that run: a cpulist, within present."),
});

const EXPECT_REGEXP = /^(?:size|e_phnum|phdr\[\d+\]\.p_[a-z]+)$/;

/** Numbers worked out by hand: size, e_phnum, `phdr[2].p_paddr`. */
export const expectNumbers: Shape<Map<string, bigint>> = mapOf(
  matching(EXPECT_REGEXP, "size, e_phnum or phdr[<n>].<field>"),
  number,
);

/** First and last byte of an entry. */
export function span(entry: Range | RangeSeries): Range {
  if (!("count" in entry)) return entry;
  const { base, stride, size, count } = entry;
  return {
    start: base,
    end: base + stride * BigInt(Math.max(count - 1, 0)) + size - 1n,
  };
}

/** Writes out the series of a list of ranges. */
export function expandRanges(
  entries: readonly (Range | RangeSeries)[],
): Range[] {
  return entries.flatMap((entry) => {
    if (!("count" in entry)) return [entry];
    const { base, stride, size, count } = entry;
    return Array.from({ length: count }, (_, i) => {
      const start = base + stride * BigInt(i);
      return { start, end: start + size - 1n };
    });
  });
}

/** The three masks. */
export function formatMasks(cpus: Masks): string {
  const masks = (["possible", "present", "online"] as const).map((mask) =>
    `${mask}: "${formatCpulist(cpus[mask])}"`
  );
  return `cpus: { ${masks.join(", ")} }`;
}

/** A range, or many in equal steps. */
export function formatRange(entry: Range | RangeSeries): string {
  return "count" in entry
    ? `{ base: ${quoted(entry.base)}, stride: ${quoted(entry.stride)}, size: ${
      quoted(entry.size)
    }, count: ${entry.count} }`
    : `[${quoted(entry.start)}, ${quoted(entry.end)}]`;
}

/** Numbers by name. */
export function formatExpect(expect: ReadonlyMap<string, bigint>): string {
  const rows = [...expect].map(([name, value]) =>
    name.startsWith("phdr")
      ? `"${name}": ${quoted(value)}`
      : `${name}: ${value}`
  );
  return `{ ${rows.join(", ")} }`;
}

/** 64-bit values are quoted, so that no parser rounds them. */
export function quoted(value: bigint): string {
  return `"${hex(value)}"`;
}
