/**
 * Rounding up: of headers, notes, pages and segments.
 *
 * @module
 */

/** Rounds a count of bytes up to a multiple of `to`. */
export function alignUp(size: number, to: number): number {
  return Math.ceil(size / to) * to;
}
