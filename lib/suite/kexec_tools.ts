/**
 * The profile `kexec-tools`: what the userspace utility reads on a machine in,
 * the header that it writes out.
 *
 * @module
 */

import { equals } from "@std/bytes";
import { meaningsOf } from "../compare/describe.ts";
import { firstDifferences } from "../compare/diff.ts";
import type { ArchName } from "../kernel/arch.ts";
import { ARCHES } from "../kernel/arch.ts";
import {
  encodeKexecTools,
  type KexecToolsInput,
  kexecToolsInput,
} from "../model/kexec_tools.ts";
import { parseCase } from "../spec/case.ts";
import { parseKexecToolsCase } from "../spec/kexec_tools.ts";
import { hex } from "../spec/shape.ts";
import { KEXEC_TOOLS_MISTAKES } from "../mutants/kexec_tools.ts";
import type { Named } from "../mutants/mod.ts";
import type { Corpus } from "./corpus.ts";
import { type Hex, inVersion, REQUEST_VERSION } from "./request.ts";
import {
  KEPT_BYTES,
  KEPT_DIFFERENCES,
  levelOf,
  reasonOf,
  RIGHT,
  type Test,
  wrong,
  wrongSince,
} from "./verdict.ts";

/** A request to write a header as the utility does. Described in spec/kexec-tools-request.schema.json. */
export interface KexecToolsRequest {
  /** REQUEST_VERSION. */
  version: number;
  /** The case. */
  id: string;
  /** Architecture. */
  arch: string;
  /** `EM_*` number. */
  e_machine: number;
  /** `sysconf(_SC_NPROCESSORS_CONF)`. */
  nr_conf: number;
  /** crash_notes and crash_notes_size of each cpuN directory in sysfs, ascending. */
  crash_notes: { cpu: number; paddr: Hex; size: Hex }[];
  /** /sys/kernel/vmcoreinfo, or null where there is no such file. */
  vmcoreinfo: { paddr: Hex; size: Hex } | null;
  /** True if vmcoreinfo keeps its place in the size and gets no PT_NOTE: KEXEC_PRESERVE_CONTEXT. */
  preserve_context: boolean;
  /** The kernel text, or null where it gets no PT_LOAD. */
  kernel: { paddr: Hex; vaddr: Hex; size: Hex } | null;
  /** RAM, in the utility's order, cut by its own rules. */
  ranges: [start: Hex, end: Hex][];
  /** Ranges that are counted and skipped. */
  skipped_ranges: number;
  /** Added to a physical address. */
  page_offset: Hex;
  /** Subtracted from it first. */
  phys_offset: Hex;
  /** The low memory that is read from a copy, and where that is, or null. */
  backup: { src: [start: Hex, end: Hex]; start: Hex } | null;
}

const BY_KERNEL: Named = {
  name: "by-kernel",
  what:
    "what the kernel writes on this machine: its own header, not the utility's (profile writer)",
};

/** The tests of whoever writes as the userspace utility does. */
export function kexecToolsTests({ cases, kexec_tools }: Corpus): Test[] {
  const machines = new Map(cases.map((each) => [each.id, each]));
  return kexec_tools.map(({ id, yaml, golden }) => {
    const spec = parseKexecToolsCase(yaml, `spec/${id}.yaml`);
    const known = machines.get(spec.machine)!;
    const machine = parseCase(known.yaml, `spec/${known.id}.yaml`);
    const request = () => requestOf(id, kexecToolsInput(machine, spec));
    return {
      id,
      title: spec.title,
      arch: machine.arch,
      level: levelOf(spec.rules),
      tags: [],
      rules: spec.rules,
      isTrueOf: () => true,
      input: (_, version = REQUEST_VERSION) =>
        new TextEncoder().encode(JSON.stringify(inVersion(request(), version))),
      frame: (version = REQUEST_VERSION) => ({
        ...inVersion(request(), version),
      }),
      reference: () => ({
        kind: "bytes",
        bytes: encodeKexecTools(inputOf(request())),
      }),
      judge: (answer) => {
        if (answer.kind !== "bytes") {
          return wrongSince(`refused a valid input: ${reasonOf(answer)}`);
        }
        const { bytes } = answer;
        if (equals(golden, bytes)) return RIGHT;
        return wrong(() => {
          const input = inputOf(request());
          const mistakes = equals(known.golden, bytes)
            ? [BY_KERNEL]
            : KEXEC_TOOLS_MISTAKES.filter(({ write }) =>
              equals(write(input, machine), bytes)
            );
          return {
            ...firstDifferences(golden, bytes, KEPT_DIFFERENCES),
            mistake: mistakes[0]?.what,
            mistakes,
            bytes: { expected: golden, got: bytes.slice(0, KEPT_BYTES) },
            meanings: meaningsOf(golden),
          };
        });
      },
    };
  });
}

function requestOf(id: string, input: KexecToolsInput): KexecToolsRequest {
  const { arch, crash_notes, vmcoreinfo, kernel, ranges, backup } = input;
  const size = hex(BigInt(input.crash_notes_size));
  return {
    version: REQUEST_VERSION,
    id,
    arch,
    e_machine: ARCHES[arch].e_machine,
    nr_conf: input.nr_conf,
    crash_notes: [...crash_notes].sort(([a], [b]) => a - b).map((
      [cpu, paddr],
    ) => ({ cpu, paddr: hex(paddr), size })),
    vmcoreinfo: vmcoreinfo
      ? { paddr: hex(vmcoreinfo.paddr), size: hex(vmcoreinfo.size) }
      : null,
    preserve_context: input.preserve_context,
    kernel: kernel
      ? {
        paddr: hex(kernel.paddr),
        vaddr: hex(kernel.vaddr),
        size: hex(kernel.size),
      }
      : null,
    ranges: ranges.map(({ start, end }) => [hex(start), hex(end)]),
    skipped_ranges: input.skipped_ranges,
    page_offset: hex(input.page_offset),
    phys_offset: hex(BigInt.asUintN(64, input.phys_offset)),
    backup: backup
      ? {
        src: [hex(backup.src.start), hex(backup.src.end)],
        start: hex(backup.start),
      }
      : null,
  };
}

/** The way back: the reference answers from the request alone. */
function inputOf(request: KexecToolsRequest): KexecToolsInput {
  const { vmcoreinfo, kernel, backup } = request;
  const range = ([start, end]: [Hex, Hex]) => ({
    start: BigInt(start),
    end: BigInt(end),
  });
  return {
    arch: request.arch as ArchName,
    nr_conf: request.nr_conf,
    crash_notes: new Map(
      request.crash_notes.map(({ cpu, paddr }) => [cpu, BigInt(paddr)]),
    ),
    crash_notes_size: Number(request.crash_notes[0].size),
    vmcoreinfo: vmcoreinfo
      ? { paddr: BigInt(vmcoreinfo.paddr), size: BigInt(vmcoreinfo.size) }
      : undefined,
    preserve_context: request.preserve_context,
    kernel: kernel
      ? {
        paddr: BigInt(kernel.paddr),
        vaddr: BigInt(kernel.vaddr),
        size: BigInt(kernel.size),
      }
      : undefined,
    ranges: request.ranges.map(range),
    skipped_ranges: request.skipped_ranges,
    page_offset: BigInt(request.page_offset),
    phys_offset: BigInt(request.phys_offset),
    backup: backup
      ? { src: range(backup.src), start: BigInt(backup.start) }
      : undefined,
  };
}
