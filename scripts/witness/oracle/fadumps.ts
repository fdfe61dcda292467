/**
 * Dumps by firmware: what a kernel is asked about one.
 *
 * @module
 */

import { equals } from "@std/bytes";
import { formatDifferences } from "../../../lib/compare/diff.ts";
import { diffFadump } from "../../../lib/compare/fadump_diff.ts";
import {
  FadumpError,
  type FadumpInput,
  fadumpInput,
  planFadump,
} from "../../../lib/model/fadump.ts";
import { encodeFadump } from "../../../lib/model/fadump_header.ts";
import type { FadumpCase } from "../../../lib/spec/fadump.ts";
import { holds } from "../../../lib/spec/rules.ts";
import { type Answer, OOPS } from "./kernel.ts";
import { askFadump } from "./questions.ts";
import type { Inquiry } from "./subjects.ts";

/** `NR_CPUS` that the oracle is compiled with. */
export const NR_CPUS = 2048;
/** Differences that are shown of one header. */
const SHOWN = 3;

/** The case with both kernels of one release. */
export function onRelease(spec: FadumpCase, release: string): FadumpCase {
  return {
    ...spec,
    first: { ...spec.first, release },
    second: { ...spec.second, release },
  };
}

/**
 * A dump by firmware.
 *
 * @returns Nothing where the kernel's code cannot tell: the size of the cpumask
 * is compiled in, up to 6.9 the reserved size is given, and what firmware makes
 * of a hole before 6.12 is not the kernel's.
 */
export function inquireFadump(spec: FadumpCase): Inquiry | undefined {
  const { release } = spec.first;
  const is_new = holds("R102", release, "ppc64le");
  if (spec.nr_cpus !== NR_CPUS || !is_new && spec.reserved.size === undefined) {
    return undefined;
  }
  if (
    !holds("R108", release, "ppc64le") && spec.boot_memory.regions.length > 1
  ) return undefined;
  return {
    questions: [askFadump(spec)],
    differences: ([answer]) => differencesOfFadump(spec, answer),
  };
}

/** Where a kernel's header differs from the model's, or from that of another writer. */
export function differencesOfFadump(
  spec: FadumpCase,
  { error, bytes, numbers }: Answer,
  write: (input: FadumpInput) => Uint8Array = (input) =>
    encodeFadump(planFadump(input)),
): string[] {
  if (error === OOPS) return ["the kernel's code faults"];
  const ours = bytesOrNot(() => write(fadumpInput(spec)));
  if (ours instanceof FadumpError) {
    return error !== 0
      ? []
      : [`the kernel wrote ${bytes.length} bytes, we refuse: ${ours.message}`];
  }
  if (error !== 0) return [`the kernel gives errno ${error}`];
  const { destination } = spec.boot_memory;
  if (numbers[0] !== destination) {
    return [`destination: the kernel has ${numbers[0]}, we ${destination}`];
  }
  if (equals(ours, bytes)) return [];
  return formatDifferences(
    diffFadump(bytes, ours, fadumpInput(spec), spec.first.release),
    SHOWN,
  ).map((line) =>
    line.replace("expected", "the kernel wrote").replace(", got", ", we")
  );
}

function bytesOrNot(write: () => Uint8Array): Uint8Array | FadumpError {
  try {
    return write();
  } catch (error) {
    if (error instanceof FadumpError) return error;
    throw error;
  }
}
