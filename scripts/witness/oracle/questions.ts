/**
 * The questions to an oracle: a machine, an event or a panic as the words that
 * oracle.c reads.
 *
 * @module
 */

import type { Arch } from "../../../lib/kernel/arch.ts";
import type { Range } from "../../../lib/kernel/range.ts";
import { DEFAULT_CONFIG } from "../../../lib/kernel/segment.ts";
import type { Piece } from "../../../lib/model/old_memory.ts";
import type { CaptureKernel } from "../../../lib/model/vmcore.ts";
import type { Case } from "../../../lib/spec/case.ts";
import type { FadumpCase } from "../../../lib/spec/fadump.ts";
import { expandRanges } from "../../../lib/spec/parts.ts";
import { type Hardware, HARDWARE_KINDS } from "./hardware.ts";
import type { Words } from "./words.ts";

/** Question to an oracle; each function of this file that makes one describes the answer. */
export type Question = (words: Words) => void;

/** Operations, by the numbers that oracle.c has for them. */
export const OP = {
  FLUSH: 0n,
  WRITE: 1n,
  LOAD: 2n,
  LOADED_BY_UTILITY: 3n,
  EVENT: 4n,
  VMCORE: 5n,
  CONSTANTS: 6n,
  FADUMP: 7n,
  BOOT: 16n,
  ADD_MEMORY: 17n,
  REMOVE_MEMORY: 18n,
  SHOW_MEMORY: 19n,
} as const;

/** `KEXEC_CRASH_HP_*` of include/linux/crash_core.h. */
const ACTIONS = {
  cpu_online: 1n,
  cpu_offline: 2n,
  memory_add: 3n,
  memory_remove: 4n,
} as const;

/** Flags of kexec_load that allow the kernel to write the header again. */
const FLAGS_UPDATE = 0x4n | 0x8n;

const NOWHERE: Range = { start: 0n, end: 0n };

/** Something that happens before a question; it is answered by that one. */
export type Happening = Question;

/** Asks after something has happened. */
export function after(
  happenings: readonly Happening[],
  question: Question,
): Question {
  return (words) => {
    for (const happening of happenings) happening(words);
    question(words);
  };
}

/** A machine boots: its kernel lists what is there. */
export function boot(
  page_size: number,
  hardware: readonly Hardware[],
): Happening {
  return (words) => {
    words.push(OP.BOOT);
    words.push(BigInt(page_size));
    words.push(BigInt(hardware.length));
    for (const { start, end, kind, node } of hardware) {
      words.push(start);
      words.push(end);
      words.push(BigInt(HARDWARE_KINDS.indexOf(kind)));
      words.push(BigInt(node));
    }
  };
}

/** Memory comes: by firmware, or by a driver that merges what it adds. */
export function addMemory(
  { start, end }: Range,
  node: number,
  byDriver: boolean,
): Happening {
  return (words) => {
    words.push(OP.ADD_MEMORY);
    words.push(start);
    words.push(end - start + 1n);
    words.push(BigInt(node));
    words.push(byDriver ? 1n : 0n);
  };
}

/** Memory goes. */
export function removeMemory({ start, end }: Range): Happening {
  return (words) => {
    words.push(OP.REMOVE_MEMORY);
    words.push(start);
    words.push(end - start + 1n);
  };
}

/** The text of /proc/iomem, or of memblock/memory in debugfs. */
export function askMemory(list: Arch["walks"]): Question {
  return (words) => {
    words.push(OP.SHOW_MEMORY);
    words.push(list === "memblock" ? 1n : 0n);
  };
}

/** `kexec_file_load` of a machine: the header, the segment's size, the length on the command line; see op_write(). */
export function askWrite(machine: Case): Question {
  return (words) => {
    words.push(OP.WRITE);
    pushMachine(words, machine);
  };
}

/** The same, and the image stays loaded: the segment, its size, the header's. */
export function askLoad(machine: Case): Question {
  return (words) => {
    words.push(OP.LOAD);
    pushMachine(words, machine);
  };
}

/** An image loaded by kexec_load, with updates allowed. */
export function askLoadedByUtility(
  machine: Case,
  segment: Uint8Array,
  memsz: number,
  updates: boolean,
): Question {
  return (words) => {
    words.push(OP.LOADED_BY_UTILITY);
    pushMachine(words, machine);
    words.push(BigInt(memsz));
    words.push(updates ? FLAGS_UPDATE : 0n);
    words.push(BigInt(segment.length));
    words.pushBytes(segment);
  };
}

/**
 * An event on the machine as it then is: the segment, its size, the new
 * header's, writes. Without an action the kernel hears nothing of it.
 */
export function askEvent(
  machine: Case,
  action?: keyof typeof ACTIONS,
  block: Range = { start: 0n, end: -1n },
): Question {
  return (words) => {
    words.push(OP.EVENT);
    pushMachine(words, machine);
    words.push(action === undefined ? 0n : ACTIONS[action]);
    words.push(block.start);
    words.push(block.end - block.start + 1n);
  };
}

