/**
 * Properties that hold for any input, tried on random ones: the same for the
 * same seed.
 *
 * @module
 */

import {
  countPhdrs,
  sizeofElfcorehdr,
  type Topology,
} from "../kernel/topology.ts";
import { decodeElfcorehdr, FormatError } from "../kernel/read_header.ts";
import { equals } from "@std/bytes";
import {
  CASES,
  IMAGES,
  KEXEC_TOOLS,
  REJECTS,
  SCENARIOS,
  VMCORES,
} from "../../golden/mod.ts";
import { frameAnswer } from "../suite/answer.ts";
import { ARCH_NAMES, ARCHES } from "../kernel/arch.ts";
import { readCase } from "../spec/case.ts";
import { formatCpulist, NR_CPUS, parseCpulist } from "../kernel/cpumask.ts";
import { viewDump } from "../model/dump.ts";
import { PF_RWX, PT_LOAD, PT_NOTE } from "../elf/elf64.ts";
import { encodeElfcorehdr } from "../kernel/write_header.ts";
import { parseFleet } from "../cost/fleet.ts";
import { parseImage } from "../spec/image.ts";
import { parseKexecToolsCase } from "../spec/kexec_tools.ts";
import { parseReject } from "../spec/reject.ts";
import { answerWriter } from "../suite/reference.ts";
import { requestOf } from "../suite/request.ts";
import { parseKnownFailures } from "../suite/results.ts";
import { parseScenario } from "../spec/scenario.ts";
import { SpecError } from "../spec/document.ts";
import { resolveCase } from "../model/resolve.ts";
import { makeVmcore, VmcoreError } from "../model/vmcore.ts";
import { parseVmcoreCase } from "../spec/vmcore.ts";
import { parseWorked } from "../spec/worked.ts";

/** Random numbers from a seed. */
export class Random {
  #state: number;

  /** Begins with a seed. */
  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** A whole number below `end`. */
  below(end: number): number {
    // xorshift32
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % end;
  }

  /** One of a list. */
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** 64 bits, small, large, aligned or at an edge. */
  u64(): bigint {
    const word = BigInt(this.below(2 ** 32)) << 32n |
      BigInt(this.below(2 ** 32));
    return BigInt.asUintN(
      64,
      this.of([
        word,
        word >> 20n,
        word & 0xffffn,
        word & ~0xfffn,
        -word & 0xffn,
        -1n - (word & 0xffn),
      ]),
    );
  }
}

/** A property: throws where it does not hold for what the random numbers make. */
export type Property = (random: Random) => void;

/** decode(encode(t)) is t, encode repeats itself and leaves t alone. */
const roundTrip: Property = (random) => {
  const topology = randomTopology(random);
  const bytes = encodeElfcorehdr(topology);
  const { phdrs } = decodeElfcorehdr(bytes);
  must(
    bytes.length === sizeofElfcorehdr(topology) &&
      phdrs.length === countPhdrs(topology),
    "size or count",
  );
  must(equals(bytes, encodeElfcorehdr(topology)), "encode repeats itself");
  const { cpus, crash_notes, ranges, kernel } = topology;
  for (const [i, phdr] of phdrs.entries()) {
    const note = i <= cpus.length;
    must(
      phdr.p_type === (note ? PT_NOTE : PT_LOAD) &&
        phdr.p_flags === (note ? 0 : PF_RWX),
      "type and flags",
    );
    if (i < cpus.length) {
      must(phdr.p_paddr === crash_notes[i], "address of a note");
    }
    const range = ranges[i - cpus.length - 1 - (kernel ? 1 : 0)];
    if (range) {
      must(
        phdr.p_paddr === range.start &&
          phdr.p_memsz === BigInt.asUintN(64, range.end - range.start + 1n),
        "a range",
      );
    }
  }
};

function randomTopology(random: Random): Topology {
  const arch = ARCHES[random.of(ARCH_NAMES)];
  const cpus = Array.from({ length: random.below(80) }, (_, i) => i * 3);
  return {
    arch,
    nr_possible: cpus.length + random.below(20),
    cpus,
    crash_notes: BigUint64Array.from(cpus, () => random.u64()),
    vmcoreinfo: { paddr: random.u64(), size: random.u64() },
    kernel: arch.kernel_map
      ? { paddr: random.u64(), vaddr: random.u64(), size: random.u64() }
      : undefined,
    ranges: Array.from(
      { length: random.below(80) },
      () => ({ start: random.u64(), end: random.u64() }),
    ),
    page_offset: random.u64(),
    phys_offset: random.u64(),
    backup: arch.backup ? random.u64() : undefined,
  };
}

