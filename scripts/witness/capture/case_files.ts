/**
 * The kernel's headers of a session as cases, and what all spec files of a
 * session have.
 *
 * @module
 */

import { equals } from "@std/bytes";
import {
  diffElfcorehdr,
  formatDifferences,
} from "../../../lib/compare/diff.ts";
import { EHDR } from "../../../lib/elf/elf64.ts";
import { sizeofElfcorehdr } from "../../../lib/kernel/topology.ts";
import { encodeElfcorehdr } from "../../../lib/kernel/write_header.ts";
import { resolveCase } from "../../../lib/model/resolve.ts";
import { type Case, formatCase } from "../../../lib/spec/case.ts";
import type { Captured } from "../../../lib/spec/head.ts";
import type { Machine } from "./machine.ts";
import type { Moment, Session } from "./session.ts";

/** The words of a case, which no machine can give. */
export interface Words {
  /** Name of the case, without architecture. */
  readonly name: string;
  /** Description, in one line. */
  readonly title: string;
  /** Why it exists. */
  readonly why: string;
  /** Rules that it is there for. */
  readonly rules: string[];
  /** Words to select by. */
  readonly tags?: string[];
}

/** One spec file with its goldens. */
export interface SpecFile {
  /** Its id. */
  readonly id: string;
  /** Its text. */
  readonly yaml: string;
  /** Captured bytes by golden's name below golden/, without the ending. */
  readonly goldens: ReadonlyMap<string, Uint8Array>;
  /** Differences from the writer of this suite, a line each; empty without any. */
  readonly wrong: readonly string[];
}

/** A case that the kernel's bytes are held to. */
export interface CaseFile extends SpecFile {
  /** The case. */
  readonly spec: Case;
  /** The moment that it is of. */
  readonly moment: Moment;
}

/** A case for each header that the kernel wrote and that is unlike the one before. */
export function caseFiles(
  { moments, byKernel, written }: Session,
  words: Words,
  captured: Captured,
): CaseFile[] {
  const all = byKernel ? [byKernel, ...moments] : moments;
  const unlike = all.filter((moment, i) =>
    i === 0 ? !written || byKernel : moment.step !== "load" &&
      !equals(moment.segment.bytes, all[i - 1].segment.bytes)
  );
  return unlike.map((moment, i) => {
    const before = all[all.indexOf(moment) - 1] ?? moment;
    const name = i === 0 ? words.name : `${words.name}-${moment.name}`;
    const id = `${moment.machine.arch}/${name}`;
    const { name: _, ...head } = words;
    const title = i === 0 ? head.title : `${head.title}; then ${moment.step}`;
    const draft: Case = {
      ...head,
      title,
      golden_from: "captured",
      captured,
      ...seenByKernel(moment, before.machine),
    };
    // Nothing records the size of a header that an event wrote again.
    const { bufsz } = moment.segment;
    const loaded = moment.step === "load" || moment.step === "reload";
    const bytes = moment.segment.bytes.slice(
      0,
      loaded && bufsz || sizeofElfcorehdr(resolveCase(draft)),
    );
    const spec = { ...draft, expect: counted(bytes) };
    return {
      id,
      spec,
      moment,
      yaml: formatCase(spec, "Captured by scripts/capture.ts."),
      goldens: new Map([[id, bytes]]),
      wrong: differing(bytes, encodeElfcorehdr(resolveCase(spec))),
    };
  });
}

/**
 * The machine as the kernel's writer saw it: memory that goes is still there
 * while the header is written, and ppc64le then takes it out by itself.
 */
function seenByKernel(
  { machine, events, segment }: Moment,
  before: Machine,
): Omit<Case, "title" | "why" | "rules" | "golden_from"> {
  const { uname: _, ...parts } = machine;
  const gone = events.find((event) => event.memory_remove)?.memory_remove;
  const memory = gone === undefined
    ? machine.memory
    : machine.arch === "ppc64le"
    ? { ...before.memory, removed: gone }
    : before.memory;
  return {
    ...parts,
    memory,
    ...segment.backup === undefined
      ? {}
      : { backup: { start: segment.backup } },
  };
}

/** Counts of a header: the numbers that its case expects. */
export function counted(bytes: Uint8Array): Map<string, bigint> {
  const e_phnum = new DataView(bytes.buffer, bytes.byteOffset).getUint16(
    EHDR.e_phnum.at,
    true,
  );
  return new Map([
    ["e_phnum", BigInt(e_phnum)],
    ["size", BigInt(bytes.length)],
  ]);
}

/** Differences between the model's bytes and the captured ones. */
export function differing(captured: Uint8Array, ours: Uint8Array): string[] {
  return formatDifferences(diffElfcorehdr(captured, ours));
}
