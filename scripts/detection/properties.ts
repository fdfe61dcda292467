/**
 * Properties that hold for any input, tried on random ones: the same for the
 * same seed.
 *
 * @module
 */

import { equals } from "@std/bytes";
import { describeCoreFile } from "../../lib/compare/core_file.ts";
import { diffHead } from "../../lib/compare/head_diff.ts";
import { parseFleet } from "../replay/fleet.ts";
import type { Random } from "../../lib/cost/random.ts";
import {
  type Elf64Phdr,
  PF_RWX,
  PHDR,
  PT_LOAD,
  PT_NOTE,
  SIZEOF_EHDR,
} from "../../lib/elf/elf64.ts";
import { ARCH_NAMES, ARCHES } from "../../lib/kernel/arch.ts";
import {
  formatCpulist,
  NR_CPUS,
  parseCpulist,
} from "../../lib/kernel/cpumask.ts";
import { decodeElfcorehdr, FormatError } from "../../lib/kernel/read_header.ts";
import { sizeofElfcorehdr, type Topology } from "../../lib/kernel/topology.ts";
import { encodeElfcorehdr } from "../../lib/kernel/write_header.ts";
import { viewDump } from "../../lib/model/dump.ts";
import { resolveCase } from "../../lib/model/resolve.ts";
import { makeVmcore, VmcoreError } from "../../lib/model/vmcore.ts";
import { readCase } from "../../lib/spec/case.ts";
import { SpecError } from "../../lib/spec/document.ts";
import { parseFadumpCase } from "../../lib/spec/fadump.ts";
import { parseImage } from "../../lib/spec/image.ts";
import { parseKexecToolsCase } from "../../lib/spec/kexec_tools.ts";
import { parseReject } from "../../lib/spec/reject.ts";
import { parseScenario } from "../../lib/spec/scenario.ts";
import { parseVmcoreCase } from "../../lib/spec/vmcore.ts";
import { parseWorked } from "../../lib/spec/worked.ts";
import { type Answer, frameAnswer } from "../../lib/suite/answer.ts";
import type { Corpus, SpecFile } from "../../lib/suite/corpus.ts";
import { vmcoreHeads } from "../../lib/suite/heads.ts";
import { answerWriter } from "../../lib/suite/reference.ts";
import { requestOf } from "../../lib/suite/request.ts";
import { parseKnownFailures } from "../../lib/suite/results.ts";
import { judgeChangedLists } from "./any_list.ts";
import { mutate } from "./mangle.ts";

/** A property: throws where it does not hold for what the random numbers make. */
export type Property = (random: Random) => void;

/** decode(encode(t)) is t, encode repeats itself and leaves t alone. */
const roundTrip: Property = (random) => {
  const topology = randomTopology(random);
  const bytes = encodeElfcorehdr(topology);
  const { phdrs } = decodeElfcorehdr(bytes);
  must(bytes.length === sizeofElfcorehdr(topology), "the size");
  must(equals(bytes, encodeElfcorehdr(topology)), "encode repeats itself");
  const wanted = phdrsOf(topology);
  must(phdrs.length === wanted.length, "the count of program headers");
  for (const [i, phdr] of phdrs.entries()) {
    for (const key of Object.keys(PHDR) as (keyof Elf64Phdr)[]) {
      must(phdr[key] === wanted[i][key], `phdr[${i}].${key}`);
    }
  }
};

