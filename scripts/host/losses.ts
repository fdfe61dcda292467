/**
 * The difference between a loaded header and its machine, whatever writer made
 * the header: what a dump would lack, and what is wrong in the header.
 *
 * @module
 */

import { type Elf64Phdr, PT_LOAD, PT_NOTE } from "../../lib/elf/elf64.ts";
import { LOW_1M } from "../../lib/kernel/arch.ts";
import {
  excludeRanges,
  mergeRanges,
  type Range,
  sizeOf,
} from "../../lib/kernel/range.ts";
import type { Elfcorehdr } from "../../lib/kernel/read_header.ts";
import { notedMask } from "../../lib/spec/rules.ts";
import {
  lowMemory,
  rangesOf,
  splitKernel,
  wrongLoads,
  wrongNotes,
  wrongRegions,
  wrongSources,
} from "./defects.ts";
import type { HostFacts } from "./facts.ts";
import type { LoadedImage } from "./loaded.ts";
import type { HostMachine } from "./machine.ts";

/** The difference between a header and its machine. */
export interface Losses {
  /** Online CPUs whose registers a dump would lack. */
  readonly online: readonly number[];
  /** Present CPUs that are not online, whose registers it would lack once they are. */
  readonly present: readonly number[];
  /** CPUs that have a PT_NOTE and whose notes were not seen, so that nothing is known of them. */
  readonly unseen: readonly number[];
  /** Count of further present CPUs whose notes were not seen and are not all there. */
  readonly uncounted: number;
  /** RAM that a dump would lack. */
  readonly missing: readonly Range[];
  /** RAM that is listed and is not there; nothing is lost by it. */
  readonly gone: readonly Range[];
  /** Bytes of RAM that a dump is to have. */
  readonly ram: bigint;
  /** Defects of the header that loading again does not explain, a sentence each. */
  readonly wrong: readonly string[];
}

/** Compares a header with its machine. */
export function lossesOf(
  { phdrs }: Elfcorehdr,
  { machine, notes }: HostMachine,
  facts: HostFacts,
  image: LoadedImage,
): Losses {
  const noted = phdrs.filter(({ p_type }) => p_type === PT_NOTE);
  const loads = phdrs.filter(({ p_type, p_memsz }) =>
    p_type === PT_LOAD && p_memsz > 0n
  );
  const [, ram] = splitKernel(loads, facts);
  const wanted = wantedRam(facts) ?? [];
  const listed = rangesOf(ram);
  return {
    ...lostCpus(noted, machine.cpus, notes, facts),
    unseen: notedMask(machine).filter((cpu) => !notes.has(cpu)),
    missing: missingRam(loads, wanted, machine.page_size),
    gone: wholePages(
      excludeRanges(listed, allowedRam(facts)),
      machine.page_size,
    ),
    ram: sizeOf(wanted),
    wrong: [
      ...wrongNotes(noted, machine.page_size, facts, notes),
      ...wrongSources(phdrs, facts),
      ...wrongLoads(loads, facts),
      ...wrongRegions(listed, facts, image),
    ],
  };
}

/**
 * RAM that a dump is to have, whatever the release cuts: all but the regions of
 * the capture kernel, and on x86_64 the first MiB.
 *
 * @returns undefined where the reserved region was not seen.
 */
export function wantedRam(facts: HostFacts): Range[] | undefined {
  const { arch, system_ram, crashkernel, crashkernel_cma } = facts;
  if (crashkernel.length === 0 || system_ram.every(({ end }) => end === 0n)) {
    return undefined;
  }
  const cuts = [
    ...crashkernel,
    ...crashkernel_cma,
    ...arch === "x86_64" ? [LOW_1M] : [],
  ];
  return excludeRanges(mergeRanges(system_ram), mergeRanges(cuts));
}

/** RAM that no PT_LOAD has; the kernel's has RAM too. */
export function missingRam(
  loads: readonly Elf64Phdr[],
  wanted: readonly Range[],
  page_size: number,
): Range[] {
  return wholePages(excludeRanges(wanted, rangesOf(loads)), page_size);
}

/** Ranges of a page or more: iomem rounds smaller edges. */
function wholePages(ranges: readonly Range[], page_size: number): Range[] {
  return ranges.filter(({ start, end }) => end - start + 1n >= page_size);
}

/** RAM that a header may list: what the machine has, and low memory that is copied. */
function allowedRam({ arch, system_ram }: HostFacts): Range[] {
  return mergeRanges([...system_ram, lowMemory(arch)]);
}

/** CPUs whose notes the header lacks: those that were seen, and by count. */
function lostCpus(
  noted: readonly Elf64Phdr[],
  { present, online }: HostMachine["machine"]["cpus"],
  notes: HostMachine["notes"],
  { vmcoreinfo }: HostFacts,
): Pick<Losses, "online" | "present" | "uncounted"> {
  const named = new Set(noted.map(({ p_paddr }) => p_paddr));
  const there = [...new Set([...present, ...online])].sort((a, b) => a - b);
  const lost = there.filter((cpu) =>
    notes.has(cpu) && !named.has(notes.get(cpu)!)
  );
  const known = new Set([...notes.values(), vmcoreinfo]);
  const others = noted.filter(({ p_paddr }) => !known.has(p_paddr)).length -
    (vmcoreinfo === undefined ? 1 : 0);
  const hidden = there.filter((cpu) => !notes.has(cpu)).length;
  return {
    online: lost.filter((cpu) => online.includes(cpu)),
    present: lost.filter((cpu) => !online.includes(cpu)),
    uncounted: Math.max(0, hidden - Math.max(0, others)),
  };
}
