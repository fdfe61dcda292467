/**
 * A byte-level conformance suite for the elfcorehdr, the ELF core header that
 * Linux hands to a crash kernel: its rules, its writer, its reader, and a diff
 * that names the field and the rule.
 *
 * Data flows through the exports in their order: a case is parsed, resolved by
 * the rules of its architecture, encoded; bytes are decoded, described, and
 * compared. Beside this: `./vmcore` (what a capture kernel and dump tools make
 * of a header), `./hotplug` (the life of a loaded one), `./kexec-tools` (the
 * userspace writer), `./suite` (tests and reports), `./corpus` (all cases with
 * their golden bytes).
 *
 * @example What 8192 possible CPUs cost
 * ```ts
 * import { parseCase, resolveCase, sizeofElfcorehdr } from "@kdump/elfcorehdr";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = parseCase(`
 * title: Four CPUs in a kernel that has room for 8192
 * why: To know the price.
 * rules: [R28]
 * arch: x86_64
 * golden_from: derived
 * page_size: 4096
 * release: "6.12.118"
 * cpus: { possible: "0-8191", present: "0-3", online: "0-3" }
 * crash_notes: { base: "0x3da3d800", stride: "0x80000" }
 * vmcoreinfo: { paddr: "0x3f000000" }
 * kernel: { text: "0xffffffff81000000", end: "0xffffffff83c30000", text_paddr: "0x1000000" }
 * address: { page_offset: "0xffff888000000000" }
 * memory: { ranges: [["0x100000", "0x32ffffff"]] }
 * expect: { e_phnum: 8195, size: 462848 }
 * `);
 * assertEquals(sizeofElfcorehdr(resolveCase(machine)), 113 * 4096);
 * ```
 *
 * @module
 */

export {
  type Case,
  formatCase,
  type MemorySpec,
  parseCase,
  readCase,
} from "./lib/spec/case.ts";
export type { Masks, RangeSeries, Stride } from "./lib/spec/parts.ts";
export { SpecError } from "./lib/spec/document.ts";
export {
  type Problem,
  PROBLEM_KINDS,
  type ProblemKind,
} from "./lib/spec/shape.ts";
export {
  holds,
  holdsAt,
  type Rule,
  type RuleBoundary,
  ruleOf,
  RULES,
} from "./lib/spec/rules.ts";
export {
  RELEASES,
  type Releases,
  remarkOnRelease,
} from "./lib/spec/releases.ts";
export type { Boundary, Holds } from "./lib/kernel/release.ts";
export {
  type Cpumask,
  formatCpulist,
  parseCpulist,
} from "./lib/kernel/cpumask.ts";
export type { Range } from "./lib/kernel/range.ts";
export {
  type Arch,
  ARCH_NAMES,
  ARCHES,
  type ArchName,
  type Memory,
} from "./lib/kernel/arch.ts";
export { vmcoreinfoNoteSize } from "./lib/kernel/crash_notes.ts";
export { resolveCase } from "./lib/model/resolve.ts";
export {
  countPhdrs,
  type KernelMap,
  sizeofElfcorehdr,
  type Topology,
} from "./lib/kernel/topology.ts";
export { encodeElfcorehdr } from "./lib/kernel/write_header.ts";
export {
  decodeElfcorehdr,
  type Elfcorehdr,
  FormatError,
} from "./lib/kernel/read_header.ts";
export type { Elf64Ehdr, Elf64Phdr } from "./lib/elf/elf64.ts";
export {
  type CoreFile,
  type CoreRow,
  describeCoreFile,
} from "./lib/compare/core_file.ts";
export type { CoreNote } from "./lib/compare/core_notes.ts";
export {
  describeElfcorehdr,
  type Description,
  type PhdrRow,
} from "./lib/compare/describe.ts";
export {
  diffElfcorehdr,
  type Difference,
  formatDifferences,
  type PhdrPart,
} from "./lib/compare/diff.ts";
export { type Captured } from "./lib/spec/head.ts";