/** decode throws nothing but its own error, whatever the bytes; so do those who use it. */
const anyBytes: Property = (random) => {
  const golden = random.of(SMALL);
  const bytes = new Uint8Array(
    random.of([0, 1, 63, 64, 65, 120, 4096, golden.length, random.below(5000)]),
  );
  bytes.set(golden.subarray(0, bytes.length));
  for (let i = random.below(12); i > 0 && bytes.length > 0; i--) {
    bytes[random.below(random.of([64, bytes.length])) % bytes.length] = random
      .below(256);
  }
  only(FormatError, () => decodeElfcorehdr(bytes));
  only(FormatError, () => viewDump(bytes));
  only(
    VmcoreError,
    () =>
      makeVmcore(
        bytes,
        (_, size) => new Uint8Array(Math.min(size, 4096)).fill(random.below(3)),
        {
          page_size: 4096,
          e_machine: 62,
          note_align: 4,
        },
      ),
  );
};

/** Every reader of texts throws nothing but SpecError, whatever the text. */
const anyText: Property = (random) => {
  const { yaml } = random.of(TEXTS);
  const text = mutate(yaml, random);
  const { problems, spec } = readCase(text);
  if (spec && problems.length === 0) {
    const topology = resolveCase(spec);
    only(RangeError, () => encodeElfcorehdr(topology));
    answerWriter(requestOf("fuzz", spec, topology));
  }
  for (
    const read of [
      parseReject,
      parseImage,
      parseScenario,
      parseKexecToolsCase,
      parseVmcoreCase,
      parseFleet,
    ]
  ) {
    only(SpecError, () => read(text, "fuzz"));
  }
  only(SpecError, () => parseKnownFailures(text, "fuzz"));
  only(SyntaxError, () => parseWorked(text));
};

const PIECES = [
  "0xffffffffffffffff",
  "-1",
  "0-4294967295",
  "[",
  "]",
  "{",
  "}",
  ": ",
  "- ",
  "? ",
  "&a ",
  "*a",
  "\0",
  "!!set ",
  "<<: ",
  "|",
  ">",
  "'",
  '"',
  "#",
  "__proto__: 1",
  "constructor: {}",
  "\t",
  "\n\n",
  "...",
  "---",
  "0x",
  "1e400",
  "nan",
  "~",
  "00*99999 ",
  "all",
  "0-8191:1/2",
  "R99",
  "\u2028",
  "\ud800",
];

/** Cuts, doubles, swaps and sprinkles. */
function mutate(text: string, random: Random): string {
  let changed = text;
  for (let i = 1 + random.below(4); i > 0; i--) {
    const at = random.below(changed.length + 1);
    const to = Math.min(changed.length, at + random.below(30));
    const cut = changed.slice(at, to);
    const insert = random.of([
      "",
      cut + cut,
      random.of(PIECES),
      random.of(PIECES).repeat(random.below(40)),
      `${random.u64()}`,
    ]);
    changed = changed.slice(0, at) + insert +
      changed.slice(random.of([at, to]));
  }
  return changed;
}

/** Masks survive the way to text and back; what is no cpulist is a SyntaxError. */
const anyMask: Property = (random) => {
  const cpus = [
    ...new Set(
      Array.from(
        { length: random.below(60) },
        () => random.below(random.of([16, 256, NR_CPUS])),
      ),
    ),
  ].sort((a, b) => a - b);
  must(parseCpulist(formatCpulist(cpus)).join() === cpus.join(), "a mask");
  only(SyntaxError, () => parseCpulist(mutate(formatCpulist(cpus), random)));
};

/** Whatever line a child writes, an answer comes of it. */
const anyFrame: Property = (random) => {
  const frame = random.of([
    { id: "a/b", bytes: "f0VMRg==" },
    { id: "a/b", refused: "no" },
    { id: "a/b", unsupported: "no" },
    { id: "a/b", headers: { phdrs: [] } },
  ]);
  const answer = frameAnswer("a/b", mutate(JSON.stringify(frame), random));
  must(
    ["bytes", "refused", "unsupported", "broken"].includes(answer.kind),
    "an answer",
  );
};

const SMALL = CASES.map(({ golden }) => golden).filter(({ length }) =>
  length <= 8192
);
const TEXTS = [
  ...CASES,
  ...REJECTS,
  ...IMAGES,
  ...SCENARIOS,
  ...KEXEC_TOOLS,
  ...VMCORES,
].filter(({ yaml }) => yaml.length < 4000);

/** All properties, by name. */
export const PROPERTIES: Readonly<Record<string, Property>> = {
  "round-trip": roundTrip,
  "any-bytes": anyBytes,
  "any-text": anyText,
  "any-mask": anyMask,
  "any-frame": anyFrame,
};

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`does not hold: ${what}`);
}

/** Lets one kind of error pass and no other. */
function only(
  kind: new (...args: never[]) => Error,
  body: () => unknown,
): void {
  try {
    body();
  } catch (error) {
    if (!(error instanceof kind)) throw error;
  }
}
