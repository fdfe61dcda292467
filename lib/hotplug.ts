/**
 * The life of a loaded elfcorehdr: events of CPUs and memory, when the kernel
 * writes the header again, how large its segment is, and what that costs.
 *
 * @module
 */

export {
  type LifeEvent,
  type LoadCall,
  type MomentExpectation,
  parseScenario,
  type Scenario,
} from "./spec/scenario.ts";
export type {
  KernelSymbol,
  SysfsFile,
  UtilityView,
} from "./spec/kexec_tools.ts";
export type { Case } from "./spec/case.ts";
export { ARCH_NAMES, type ArchName } from "./kernel/arch.ts";
export type { Cpumask } from "./kernel/cpumask.ts";
export type { Range } from "./kernel/range.ts";
export type { Holds } from "./kernel/release.ts";
export type { Topology } from "./kernel/topology.ts";
export {
  DEFAULT_CONFIG,
  type KernelConfig,
  type LoadedHeader,
  segmentMemsz,
  sysfsElfcorehdrSize,
  updatesInPlace,
} from "./kernel/segment.ts";
export { playScenario } from "./model/hotplug.ts";
export type { LifeParts } from "./model/life.ts";
export type { MakeRam, RamList } from "./model/ram.ts";
export {
  type EventKind,
  type Price,
  priceOf,
  type Replay,
  replay,
  type ReplayMachine,
  replayMachineOf,
  type Tally,
} from "./cost/replay.ts";
export { syntheticTrace } from "./cost/trace.ts";
export { BECAUSE, type Because } from "./spec/because.ts";
export { type Moment } from "./model/moment.ts";
export { type Captured } from "./spec/head.ts";
