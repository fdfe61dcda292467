/**
 * The head of /proc/kcore: where the kernel maps RAM and itself, and the text
 * of vmcoreinfo.
 *
 * @module
 */

import { startsWith } from "@std/bytes";
import {
  ELFMAG,
  phdrOffset,
  PT_LOAD,
  PT_NOTE,
  readEhdr,
  readPhdrs,
  SIZEOF_EHDR,
  viewOf,
} from "../../lib/elf/elf64.ts";
import { isVmcoreinfo, wholeNotes } from "../../lib/elf/notes.ts";
import type { Range } from "../../lib/kernel/range.ts";
import type { ReadHead, ReadHost } from "./read_host.ts";

/** A row of memory that kcore maps. */
export interface KcoreRow {
  /** Virtual address. */
  readonly vaddr: bigint;
  /** Physical address. */
  readonly paddr: bigint;
  /** Bytes. */
  readonly size: bigint;
}

/** Contents of the head of /proc/kcore. */
export interface Kcore {
  /** Rows that have a physical address: RAM, and the kernel's own mapping. */
  readonly rows: readonly KcoreRow[];
  /** The text of vmcoreinfo, where the head has it. */
  readonly vmcoreinfo?: string;
}

/** Bytes that hold the program headers and the notes of any kcore seen. */
const KCORE_HEAD = 1 << 16;
/** Physical address of a row that has none: vmalloc, modules, vmemmap. */
const NO_PADDR = 2n ** 64n - 1n;

/**
 * Reads the head of /proc/kcore, or of a bundle's copy of it.
 *
 * @returns undefined where there is none that is an ELF core file.
 *
 * @see fs/proc/kcore.c
 */
export function readKcore(head: ReadHead, read: ReadHost): Kcore | undefined {
  const bytes = head("proc/kcore", KCORE_HEAD) ??
    head("kcore.head", KCORE_HEAD);
  if (bytes === undefined || bytes.length < SIZEOF_EHDR) return undefined;
  if (!startsWith(bytes, Uint8Array.from(ELFMAG))) return undefined;
  const view = viewOf(bytes);
  const { e_phnum } = readEhdr(view);
  if (bytes.length < phdrOffset(e_phnum)) return undefined;
  const phdrs = readPhdrs(view, e_phnum);
  const note = phdrs.find(({ p_type }) => p_type === PT_NOTE);
  const notes = note
    ? [...wholeNotes(
      bytes.subarray(
        Number(note.p_offset),
        Number(note.p_offset + note.p_filesz),
      ),
    )]
    : [];
  const text = notes.find(isVmcoreinfo)?.desc;
  return {
    rows: phdrs
      .filter(({ p_type, p_paddr }) =>
        p_type === PT_LOAD && p_paddr !== NO_PADDR
      )
      .map(({ p_vaddr, p_paddr, p_memsz }) => ({
        vaddr: p_vaddr,
        paddr: p_paddr,
        size: p_memsz,
      })),
    vmcoreinfo: text ? new TextDecoder().decode(text) : read("vmcoreinfo.txt"),
  };
}

/** Returns true if a row has a physical address. */
function has({ paddr, size }: KcoreRow, address: bigint): boolean {
  return paddr <= address && address < paddr + size;
}

/**
 * Finds the row that maps the kernel: the one at `_text`, else the smallest that
 * has its code. The linear map has the code too, in a row of RAM.
 */
export function kernelRow(
  { rows }: Kcore,
  code: Range | undefined,
  text: bigint | undefined,
): KcoreRow | undefined {
  const named = rows.find(({ vaddr }) => vaddr === text);
  if (named || !code?.start) return named;
  const found = rows.filter((row) => has(row, code.start))
    .sort((a, b) => a.size < b.size ? -1 : 1);
  return found.length > 1 ? found[0] : undefined;
}

/**
 * Returns the distance of the linear map: p_vaddr - p_paddr of all rows of RAM.
 *
 * @returns undefined where rows disagree, since one of them is the kernel's.
 */
export function linearMapOf(
  kcore: Kcore,
  ram: readonly Range[],
  kernel: KcoreRow | undefined,
): bigint | undefined {
  const rows = kcore.rows.filter((row) =>
    row !== kernel &&
    ram.some(({ start, end }) =>
      row.paddr <= end && row.paddr + row.size > start
    )
  );
  const distances = new Set(rows.map(({ vaddr, paddr }) => vaddr - paddr));
  return distances.size === 1 ? [...distances][0] : undefined;
}

/** Reads a number of vmcoreinfo: `NUMBER(PHYS_OFFSET)=0x40000000`. */
export function vmcoreinfoNumber(
  { vmcoreinfo = "" }: Pick<Kcore, "vmcoreinfo">,
  name: string,
): bigint | undefined {
  const text = new RegExp(`^NUMBER\\(${name}\\)=(-?)(0x[0-9a-f]+|\\d+)$`, "m")
    .exec(vmcoreinfo);
  if (text === null) return undefined;
  const value = BigInt(text[2]);
  return BigInt.asUintN(64, text[1] === "" ? value : -value);
}
