/**
 * The kexec utility's header as a spec file, and what it saw, as spec files
 * have it.
 *
 * @module
 */

import {
  type Captured,
  formatCaptured,
  formatExpect,
  formatHead,
  formatRange,
} from "../../lib/spec/parts.ts";
import {
  encodeKexecTools,
  kexecToolsInput,
} from "../../lib/model/kexec_tools.ts";
import type { UtilityView } from "../../lib/spec/kexec_tools.ts";
import { hex } from "../../lib/spec/shape.ts";
import {
  type CaseFile,
  counted,
  differing,
  type SpecFile,
  type Words,
} from "./case_files.ts";
import type { Session } from "./session.ts";

/** The utility's header on the machine of a case. */
export function utilityFile(
  { moments: [load], written }: Session,
  words: Words,
  captured: Captured,
  machine: CaseFile,
): SpecFile {
  const { arch } = load.machine;
  const id = `kexec-tools/${arch}-${words.name}`;
  const ours = encodeKexecTools(kexecToolsInput(machine.spec, written!.view));
  const bytes = load.segment.bytes.slice(0, load.segment.bufsz);
  return {
    id,
    yaml: [
      "# yaml-language-server: $schema=../kexec-tools.schema.json",
      "# Captured by scripts/capture.ts.",
      ...formatHead({ ...words, tags: undefined }),
      `machine: ${machine.id}`,
      "golden_from: captured",
      formatCaptured(captured),
      ...formatView(written!.view, ""),
      `expect: ${formatExpect(counted(bytes))}`,
      "",
    ].join("\n"),
    goldens: new Map([[id, bytes]]),
    wrong: differing(bytes, ours),
  };
}

/** What the utility saw, a line a key. */
export function formatView(view: UtilityView, indent: string): string[] {
  const { ranges, skipped_ranges, kernel, backup } = view;
  const lines = [
    ...ranges
      ? ["ranges:", ...ranges.map((range) => `  - ${formatRange(range)}`)]
      : [],
    ...skipped_ranges ? [`skipped_ranges: ${skipped_ranges}`] : [],
    ...kernel
      ? [
        `kernel: { text: "${hex(kernel.text)}", end: "${
          hex(kernel.end)
        }", text_paddr: "${hex(kernel.text_paddr)}" }`,
      ]
      : [],
    ...backup
      ? [
        `backup: { src: ${formatRange(backup.src)}, start: "${
          hex(backup.start)
        }" }`,
      ]
      : [],
  ];
  return lines.map((line) => indent + line);
}
