/**
 * A case in, the text of its spec file out, in the order and the notation that
 * the files are written in.
 *
 * @module
 */

import type { Case, MemorySpec } from "./case.ts";
import type { RangeSeries, Stride } from "./parts.ts";
import { formatCpulist } from "../kernel/cpumask.ts";
import type { Range } from "../kernel/range.ts";
import { hex } from "./shape.ts";

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
    `policy: ${spec.policy}`,
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

/** Title, reason, rules and tags, which every kind of spec file begins with. */
export function formatHead(
  { title, why, rules, tags }: Pick<Case, "title" | "why" | "rules" | "tags">,
): string[] {
  return [
    `title: ${formatText(title)}`,
    `why: ${formatText(why)}`,
    `rules: [${rules.join(", ")}]`,
    ...tags ? [`tags: [${tags.join(", ")}]`] : [],
  ];
}

/** Which kernel wrote the golden, and how it was made to. */
export function formatCaptured(captured: Required<Case>["captured"]): string {
  const rows = Object.entries(captured).map(([key, value]) =>
    `  ${key}: ${JSON.stringify(value)}`
  );
  return ["captured:", ...rows].join("\n");
}

/** The three masks. */
export function formatMasks(cpus: Case["cpus"]): string {
  const masks = (["possible", "present", "online"] as const).map((mask) =>
    `${mask}: "${formatCpulist(cpus[mask])}"`
  );
  return `cpus: { ${masks.join(", ")} }`;
}

/** A range, or many in equal steps. */
export function formatRange(entry: Range | RangeSeries): string {
  return "count" in entry
    ? `{ base: ${quoted(entry.base)}, stride: ${quoted(entry.stride)}, size: ${
      quoted(entry.size)
    }, count: ${entry.count} }`
    : `[${quoted(entry.start)}, ${quoted(entry.end)}]`;
}

/** Numbers by name. */
export function formatExpect(expect: ReadonlyMap<string, bigint>): string {
  const rows = [...expect].map(([name, value]) =>
    name.startsWith("phdr")
      ? `"${name}": ${quoted(value)}`
      : `${name}: ${value}`
  );
  return `{ ${rows.join(", ")} }`;
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

/** 64-bit values are quoted, so that no parser rounds them. */
function quoted(value: bigint): string {
  return `"${hex(value)}"`;
}

/** Plain where YAML allows it, so that the files read well. */
function formatText(text: string): string {
  return /^[A-Za-z0-9][^"'#]*$/.test(text) && !/: |:$/.test(text)
    ? text
    : JSON.stringify(text);
}
