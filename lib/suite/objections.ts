/**
 * Why a writer must refuse a request: rules R38 and R44, a row each.
 *
 * @module
 */

import { PN_XNUM } from "../elf/elf64.ts";
import { NR_CPUS } from "../kernel/cpumask.ts";
import { countPhdrs, type Topology } from "../kernel/topology.ts";
import { holds } from "../spec/rules.ts";
import type { WriterRequest } from "./request.ts";

/** One reason to refuse. */
interface Objection {
  /** Behaviour of a writer without this check. */
  readonly without: string;
  /** True if it holds against a request. */
  readonly holds: (topology: Topology, request: WriterRequest) => boolean;
  /** The reason, as an answer gives it. */
  readonly reason: (topology: Topology, request: WriterRequest) => string;
}

/** Name of a reason. */
export type ObjectionName = keyof typeof OBJECTIONS;

/** The first range that ends before it starts; of R70's kernels the last may. */
function backwards({ ranges, arch }: Topology, release: string): number {
  const looked = holds("R70", release, arch.name)
    ? ranges.slice(0, -1)
    : ranges;
  return looked.findIndex(({ start, end }) => end < start);
}

/** All reasons; the first that holds is given. */
export const OBJECTIONS = {
  "accepts-no-cpu": {
    without: "a machine without a possible CPU is written",
    holds: ({ nr_possible }) => nr_possible === 0,
    reason: () => "no CPU is possible",
  },
  "accepts-any-number-of-cpus": {
    without: "more possible CPUs than any kernel has are written",
    holds: ({ nr_possible }) => nr_possible > NR_CPUS,
    reason: () => `more than ${NR_CPUS} possible CPUs`,
  },
  "accepts-more-notes": {
    without: "more notes than possible CPUs are written",
    holds: ({ cpus, nr_possible }) => cpus.length > nr_possible,
    reason: ({ cpus, nr_possible }) =>
      `${cpus.length} notes for ${nr_possible} possible CPUs`,
  },
  "accepts-backward-range": {
    without: "a range that ends before it starts is written",
    holds: (topology, { release }) => backwards(topology, release) >= 0,
    reason: (topology, { release }) =>
      `ranges[${backwards(topology, release)}] ends before it starts`,
  },
  "accepts-page-size": {
    without: "any page size is taken",
    holds: ({ arch }, { page_size }) => !arch.page_sizes.includes(page_size),
    reason: ({ arch }, { page_size }) =>
      `no pages of ${page_size} bytes on ${arch.name}`,
  },
  "accepts-missing-kernel": {
    without: "x86_64 without its kernel map is written",
    holds: ({ arch, kernel }) => arch.kernel_map && kernel === undefined,
    reason: ({ arch }) => `a kernel map must be there on ${arch.name}`,
  },
  "accepts-foreign-kernel": {
    without: "ppc64le with a kernel map is written",
    holds: ({ arch, kernel }) => !arch.kernel_map && kernel !== undefined,
    reason: ({ arch }) => `a kernel map must be absent on ${arch.name}`,
  },
  "accepts-missing-backup": {
    without: "ppc64le without its backup region is written",
    holds: ({ arch, backup }) => arch.backup && backup === undefined,
    reason: ({ arch }) => `a backup region must be there on ${arch.name}`,
  },
  "accepts-foreign-backup": {
    without: "x86_64 with a backup region is written",
    holds: ({ arch, backup }) => !arch.backup && backup !== undefined,
    reason: ({ arch }) => `a backup region must be absent on ${arch.name}`,
  },
  "accepts-backward-kernel": {
    without: "a kernel that ends before it starts is written",
    holds: ({ kernel }) =>
      kernel !== undefined &&
      (kernel.size === 0n || kernel.vaddr + kernel.size > 1n << 64n),
    reason: () => "the kernel ends before it starts",
  },
  "phnum-wraps": {
    without: "65,536 program headers are written, e_phnum wraps (the kernel)",
    holds: (topology) => countPhdrs(topology) > PN_XNUM,
    reason: (topology) =>
      `${
        countPhdrs(topology)
      } program headers, where e_phnum ends at ${PN_XNUM}`,
  },
} as const satisfies Record<string, Objection>;

/**
 * Finds the reason to refuse a request.
 *
 * @param ignored Checks that are left out, as a writer might forget them.
 */
export function objectionTo(
  request: WriterRequest,
  topology: Topology,
  ignored: readonly ObjectionName[] = [],
): string | undefined {
  const [, found] =
    Object.entries(OBJECTIONS).find(([name, { holds }]) =>
      holds(topology, request) && !ignored.some((one) => one === name)
    ) ?? [];
  return found?.reason(topology, request);
}
