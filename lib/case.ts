/**
 * A case of the suite: the text of a spec file in, one checked machine out.
 * Everything that can be wrong with a file is found here, so that whatever
 * comes later trusts its input.
 *
 * @module
 */

import { type Arch, ARCHES, type ArchName, type Memory } from "./arch.ts";
import { type Cpumask, formatCpulist, parseCpulist } from "./cpumask.ts";
import { PN_XNUM } from "./elf64.ts";
import type { Range } from "./range.ts";
import {
  count,
  isMapping,
  list,
  mapOf,
  matching,
  oneOf,
  optional,
  type Problem,
  record,
  type Report,
  type Shape,
  show,
  text,
  u64,
  whole,
} from "./shape.ts";
import { parseSpec, readSpec } from "./spec_file.ts";

/** Equal steps: `base + n * stride`, in bytes of physical address. */
export interface Stride {
  /** The address for n = 0. */
  readonly base: bigint;
  /** From one address to the next. */
  readonly stride: bigint;
}

/** `count` ranges of `size` bytes each, `stride` apart. */
export interface RangeSeries extends Stride {
  /** Bytes in each range. */
  readonly size: bigint;
  /** Count of ranges. */
  readonly count: number;
}

/** A mask in the kernel's cpulist syntax. */
export const cpulist: Shape<Cpumask> = (node, path, report) => {
  if (typeof node !== "string") {
    return report("type", path, "a cpulist", show(node));
  }
  try {
    return parseCpulist(node);
  } catch (error) {
    const wanted = (error as Error).message.replace(
      /^.*?must be |: current.*$/g,
      "",
    );
    return report("mask", path, wanted, show(node));
  }
};

/** A range: `[start, end]`, both ends inclusive. */
export const range: Shape<Range> = (node, path, report) => {
  const ends = list(u64)(node, path, report);
  if (ends === undefined) return;
  if (!Array.isArray(node) || node.length !== 2) {
    return report("type", path, "[start, end]", show(node));
  }
  const [start, end] = ends;
  if (ends.length < 2) return;
  if (end < start) {
    report("value", `${path}.end`, `at or above start ${hex(start)}`, hex(end));
  }
  return { start, end };
};

const series: Shape<RangeSeries> = (node, path, report) => {
  const read = whole(record({ base: u64, stride: u64, size: u64, count }))(
    node,
    path,
    report,
  );
  if (read === undefined) return;
  if (read.size === 0n) {
    return report("value", `${path}.size`, "1 or more", "0x0");
  }
  if (read.count === 0) {
    return report("value", `${path}.count`, "1 or more", "0");
  }
  return span(read).end <= U64_MAX ? read : report(
    "value",
    `${path}.count`,
    "such that all ends within 64 bits",
    `${read.count}`,
  );
};

const U64_MAX = 0xffff_ffff_ffff_ffffn;

const rangeEntry: Shape<Range | RangeSeries> = (node, path, report) =>
  (Array.isArray(node) ? range : series)(node, path, report);

const cpuNumber: Shape<number> = (node, path, report) =>
  typeof node === "string" && /^(?:0|[1-9]\d{0,3})$/.test(node)
    ? Number(node)
    : report("type", path, "a CPU number", show(node));

const crashNotes: Shape<Map<number, bigint> | Stride> = (node, path, report) =>
  isMapping(node) && Object.hasOwn(node, "base")
    ? whole(record({ base: u64, stride: u64 }))(node, path, report)
    : mapOf(cpuNumber, u64)(node, path, report);

const number: Shape<bigint> = (node, path, report) =>
  typeof node === "string" && node.startsWith("0x")
    ? u64(node, path, report)
    : mapValue(count(node, path, report), BigInt);

function mapValue<T, U>(
  value: T | undefined,
  f: (value: T) => U,
): U | undefined {
  return value === undefined ? undefined : f(value);
}

const EXPECT_REGEXP = /^(?:size|e_phnum|phdr\[\d+\]\.p_[a-z]+)$/;

/** Numbers worked out by hand: size, e_phnum, `phdr[2].p_paddr`. */
export const expectNumbers: Shape<Map<string, bigint>> = mapOf(
  matching(EXPECT_REGEXP, "size, e_phnum or phdr[<n>].<field>"),
  number,
);

