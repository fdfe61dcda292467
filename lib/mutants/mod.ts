/**
 * Wrong writers, each with one mistake that someone made or could make. Where
 * an implementation's bytes are those of a mistake, the mistake has a name.
 *
 * @module
 */

import { equals } from "@std/bytes";
import type { ArchName } from "../kernel/arch.ts";
import type { Topology } from "../kernel/topology.ts";
import { encodeElfcorehdr } from "../kernel/write_header.ts";
import { resolveBy, resolveCase } from "../model/resolve.ts";
import type { Case } from "../spec/case.ts";
import {
  type BoundaryPair,
  boundaryPairs,
  heldRules,
  holdsAt,
  RULES,
} from "../spec/rules.ts";
import { CPU_MISTAKES } from "./cpus.ts";
import type { Mistake } from "./kinds.ts";
import { LAYOUT_MISTAKES } from "./layout.ts";
import { LOAD_MISTAKES } from "./load.ts";
import { MEMORY_MISTAKES } from "./memory.ts";
import { PPC64LE_MISTAKES } from "./ppc64le.ts";
import { RANGES_MISTAKES } from "./ranges.ts";

export type { Mistake } from "./kinds.ts";

/** Every known mistake of a writer. */
export const MISTAKES: readonly Mistake[] = [
  ...CPU_MISTAKES,
  ...RANGES_MISTAKES,
  ...MEMORY_MISTAKES,
  ...PPC64LE_MISTAKES,
  ...LOAD_MISTAKES,
  ...LAYOUT_MISTAKES,
];

/** A mistake by name, as a report says it. */
export type Named = Pick<Mistake, "name" | "what">;

/** Finds every mistake that would write exactly these bytes; see `explainBytes()`. */
export function mistakesGiving(
  spec: Case,
  topology: Topology,
  got: Uint8Array,
): Named[] {
  const right = encodeElfcorehdr(topology);
  if (equals(right, got)) return [];
  const wrong = wrongBytes(right, got);
  const named = MISTAKES.filter(({ write, touches }) =>
    // Parts that a mistake leaves right are compared before it is made.
    (touches === undefined || wrong?.every(touches)) &&
    writes(() => write(spec, topology), got)
  );
  const other = otherRelease(spec, topology, got);
  return other ? [...named, other] : named;
}

/** The bytes in which two headers of one size differ; undefined where their sizes do. */
function wrongBytes(right: Uint8Array, got: Uint8Array): number[] | undefined {
  if (right.length !== got.length) return undefined;
  const wrong: number[] = [];
  for (let at = 0; at < right.length; at++) {
    if (right[at] !== got[at]) wrong.push(at);
  }
  return wrong;
}

/** Returns the bytes that a named mistake writes on a machine; undefined for a mistake of which only another release's bytes are known. */
export function madeBy(
  name: string,
  spec: Case,
  topology: Topology,
): Uint8Array | undefined {
  const mistake = MISTAKES.find((known) => known.name === name);
  return mistake && written(() => mistake.write(spec, topology));
}

/**
 * Finds the mistake that explains wrong bytes. What the reference writes too is
 * no mistake of these: they change nothing on many machines, and would put a
 * name to a defect of the reference itself.
 *
 * @returns The first that would write exactly these bytes for this machine.
 */
export function explainBytes(
  spec: Case,
  topology: Topology,
  got: Uint8Array,
): Named | undefined {
  if (equals(encodeElfcorehdr(topology), got)) return undefined;
  return MISTAKES.find(({ write }) =>
    writes(() => write(spec, topology), got)
  ) ??
    otherRelease(spec, topology, got);
}

/** Bytes that are right on the other side of one boundary, as the reference is on this one. */
function otherRelease(
  spec: Case,
  right: Topology,
  got: Uint8Array,
): Named | undefined {
  const expected = encodeElfcorehdr(right);
  const made = new Map<string, Uint8Array | undefined>();
  const at = (release: string, bytes: Uint8Array) => {
    const rules = heldRules(release, spec.arch);
    if (!made.has(rules)) {
      made.set(
        rules,
        written(() => encodeElfcorehdr(resolveCase({ ...spec, release }))),
      );
    }
    const header = made.get(rules);
    return header !== undefined && equals(header, bytes);
  };
  for (const { before, first } of pairsOf(spec.arch)) {
    for (
      const [here, there, side] of [
        [first, before, "before"],
        [before, first, "since"],
      ] as const
    ) {
      if (!at(here, expected) || !at(there, got)) continue;
      const rule = ruleThatDiffers(spec, here, there, got);
      return {
        name: `${rule.toLowerCase()}-${side}-${first}`,
        what: `what kernels ${side} ${first} write (${rule})`,
      };
    }
  }
}

/** The boundaries of an architecture, each pair of releases once. */
function pairsOf(arch: ArchName): BoundaryPair[] {
  const pairs = boundaryPairs().filter((pair) => pair.arch === arch);
  return [...new Map(pairs.map((pair) => [pair.first, pair])).values()];
}

/** Several rules may share a boundary: finds the one that makes the difference alone. */
function ruleThatDiffers(
  spec: Case,
  here: string,
  there: string,
  got: Uint8Array,
): string {
  const [now, then] = [here, there].map((release) =>
    holdsAt(release, spec.arch)
  );
  const changed = RULES.map(({ id }) => id).filter((id) =>
    now(id) !== then(id)
  );
  const alone = changed.find((rule) =>
    writes(
      () =>
        encodeElfcorehdr(
          resolveBy(spec, (id) => id === rule ? then(id) : now(id)),
        ),
      got,
    )
  );
  return alone ?? changed[0];
}

function writes(write: () => Uint8Array, got: Uint8Array): boolean {
  const header = written(write);
  return header !== undefined && equals(header, got);
}

function written(write: () => Uint8Array): Uint8Array | undefined {
  try {
    return write();
  } catch (error) {
    if (error instanceof RangeError) return undefined; // beyond 65,535 program headers
    throw error;
  }
}
