/**
 * A case of the userspace writer: the text of a file of spec/kexec-tools in,
 * its input and the numbers worked out by hand out.
 *
 * @module
 */

import { ARCHES, BACKUP_SRC } from "../kernel/arch.ts";
import { type Captured, captured, type Case } from "./case.ts";
import { cpulist, expectNumbers, range } from "./parts.ts";
import type { Cpumask } from "../kernel/cpumask.ts";
import type { KexecToolsInput } from "../model/kexec_tools.ts";
import type { Range } from "../kernel/range.ts";
import {
  count,
  list,
  matching,
  oneOf,
  optional,
  record,
  type Shape,
  text,
  u64,
} from "./shape.ts";
import { parseSpec } from "./document.ts";
import { resolveCase } from "../model/resolve.ts";

/**
 * What the utility sees of a machine, where that is not what a real machine of
 * its kind would show it.
 */
export interface UtilityView {
  /** CPUs with a directory in sysfs; where absent, those of a real machine. */
  sysfs?: Cpumask;
  /** Count of configured CPUs; where absent, that of the possible ones. */
  nr_conf?: number;
  /** RAM, cut by the utility's own rules; where absent, as the kernel cuts it. */
  ranges?: Range[];
  /** Ranges that are counted and skipped. */
  skipped_ranges?: number;
  /** The kernel as /proc/kcore has it, in whole pages. */
  kernel?: Required<Case>["kernel"];
  /** Low memory that is read from a copy, and where that is. */
  backup?: { src: Range; start: bigint };
}

/** Keys of a view, in any file that has one. */
export const utilityView = {
  sysfs: optional(cpulist),
  nr_conf: optional(count),
  ranges: optional(list(range)),
  skipped_ranges: optional(count),
  kernel: optional(record({ text: u64, end: u64, text_paddr: u64 })),
  backup: optional(record({ src: range, start: u64 })),
};

/** What a file of spec/kexec-tools says. */
export interface KexecToolsCase extends UtilityView {
  /** What it is, in a line. */
  title: string;
  /** Why it exists. */
  why: string;
  /** Rules that it is there for. */
  rules: string[];
  /** Id of the case that the machine is. */
  machine: string;
  /** Who wrote the golden. */
  golden_from: "captured" | "derived";
  /** Which kernel and utility it was captured on. */
  captured?: Captured;
  /** Numbers worked out by hand. */
  expect: Map<string, bigint>;
}

const shape: Shape<KexecToolsCase> = record({
  title: text,
  why: text,
  rules: list(matching(/^R\d\d$/, "a rule number, R and two digits")),
  machine: text,
  golden_from: oneOf(["captured", "derived"]),
  captured: optional(captured),
  ...utilityView,
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
  view: UtilityView = {},
): KexecToolsInput {
  const { arch, cpus, address } = machine;
  const { sysfs, nr_conf, skipped_ranges = 0 } = view;
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
    kernel: view.kernel
      ? {
        paddr: view.kernel.text_paddr,
        vaddr: view.kernel.text,
        size: view.kernel.end - view.kernel.text,
      }
      : topology.kernel,
    ranges: view.ranges ?? topology.ranges,
    skipped_ranges,
    page_offset: address.page_offset,
    phys_offset: topology.phys_offset,
    backup: view.backup ??
      (ARCHES[arch].backup && machine.backup
        ? { src: BACKUP_SRC, start: machine.backup.start }
        : undefined),
  };
}
