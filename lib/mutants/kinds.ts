/**
 * The kinds of mistakes that a writer makes, each as a function from what is
 * particular about one to the wrong writer.
 *
 * @module
 */

import {
  EHDR,
  type Elf64Phdr,
  type FieldPlace,
  PHDR,
  phdrOffset,
  PT_LOAD,
  PT_NOTE,
  readPhdrs,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
} from "../elf/elf64.ts";
import type { Arch, Memory } from "../kernel/arch.ts";
import type { Range } from "../kernel/range.ts";
import { countPhdrs, type Topology } from "../kernel/topology.ts";
import { encodeElfcorehdr } from "../kernel/write_header.ts";
import type { Case } from "../spec/case.ts";
import { expandRanges } from "../spec/parts.ts";
import { holdsAt, notedMask } from "../spec/rules.ts";

/** A wrong writer. */
export interface Mistake {
  /** Short name in kebab-case. */
  readonly name: string;
  /** Behaviour, as a report states it. */
  readonly what: string;
  /** Its bytes for a machine; the right ones where it makes no difference. */
  readonly write: (spec: Case, topology: Topology) => Uint8Array;
  /** Returns true for a byte that may become wrong while the size stays right. */
  readonly touches?: (at: number) => boolean;
}

/** The input of the writer is wrong. */
export function input(
  name: string,
  what: string,
  change: (topology: Topology, spec: Case) => Partial<Topology>,
): Mistake {
  const write = (spec: Case, topology: Topology) =>
    encodeElfcorehdr({ ...topology, ...change(topology, spec) });
  return { name, what, write };
}

/** The wrong CPUs get a note. One that the machine lacks has its note at 0. */
export function cpus(
  name: string,
  what: string,
  choose: (mask: readonly number[], spec: Case) => readonly number[],
): Mistake {
  return input(name, what, (_, spec) => {
    const chosen = choose(notedMask(spec), spec);
    const { crash_notes, cpus: { possible } } = spec;
    const rank = new Map(possible.map((cpu, i) => [cpu, BigInt(i)]));
    const address = (cpu: number) => {
      if (crash_notes instanceof Map) return crash_notes.get(cpu) ?? 0n;
      const { base, stride } = crash_notes;
      return rank.has(cpu) ? base + stride * rank.get(cpu)! : 0n;
    };
    return { cpus: chosen, crash_notes: BigUint64Array.from(chosen, address) };
  });
}

/** The final list of ranges is wrong. */
export function ranges(
  name: string,
  what: string,
  change: (
    ranges: readonly Range[],
    topology: Topology,
    spec: Case,
  ) => readonly Range[],
): Mistake {
  return input(name, what, (topology, spec) => ({
    ranges: change(topology.ranges, topology, spec),
  }));
}

/** A topology whose arch collects by the rules of its release. */
type CollectedTopology = Omit<Topology, "arch"> & {
  readonly arch: Omit<Arch, "ranges"> & {
    readonly ranges: (memory: Memory) => Range[];
  };
};

/** The way from System RAM to the list is wrong; final lists are as given. */
export function collect(
  name: string,
  what: string,
  change: (memory: Memory, topology: CollectedTopology) => readonly Range[],
): Mistake {
  return ranges(
    name,
    what,
    (right, topology, { memory, release, arch }) => {
      if (!memory.system_ram) return right;
      const holds = holdsAt(release, arch);
      const { ranges, ...row } = topology.arch;
      return change(
        { ...memory, system_ram: expandRanges(memory.system_ram) },
        {
          ...topology,
          arch: { ...row, ranges: (memory) => ranges(memory, holds) },
        },
      );
    },
  );
}

/** The right header, which most mistakes begin with, and its program headers; made once per machine. */
function rightOf(topology: Topology): Right {
  const known = RIGHT.get(topology);
  if (known) return known;
  const bytes = encodeElfcorehdr(topology);
  const view = new DataView(bytes.buffer);
  const phdrs = readPhdrs(view, countPhdrs(topology));
  const right = { bytes, phdrs };
  RIGHT.set(topology, right);
  return right;
}

interface Right {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly phdrs: readonly Elf64Phdr[];
}

const RIGHT = new WeakMap<Topology, Right>();

