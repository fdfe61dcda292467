/**
 * Lists of physical address ranges, and the kernel's operations on them.
 * Every function returns a new list.
 *
 * @module
 */

/** A physical address range: `struct range`. Both ends inclusive, in bytes. */
export interface Range {
  /** First byte. */
  readonly start: bigint;
  /** Last byte. */
  readonly end: bigint;
}

/**
 * Cuts one range out of a list: whole hits vanish, partial ones shrink, a hit
 * in the middle splits.
 *
 * @param ranges Ascending, without overlap.
 * @param hole What to cut; may touch any number of ranges, or none.
 * @returns The remaining ranges, ascending.
 *
 * @see `crash_exclude_mem_range()`, kernel/crash_core.c
 */
export function excludeRange(ranges: readonly Range[], hole: Range): Range[] {
  return ranges.flatMap((range) => {
    if (hole.start > range.end || hole.end < range.start) return [range];
    const rest: Range[] = [];
    if (range.start < hole.start) {
      rest.push({ start: range.start, end: hole.start - 1n });
    }
    if (hole.end < range.end) {
      rest.push({ start: hole.end + 1n, end: range.end });
    }
    return rest;
  });
}

/**
 * Cuts many ranges out of a list, in one pass over both.
 *
 * @param ranges Ascending, without overlap.
 * @param holes Likewise.
 */
export function excludeRanges(
  ranges: readonly Range[],
  holes: readonly Range[],
): Range[] {
  const rest: Range[] = [];
  let next = 0;
  for (const { start, end } of ranges) {
    let at = start;
    while (next < holes.length && holes[next].end < start) next++;
    for (let i = next; i < holes.length && holes[i].start <= end; i++) {
      if (holes[i].start > at) {
        rest.push({ start: at, end: holes[i].start - 1n });
      }
      if (holes[i].end + 1n > at) at = holes[i].end + 1n;
    }
    if (at <= end) rest.push({ start: at, end });
  }
  return rest;
}

/** Sums the bytes of ranges. */
export function sizeOf(ranges: readonly Range[]): bigint {
  return ranges.reduce((sum, { start, end }) => sum + end - start + 1n, 0n);
}

/**
 * Adds a range at the end of a list, or widens the first range that it
 * overlaps by more than one byte.
 *
 * The test is strict, so ranges that share a single byte at their ends stay
 * apart, and a range widened into its neighbour is not merged with it.
 *
 * @see `add_mem_range()`, arch/powerpc/kexec/ranges.c
 */
export function addRange(ranges: readonly Range[], added: Range): Range[] {
  const hit = ranges.findIndex(({ start, end }) =>
    added.start < end && added.end > start
  );
  if (hit < 0) return [...ranges, added];
  const { start, end } = ranges[hit];
  return ranges.with(hit, {
    start: added.start < start ? added.start : start,
    end: added.end > end ? added.end : end,
  });
}

/** Sorts ranges by their start: `sort_memory_ranges(ranges, false)`. */
export function sortRanges(ranges: readonly Range[]): Range[] {
  return ranges.toSorted((a, b) =>
    a.start < b.start ? -1 : a.start > b.start ? 1 : 0
  );
}

/**
 * Sorts ranges and joins those that touch or overlap.
 *
 * @see `sort_memory_ranges(ranges, true)`, arch/powerpc/kexec/ranges.c
 */
export function mergeRanges(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of sortRanges(ranges)) {
    const last = merged.at(-1);
    if (last === undefined || range.start > last.end + 1n) merged.push(range);
    else if (range.end > last.end) {
      merged[merged.length - 1] = { start: last.start, end: range.end };
    }
  }
  return merged;
}

/**
 * Removes a memory block that lies inside one range.
 *
 * A block in the middle leaves the upper part with a wrong end, and at the end
 * of the list, where it is not sorted in: a defect of the kernel, seen in
 * captured headers, and repeated here because the bytes are what it writes.
 *
 * @param wrongEnd The end that the upper part gets, of the right one.
 *
 * @see `remove_mem_range()`, arch/powerpc/kexec/ranges.c
 */
export function removeRange(
  ranges: readonly Range[],
  block: Range,
  wrongEnd: (end: bigint) => bigint,
): Range[] {
  const hit = ranges.findIndex(({ start, end }) =>
    block.start >= start && block.end <= end
  );
  if (hit < 0) return [...ranges];
  const { start, end } = ranges[hit];
  if (block.start === start && block.end === end) {
    return ranges.toSpliced(hit, 1);
  }
  if (block.start === start) {
    return ranges.with(hit, { start: block.end + 1n, end });
  }
  const lower = { start, end: block.start - 1n };
  if (block.end === end) return ranges.with(hit, lower);
  return addRange(ranges.with(hit, lower), {
    start: block.end + 1n,
    end: wrongEnd(end),
  });
}

/**
 * Cuts one range out of a list, as kernels did that stop at the first range
 * which they shorten or split; whole hits before it vanish.
 *
 * @see `crash_exclude_mem_range()`, kernel/kexec_file.c, before it was rewritten
 */
export function excludeFirstHit(
  ranges: readonly Range[],
  hole: Range,
): Range[] {
  const first = ranges.findIndex(({ start, end }) =>
    hole.start <= end && hole.end >= start &&
    (hole.start > start || hole.end < end)
  );
  const whole = ({ start, end }: Range) =>
    hole.start <= start && hole.end >= end;
  if (first < 0) return ranges.filter((range) => !whole(range));
  return [
    ...ranges.slice(0, first).filter((range) => !whole(range)),
    ...excludeRange([ranges[first]], hole),
    ...ranges.slice(first + 1),
  ];
}