/** One machine, as its file states it and with every check passed. */
export interface Case {
  /** What it is, in a line. */
  title: string;
  /** Why it exists: what a wrong writer gets wrong here. */
  why: string;
  /** Numbers of the rules that it is there for. */
  rules: string[];
  /** Words to select by. */
  tags?: string[];
  /** Who wrote the golden: a real kernel, our writer, or a human hand. */
  golden_from: "captured" | "derived" | "worked";
  /** Which kernel wrote the golden, and how it was made to. */
  captured?: { kernel: string; how: string };
  /** Architecture. */
  arch: ArchName;
  /** Page size of the crashed kernel, in bytes. */
  page_size: number;
  /** The mask whose CPUs get a PT_NOTE: `possible` since v6.6, before `present`. */
  policy: "possible" | "present";
  /** The three masks, each within the one before it. */
  cpus: { possible: Cpumask; present: Cpumask; online: Cpumask };
  /** Physical address of each CPU's crash notes; a stride counts possible CPUs. */
  crash_notes: Map<number, bigint> | Stride;
  /** Physical address of the vmcoreinfo note. */
  vmcoreinfo: { paddr: bigint };
  /** Virtual addresses of `_text` and `_end`, physical address of `_text`. */
  kernel?: { text: bigint; end: bigint; text_paddr: bigint };
  /** What `__va()` adds or ORs, and on arm64 subtracts first. */
  address: { page_offset: bigint; phys_offset?: bigint };
  /** RAM: either system_ram, from which the arch cuts, or the final ranges. */
  memory: MemorySpec;
  /** ppc64le: physical address of the copy of the first 64 KiB. */
  backup?: { start: bigint };
  /** The header laid out by hand; see `parseWorked()`. */
  worked?: string;
  /** Numbers worked out by hand: size, e_phnum, `phdr[2].p_paddr`. */
  expect?: Map<string, bigint>;
}

/** The memory of a case. */
export interface MemorySpec extends Omit<Memory, "system_ram"> {
  /** Ascending, without overlap. */
  readonly system_ram?: readonly (Range | RangeSeries)[];
  /** In any order. */
  readonly ranges?: readonly (Range | RangeSeries)[];
}

const caseShape: Shape<Case> = record({
  title: text,
  why: text,
  rules: list(matching(/^R\d\d$/, "a rule number, R and two digits")),
  tags: optional(list(matching(/^[a-z][a-z0-9-]*$/, "a lower-case word"))),
  golden_from: oneOf(["captured", "derived", "worked"]),
  captured: optional(record({ kernel: text, how: text })),
  arch: oneOf(["x86_64", "arm64", "ppc64le"]),
  page_size: count,
  policy: oneOf(["possible", "present"]),
  cpus: record({ possible: cpulist, present: cpulist, online: cpulist }),
  crash_notes: crashNotes,
  vmcoreinfo: record({ paddr: u64 }),
  kernel: optional(record({ text: u64, end: u64, text_paddr: u64 })),
  address: record({ page_offset: u64, phys_offset: optional(u64) }),
  memory: record({
    system_ram: optional(list(rangeEntry)),
    ranges: optional(list(rangeEntry)),
    crashkernel: optional(range),
    crashkernel_low: optional(range),
    rtas: optional(range),
    opal: optional(range),
    removed: optional(range),
  }),
  backup: optional(record({ start: u64 })),
  worked: optional(text),
  expect: optional(expectNumbers),
});

/**
 * Parses and checks one spec file.
 *
 * @param yaml Text of the file.
 * @param file Its name, for the message.
 * @throws {SpecError} With every problem of the file, each with its path.
 */
export function parseCase(yaml: string, file = "spec"): Case {
  return parseSpec(caseShape, yaml, file, checkCase);
}

/**
 * Reads a spec file as far as it can be read, and lists what is wrong with it.
 * A spec that comes with problems may lack keys that its type has.
 */
export function readCase(
  yaml: string,
): { spec: Case | undefined; problems: Problem[] } {
  const { value, problems } = readSpec(caseShape, yaml, checkCase);
  return { spec: value, problems };
}

/** The checks that need more than one value. A part that was reported is absent. */
function checkCase(spec: Partial<Case>, report: Report): void {
  checkOrigin(spec, report);
  if (spec.cpus) checkMasks(spec.cpus, report);
  checkCrashNotes(spec, report);
  if (spec.arch) checkArch(spec, ARCHES[spec.arch], report);
  if (spec.memory && spec.arch) checkMemory(spec.memory, spec.arch, report);
  checkPhdrCount(spec, report);
}

function checkOrigin(spec: Partial<Case>, report: Report): void {
  const { golden_from, expect } = spec;
  const needs = {
    captured: spec.captured,
    worked: spec.worked,
    derived: expect,
  };
  if (golden_from && needs[golden_from] === undefined) {
    const key = golden_from === "derived" ? "expect" : golden_from;
    report(
      "missing-key",
      key,
      `there where golden_from is ${golden_from}`,
      "nothing",
    );
  }
  if (golden_from === "derived" && expect) {
    for (const key of ["size", "e_phnum"]) {
      if (!expect.has(key)) {
        report("missing-key", `expect.${key}`, "worked out by hand", "nothing");
      }
    }
  }
}

function checkMasks(cpus: Partial<Case["cpus"]>, report: Report): void {
  const chain = ["possible", "present", "online"] as const;
  for (const [i, name] of chain.entries()) {
    const mask = cpus[name];
    if (mask?.length === 0) {
      report("mask", `cpus.${name}`, "at least one CPU", '""');
    }
    const outer = cpus[chain[i - 1]];
    if (mask === undefined || outer === undefined) continue;
    const within = new Set(outer);
    const outside = mask.filter((cpu) => !within.has(cpu));
    if (outside.length > 0) {
      report(
        "mask",
        `cpus.${name}`,
        `inside ${chain[i - 1]} ${formatCpulist(outer)}`,
        formatCpulist(outside),
      );
    }
  }
}

