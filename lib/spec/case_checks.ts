/**
 * The checks of a case that need more than one value.
 *
 * @module
 */

import { PN_XNUM } from "../elf/elf64.ts";
import {
  type Arch,
  ARCHES,
  type ArchName,
  CRASHKERNEL_CMA_RANGES_MAX,
} from "../kernel/arch.ts";
import { type Cpumask, formatCpulist } from "../kernel/cpumask.ts";
import { EXPECTED, MEMORY_CUTS } from "./case_relations.ts";
import type { Case, MemorySpec } from "./case_shape.ts";
import { type Masks, span, U64_MAX } from "./parts.ts";
import { notedMask } from "./rules.ts";
import { hex, type Report } from "./shape.ts";

/** The checks that need more than one value. A part that was reported is absent. */
export function checkCase(spec: Partial<Case>, report: Report): void {
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
    for (const key of EXPECTED) {
      if (!expect.has(key)) {
        report("missing-key", `expect.${key}`, "worked out by hand", "nothing");
      }
    }
  }
}

function checkMasks(cpus: Partial<Masks>, report: Report): void {
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
  const { crash_notes, cpus } = spec;
  const noted = notedOf(spec);
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
        `there: CPU ${cpu} gets a note`,
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
  for (const key of MEMORY_CUTS) {
    if (memory[key] === undefined || given.includes(key)) continue;
    report(
      "unknown-key",
      `memory.${key}`,
      memory.ranges ? "absent beside final ranges" : `absent on ${name}`,
      "there",
    );
  }
  const regions = memory.crashkernel_cma?.length ?? 0;
  if (regions > CRASHKERNEL_CMA_RANGES_MAX) {
    report(
      "value",
      "memory.crashkernel_cma",
      `at most ${CRASHKERNEL_CMA_RANGES_MAX} ranges`,
      `${regions}`,
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

/** The CPUs that get a note, of a spec that may be incomplete. */
function notedOf({ release, arch, cpus }: Partial<Case>): Cpumask | undefined {
  return release && arch && cpus
    ? notedMask({ release, arch, cpus })
    : undefined;
}

/** Ranges that cuts add or remove are not counted: only writers given final ranges overflow. */
function checkPhdrCount(spec: Partial<Case>, report: Report): void {
  const { memory, kernel } = spec;
  const noted = notedOf(spec);
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
