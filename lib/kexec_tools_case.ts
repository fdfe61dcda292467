/**
 * A case of the userspace writer: the text of a file of spec/kexec-tools in,
 * its input and the numbers worked out by hand out.
 *
 * @module
 */

import { ARCHES } from "./arch.ts";
import type { Case } from "./case.ts";
import { cpulist, expectNumbers } from "./case_shapes.ts";
import type { Cpumask } from "./cpumask.ts";
import type { KexecToolsInput } from "./kexec_tools.ts";
import {
  count,
  list,
  matching,
  optional,
  record,
  type Shape,
  text,
} from "./shape.ts";
import { parseSpec } from "./spec_file.ts";
import { resolveCase } from "./topology.ts";

/** What a file of spec/kexec-tools says. */
export interface KexecToolsCase {
  /** What it is, in a line. */
  title: string;
  /** Why it exists. */
  why: string;
  /** Rules that it is there for. */
  rules: string[];
  /** Id of the case that the machine is. */
  machine: string;
  /** CPUs with a directory in sysfs; where absent, those of a real machine. */
  sysfs?: Cpumask;
  /** Count of configured CPUs; where absent, that of the possible ones. */
  nr_conf?: number;
  /** Ranges that are counted and skipped. */
  skipped_ranges?: number;
  /** Numbers worked out by hand. */
  expect: Map<string, bigint>;
}

const shape: Shape<KexecToolsCase> = record({
  title: text,
  why: text,
  rules: list(matching(/^R\d\d$/, "a rule number, R and two digits")),
  machine: text,
  sysfs: optional(cpulist),
  nr_conf: optional(count),
  skipped_ranges: optional(count),
  expect: expectNumbers,
});

/**
 * Parses a file of spec/kexec-tools.
 *
 * @throws {SpecError} If it is malformed.
 */
export function parseKexecToolsCase(
  yaml: string,
  file = "spec",
): KexecToolsCase {
  return parseSpec(shape, yaml, file);
}

/**
 * Resolves what the utility would read on a machine.
 *
 * sysfs has a directory for each present CPU, on ppc64le for each possible one.
 */
export function kexecToolsInput(
  machine: Case,
  { sysfs, nr_conf, skipped_ranges = 0 }: Partial<KexecToolsCase> = {},
): KexecToolsInput {
  const { arch, cpus, address, backup } = machine;
  const topology = resolveCase({ ...machine, policy: "possible" });
  const notes = new Map(
    topology.cpus.map((cpu, i) => [cpu, topology.crash_notes[i]]),
  );
  const listed = sysfs ?? (arch === "ppc64le" ? cpus.possible : cpus.present);
  return {
    arch,
    nr_conf: nr_conf ?? cpus.possible.length,
    crash_notes: new Map(
      listed.map((cpu) => [cpu, notes.get(cpu) ?? topology.crash_notes[0]]),
    ),
    vmcoreinfo: topology.vmcoreinfo,
    kernel: topology.kernel,
    ranges: topology.ranges,
    skipped_ranges,
    page_offset: address.page_offset,
    phys_offset: topology.phys_offset,
    backup: ARCHES[arch].backup && backup
      ? { src: { start: 0n, end: 0xffffn }, start: backup.start }
      : undefined,
  };
}
