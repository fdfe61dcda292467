/**
 * Wrong userspace writers: mistakes from the history of the kexec utility, and
 * those of whoever takes the kernel's rules for its own.
 *
 * @module
 */

import { alignUp } from "../elf/align.ts";
import { PHDR, phdrOffset, readEhdr, viewOf } from "../elf/elf64.ts";
import { ARCHES } from "../kernel/arch.ts";
import { sortRanges } from "../kernel/range.ts";
import type { KernelMap } from "../kernel/topology.ts";
import { encodeElfcorehdr } from "../kernel/write_header.ts";
import {
  encodeKexecTools,
  type KexecToolsInput,
  kexecToolsInput,
} from "../model/kexec_tools.ts";
import { resolveCase } from "../model/resolve.ts";
import { utilityMemory } from "../model/utility_memory.ts";
import type { Case } from "../spec/case.ts";

/** A wrong userspace writer. */
export interface KexecToolsMistake {
  /** Short name in kebab-case. */
  readonly name: string;
  /** Behaviour, in words. */
  readonly what: string;
  /** Its bytes for a machine. */
  readonly write: (input: KexecToolsInput, machine: Case) => Uint8Array;
}

/** The input of the writer is wrong. */
function input(
  name: string,
  what: string,
  change: (input: KexecToolsInput, machine: Case) => Partial<KexecToolsInput>,
): KexecToolsMistake {
  const write = (input: KexecToolsInput, machine: Case) =>
    encodeKexecTools({ ...input, ...change(input, machine) });
  return { name, what, write };
}

/** The kernel text is wrong, where there is one. */
function kernel(
  name: string,
  what: string,
  change: (kernel: KernelMap) => Partial<KernelMap>,
): KexecToolsMistake {
  return input(name, what, ({ kernel }) => ({
    kernel: kernel && { ...kernel, ...change(kernel) },
  }));
}