function checkCrashNotes(spec: Partial<Case>, report: Report): void {
  const { crash_notes, cpus, policy } = spec;
  const noted = policy && cpus?.[policy];
  if (!crash_notes || !cpus?.possible || !noted) return;
  if (!(crash_notes instanceof Map)) {
    const { base, stride } = crash_notes;
    if (base + stride * BigInt(cpus.possible.length) > U64_MAX) {
      report(
        "value",
        "crash_notes.stride",
        "such that all notes lie within 64 bits",
        hex(stride),
      );
    }
    return;
  }
  for (const cpu of noted) {
    if (!crash_notes.has(cpu)) {
      report(
        "mask",
        `crash_notes.${cpu}`,
        `there: CPU ${cpu} is ${policy}`,
        "nothing",
      );
    }
  }
  const possible = new Set(cpus.possible);
  for (const cpu of crash_notes.keys()) {
    if (!possible.has(cpu)) {
      report("mask", `crash_notes.${cpu}`, "a possible CPU", `${cpu}`);
    }
  }
}

function checkArch(spec: Partial<Case>, arch: Arch, report: Report): void {
  const { page_size, kernel } = spec;
  if (page_size !== undefined && !arch.page_sizes.includes(page_size)) {
    report("value", "page_size", arch.page_sizes.join(" or "), `${page_size}`);
  }
  if (kernel && kernel.end <= kernel.text) {
    report(
      "value",
      "kernel.end",
      `above text ${hex(kernel.text)}`,
      hex(kernel.end),
    );
  }
  checkPresence(spec, "kernel", arch.kernel_map, arch.name, report);
  checkPresence(spec, "backup", arch.backup, arch.name, report);
  const { address } = spec;
  if (address) {
    checkPresence(
      address,
      "phys_offset",
      arch.phys_offset,
      arch.name,
      report,
      "address.",
    );
  }
}

/** Reports a key that an architecture needs and lacks, or has and must not have. */
function checkPresence<T extends object>(
  parent: T,
  key: keyof T & string,
  needed: boolean,
  arch: ArchName,
  report: Report,
  prefix = "",
): void {
  const there = Object.hasOwn(parent, key);
  if (needed && !there) {
    report("missing-key", prefix + key, `there on ${arch}`, "nothing");
  }
  if (!needed && there) {
    report("unknown-key", prefix + key, `absent on ${arch}`, "there");
  }
}

function checkMemory(
  memory: MemorySpec,
  name: ArchName,
  report: Report,
): void {
  const given = memory.ranges !== undefined ? [] : ARCHES[name].memory;
  if ((memory.ranges === undefined) === (memory.system_ram === undefined)) {
    report(
      "value",
      "memory",
      "one of system_ram (cuts apply) and ranges (final)",
      memory.ranges ? "both" : "neither",
    );
  }
  for (
    const key of [
      "crashkernel",
      "crashkernel_low",
      "rtas",
      "opal",
      "removed",
    ] as const
  ) {
    if (memory[key] === undefined || given.includes(key)) continue;
    report(
      "unknown-key",
      `memory.${key}`,
      memory.ranges ? "absent beside final ranges" : `absent on ${name}`,
      "there",
    );
  }
  let next = 0n;
  for (const [i, entry] of (memory.system_ram ?? []).entries()) {
    const { start, end } = span(entry);
    const overlapping = "count" in entry && entry.count > 1 &&
      entry.stride < entry.size;
    if (start < next || overlapping) {
      report(
        "order",
        `memory.system_ram[${i}]`,
        overlapping ? "a stride of at least size" : `at or above ${hex(next)}`,
        hex(overlapping ? entry.stride : start),
      );
    }
    next = end + 1n;
  }
}

/** First and last byte of an entry. */
function span(entry: Range | RangeSeries): Range {
  if (!("count" in entry)) return entry;
  const { base, stride, size, count } = entry;
  return {
    start: base,
    end: base + stride * BigInt(Math.max(count - 1, 0)) + size - 1n,
  };
}

/** What cuts may add or take is not counted: only writers given final ranges overflow. */
function checkPhdrCount(spec: Partial<Case>, report: Report): void {
  const { memory, cpus, policy, kernel } = spec;
  const noted = policy && cpus?.[policy];
  const entries = memory?.ranges ?? memory?.system_ram;
  if (!noted || !entries) return;
  const e_phnum = noted.length + 1 + (kernel ? 1 : 0) +
    entries.reduce(
      (sum, entry) => sum + ("count" in entry ? entry.count : 1),
      0,
    );
  if (e_phnum > PN_XNUM) {
    report(
      "e_phnum",
      "memory",
      `such that e_phnum is at most ${PN_XNUM}`,
      `${e_phnum}`,
    );
  }
}

/** An address as messages show it. */
export function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
