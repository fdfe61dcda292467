/**
 * The place in /proc/vmcore of what a program header names: whole pages, one
 * behind the other.
 *
 * @module
 */

import { PHDR, phdrOffset, readEhdr, readPhdr } from "../elf/elf64.ts";

/**
 * Sets p_offset of every program header of these types, the first from `first`
 * on. A place keeps the part of p_offset that is under a page. Sums wrap at
 * 2^64, as the kernel's do.
 *
 * @returns the offset behind the last one
 * @see `process_ptload_program_headers_elf64()`,
 * `vmcoredd_update_program_headers()`, fs/proc/vmcore.c
 */
export function placeByPages(
  view: DataView,
  first: bigint,
  page: bigint,
  isPlaced: (p_type: number) => boolean,
): bigint {
  const { e_phnum } = readEhdr(view);
  let next = first;
  for (let index = 0; index < e_phnum; index++) {
    const at = phdrOffset(index);
    const { p_type, p_offset, p_memsz } = readPhdr(view, at);
    if (!isPlaced(p_type)) continue;
    const start = p_offset - p_offset % page;
    const past = BigInt.asUintN(64, p_offset + p_memsz + page - 1n);
    view.setBigUint64(at + PHDR.p_offset.at, next + p_offset - start, true);
    next = BigInt.asUintN(64, next + (past - past % page) - start);
  }
  return next;
}
