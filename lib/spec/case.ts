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
import {
  formatCaptured,
  formatExpect,
  formatHead,
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

/**
 * Formats a case; `parseCase()` takes it back.
 *
 * @param comment A line on where it is from, without `#`.
 */
export function formatCase(spec: Case, comment?: string): string {
  const { captured, kernel, address, backup, expect, worked } = spec;
  const lines = [
    "# yaml-language-server: $schema=../case.schema.json",
    comment && `# ${comment}`,
    ...formatHead(spec),
    `arch: ${spec.arch}`,
    `golden_from: ${spec.golden_from}`,
    captured && formatCaptured(captured),
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
  ];
  return lines.filter((line) => line !== undefined).join("\n") + "\n";
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
