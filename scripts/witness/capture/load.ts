/**
 * The crash image of a guest: how it is loaded, and the header's segment found
 * in guest memory from outside.
 *
 * @module
 */

import { EHDR, ET_CORE, SIZEOF_EHDR } from "../../../lib/elf/elf64.ts";
import { ARCHES } from "../../../lib/kernel/arch.ts";
import { CommandError } from "../../command.ts";
import { GUESTS } from "./guest_arch.ts";
import type { Machine } from "./machine.ts";
import type { Qemu } from "./qemu.ts";
import type { Recipe } from "./recipe.ts";

/** Paths of the crash kernel and its initramfs in the guest. */
export const CRASH_KERNEL = "/crash-kernel";
/** Its initramfs; the same /init, which then prints /proc/vmcore. */
export const CRASH_INITRAMFS = "/crash-initramfs";

const KEXEC_FILE_ON_CRASH = 2;
const KEXEC_FILE_DEBUG = 8;
/** Options that make older kernels print as much, if they were built to. */
const DYNAMIC_DEBUG =
  "write /sys/kernel/debug/dynamic_debug/control file arch/*kexec* +p; file arch/*/crash.c +p";
/** Milliseconds for a load: purgatory sums a whole kernel, in emulation. */
const PATIENCE = 300_000;

/** The command line of the capture kernel; one CPU is what the others are given up for. */
export function crashCmdline({ arch, panic_on }: Recipe): string {
  const words = [
    `console=${GUESTS[arch].console}`,
    "maxcpus=1",
    "reset_devices",
    // The firmware's tables do not have an added CPU, and 6.1 stops there.
    ...arch === "x86_64" && panic_on !== undefined ? ["nolapic"] : [],
  ];
  return words.join(" ");
}

/** A header in guest memory. */
export interface Segment {
  /** Physical address. */
  readonly paddr: bigint;
  /** The segment; where its size is not known, to the end of the region, at most 1 MiB. */
  readonly bytes: Uint8Array;
  /** Bytes of the header as it was loaded, where its writer said so. */
  readonly bufsz?: number;
  /** Bytes reserved, where its writer said so. */
  readonly memsz?: number;
  /** ppc64le: where the first 64 KiB are copied to. */
  readonly backup?: bigint;
}

/**
 * Has the guest load its crash image by kexec_file_load; to report a panic it
 * gets an initramfs.
 */
export async function loadByKernel(
  vm: Qemu,
  { release }: Machine,
  recipe: Recipe,
): Promise<void> {
  let flags = KEXEC_FILE_ON_CRASH;
  if (hasDebugFlag(release)) flags |= KEXEC_FILE_DEBUG;
  else await vm.ask(DYNAMIC_DEBUG);
  const initramfs = recipe.panic ? CRASH_INITRAMFS : "-";
  const { errno } = await vm.ask(
    `load ${flags} ${CRASH_KERNEL} ${initramfs} ${crashCmdline(recipe)}`,
    PATIENCE,
  );
  if (errno !== 0) {
    throw new CommandError(
      `Cannot load a crash image by kexec_file_load: errno ${errno}; the guest's log ends:\n${
        (await vm.ask("dmesg")).lines.slice(-8).join("\n")
      }`,
    );
  }
}

/** KEXEC_FILE_DEBUG is there since 6.8. */
function hasDebugFlag(release: string): boolean {
  const [major, minor] = release.split(".").map((part) => parseInt(part));
  return major > 6 || major === 6 && minor >= 8;
}

/** Finds the header that the last load left in the crashkernel regions. */
export async function findSegment(
  vm: Qemu,
  machine: Machine,
): Promise<Segment> {
  const { crashkernel, crashkernel_low } = machine.memory;
  const said = await readLog(vm);
  const found: Segment[] = [];
  for (const region of [crashkernel, crashkernel_low]) {
    if (region === undefined) continue;
    const memory = await vm.readMemory(
      region.start,
      Number(region.end - region.start + 1n),
    );
    for (let at = 0; at < memory.length; at += 1024) {
      const bytes = memory.subarray(at, at + (said.memsz ?? 1 << 20));
      if (isElfcorehdr(bytes, ARCHES[machine.arch].e_machine)) {
        found.push({
          paddr: region.start + BigInt(at),
          bytes: bytes.slice(),
          bufsz: said.bufsz,
          memsz: said.memsz,
          backup: said.backup,
        });
      }
    }
  }
  const [segment] = said.paddr === undefined
    ? found
    : found.filter(({ paddr }) => paddr === said.paddr);
  if (segment === undefined || said.paddr === undefined && found.length > 1) {
    throw new CommandError(
      `Cannot find the header: one ELF core header of ${machine.arch} must be in the crashkernel region: there are ${found.length}`,
    );
  }
  return segment;
}

/** Lines of the kernel's log on the last load. */
async function readLog(
  vm: Qemu,
): Promise<Partial<Omit<Segment, "bytes">>> {
  const { lines } = await vm.ask("dmesg");
  const last = (pattern: RegExp) =>
    lines.map((line) => pattern.exec(line)).findLast((match) => match);
  const header = last(
    /Loaded (?:ELF headers|elf core header) at (0x[0-9a-f]+),? bufsz=(0x[0-9a-f]+) memsz=(0x[0-9a-f]+)/,
  );
  const backup = last(/Loaded the backup region at (0x[0-9a-f]+)/);
  return {
    ...header
      ? {
        paddr: BigInt(header[1]),
        bufsz: Number(header[2]),
        memsz: Number(header[3]),
      }
      : {},
    ...backup ? { backup: BigInt(backup[1]) } : {},
  };
}

function isElfcorehdr(bytes: Uint8Array, e_machine: number): boolean {
  if (bytes.length < SIZEOF_EHDR) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return view.getUint32(0) === 0x7f454c46 &&
    view.getUint16(EHDR.e_type.at, true) === ET_CORE &&
    view.getUint16(EHDR.e_machine.at, true) === e_machine;
}
