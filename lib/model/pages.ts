/**
 * Bytes as pages, so that the versions of a segment share what stays the same.
 *
 * @module
 */

import { equals } from "@std/bytes";

/** Bytes of a page; nearly all headers have one. */
const PAGE_BYTES = 4096;

/** Cuts bytes into pages; each that equals the one before at its place is that one. */
export function cutPages(
  bytes: Uint8Array,
  before: readonly Uint8Array[] = [],
): readonly Uint8Array[] {
  return Array.from(
    { length: Math.ceil(bytes.length / PAGE_BYTES) },
    (_, i) => {
      const page = bytes.subarray(i * PAGE_BYTES, (i + 1) * PAGE_BYTES);
      const known = before[i];
      return known && equals(known, page) ? known : page.slice();
    },
  );
}

/** Joins pages to the bytes that they were cut from. */
export function joinPages(pages: readonly Uint8Array[]): Uint8Array {
  if (pages.length === 1) return pages[0];
  const bytes = new Uint8Array(
    pages.reduce((size, page) => size + page.length, 0),
  );
  for (const [i, page] of pages.entries()) bytes.set(page, i * PAGE_BYTES);
  return bytes;
}
