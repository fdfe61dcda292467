/**
 * The other writer of elfcorehdrs: the userspace kexec utility.
 *
 * @module
 */

export { ARCH_NAMES, type ArchName } from "./kernel/arch.ts";
export type { KernelMap } from "./kernel/topology.ts";
export type { Range } from "./kernel/range.ts";
export type { Case } from "./spec/case.ts";
export type {
  KernelSymbol,
  SysfsFile,
  UtilityView,
} from "./spec/kexec_tools.ts";
export type { Cpumask } from "./kernel/cpumask.ts";
export {
  encodeKexecTools,
  type KexecToolsInput,
  kexecToolsInput,
  kexecToolsMemsz,
} from "./model/kexec_tools.ts";