/** /proc/vmcore: header and notes, the size of the file, of all notes. */
export function askVmcore(
  header: Uint8Array,
  memory: readonly Piece[],
  { page_size, device_dumps = [] }: Pick<
    CaptureKernel,
    "page_size" | "device_dumps"
  >,
): Question {
  return (words) => {
    words.push(OP.VMCORE);
    words.push(BigInt(page_size));
    words.push(ELFCOREHDR_ADDR);
    words.push(BigInt(memory.length + 1));
    for (
      const { paddr, bytes } of [
        { paddr: ELFCOREHDR_ADDR, bytes: header },
        ...memory,
      ]
    ) {
      words.push(paddr);
      words.push(BigInt(bytes.length));
      words.pushBytes(bytes);
    }
    words.push(BigInt(device_dumps.length));
    for (const { name, bytes } of device_dumps) {
      const padded = new Uint8Array(VMCOREDD_MAX_NAME_BYTES);
      padded.set(new TextEncoder().encode(name));
      words.pushBytes(padded);
      words.push(BigInt(bytes.length));
      words.pushBytes(bytes);
    }
  };
}

const VMCOREDD_MAX_NAME_BYTES = 44;

/** Address at which the oracle finds the header; no machine has memory there. */
const ELFCOREHDR_ADDR = 1n << 63n;

/** The size of a CPU's notes, of crash_elfcorehdr_size in sysfs, and of vmcoreinfo. */
export function askConstants(machine: Case): Question {
  return (words) => {
    words.push(OP.CONSTANTS);
    pushMachine(words, machine);
  };
}

/** In the order of `struct machine`; of its RAM, only final ranges are in it. */
function pushMachine(words: Words, machine: Case): void {
  const { kernel, address, memory, cpus, backup } = machine;
  const { rtas, opal, crashkernel_cma = [] } = memory;
  words.push(BigInt(machine.page_size));
  words.push(kernel?.text ?? 0n);
  words.push(kernel?.end ?? 0n);
  words.push(kernel?.text_paddr ?? 0n);
  words.push(address.page_offset);
  words.push(address.phys_offset ?? 0n);
  words.push(machine.vmcoreinfo.paddr);
  words.push(backup?.start ?? 0n);
  words.push(BigInt(DEFAULT_CONFIG.nr_cpus_default));
  words.push(BigInt(DEFAULT_CONFIG.crash_max_memory_ranges));
  words.push(1n);
  pushRange(words, memory.crashkernel ?? NOWHERE);
  pushRange(words, memory.crashkernel_low ?? NOWHERE);
  for (const firmware of [rtas, opal]) {
    words.push(firmware ? 1n : 0n);
    pushRange(words, firmware ?? NOWHERE);
  }
  const ranges = expandRanges(memory.ranges ?? []);
  words.push(memory.ranges ? 1n : 0n);
  words.push(BigInt(cpus.possible.length));
  words.push(BigInt(ranges.length));
  words.push(BigInt(crashkernel_cma.length));
  pushCpus(words, machine);
  for (const range of ranges) pushRange(words, range);
  for (const range of crashkernel_cma) pushRange(words, range);
}

function pushCpus(words: Words, { cpus, crash_notes }: Case): void {
  let next = 0;
  for (const [rank, cpu] of cpus.possible.entries()) {
    const present = cpus.present[next] === cpu;
    if (present) next++;
    words.push(BigInt(cpu));
    words.push(present ? 1n : 0n);
    words.push(
      crash_notes instanceof Map
        ? crash_notes.get(cpu) ?? 0n
        : crash_notes.base + crash_notes.stride * BigInt(rank),
    );
  }
}

function pushRange(words: Words, { start, end }: Range): void {
  words.push(start);
  words.push(end);
}

/** `PAGE_OFFSET` of ppc64le. */
const PPC64_PAGE_OFFSET = 0xc000_0000_0000_0000n;
/** `sizeof(struct pt_regs)`, in bytes. */
const SIZEOF_PT_REGS = 384;

/** A dump by firmware: the header with the notes of CPUs behind it, and where the copies begin. */
export function askFadump(spec: FadumpCase): Question {
  const { first, second, firmware, boot_memory, reserved, memory, cpus } = spec;
  const { mask, crashing, save_area } = cpus;
  const saved = [...save_area, ...crashing ? [crashing] : []];
  return (words) => {
    words.push(OP.FADUMP);
    words.push(BigInt(first.page_size));
    words.push(BigInt(second.page_size));
    words.push(PPC64_PAGE_OFFSET);
    words.push(spec.vmcoreinfo);
    words.push(spec.notes);
    words.push(BigInt(firmware.cpu_state_size));
    words.push(BigInt(firmware.hpte_size));
    words.push(boot_memory.size);
    words.push(reserved.start);
    words.push(reserved.size ?? 0n);
    const { registered, at_dump } = memory;
    for (const list of [boot_memory.regions, registered, at_dump, mask]) {
      words.push(BigInt(list.length));
    }
    words.push(crashing ? 1n : 0n);
    words.push(BigInt(save_area.length));
    for (const { source, size } of boot_memory.regions) {
      words.push(source);
      words.push(size);
    }
    for (const range of [...registered, ...at_dump]) pushRange(words, range);
    for (const cpu of mask) words.push(BigInt(cpu));
    for (const { id, regs } of saved) {
      words.push(BigInt(id));
      const bytes = new Uint8Array(SIZEOF_PT_REGS);
      bytes.set(Uint8Array.fromHex(regs));
      words.pushBytes(bytes);
    }
  };
}