/** The program headers of a topology by the words of the rules, not by the writer's code. */
function phdrsOf(topology: Topology): Elf64Phdr[] {
  const { arch, vmcoreinfo, kernel, page_offset, phys_offset } = topology;
  const note = (paddr: bigint, size: bigint): Elf64Phdr => ({
    p_type: PT_NOTE,
    p_flags: 0,
    p_offset: paddr,
    p_vaddr: 0n,
    p_paddr: paddr,
    p_filesz: size,
    p_memsz: size,
    p_align: 0n,
  });
  const load = (paddr: bigint, p_vaddr: bigint, size: bigint): Elf64Phdr => ({
    ...note(paddr, size),
    p_type: PT_LOAD,
    p_flags: PF_RWX,
    p_vaddr,
  });
  const u64 = (value: bigint) => BigInt.asUintN(64, value);
  const va = (paddr: bigint) =>
    arch.va === "or"
      ? u64(paddr - phys_offset) | page_offset
      : u64(paddr - phys_offset + page_offset);
  const phdrs = [
    ...Array.from(
      topology.crash_notes,
      (paddr) => note(paddr, BigInt(arch.crash_notes_size)),
    ),
    note(vmcoreinfo.paddr, vmcoreinfo.size),
    ...kernel ? [load(kernel.paddr, kernel.vaddr, kernel.size)] : [],
    ...topology.ranges.map(({ start, end }) =>
      load(start, va(start), u64(end - start + 1n))
    ),
  ];
  const copied = phdrs.find(({ p_paddr }) => p_paddr === 0n);
  if (copied && topology.backup !== undefined) {
    copied.p_offset = topology.backup;
  }
  return phdrs;
}

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
const anyBytes = (goldens: readonly Uint8Array[]): Property => (random) => {
  const golden = random.of(goldens);
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
  only(FormatError, () => describeCoreFile(bytes));
  if (bytes.length >= SIZEOF_EHDR) diffHead(bytes, golden);
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
const anyText = (texts: readonly string[]): Property => (random) => {
  const text = mutate(random.of(texts), random);
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
      parseFadumpCase,
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

/** A line of a child is what its JSON says, and broken where it says nothing. */
const anyFrame: Property = (random) => {
  const frame = random.of([
    { id: "a/b", bytes: "f0VMRg==" },
    { id: "a/b", refused: "no" },
    { id: "a/b", unsupported: "no" },
    { id: "a/b", headers: { phdrs: [] } },
  ]);
  const line = mutate(JSON.stringify(frame), random);
  const { kind } = frameAnswer("a/b", line);
  const wanted = kindOfLine(line);
  must(
    wanted === undefined
      ? kind === "bytes" || kind === "broken"
      : kind === wanted,
    `the answer ${kind}`,
  );
};

/** The kind of answer that a line is; nothing for base64 that decoders disagree on. */
function kindOfLine(line: string): Answer["kind"] | undefined {
  let said: Record<string, unknown>;
  try {
    said = Object(JSON.parse(line));
  } catch {
    return "broken";
  }
  if (said.id !== "a/b") return "broken";
  const kinds = ["bytes", "refused", "unsupported"]
    .filter((key) => typeof said[key] === "string");
  if (kinds.length > 1) return "broken";
  for (const kind of ["refused", "unsupported"] as const) {
    if (typeof said[kind] === "string") return kind;
  }
  const others = Object.keys(said).filter((key) =>
    !["id", "bytes", "refused", "unsupported"].includes(key)
  );
  if (said.bytes === undefined) return others.length > 0 ? "bytes" : "broken";
  if (typeof said.bytes !== "string") return "broken";
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
      .test(
        said.bytes,
      )
    ? "bytes"
    : undefined;
}

/** Bytes of a golden beyond which nothing new can go wrong with it. */
const MOST_BYTES = 8192;
/** Characters of a spec file beyond which the same is true. */
const MOST_TEXT = 4000;

/** All properties, by name, on what a suite has. */
export function propertiesOf(
  corpus: Corpus,
): Readonly<Record<string, Property>> {
  const goldens = corpus.cases.map(({ golden }) => golden)
    .filter(({ length }) => length <= MOST_BYTES);
  const heads = vmcoreHeads(corpus).map(({ head }) => head)
    .filter(({ length }) => length <= MOST_BYTES);
  const texts = Object.values<readonly SpecFile[]>({ ...corpus }).flat()
    .map(({ yaml }) => yaml).filter(({ length }) => length < MOST_TEXT);
  return {
    "round-trip": roundTrip,
    "any-bytes": anyBytes(goldens),
    "any-text": anyText(texts),
    "any-mask": anyMask,
    "any-frame": anyFrame,
    "any-list": (random) => judgeChangedLists(heads, random),
  };
}

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
