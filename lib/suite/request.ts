/**
 * The request to an implementation: a resolved machine as JSON, or as lines
 * that C reads with scanf. All cuts and masks have been worked out; the inputs
 * they came from go along for those who do that themselves.
 *
 * @module
 */

import { formatCpulist } from "../kernel/cpumask.ts";
import type { Range } from "../kernel/range.ts";
import type { Topology } from "../kernel/topology.ts";
import type { Case } from "../spec/case.ts";
import { expandRanges, type RangeSeries } from "../spec/parts.ts";
import { holds } from "../spec/rules.ts";
import { hex } from "../spec/shape.ts";

/** Version of the request; it changes when keys come, go or change their meaning. */
export const REQUEST_VERSION = 2;

/** Versions that an implementation can be asked in. */
export type RequestVersion = 1 | 2;

/** A 64-bit value, in hex: `0x3da3d800`. */
export type Hex = string;

/** A request to write a header. Described in spec/request.schema.json. */
export interface WriterRequest {
  /** REQUEST_VERSION. */
  version: number;
  /** The case. */
  id: string;
  /** Architecture. */
  arch: string;
  /** `EM_*` number. */
  e_machine: number;
  /** Page size of the crashed kernel, in bytes. */
  page_size: number;
  /** The kernel whose bytes are wanted: 7.3.4, or next. */
  release: string;
  /** The mask that `notes` follows. */
  policy: "possible" | "present";
  /** Count of possible CPUs, by which the header is sized. */
  nr_possible: number;
  /** The PT_NOTEs of CPUs, in order: physical address and bytes covered. */
  notes: { cpu: number; paddr: Hex; size: Hex }[];
  /** The PT_NOTE behind them. */
  vmcoreinfo: { paddr: Hex; size: Hex };
  /** The kernel text, or null where it gets no PT_LOAD. */
  kernel: { paddr: Hex; vaddr: Hex; size: Hex } | null;
  /** p_vaddr of RAM is `(start - phys_offset) op page_offset`, mod 2^64. */
  va: { op: "add" | "or"; page_offset: Hex; phys_offset: Hex };
  /** RAM: first and last byte of each PT_LOAD, in order. */
  ranges: [start: Hex, end: Hex][];
  /** p_offset of the first program header with p_paddr 0, or null. */
  backup: Hex | null;
  /** Machine from which all of it was resolved. */
  inputs: RequestInputs;
}

/** The unresolved machine: masks as cpulists, memory before any cut. */
export interface RequestInputs {
  /** Masks, in the kernel's cpulist syntax. */
  possible: string;
  /** The CPUs that are there. */
  present: string;
  /** The CPUs that run. */
  online: string;
  /** System RAM or memblock; null where the case gives final ranges. */
  system_ram: [Hex, Hex][] | null;
  /** crashk_res. */
  crashkernel: [Hex, Hex] | null;
  /** crashk_low_res. */
  crashkernel_low: [Hex, Hex] | null;
  /** crashk_cma_ranges; null where there are none. */
  crashkernel_cma: [Hex, Hex][] | null;
  /** ppc64le firmware. */
  rtas: [Hex, Hex] | null;
  /** ppc64le firmware. */
  opal: [Hex, Hex] | null;
  /** ppc64le: a memory block going offline. */
  removed: [Hex, Hex] | null;
}

/**
 * Makes the request for a case.
 *
 * @param id Id of the case.
 * @param spec The machine; of a refused input, as far as it could be read.
 * @param topology What it was resolved to.
 */
