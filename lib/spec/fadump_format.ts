/**
 * The text of a file of spec/fadump, made of its value.
 *
 * @module
 */

import { formatCpulist } from "../kernel/cpumask.ts";
import type {
  FadumpCase,
  FadumpExpectation,
  FadumpKernel,
  SavedCpu,
} from "./fadump.ts";
import { formatFile, formatHead, formatOrigin } from "./head.ts";
import { formatExpect, formatRange, quoted } from "./parts.ts";

/**
 * Formats a case of firmware-assisted dump; `parseFadumpCase()` takes it back.
 *
 * @param comment A line on where it is from, without `#`.
 */
export function formatFadumpCase(spec: FadumpCase, comment?: string): string {
  const { first, second, firmware, boot_memory, reserved, memory, cpus } = spec;
  return formatFile("fadump.schema.json", comment, [
    ...formatHead(spec),
    ...formatOrigin(spec),
    `first: ${formatKernel(first)}`,
    `second: ${formatKernel(second)}`,
    `nr_cpus: ${spec.nr_cpus}`,
    `firmware: { cpu_state_size: ${firmware.cpu_state_size}, hpte_size: ${firmware.hpte_size} }`,
    "boot_memory:",
    `  size: ${quoted(boot_memory.size)}`,
    `  destination: ${quoted(boot_memory.destination)}`,
    "  regions:",
    ...boot_memory.regions.map(({ source, size }) =>
      `    - { source: ${quoted(source)}, size: ${quoted(size)} }`
    ),
    `reserved: { start: ${quoted(reserved.start)}${
      reserved.size === undefined ? "" : `, size: ${quoted(reserved.size)}`
    } }`,
    "memory:",
    ...(["registered", "at_dump"] as const).flatMap((key) => [
      `  ${key}:`,
      ...memory[key].map((range) => `    - ${formatRange(range)}`),
    ]),
    "cpus:",
    `  mask: "${formatCpulist(cpus.mask)}"`,
    cpus.crashing && `  crashing: ${formatSaved(cpus.crashing)}`,
    "  save_area:",
    ...cpus.save_area.map((cpu) => `    - ${formatSaved(cpu)}`),
    `notes: ${quoted(spec.notes)}`,
    `vmcoreinfo: ${quoted(spec.vmcoreinfo)}`,
    spec.twin && `twin: ${spec.twin}`,
    `expect: ${formatExpectation(spec.expect)}`,
  ]);
}

function formatKernel({ release, page_size }: FadumpKernel): string {
  return `{ release: "${release}", page_size: ${page_size} }`;
}

function formatSaved({ id, regs }: SavedCpu): string {
  return `{ id: ${id}, regs: "${regs}" }`;
}

function formatExpectation(
  { refused, e_phnum, null_phdrs, noted, fields }: FadumpExpectation,
): string {
  const words = [
    ...refused ? [`refused: ${refused}`] : [],
    ...e_phnum === undefined ? [] : [`e_phnum: ${e_phnum}`],
    ...null_phdrs === undefined ? [] : [`null_phdrs: ${null_phdrs}`],
    ...noted ? [`noted: [${noted.join(", ")}]`] : [],
    ...fields ? [`fields: ${formatExpect(fields)}`] : [],
  ];
  return `{ ${words.join(", ")} }`;
}
