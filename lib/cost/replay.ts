/**
 * The cost of events: the same trace of CPU and memory events on one machine,
 * tallied under both policies. Counts only, no bytes are made.
 *
 * @module
 */

import { alignUp } from "../elf/align.ts";
import { phdrOffset, SIZEOF_PHDR } from "../elf/elf64.ts";
import type { ArchName } from "../kernel/arch.ts";
import { ARCHES } from "../kernel/arch.ts";
import { ELF_CORE_HEADER_ALIGN, type Topology } from "../kernel/topology.ts";
import type { LoadCall } from "../spec/scenario.ts";

/** The kinds of events. */
export type EventKind =
  | "cpu_add"
  | "cpu_remove"
  | "cpu_online"
  | "cpu_offline"
  | "memory_add"
  | "memory_remove";

/** A machine, as far as costs depend on it. */
export interface ReplayMachine {
  /** Architecture. */
  readonly arch: ArchName;
  /** Count of possible CPUs. */
  readonly possible: number;
  /** Count of present CPUs when the trace begins. */
  readonly present: number;
  /** Count of RAM ranges when the trace begins. */
  readonly ranges: number;
}

/**
 * The machine of a replay, of a topology and its count of present CPUs.
 *
 * @example Of a case
 * ```ts
 * import { parseCase, resolveCase } from "@kdump/elfcorehdr";
 * import { replayMachineOf } from "@kdump/elfcorehdr/hotplug";
 * import { CORPUS } from "@kdump/elfcorehdr/corpus";
 * import { assertEquals } from "@std/assert";
 *
 * const { yaml } = CORPUS.cases.find(({ id }) => id === "x86_64/two-cpus")!;
 * const machine = parseCase(yaml);
 * assertEquals(replayMachineOf(resolveCase(machine), 1), {
 *   arch: "x86_64",
 *   possible: 2,
 *   present: 1,
 *   ranges: 2,
 * });
 * ```
 */
export function replayMachineOf(
  { arch, nr_possible, ranges }: Topology,
  present: number,
): ReplayMachine {
  return {
    arch: arch.name,
    possible: nr_possible,
    present,
    ranges: ranges.length,
  };
}

/** Cost of a trace so far, under one policy. */
export interface Tally {
  /** How often the header was written after the load. */
  rewrites: number;
  /** Bytes written for that. */
  bytes: number;
  /** Moments in which a panic would have found no crash image. */
  gaps: number;
  /** Program headers now. */
  e_phnum: number;
  /** Bytes of the header now. */
  size: number;
}

/** Both policies, side by side. */
export interface Replay {
  /** Count of events seen. */
  events: number;
  /** Count of CPU events among them. */
  cpu_events: number;
  /** Kernels that never rewrite it: userspace loads the image again at every event. */
  present: Tally;
  /** Kernels that rewrite it in place: the header at memory events. */
  possible: Tally;
}

/**
 * Tallies a trace.
 *
 * Under `present` each event, of a CPU or of memory, has the image loaded
 * again. Under `possible` x86_64 and ppc64le write the header at memory events
 * and, after kexec_load, at the first CPU event; arm64 loads again for memory.
 * Each write leaves one moment without an image.
 *
 * @param trace Kinds of events in order; one memory event is one block.
 * @param watch Called with the tallies after every event.
 *
 * @example CPU events cost nothing any more
 * ```ts
 * import { replay, type ReplayMachine } from "@kdump/elfcorehdr/hotplug";
 * import { assertEquals } from "@std/assert";
 *
 * const machine: ReplayMachine = {
 *   arch: "x86_64",
 *   possible: 8,
 *   present: 2,
 *   ranges: 3,
 * };
 * const { present, possible } = replay(machine, ["cpu_add", "cpu_online"]);
 * assertEquals([present.rewrites, possible.rewrites], [2, 0]);
 * ```
 */
export function replay(
  machine: ReplayMachine,
  trace: Iterable<EventKind>,
  call: LoadCall = "kexec_file_load",
  watch: (so_far: Replay) => void = () => {},
): Replay {
  const { arch, possible } = machine;
  const fixed = 1 + (ARCHES[arch].kernel_map ? 1 : 0);
  let { present, ranges } = machine;
  let updated = call === "kexec_file_load";
  const seen: Replay = {
    events: 0,
    cpu_events: 0,
    present: tally(present + fixed + ranges, headerSize(possible, ranges)),
    possible: tally(
      (updated ? possible : present) + fixed + ranges,
      headerSize(possible, ranges),
    ),
  };
  for (const kind of trace) {
    const memory = kind === "memory_add" || kind === "memory_remove";
    if (kind === "cpu_add") present++;
    if (kind === "cpu_remove") present--;
    if (kind === "memory_add") ranges++;
    if (kind === "memory_remove") ranges--;
    seen.events++;
    if (!memory) seen.cpu_events++;
    const size = headerSize(possible, ranges);
    write(seen.present, present + fixed + ranges, size);
    const reaches = kind === "cpu_online" || kind === "cpu_offline";
    if (memory || reaches && !updated && arch === "x86_64") {
      write(seen.possible, possible + fixed + ranges, size);
      updated = true;
    }
    watch(seen);
  }
  return seen;
}

function tally(e_phnum: number, size: number): Tally {
  return { rewrites: 0, bytes: 0, gaps: 0, e_phnum, size };
}

function write(tally: Tally, e_phnum: number, size: number): void {
  tally.rewrites++;
  tally.bytes += size;
  tally.gaps++;
  tally.e_phnum = e_phnum;
  tally.size = size;
}

/** Bytes of a header with room for `cpus`. */
function headerSize(cpus: number, ranges: number): number {
  return alignUp(phdrOffset(cpus + 2 + ranges), ELF_CORE_HEADER_ALIGN);
}

/** Cost of the notes of absent CPUs, in bytes. */
export interface Price {
  /** Count of CPUs that are possible and not present. */
  readonly absent: number;
  /** 56 bytes for each. */
  readonly bare: number;
  /**
   * More bytes than a header sized by present CPUs, both rounded to 4096. No
   * kernel saved them: older ones made room for possible CPUs too.
   */
  readonly rounded: number;
}

/**
 * Works out the price of absent CPUs.
 *
 * @example Six absent CPUs
 * ```ts
 * import { priceOf, type ReplayMachine } from "@kdump/elfcorehdr/hotplug";
 * import { assertEquals } from "@std/assert";
 *
 * const machine: ReplayMachine = {
 *   arch: "x86_64",
 *   possible: 8,
 *   present: 2,
 *   ranges: 3,
 * };
 * assertEquals(priceOf(machine).bare, 6 * 56);
 * ```
 */
export function priceOf({ possible, present, ranges }: ReplayMachine): Price {
  return {
    absent: possible - present,
    bare: (possible - present) * SIZEOF_PHDR,
    rounded: headerSize(possible, ranges) - headerSize(present, ranges),
  };
}
