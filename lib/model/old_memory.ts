/**
 * The memory of the kernel that panicked, as a case of the crash path lists
 * it, and whose registers of it reached /proc/vmcore.
 *
 * @module
 */

import { readEhdr, SIZEOF_EHDR, viewOf } from "../elf/elf64.ts";
import { isPrstatus, walkNotes } from "../elf/notes.ts";
import { archOf } from "../kernel/arch.ts";
import { buildCrashNotes, buildVmcoreinfo } from "../kernel/crash_notes.ts";
import { holds } from "../spec/rules.ts";
import type { VmcoreCase } from "../spec/vmcore.ts";
import type { ReadMemory } from "./read_notes.ts";
import type { CaptureKernel, Vmcore } from "./vmcore.ts";

/** The kernel that captures in a case. */
export function captureKernel(
  { page_size, release, e_machine, device_dumps = [] }: VmcoreCase,
  header: Uint8Array,
): CaptureKernel {
  const machine = machineOfHeader(header);
  return {
    page_size,
    note_align: holds("R56", release, archOf(machine)?.name ?? "x86_64")
      ? 4
      : 0,
    e_machine: e_machine ?? machine,
    device_dumps: device_dumps.map(({ name, raw }) => ({
      name,
      bytes: Uint8Array.fromHex(raw),
    })),
  };
}

/** One piece of the old kernel's memory. */
export interface Piece {
  /** Physical address. */
  readonly paddr: bigint;
  /** Its bytes. */
  readonly bytes: Uint8Array;
}

/** Makes the old kernel's memory out of what a case lists. */
export function piecesOf({ memory }: VmcoreCase, header: Uint8Array): Piece[] {
  const arch = archOf(machineOfHeader(header))?.name ?? "x86_64";
  return memory.map(({ paddr, pid, regs, vmcoreinfo, raw }) => ({
    paddr,
    bytes: raw !== undefined
      ? Uint8Array.fromHex(raw)
      : vmcoreinfo !== undefined
      ? buildVmcoreinfo(vmcoreinfo)
      : buildCrashNotes(arch, {
        pid: pid ?? 0,
        regs: Uint8Array.fromHex(regs ?? ""),
      }),
  }));
}

/** e_machine of a header that may be cut short; 0 where it is. */
export function machineOfHeader(header: Uint8Array): number {
  return header.length < SIZEOF_EHDR ? 0 : readEhdr(viewOf(header)).e_machine;
}

/** Reads memory that has these pieces, and zeroes elsewhere; of two that overlap the later one counts. */
export function readPieces(pieces: readonly Piece[]): ReadMemory {
  const sorted = pieces.map(({ paddr, bytes }, order) => ({
    paddr,
    bytes,
    order,
  })).sort((a, b) => a.paddr < b.paddr ? -1 : a.paddr > b.paddr ? 1 : 0);
  const longest = BigInt(
    pieces.reduce((most, { bytes }) => Math.max(most, bytes.length), 0),
  );
  return (paddr, size) => {
    const out = new Uint8Array(size);
    const near = sorted.slice(
      firstFrom(sorted, paddr - longest),
      firstFrom(sorted, paddr + BigInt(size)),
    ).sort((a, b) => a.order - b.order);
    for (const piece of near) {
      const at = Number(piece.paddr - paddr);
      const from = Math.max(0, -at);
      out.set(
        piece.bytes.subarray(from, from + size - Math.max(0, at)),
        Math.max(0, at),
      );
    }
    return out;
  };
}

/** Index of the first of the sorted pieces that begins at `paddr` or above. */
function firstFrom(sorted: readonly Piece[], paddr: bigint): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle].paddr < paddr) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** CPUs whose registers are in a dump, and CPUs whose are not. */
export interface Survivors {
  /** CPUs in the dump, in the order of their notes. */
  readonly dumped: number[];
  /** CPUs that saved registers which the header did not point to. */
  readonly lost: number[];
}

/** Tells whose notes reached /proc/vmcore. */
export function survivors(
  spec: VmcoreCase,
  pieces: readonly Piece[],
  vmcore: Vmcore,
): Survivors {
  const cpus = new Map(
    spec.memory.flatMap(({ cpu, paddr }) =>
      cpu === undefined ? [] : [[paddr, cpu] as const]
    ),
  );
  const dumped = vmcore.notes
    .filter(({ size }) => size > 0)
    .flatMap(({ paddr }) => cpus.has(paddr) ? [cpus.get(paddr)!] : []);
  const saved = pieces
    .filter(({ bytes }) => walkNotes(bytes).some(isPrstatus))
    .map(({ paddr }) => cpus.get(paddr)!);
  return { dumped, lost: saved.filter((cpu) => !dumped.includes(cpu)) };
}
