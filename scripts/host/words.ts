/**
 * Losses, sizes and ranges in words.
 *
 * @module
 */

import { formatCpulist } from "../../lib/kernel/cpumask.ts";
import { type Range, sizeOf } from "../../lib/kernel/range.ts";
import type { Losses } from "./losses.ts";
import { hex } from "../../lib/spec/shape.ts";

/** Formats what a dump would lack; nothing where nothing is lost. */
export function describeLosses(
  { online, present, uncounted, missing, ram }: Losses,
): string | undefined {
  const parts = [
    ...online.length > 0
      ? [`the registers of CPU ${formatCpulist([...online])}`]
      : [],
    ...present.length > 0
      ? [
        `the registers of CPU ${formatCpulist([...present])} once it is online`,
      ]
      : [],
    ...uncounted > 0
      ? [`the registers of ${uncounted} CPUs whose notes were not seen`]
      : [],
    ...missing.length > 0
      ? [
        `${formatSize(sizeOf(missing))} of ${formatSize(ram)} of RAM: ${
          formatRanges(missing)
        }`,
      ]
      : [],
  ];
  return parts.length === 0
    ? undefined
    : `a dump would lack ${parts.join(", and ")}`;
}

/** Formats the CPUs whose notes were not seen, as the end of a sentence. */
export function unseenCpus({ unseen }: Losses): string {
  return unseen.length === 0
    ? ""
    : `; the notes of CPU ${formatCpulist([...unseen])} were not seen`;
}

/** Formats bytes in MiB, exact to the KiB. */
export function formatSize(bytes: bigint): string {
  return `${Number(bytes / 1024n) / 1024} MiB`;
}

/** Formats ranges in hex. */
export function formatRanges(ranges: readonly Range[]): string {
  const shown = ranges.slice(0, SHOWN).map(({ start, end }) =>
    `${hex(start)}-${hex(end)}`
  ).join(", ");
  return ranges.length > SHOWN
    ? `${shown} and ${ranges.length - SHOWN} more`
    : shown;
}

/** Ranges that a line shows. */
const SHOWN = 8;
