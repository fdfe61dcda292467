/**
 * A case of the crash path: the text of a file of spec/vmcore in; a header,
 * the old kernel's memory and what is expected of /proc/vmcore out.
 *
 * @module
 */

import { ARCHES } from "../kernel/arch.ts";
import { type Captured, captured } from "./case.ts";
import { cpulist } from "./parts.ts";
import type { Cpumask } from "../kernel/cpumask.ts";
import { buildCrashNotes, walkNotes } from "../kernel/crash_notes.ts";
import { isPrstatus } from "../model/dump.ts";
import { EHDR } from "../elf/elf64.ts";
import {
  count,
  list,
  matching,
  oneOf,
  optional,
  record,
  type Shape,
  text,
  u64,
} from "./shape.ts";
import { parseSpec } from "./document.ts";
import type {
  CaptureKernel,
  ReadMemory,
  Vmcore,
  VmcoreRefusal,
} from "../model/vmcore.ts";

/** Something in the old kernel's memory; what is not listed is zeroes. */
export interface MemorySpec {
  /** Physical address. */
  paddr: bigint;
  /** The CPU whose crash notes are here. */
  cpu?: number;
  /** What it ran when it stopped. */
  pid?: number;
  /** Its registers, in hex, zeroes behind them left out. */
  regs?: string;
  /** Text of vmcoreinfo. */
  vmcoreinfo?: string;
  /** Any bytes, in hex. */
  raw?: string;
}

/** What a file of spec/vmcore says. */
export interface VmcoreCase {
  /** What it is, in a line. */
  title: string;
  /** Why it exists. */
  why: string;
  /** Rules that it is there for. */
  rules: string[];
  /** Who wrote the golden. */
  golden_from: "captured" | "derived";
  /** Which kernel panicked and captured. */
  captured?: Captured;
  /** The header in memory: id of a case, an image, or scenario/<id>/<golden>. */
  header: string;
  /** p_align of the merged note in the capture kernel: 0 or 4. */
  note_align: number;
  /** Page size of the capture kernel, in bytes. */
  page_size: number;
  /** EM_* number that the capture kernel accepts; that of the header, where absent. */
  e_machine?: number;
  /** CPUs that were online at the panic. */
  online: Cpumask;
  /** The old kernel's memory. */
  memory: MemorySpec[];
  /** Numbers worked out by hand, or read from what the tools wrote. */
  expect: VmcoreExpectation;
}

/** What is expected of a /proc/vmcore. */
export interface VmcoreExpectation {
  /** Why there is none. */
  refused?: VmcoreRefusal;
  /** Bytes of all notes. */
  notes_size?: number;
  /** Program headers. */
  e_phnum?: number;
  /** Bytes of header and notes. */
  head?: number;
  /** CPUs that makedumpfile counts. */
  nr_cpus?: number;
  /** CPUs whose notes are in it. */
  dumped?: Cpumask;
  /** CPUs that saved registers that are not in it. */
  lost?: Cpumask;
}

const hexText = matching(/^(?:[0-9a-f]{2})*$/, "bytes in hex");

const shape: Shape<VmcoreCase> = record({
  title: text,
  why: text,
  rules: list(matching(/^R\d\d$/, "a rule number, R and two digits")),
  golden_from: oneOf(["captured", "derived"]),
  captured: optional(captured),
  header: text,
  note_align: count,
  page_size: count,
  e_machine: optional(count),
  online: cpulist,
  memory: list(record({
    paddr: u64,
    cpu: optional(count),
    pid: optional(count),
    regs: optional(hexText),
    vmcoreinfo: optional(text),
    raw: optional(hexText),
  })),
  expect: record({
    refused: optional(
      oneOf(["magic", "class", "header", "machine", "size", "no-notes"]),
    ),
    notes_size: optional(count),
    e_phnum: optional(count),
    head: optional(count),
    nr_cpus: optional(count),
    dumped: optional(cpulist),
    lost: optional(cpulist),
  }),
});

/**
 * Parses a file of spec/vmcore.
 *
 * @throws {SpecError} If it is malformed, with every problem.
 */
export function parseVmcoreCase(yaml: string, file = "spec"): VmcoreCase {
  return parseSpec(shape, yaml, file);
}

/** The kernel that captures in a case. */
export function captureKernel(
  { page_size, note_align, e_machine }: VmcoreCase,
  header: Uint8Array,
): CaptureKernel {
  return {
    page_size,
    note_align: note_align === 0 ? 0 : 4,
    e_machine: e_machine ?? machineOfHeader(header),
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
  const e_machine = machineOfHeader(header);
  const arch =
    Object.values(ARCHES).find((row) => row.e_machine === e_machine)?.name ??
      "x86_64";
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

function machineOfHeader(header: Uint8Array): number {
  return header.length < 20
    ? 0
    : header[EHDR.e_machine.at] | header[EHDR.e_machine.at + 1] << 8;
}

/** The vmcoreinfo note: a name of eleven bytes, padded to twelve, and the text. */
function buildVmcoreinfo(info: string): Uint8Array {
  const data = new TextEncoder().encode(info);
  const bytes = new Uint8Array(12 + 12 + Math.ceil(data.length / 4) * 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, "VMCOREINFO".length + 1, true);
  view.setUint32(4, data.length, true);
  bytes.set(new TextEncoder().encode("VMCOREINFO"), 12);
  bytes.set(data, 24);
  return bytes;
}

/** Reads memory that has these pieces, and zeroes elsewhere. */
export function readPieces(pieces: readonly Piece[]): ReadMemory {
  return (paddr, size) => {
    const out = new Uint8Array(size);
    for (const piece of pieces) {
      const at = Number(piece.paddr - paddr);
      if (at >= size || at + piece.bytes.length <= 0) continue;
      const from = Math.max(0, -at);
      out.set(
        piece.bytes.subarray(from, from + size - Math.max(0, at)),
        Math.max(0, at),
      );
    }
    return out;
  };
}

/** Whose registers are in a dump, and whose are not. */
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
