/**
 * A small dump with memory in it, and what a reader finds there at an address.
 *
 * @module
 */

import {
  EHDR,
  type Elf64Phdr,
  PF_RWX,
  PHDR,
  phdrOffset,
  PT_LOAD,
  readEhdr,
  readPhdr,
  readPhdrs,
  SIZEOF_EHDR,
  viewOf,
} from "../elf/elf64.ts";
import type { DumpLoad, MemorySpec, ReadPart } from "../spec/memory.ts";

/** Which addresses of a PT_LOAD count. */
export type AddressSpace = "physical" | "virtual";

const WORD = 8n;

/** Memory of every dump here: each aligned word of 8 bytes is its own physical address. */
function memoryAt(paddr: bigint, size: number): Uint8Array {
  const start = paddr / WORD * WORD;
  const skipped = Number(paddr - start);
  const words = new Uint8Array(skipped + size + Number(WORD));
  const view = viewOf(words);
  for (let at = 0; at < skipped + size; at += Number(WORD)) {
    view.setBigUint64(at, start + BigInt(at), true);
  }
  return words.subarray(skipped, skipped + size);
}

/**
 * Makes the dump: ELF header and notes of a /proc/vmcore, other PT_LOADs, and
 * their memory.
 *
 * @param head The first bytes of a /proc/vmcore.
 */
export function buildDump(
  { notes, loads }: MemorySpec,
  head: Uint8Array,
): Uint8Array {
  const merged = readPhdr(viewOf(head), phdrOffset(0));
  const ends = loads.map(({ p_offset, p_filesz }) => p_offset + p_filesz);
  const size = ends.reduce((most, end) => end > most ? end : most, 0n);
  const dump = new Uint8Array(Number(size));
  const view = viewOf(dump);
  dump.set(head.subarray(0, SIZEOF_EHDR));
  view.setUint16(EHDR.e_phnum.at, 1 + loads.length, true);
  writePhdr(view, 0, { ...merged, p_offset: BigInt(notes) });
  const from = Number(merged.p_offset);
  dump.set(head.subarray(from, from + Number(merged.p_filesz)), notes);
  for (const [i, load] of loads.entries()) {
    const rest = { p_type: PT_LOAD, p_flags: PF_RWX, p_align: 0n };
    writePhdr(view, 1 + i, { ...load, ...rest });
    dump.set(
      memoryAt(load.p_paddr, Number(load.p_filesz)),
      Number(load.p_offset),
    );
  }
  return dump;
}

function writePhdr(view: DataView, index: number, phdr: Elf64Phdr): void {
  for (const [key, { at, size }] of Object.entries(PHDR)) {
    const value = BigInt(phdr[key as keyof Elf64Phdr]);
    const place = phdrOffset(index) + at;
    if (size === 4) view.setUint32(place, Number(value), true);
    else view.setBigUint64(place, value, true);
  }
}

/** Makes the bytes of an answer out of its parts. */
export function bytesOfParts(parts: readonly ReadPart[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const { paddr, size } of parts) {
    if (paddr !== undefined) bytes.set(memoryAt(paddr, size), at);
    at += size;
  }
  return bytes;
}

/**
 * Reads memory of a dump.
 *
 * @param address Physical or virtual address of the first byte.
 * @returns The bytes; nothing where one of them is in no PT_LOAD.
 */
export function readDump(
  dump: Uint8Array,
  space: AddressSpace,
  address: bigint,
  size: number,
): Uint8Array | undefined {
  const view = viewOf(dump);
  const loads = readPhdrs(view, readEhdr(view).e_phnum).filter(({ p_type }) =>
    p_type === PT_LOAD
  );
  const startOf = ({ p_paddr, p_vaddr }: DumpLoad) =>
    space === "physical" ? p_paddr : p_vaddr;
  const bytes = new Uint8Array(size);
  for (let done = 0; done < size;) {
    const at = address + BigInt(done);
    const load = loads.find((load) =>
      startOf(load) <= at && at < startOf(load) + load.p_memsz
    );
    if (load === undefined) return undefined;
    const inside = at - startOf(load);
    const left = Number(load.p_memsz - inside);
    const count = Math.min(left, size - done);
    if (inside < load.p_filesz) {
      const from = Number(load.p_offset + inside);
      const end = Number(load.p_offset + load.p_filesz);
      bytes.set(dump.subarray(from, Math.min(from + count, end)), done);
    }
    done += count;
  }
  return bytes;
}