/** All of them. */
export const KEXEC_TOOLS_MISTAKES: readonly KexecToolsMistake[] = [
  ...[16, 32, 64, 1024].map((limit) =>
    input(
      `room-for-${limit}-ranges`,
      `the list has room for ${limit} ranges`,
      ({ ranges }) => ({ ranges: ranges.slice(0, limit) }),
    )
  ),
  input(
    "notes-not-lost",
    "every CPU of sysfs gets its note, whatever its number (before 2015)",
    ({ crash_notes, nr_conf }) => ({
      nr_conf: Math.max(nr_conf, ...[...crash_notes.keys()].map((n) => n + 1)),
    }),
  ),
  input(
    "counts-directories",
    "CPUs are counted by their directories in sysfs, as glibc up to 2.35 does",
    ({ crash_notes }) => ({ nr_conf: crash_notes.size }),
  ),
  input(
    "counts-possible",
    "possible CPUs are counted, as glibc 2.36 and newer does",
    (_, { cpus }) => ({ nr_conf: cpus.possible.length }),
  ),
  input(
    "notes-of-possible",
    "each possible CPU gets a note, as the kernel gives it one",
    ({ crash_notes }, { cpus }) => {
      const [[, first]] = crash_notes;
      const note = (cpu: number) => crash_notes.get(cpu) ?? first;
      return {
        crash_notes: new Map(cpus.possible.map((cpu) => [cpu, note(cpu)])),
      };
    },
  ),
  input(
    "base-of-before-4.20",
    "the linear map of x86_64 is taken for that of kernels before 4.20",
    ({ arch, page_offset }) => ({
      page_offset: arch === "x86_64" ? 0xffff_8800_0000_0000n : page_offset,
    }),
  ),
  kernel(
    "stext-for-text",
    "the kernel begins at _stext, 64 KiB behind _text",
    ({ paddr, vaddr, size }) => ({
      paddr: paddr + 0x10000n,
      vaddr: vaddr + 0x10000n,
      size: size - 0x10000n,
    }),
  ),
  kernel(
    "bss-left-out",
    "the kernel ends before its bss",
    ({ size }) => ({ size: size - 0x100000n }),
  ),
  kernel(
    "kernel-end-short",
    "the end of the kernel is taken for its last byte, as those of ranges are",
    ({ size }) => ({ size: size - 1n }),
  ),
  input("ends-exclusive", "ends of ranges are exclusive", ({ ranges }) => ({
    ranges: ranges.map(({ start, end }) => ({ start, end: end - 1n })),
  })),
  input(
    "size-7-digits",
    "a size is read with seven hex digits",
    ({ ranges }) => ({
      ranges: ranges.map(({ start, end }) => ({
        start,
        end: start + ((end - start + 1n) & 0xfff_ffffn) - 1n,
      })),
    }),
  ),
  input(
    "ranges-sorted",
    "ranges are sorted by address",
    ({ ranges }) => ({ ranges: sortRanges(ranges) }),
  ),
  input(
    "skipped-not-counted",
    "ranges that get no program header make no room",
    () => ({ skipped_ranges: 0 }),
  ),
  input(
    "backup-never",
    "low memory is read where it was, not from its copy",
    () => ({ backup: undefined }),
  ),
  input(
    "backup-at-zero-alone",
    "low memory is read from a copy only where it begins at 0",
    ({ backup }) => ({
      backup: backup?.src.start === 0n ? backup : undefined,
    }),
  ),
  input(
    "linear-map-of-kernel",
    "the linear map of riscv64 is the kernel's, as it is since kexec-tools 71a9686",
    ({ page_offset, phys_offset }, { arch, address }) =>
      arch === "riscv64"
        ? {
          page_offset: address.page_offset,
          phys_offset: address.phys_offset ?? 0n,
        }
        : { page_offset, phys_offset },
  ),
  input(
    "reserved-kept",
    "what iomem shows within RAM stays RAM on riscv64, as it does since kexec-tools bbcce8a",
    ({ arch, ranges }, machine) => ({
      ranges: arch === "riscv64"
        ? utilityMemory({ ...machine, arch: "arm64" }).ranges
        : ranges,
    }),
  ),
  input(
    "riscv64-fixed",
    "riscv64 as kexec-tools has it since 71a9686 and bbcce8a: the kernel's linear map, RAM whole, the kernel to its end",
    ({ arch, page_offset, phys_offset, kernel }, machine) =>
      arch !== "riscv64" ? { page_offset } : {
        page_offset: machine.address.page_offset,
        phys_offset: machine.address.phys_offset ?? phys_offset,
        ranges: utilityMemory({ ...machine, arch: "arm64" }).ranges,
        kernel: kernel && { ...kernel, size: kernel.size + 1n },
      },
  ),
  input(
    "text-not-found",
    "_text not found: the kernel is mapped at 2^64-1, on arm64 RAM without PAGE_OFFSET",
    ({ arch, kernel, page_offset }, machine) => {
      if (arch !== "arm64" && arch !== "loongarch64") return {};
      const lacking = kexecToolsInput(machine, { lacks: ["_text"] });
      return {
        kernel: kernel && lacking.kernel,
        page_offset: page_offset && lacking.page_offset,
      };
    },
  ),
  input(
    "nested-ram-once",
    "RAM that iomem nests in RAM is listed with the outer range alone, as the kernel lists it",
    ({ ranges }) => ({
      ranges: ranges.filter((inner, i) =>
        !ranges.some((outer, j) =>
          j !== i && outer.start <= inner.start && outer.end >= inner.end
        )
      ),
    }),
  ),
  input(
    "notes-of-kernel-size",
    "a note covers what the kernel's does, whatever sysfs says",
    ({ arch }) => ({ crash_notes_size: ARCHES[arch].crash_notes_size }),
  ),
  input(
    "vmcoreinfo-at-zero",
    "a vmcoreinfo that sysfs does not have gets a note at 0",
    ({ vmcoreinfo }) => ({ vmcoreinfo: vmcoreinfo ?? { paddr: 0n, size: 0n } }),
  ),
  input(
    "vmcoreinfo-when-it-comes-back",
    "vmcoreinfo gets a note in the header of a load that comes back",
    () => ({ preserve_context: false }),
  ),
  {
    name: "vaddr-without-limit",
    what: "the linear map has no end on ppc64le",
    write: (input) => {
      const bytes = encodeKexecTools(input);
      const view = viewOf(bytes);
      const { e_phnum } = readEhdr(view);
      for (let i = 0; i < e_phnum; i++) {
        const at = phdrOffset(i);
        if (view.getBigUint64(at + PHDR.p_vaddr.at, true) !== 2n ** 64n - 1n) {
          continue;
        }
        const paddr = view.getBigUint64(at + PHDR.p_paddr.at, true);
        const vaddr = BigInt.asUintN(64, paddr + input.page_offset);
        view.setBigUint64(at + PHDR.p_vaddr.at, vaddr, true);
      }
      return bytes;
    },
  },
  {
    name: "align-4096",
    what: "the size is rounded up to 4096, as the kernel's is",
    write: (input) => {
      const bytes = encodeKexecTools(input);
      const out = new Uint8Array(alignUp(bytes.length, 4096));
      out.set(bytes);
      return out;
    },
  },
  {
    name: "by-kernel",
    what: "the header that the kernel writes",
    write: (_, machine) => encodeElfcorehdr(resolveCase(machine)),
  },
];
