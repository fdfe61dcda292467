/**
 * A case of the crash path: the text of a file of spec/vmcore in; the name of
 * a header, the old kernel's memory and what is expected of /proc/vmcore out.
 *
 * @module
 */

import { formatCpulist } from "../kernel/cpumask.ts";
import { parseSpec } from "./document.ts";
import { checkTwin, formatFile, formatHead, formatOrigin } from "./head.ts";
import { quoted } from "./parts.ts";
import {
  type OldMemory,
  type Shown,
  type VmcoreCase,
  vmcoreShape,
} from "./vmcore_shape.ts";

export {
  type OldMemory,
  type Shown,
  VMCORE_REFUSALS,
  type VmcoreCase,
  type VmcoreExpectation,
  type VmcoreRefusal,
} from "./vmcore_shape.ts";

/**
 * Parses a file of spec/vmcore.
 *
 * @throws {SpecError} If it is malformed, with every problem.
 */
export function parseVmcoreCase(yaml: string, file = "spec"): VmcoreCase {
  return parseSpec(vmcoreShape, yaml, file, checkTwin);
}

/**
 * Formats a case of the crash path; `parseVmcoreCase()` takes it back.
 *
 * @param comment A line on where it is from, without `#`.
 */
export function formatVmcoreCase(spec: VmcoreCase, comment?: string): string {
  const { expect, e_machine } = spec;
  const masks = ["dumped", "lost"] as const;
  const counts = Object.entries(expect).filter(([key]) =>
    !masks.some((mask) => mask === key)
  ).filter(([, value]) => value !== undefined).map(([key, value]) =>
    `${key}: ${value}`
  );
  return formatFile("vmcore.schema.json", comment, [
    ...formatHead(spec),
    ...formatOrigin(spec),
    `header: ${spec.header}`,
    `release: "${spec.release}"`,
    `page_size: ${spec.page_size}`,
    ...e_machine === undefined ? [] : [`e_machine: ${e_machine}`],
    spec.twin && `twin: ${spec.twin}`,
    ...spec.device_dumps
      ? [
        "device_dumps:",
        ...spec.device_dumps.map(({ name, raw }) =>
          `  - { name: "${name}", raw: "${raw}" }`
        ),
      ]
      : [],
    `online: "${formatCpulist(spec.online)}"`,
    ...spec.shown ? ["shown:", ...spec.shown.map(formatShown)] : [],
    spec.memory.length === 0 ? "memory: []" : "memory:",
    ...spec.memory.flatMap(formatMemory),
    `expect: { ${
      [
        ...counts,
        ...masks.flatMap((mask) =>
          expect[mask] ? [`${mask}: "${formatCpulist(expect[mask])}"`] : []
        ),
      ].join(", ")
    } }`,
  ]);
}

function formatShown({ reader, own, other = [], none }: Shown): string {
  const pairs = other.map(({ cpu, of }) => `{ cpu: ${cpu}, of: ${of} }`);
  return `  - { ${
    [
      `reader: "${reader}"`,
      `own: "${formatCpulist(own)}"`,
      ...pairs.length === 0 ? [] : [`other: [${pairs.join(", ")}]`],
      `none: "${formatCpulist(none)}"`,
    ].join(", ")
  } }`;
}

function formatMemory(piece: OldMemory): string[] {
  const { paddr, cpu, pid, regs, vmcoreinfo, raw } = piece;
  if (vmcoreinfo !== undefined) {
    return [
      `  - paddr: ${quoted(paddr)}`,
      "    vmcoreinfo: |",
      ...vmcoreinfo.trimEnd().split("\n").map((line) => `      ${line}`),
    ];
  }
  const words = [
    ...cpu === undefined ? [] : [`cpu: ${cpu}`],
    `paddr: ${quoted(paddr)}`,
    ...pid === undefined ? [] : [`pid: ${pid}`],
    ...regs === undefined ? [] : [`regs: "${regs}"`],
    ...raw === undefined ? [] : [`raw: "${raw}"`],
  ];
  return [`  - { ${words.join(", ")} }`];
}