export function requestOf(
  id: string,
  spec: Case,
  topology: Topology,
): WriterRequest {
  const { arch, kernel, vmcoreinfo, backup } = topology;
  const size = hex(BigInt(arch.crash_notes_size));
  return {
    version: REQUEST_VERSION,
    id,
    arch: arch.name,
    e_machine: arch.e_machine,
    page_size: spec.page_size,
    release: spec.release,
    policy: holds("R09", spec.release, spec.arch) ? "possible" : "present",
    nr_possible: topology.nr_possible,
    notes: topology.cpus.map((cpu, i) => ({
      cpu,
      paddr: hex(topology.crash_notes[i]),
      size,
    })),
    vmcoreinfo: { paddr: hex(vmcoreinfo.paddr), size: hex(vmcoreinfo.size) },
    kernel: kernel
      ? {
        paddr: hex(kernel.paddr),
        vaddr: hex(kernel.vaddr),
        size: hex(BigInt.asUintN(64, kernel.size)),
      }
      : null,
    va: {
      op: arch.va,
      page_offset: hex(topology.page_offset),
      phys_offset: hex(topology.phys_offset),
    },
    ranges: topology.ranges.map(ends),
    backup: backup === undefined ? null : hex(backup),
    inputs: inputsOf(spec),
  };
}

function inputsOf({ cpus, memory }: Case): RequestInputs {
  const { system_ram, crashkernel, crashkernel_low, rtas, opal, removed } =
    memory;
  const { crashkernel_cma } = memory;
  return {
    possible: formatCpulist(cpus.possible),
    present: formatCpulist(cpus.present),
    online: formatCpulist(cpus.online),
    system_ram: system_ram ? rangesOf(system_ram) : null,
    crashkernel: crashkernel ? ends(crashkernel) : null,
    crashkernel_low: crashkernel_low ? ends(crashkernel_low) : null,
    crashkernel_cma: crashkernel_cma ? crashkernel_cma.map(ends) : null,
    rtas: rtas ? ends(rtas) : null,
    opal: opal ? ends(opal) : null,
    removed: removed ? ends(removed) : null,
  };
}

function rangesOf(entries: readonly (Range | RangeSeries)[]): [Hex, Hex][] {
  return expandRanges(entries).map(ends);
}

function ends({ start, end }: Range): [Hex, Hex] {
  return [hex(start), hex(end)];
}

/** Keys that requests of version 1 lack. */
const SINCE_VERSION_2 = ["release", "crashkernel_cma"];

/** Words a request as an older version did: without the keys that came later. */
export function inVersion<T extends { version: number }>(
  request: T,
  version: RequestVersion,
): T {
  if (version === REQUEST_VERSION) return request;
  return JSON.parse(
    JSON.stringify({ ...request, version }),
    (key, value) => SINCE_VERSION_2.includes(key) ? undefined : value,
  );
}

/**
 * Formats a request as lines: a key and its values, separated by blanks. Lists
 * are preceded by their count, what is null is left out, `end` comes last.
 *
 * Lines that begin with `input` repeat the unresolved machine; skip them
 * unless you want to work it out yourself.
 */
export function formatLines(request: WriterRequest): string {
  const { notes, vmcoreinfo, kernel, va, ranges, backup, inputs } = request;
  const lines = [
    `version ${request.version}`,
    `id ${request.id}`,
    `arch ${request.arch}`,
    `e_machine ${request.e_machine}`,
    `page_size ${request.page_size}`,
    ...request.release ? [`release ${request.release}`] : [],
    `policy ${request.policy}`,
    `nr_possible ${request.nr_possible}`,
    `notes ${notes.length}`,
    ...notes.map(({ cpu, paddr, size }) => `note ${cpu} ${paddr} ${size}`),
    `vmcoreinfo ${vmcoreinfo.paddr} ${vmcoreinfo.size}`,
    ...kernel ? [`kernel ${kernel.paddr} ${kernel.vaddr} ${kernel.size}`] : [],
    `va ${va.op} ${va.page_offset} ${va.phys_offset}`,
    ...backup ? [`backup ${backup}`] : [],
    `ranges ${ranges.length}`,
    ...ranges.map((range) => `range ${range.join(" ")}`),
    ...Object.entries(inputs).flatMap(([key, value]) => inputLines(key, value)),
    "end",
  ];
  return `${lines.join("\n")}\n`;
}

function inputLines(
  key: string,
  value: RequestInputs[keyof RequestInputs],
): string[] {
  if (value === null || value === undefined) return [];
  if (typeof value === "string") return [`input ${key} ${value}`];
  const list = typeof value[0] === "string" ? [value] : value;
  return list.map((range) => `input ${key} ${(range as Hex[]).join(" ")}`);
}