/** Bytes are wrong that were right when they were written. */
export function bytes(
  name: string,
  what: string,
  change: (bytes: Uint8Array, topology: Topology) => void,
  touches: (at: number) => boolean = () => true,
): Mistake {
  const write = (_: Case, topology: Topology) => {
    const written = rightOf(topology).bytes.slice();
    change(written, topology);
    return written;
  };
  return { name, what, write, touches };
}

/** A field of the ELF header is wrong. */
export function ehdr(
  name: string,
  what: string,
  key: Exclude<keyof typeof EHDR, "e_ident">,
  value: (topology: Topology) => bigint,
): Mistake {
  return bytes(
    name,
    what,
    (bytes, topology) => put(bytes, 0, EHDR[key], value(topology)),
    (at) => isIn(EHDR[key], at),
  );
}

/** Tells one program header from the others. */
export type Which = (
  phdr: Elf64Phdr,
  index: number,
  topology: Topology,
) => boolean;

/** A field of some program headers is wrong. */
export function phdr(
  name: string,
  what: string,
  which: Which,
  key: keyof Elf64Phdr,
  value: (phdr: Elf64Phdr, topology: Topology) => bigint,
): Mistake {
  return bytes(name, what, (bytes, topology) => {
    for (const [index, right] of rightOf(topology).phdrs.entries()) {
      if (which(right, index, topology)) {
        put(bytes, phdrOffset(index), PHDR[key], value(right, topology));
      }
    }
  }, (at) => isIn(PHDR[key], (at - SIZEOF_EHDR) % SIZEOF_PHDR));
}

function isIn(place: FieldPlace, at: number): boolean {
  return at >= place.at && at < place.at + place.size;
}

function put(
  bytes: Uint8Array,
  base: number,
  { at, size }: FieldPlace,
  value: bigint,
): void {
  const view = new DataView(bytes.buffer, base + at, size);
  if (size === 8) view.setBigUint64(0, value, true);
  else if (size === 4) view.setUint32(0, Number(value & 0xffffffffn), true);
  else view.setUint16(0, Number(value & 0xffffn), true);
}

/** Program headers are in the wrong order, missing, or too many; e_phnum follows. */
export function order(
  name: string,
  what: string,
  change: (slots: Uint8Array[], topology: Topology) => readonly Uint8Array[],
): Mistake {
  const write = (_: Case, topology: Topology) => {
    const { bytes: right } = rightOf(topology);
    const slots = Array.from(
      { length: countPhdrs(topology) },
      (_, i) => right.slice(phdrOffset(i), phdrOffset(i + 1)),
    );
    const changed = change(slots, topology);
    const wrong = new Uint8Array(
      Math.max(right.length, phdrOffset(changed.length)),
    );
    wrong.set(right.subarray(0, phdrOffset(0)));
    for (const [i, slot] of changed.entries()) wrong.set(slot, phdrOffset(i));
    put(wrong, 0, EHDR.e_phnum, BigInt(changed.length));
    return wrong;
  };
  return { name, what, write };
}

/** The size is wrong; program headers that do not fit are cut off. */
export function size(
  name: string,
  what: string,
  of: (slots: number, topology: Topology, spec: Case) => number,
): Mistake {
  const write = (spec: Case, topology: Topology) => {
    const slots = topology.nr_possible + 2 + topology.ranges.length;
    const wrong = new Uint8Array(of(slots, topology, spec));
    wrong.set(rightOf(topology).bytes.subarray(0, wrong.length));
    return wrong;
  };
  return { name, what, write };
}

/** Any program header. */
export const any: Which = () => true;
/** Any PT_NOTE. */
export const note: Which = ({ p_type }) => p_type === PT_NOTE;
/** Any PT_LOAD. */
export const load: Which = ({ p_type }) => p_type === PT_LOAD;
/** A CPU's PT_NOTE. */
export const cpuNote: Which = (_, index, { cpus }) => index < cpus.length;
/** The PT_NOTE of vmcoreinfo. */
export const vmcoreinfo: Which = (_, index, { cpus }) => index === cpus.length;
/** The PT_LOAD of the kernel text. */
export const kernel: Which = (_, index, { cpus, kernel }) =>
  kernel !== undefined && index === cpus.length + 1;
/** A PT_LOAD of RAM. */
export const ram: Which = (phdr, index, topology) =>
  load(phdr, index, topology) && !kernel(phdr, index, topology);
