/**
 * Checks of `expect` of a firmware-assisted dump, on its header
 * and on the CPUs that have a note.
 *
 * @module
 */

import { decodeElfcorehdr } from "../kernel/read_header.ts";
import { FadumpError, fadumpInput, planFadump } from "../model/fadump.ts";
import type { FadumpCase } from "../spec/fadump.ts";
import type { Problem } from "../spec/shape.ts";
import { unmetExpectations } from "./expect.ts";

/** Returns why a dump is lost; nothing where there is a header. */
export function refusalOf(spec: FadumpCase): FadumpError | undefined {
  try {
    fadumpInput(spec);
  } catch (error) {
    if (error instanceof FadumpError) return error;
    throw error;
  }
}

/**
 * Compares a case with the numbers worked out by hand.
 *
 * @param golden Its header; nothing where the dump is lost.
 * @returns A problem of the spec file for each that differs; none if all hold.
 */
export function unmetFadump(
  spec: FadumpCase,
  golden: Uint8Array | undefined,
): Problem[] {
  const { fields = [], ...expect } = spec.expect;
  const found: Readonly<Record<string, unknown>> = golden === undefined
    ? { refused: refusalOf(spec)?.refusal }
    : {
      ...countPhdrs(golden),
      noted: planFadump(fadumpInput(spec)).noted.map(({ id }) => id),
    };
  return [
    ...Object.entries(expect).filter(([key, wanted]) =>
      JSON.stringify(found[key]) !== JSON.stringify(wanted)
    ).map(([key, wanted]): Problem => ({
      kind: "value",
      path: `expect.${key}`,
      wanted: `what comes of the dump, ${JSON.stringify(found[key])}`,
      found: JSON.stringify(wanted),
    })),
    ...golden ? unmetExpectations(golden, fields) : [],
  ];
}

/** Counts the program headers of a dump by firmware, and those that are all zero. */
export function countPhdrs(
  golden: Uint8Array,
): { e_phnum: number; null_phdrs: number } {
  const { phdrs } = decodeElfcorehdr(golden);
  return {
    e_phnum: phdrs.length,
    null_phdrs: phdrs.filter(({ p_type }) => p_type === 0).length,
  };
}
