/**
 * An elfcorehdr after a panic: crash notes, the head of
 * /proc/vmcore, and what dump tools count in it.
 *
 * @module
 */

export { type ElfNote, walkNotes } from "./elf/notes.ts";
export {
  buildCrashNotes,
  readPrstatus,
  type Saved,
} from "./kernel/crash_notes.ts";
export { ARCH_NAMES, type ArchName } from "./kernel/arch.ts";
export type { Cpumask } from "./kernel/cpumask.ts";
export type { DeviceDump } from "./model/device_dumps.ts";
export { VMCORE_REFUSALS, type VmcoreRefusal } from "./spec/vmcore.ts";
export {
  type CaptureKernel,
  makeVmcore,
  type Vmcore,
  VmcoreError,
} from "./model/vmcore.ts";
export type { ReadMemory } from "./model/read_notes.ts";
export {
  attributeByPosition,
  type Attribution,
  type DumpView,
  type ListedNote,
  listNotes,
  viewDump,
} from "./model/dump.ts";
