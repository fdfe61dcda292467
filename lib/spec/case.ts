/**
 * A case of the suite: the text of a spec file in, one checked machine out,
 * and back. Everything that can be wrong with a file is found here, so that
 * whatever comes later trusts its input.
 *
 * @module
 */

import type { Range } from "../kernel/range.ts";
import { checkCase } from "./case_checks.ts";
import { type Case, caseShape, type MemorySpec } from "./case_shape.ts";
import { parseSpec, readSpec } from "./document.ts";
import { formatFile, formatHead, formatOrigin } from "./head.ts";
import {
  formatExpect,
  formatMasks,
  formatRange,
  quoted,
  type Stride,
} from "./parts.ts";
import type { Problem } from "./shape.ts";

export type { Case, MemorySpec } from "./case_shape.ts";

/**
 * Parses and checks one spec file.
 *
 * @param yaml Text of the file.
 * @param file Its name, for the message.
 * @throws {SpecError} With every problem of the file, each with its path.
 *
 * @example A machine of two possible CPUs
 * ```ts
 * import { parseCase } from "@kdump/elfcorehdr";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = parseCase(`
 * title: Two CPUs
 * why: To show it.
 * rules: [R08]
 * arch: x86_64
 * golden_from: derived
 * page_size: 4096
 * release: "6.12.118"
 * cpus: { possible: "0-1", present: "0", online: "0" }
 * crash_notes: { base: "0x3da3d800", stride: "0x80000" }
 * vmcoreinfo: { paddr: "0x3f000000" }
 * kernel: { text: "0xffffffff81000000", end: "0xffffffff83c30000", text_paddr: "0x1000000" }
 * address: { page_offset: "0xffff888000000000" }
 * memory: { system_ram: [["0x0", "0x3fffffff"]], crashkernel: ["0x20000000", "0x2fffffff"] }
 * expect: { e_phnum: 6, size: 4096 }
 * `);
 * assertEquals(machine.cpus.possible, [0, 1]);
 * assertEquals(machine.crash_notes, { base: 0x3da3d800n, stride: 0x80000n });
 * ```
 */
export function parseCase(yaml: string, file = "spec"): Case {
  return parseSpec(caseShape, yaml, file, checkCase);
}

/**
 * Reads a spec file as far as it can be read, and lists what is wrong with it.
 * A spec that comes with problems may lack keys that its type has.
 *
 * @example Every problem at once
 * ```ts
 * import { readCase } from "@kdump/elfcorehdr";
 * import { assertEquals } from "@std/assert";
 *
 * const { problems } = readCase("arch: sparc64");
 * assertEquals(problems[0].path, "title");
 * assertEquals(problems.find(({ path }) => path === "arch")?.kind, "type");
 * ```
 */
export function readCase(
  yaml: string,
): { spec: Case | undefined; problems: Problem[] } {
  const { value, problems } = readSpec(caseShape, yaml, checkCase);
  return { spec: value, problems };
}

/**
 * Formats a case; `parseCase()` takes it back.
 *
 * @param comment A line on where it is from, without `#`.
 *
 * @example There and back
 * ```ts
 * import { formatCase, parseCase } from "@kdump/elfcorehdr";
 * import { CORPUS } from "@kdump/elfcorehdr/corpus";
 * import { assertEquals } from "@std/assert";
 *
 * const { yaml } = CORPUS.cases.find(({ id }) => id === "x86_64/two-cpus")!;
 * const machine = parseCase(yaml);
 * assertEquals(parseCase(formatCase(machine)), machine);
 * ```
 */
export function formatCase(spec: Case, comment?: string): string {
  const { kernel, address, backup, expect, worked } = spec;
  return formatFile("case.schema.json", comment, [
    ...formatHead(spec),
    `arch: ${spec.arch}`,
    ...formatOrigin(spec),
    `page_size: ${spec.page_size}`,
    `release: "${spec.release}"`,
    formatMasks(spec.cpus),
    ...crashNotes(spec.crash_notes),
    `vmcoreinfo: { paddr: ${quoted(spec.vmcoreinfo.paddr)} }`,
    kernel && `kernel: ${flow(kernel)}`,
    `address: ${flow(address)}`,
    "memory:",
    ...memory(spec.memory),
    backup && `backup: ${flow(backup)}`,
    expect && `expect: ${formatExpect(expect)}`,
    worked && `worked: |\n${worked.trimEnd().replace(/^/gm, "  ")}`,
  ]);
}

function memory(spec: MemorySpec): string[] {
  return Object.entries(spec).flatMap(([key, value]) =>
    Array.isArray(value)
      ? value.length === 0
        ? [`  ${key}: []`]
        : [`  ${key}:`, ...value.map((entry) => `    - ${formatRange(entry)}`)]
      : [`  ${key}: ${formatRange(value as Range)}`]
  );
}

function crashNotes(notes: Map<number, bigint> | Stride): string[] {
  return notes instanceof Map
    ? [
      "crash_notes:",
      ...[...notes].map(([cpu, paddr]) => `  ${cpu}: ${quoted(paddr)}`),
    ]
    : [`crash_notes: ${flow({ ...notes })}`];
}

function flow(values: object): string {
  const rows = Object.entries(values as Record<string, bigint>).map((
    [key, value],
  ) => `${key}: ${quoted(value)}`);
  return `{ ${rows.join(", ")} }`;
}
