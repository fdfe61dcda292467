/**
 * The registers that firmware and the crashing kernel leave: the register save
 * area, big-endian, and the fadump header of the kernel.
 *
 * @module
 */

import { viewOf } from "../../../lib/elf/elf64.ts";
import type { SavedCpu } from "../../../lib/spec/fadump.ts";
import { CommandError } from "../../command.ts";

/** Bytes of `struct pt_regs` on ppc64le. */
const PT_REGS_SIZE = 384;
/** Places in `struct pt_regs`, in registers of 8 bytes. */
const PLACES: Readonly<Record<string, number>> = {
  NIA: 32,
  MSR: 33,
  CTR: 35,
  LR: 36,
  XER: 37,
  CR: 38,
  DAR: 41,
  DSISR: 42,
};
/** Bytes of an entry: a name and a value. */
const ENTRY = 16;

/**
 * Reads the register save area.
 *
 * @throws {CommandError} If it does not begin with REGSAVE or ends early.
 * @see `rtas_fadump_build_cpu_notes()`, arch/powerpc/platforms/pseries/rtas-fadump.c
 */
export function readSaveArea(area: Uint8Array): SavedCpu[] {
  const view = viewOf(area);
  if (nameAt(area, 0) !== "REGSAVE") {
    throw new CommandError(
      `Cannot read the register save area: it must begin with REGSAVE: current value is ${
        JSON.stringify(nameAt(area, 0))
      }`,
    );
  }
  const start = view.getUint32(12);
  const wanted = view.getUint32(start);
  const cpus: SavedCpu[] = [];
  let regs = new Uint8Array(PT_REGS_SIZE), id = 0;
  for (let at = start + 4; cpus.length < wanted; at += ENTRY) {
    if (at + ENTRY > area.length) {
      throw new CommandError(
        `Cannot read the register save area: it must have ${wanted} CPUs: it ends in number ${cpus.length}`,
      );
    }
    const name = nameAt(area, at);
    const value = view.getBigUint64(at + 8);
    const place = /^GPR\d\d$/.test(name) ? Number(name.slice(3)) : PLACES[name];
    if (name === "CPUSTRT") {
      id = Number(BigInt.asUintN(32, value));
      regs = new Uint8Array(PT_REGS_SIZE);
    } else if (name === "CPUEND") cpus.push({ id, regs: regsText(regs) });
    else if (place !== undefined) {
      viewOf(regs).setBigUint64(place * 8, value, true);
    }
  }
  return cpus;
}

/** Parts of the fadump header that a case has. */
export interface CrashInfo {
  /** The CPU that crashed, with the registers that it saved itself. */
  readonly crashing: SavedCpu;
  /** CPUs that were online. */
  readonly mask: number[];
}

/** Offset of crashing_cpu and of the registers, behind which the mask follows. */
const LAYOUTS = {
  first: { crashing_cpu: 16, regs: 24 },
  second: { crashing_cpu: 12, regs: 40 },
} as const;

/**
 * Reads the fadump header.
 *
 * @param writer The kernel that writes the ELF header: the first up to 6.9.
 * @see `struct fadump_crash_info_header`, arch/powerpc/include/asm/fadump-internal.h
 */
export function readCrashInfo(
  bytes: Uint8Array,
  writer: keyof typeof LAYOUTS,
  nr_cpus: number,
): CrashInfo {
  const { crashing_cpu, regs } = LAYOUTS[writer];
  const end = regs + PT_REGS_SIZE;
  return {
    crashing: {
      id: viewOf(bytes).getUint32(crashing_cpu, true),
      regs: regsText(bytes.subarray(regs, end)),
    },
    mask: Array.from({ length: nr_cpus }, (_, cpu) => cpu).filter((cpu) =>
      bytes[end + (cpu >> 3)] >> (cpu & 7) & 1
    ),
  };
}

function nameAt(bytes: Uint8Array, at: number): string {
  return new TextDecoder().decode(bytes.subarray(at, at + 8)).replace(
    /\0+$/,
    "",
  );
}

/** Registers as a case has them: zeroes behind them left out. */
function regsText(regs: Uint8Array): string {
  return regs.toHex().replace(/(?:00)+$/, "");
}
