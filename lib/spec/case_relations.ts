/**
 * Relations between keys of a case that a JSON schema can state, from the table
 * of architectures. `checkCase()` checks them, and those that it cannot state.
 *
 * @module
 */

import {
  type Arch,
  ARCHES,
  CRASHKERNEL_CMA_RANGES_MAX,
  type Memory,
} from "../kernel/arch.ts";
import type { Schema } from "./schema.ts";

/** Keys of `memory` for what is cut out of system_ram, or added to it. */
export const MEMORY_CUTS: readonly Exclude<keyof Memory, "system_ram">[] = [
  "crashkernel",
  "crashkernel_low",
  "crashkernel_cma",
  "rtas",
  "opal",
  "removed",
];

/** Numbers that a derived case must work out by hand. */
export const EXPECTED: readonly string[] = ["size", "e_phnum"];

/** Adds a schema to files in which a key has a value. */
function where(key: string, value: string, then: Schema): Schema {
  return {
    if: { required: [key], properties: { [key]: { const: value } } },
    then,
  };
}

function absent(keys: readonly string[]): Schema {
  return Object.fromEntries(keys.map((key) => [key, false]));
}

function ofArch({ name, page_sizes, kernel_map, ...arch }: Arch): Schema {
  const needs = { kernel: kernel_map, backup: arch.backup };
  const keys = Object.keys(needs) as (keyof typeof needs)[];
  const cuts = MEMORY_CUTS.filter((key) => !arch.memory.includes(key));
  return where("arch", name, {
    required: keys.filter((key) => needs[key]),
    properties: {
      page_size: { enum: page_sizes },
      ...absent(keys.filter((key) => !needs[key])),
      address: arch.phys_offset
        ? { required: ["phys_offset"] }
        : { properties: absent(["phys_offset"]) },
      memory: { properties: absent(cuts) },
    },
  });
}

const MEMORY: Schema = {
  oneOf: [
    {
      required: ["system_ram"],
      properties: { crashkernel_cma: { maxItems: CRASHKERNEL_CMA_RANGES_MAX } },
    },
    { required: ["ranges"], properties: absent(MEMORY_CUTS) },
  ],
};

/** Relations between the keys of a case, for its JSON schema. */
export const CASE_RELATIONS: readonly Schema[] = [
  { properties: { memory: MEMORY } },
  ...Object.values(ARCHES).map(ofArch),
  where("golden_from", "captured", { required: ["captured"] }),
  where("golden_from", "worked", { required: ["worked"] }),
  where("golden_from", "derived", {
    required: ["expect"],
    properties: { expect: { required: EXPECTED } },
  }),
];
