/**
 * The ranges of a machine whose dump firmware assists: RAM as the writer finds
 * it, boot memory and its copies, the reserved area, and the PT_LOADs.
 *
 * @module
 */

import type { Range } from "../kernel/range.ts";
import { fadumpInput, planFadump, reservedEnd } from "../model/fadump.ts";
import type { FadumpCase } from "../spec/fadump.ts";
import {
  type MemoryParts,
  type NamedRange,
  phdrParts,
} from "./memory_parts.ts";

/** Finds the ranges of a case and of its header. */
export function fadumpParts(
  spec: FadumpCase,
  elfcorehdr: Uint8Array,
): MemoryParts {
  const input = fadumpInput(spec);
  const { boot_memory: { regions }, memory, reserved } = spec;
  const [ranges, when] = input.writer === "first"
    ? [memory.registered, "at the registration"]
    : [memory.at_dump, "at the second boot"];
  const boot = planFadump(input).loads.slice(0, regions.length);
  const cuts: NamedRange[] = [
    ...boot.map((load) => ({
      ...{ start: load!.paddr, end: load!.paddr + load!.size - 1n },
      ...{ kind: "back", label: "boot memory", rule: "R107" },
    })),
    {
      ...{ start: reserved.start, end: reservedEnd(input) - 1n },
      ...{
        kind: "cut",
        label: "reserved area",
        rule: input.writer === "first" ? "R111" : "R112",
      },
    },
    ...boot.map((load) => ({
      ...{ start: load!.p_offset, end: load!.p_offset + load!.size - 1n },
      ...{ kind: "back", label: "copy of boot memory", rule: "R107" },
    })),
  ].map((range, i) => ({ ...range, key: String.fromCharCode(97 + i) }));
  return {
    ram: ranges.map((range: Range) => ({
      ...range,
      ...{ kind: "ram", key: "", label: `RAM ${when}` },
    })),
    cuts,
    ...phdrParts(elfcorehdr),
  };
}
