/**
 * The `expect` of a file of spec/vmcore, checked on the bytes
 * and on what a maker of them kept.
 *
 * @module
 */

import { readEhdr, viewOf } from "../elf/elf64.ts";
import { formatCpulist } from "../kernel/cpumask.ts";
import { viewDump } from "../model/dump.ts";
import {
  captureKernel,
  piecesOf,
  readPieces,
  survivors,
} from "../model/old_memory.ts";
import { makeVmcore, type Vmcore, VmcoreError } from "../model/vmcore.ts";
import type { Problem } from "../spec/shape.ts";
import type { VmcoreCase, VmcoreRefusal } from "../spec/vmcore.ts";

/** Result of a panic: /proc/vmcore, or the reason that there is none. */
export type Panic = Vmcore | VmcoreRefusal;

/** Makes the /proc/vmcore of a panic, if there is one. */
export function playPanic(spec: VmcoreCase, header: Uint8Array): Panic {
  try {
    return makeVmcore(
      header,
      readPieces(piecesOf(spec, header)),
      captureKernel(spec, header),
    );
  } catch (error) {
    if (!(error instanceof VmcoreError)) throw error;
    return error.refusal;
  }
}

/**
 * Compares a panic with what its file expects.
 *
 * @param golden The head of its /proc/vmcore; of one to refuse there is none.
 * @returns A problem of the spec file for each that differs; none if all hold.
 */
export function unmetPanic(
  spec: VmcoreCase,
  header: Uint8Array,
  panic: Panic,
  golden: Uint8Array | undefined,
): Problem[] {
  const { refused, ...counts } = spec.expect;
  const why = typeof panic === "string" ? panic : undefined;
  if (refused !== undefined || why !== undefined || !golden) {
    const reason = why ?? "nothing: there is a /proc/vmcore";
    return refused === why ? [] : [problem("refused", reason, refused)];
  }
  const vmcore = panic as Vmcore;
  const { dumped, lost } = survivors(spec, piecesOf(spec, header), vmcore);
  const found: Required<typeof counts> = {
    notes_size: vmcore.notes_size,
    e_phnum: readEhdr(viewOf(golden)).e_phnum,
    head: golden.length,
    // There is no such number for a head that no reader of ELF accepts.
    nr_cpus: counts.nr_cpus === undefined ? 0 : viewDump(golden).nr_cpus,
    dumped,
    lost,
  };
  return (Object.keys(found) as (keyof typeof found)[]).flatMap((key) => {
    const wanted = counts[key];
    if (wanted === undefined || say(wanted) === say(found[key])) return [];
    return [problem(key, say(found[key]), say(wanted))];
  });
}

function say(value: number | readonly number[]): string {
  return typeof value === "number" ? `${value}` : `"${formatCpulist(value)}"`;
}

function problem(key: string, found: string, wanted?: string): Problem {
  return {
    kind: "value",
    path: `expect.${key}`,
    wanted: `what comes of the panic, ${found}`,
    found: wanted ?? "nothing",
  };
}
