/**
 * A case of firmware-assisted dump: the text of a file of spec/fadump in; what
 * two kernels and firmware knew, and what is expected of the header, out.
 *
 * @module
 */

import { ARCHES } from "../kernel/arch.ts";
import { parseSpec } from "./document.ts";
import { type FadumpCase, fadumpShape } from "./fadump_shape.ts";
import { checkTwin } from "./head.ts";
import { hex, type Report } from "./shape.ts";

export {
  type BootMemory,
  type BootRegion,
  FADUMP_REFUSALS,
  type FadumpCase,
  type FadumpExpectation,
  type FadumpKernel,
  type FadumpRefusal,
  type SavedCpu,
} from "./fadump_shape.ts";

/**
 * Parses a file of spec/fadump.
 *
 * @throws {SpecError} If it is malformed, with every problem.
 */
export function parseFadumpCase(yaml: string, file = "spec"): FadumpCase {
  return parseSpec(fadumpShape, yaml, file, checkFadump);
}

function checkFadump(spec: FadumpCase, report: Report): void {
  const { first, second, boot_memory, memory, expect, twin } = spec;
  const { page_sizes } = ARCHES.ppc64le;
  for (const [name, kernel] of Object.entries({ first, second })) {
    if (
      kernel?.page_size !== undefined && !page_sizes.includes(kernel.page_size)
    ) {
      report(
        "value",
        `${name}.page_size`,
        page_sizes.join(" or "),
        `${kernel.page_size}`,
      );
    }
  }
  const source = boot_memory?.regions?.[0]?.source;
  if (source !== 0n) {
    report(
      "value",
      "boot_memory.regions[0].source",
      "0x0",
      source === undefined ? "nothing" : hex(source),
    );
  }
  for (const [name, ranges = []] of Object.entries(memory ?? {})) {
    for (let i = 1; i < ranges.length; i++) {
      if (ranges[i].start > ranges[i - 1].end) continue;
      report(
        "order",
        `memory.${name}[${i}].start`,
        `above the end before it, ${hex(ranges[i - 1].end)}`,
        hex(ranges[i].start),
      );
    }
  }
  checkTwin({ expect, twin }, report);
}
