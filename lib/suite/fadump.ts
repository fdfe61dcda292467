/**
 * The profile `fadump`: what two kernels and firmware knew in, the header of a
 * firmware-assisted dump and the notes of CPUs out.
 *
 * @module
 */

import { concat, equals } from "@std/bytes";
import { diffFadump, partsOfFadump } from "../compare/fadump_diff.ts";
import { ARCHES } from "../kernel/arch.ts";
import { formatCpulist, parseCpulist } from "../kernel/cpumask.ts";
import type { Range } from "../kernel/range.ts";
import { FadumpError, fadumpInput, planFadump } from "../model/fadump.ts";
import { encodeFadump } from "../model/fadump_header.ts";
import { FADUMP_MISTAKES } from "../mutants/fadump.ts";
import { type FadumpCase, parseFadumpCase } from "../spec/fadump.ts";
import { everyHolds } from "../spec/rules.ts";
import { hex } from "../spec/shape.ts";
import type { Answer } from "./answer.ts";
import { type Corpus, oncePerCorpus } from "./corpus.ts";
import { formOf } from "./form.ts";
import { type Hex, inVersion, REQUEST_VERSION } from "./request.ts";
import {
  type Explanation,
  KEPT_BYTES,
  KEPT_DIFFERENCES,
  levelOf,
  reasonOf,
  RIGHT,
  type Test,
  type Verdict,
  wrong,
  wrongSince,
} from "./verdict.ts";

/** A request to write a header of fadump. Described in spec/fadump-request.schema.json. */
export interface FadumpRequest {
  /** REQUEST_VERSION. */
  version: number;
  /** The case. */
  id: string;
  /** Architecture. */
  arch: string;
  /** `EM_*` number. */
  e_machine: number;
  /** The kernel that registers and crashes. */
  first: { release: string; page_size: number };
  /** The kernel that boots in boot memory. */
  second: { release: string; page_size: number };
  /** `NR_CPUS`. */
  nr_cpus: number;
  /** Sizes in bytes that firmware asks for. */
  firmware: { cpu_state_size: number; hpte_size: number };
  /** `boot_memory_size`, where the first copy is, and what is copied. */
  boot_memory: { size: Hex; destination: Hex; regions: [Hex, size: Hex][] };
  /** The area that the first kernel reserved; size is null where the second works it out. */
  reserved: { start: Hex; size: Hex | null };
  /** memblock at registration. */
  registered: [start: Hex, end: Hex][];
  /** memblock when the second kernel boots. */
  at_dump: [start: Hex, end: Hex][];
  /** The mask of the fadump header, a cpulist. */
  cpu_mask: string;
  /** The CPU that crashed, and the registers that it saved itself; null where none did. */
  crashing: { id: number; regs: string } | null;
  /** The register save area, in its order. */
  save_area: { id: number; regs: string }[];
  /** Physical address of the buffer for the notes of CPUs. */
  notes: Hex;
  /** Physical address of the vmcoreinfo note. */
  vmcoreinfo: Hex;
}

/** The tests of whoever writes as fadump does. */
export const fadumpTests: (corpus: Corpus) => Test[] = oncePerCorpus(
  makeFadumpTests,
);

function makeFadumpTests({ fadumps }: Corpus): Test[] {
  const tests = new Map<string, Test>();
  const twins = new Map<string, string>();
  for (const { id, yaml, goldens: { elfcorehdr, notes } } of fadumps) {
    const spec = parseFadumpCase(yaml, `spec/${id}.yaml`);
    if (spec.twin) twins.set(id, spec.twin);
    const golden = elfcorehdr && notes && concat([elfcorehdr, notes]);
    const request = () => fadumpRequest(id, spec);
    tests.set(id, {
      id,
      title: spec.title,
      arch: "ppc64le",
      level: levelOf(spec.rules),
      tags: [],
      rules: spec.rules,
      release: spec.first.release,
      isTrueOf: (release) => isWrittenOn(release, spec, golden),
      input: (_, version = REQUEST_VERSION) =>
        new TextEncoder().encode(JSON.stringify(inVersion(request(), version))),
      frame: (version = REQUEST_VERSION) => ({
        ...inVersion(request(), version),
      }),
      reference: () => answerFadump(request()),
      judge: (answer) =>
        golden ? judgeBytes(answer, golden, spec) : judgeRefusal(answer, spec),
    });
  }
  return [...tests].map(([id, test]) => {
    const name = twins.get(id);
    if (name === undefined) return test;
    const twin = tests.get(name)!;
    // A kernel is asked to refuse only if it does the twin right.
    const isTrueOf = (release: string) =>
      test.isTrueOf(release) && twin.isTrueOf(release);
    return { ...test, isTrueOf, twin };
  });
}

/** Writes what a request asks for, or refuses it. */
function answerFadump(request: FadumpRequest): Answer {
  try {
    const plan = planFadump(fadumpInput(fadumpCase(request)));
    return { kind: "bytes", bytes: encodeFadump(plan) };
  } catch (error) {
    if (!(error instanceof FadumpError)) throw error;
    return { kind: "refused", reason: error.message };
  }
}

/** Returns true if kernels of a release do the same, whichever way unknown rules hold. */
function isWrittenOn(
  release: string,
  spec: FadumpCase,
  golden: Uint8Array | undefined,
): boolean {
  return everyHolds(release, "ppc64le").every((holds) => {
    try {
      const bytes = encodeFadump(planFadump(fadumpInput(spec, holds, holds)));
      return golden !== undefined && equals(golden, bytes);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return golden === undefined && error instanceof FadumpError;
    }
  });
}

function judgeRefusal(answer: Answer, { expect, why }: FadumpCase): Verdict {
  return answer.kind === "refused" ? RIGHT : wrongSince(
    `wrote a header where the dump is lost (${expect.refused}): ${why}`,
  );
}

function judgeBytes(
  answer: Answer,
  golden: Uint8Array,
  spec: FadumpCase,
): Verdict {
  if (answer.kind !== "bytes") {
    return wrongSince(`refused a valid input: ${reasonOf(answer)}`);
  }
  const { bytes } = answer;
  return equals(golden, bytes)
    ? RIGHT
    : wrong(() => explain(golden, bytes, spec));
}

function explain(
  golden: Uint8Array,
  got: Uint8Array,
  spec: FadumpCase,
): Explanation {
  const form = formOf(golden, got);
  if (form) {
    return { reason: form.what, mistake: form.what, mistakes: [form] };
  }
  const input = fadumpInput(spec);
  const all = diffFadump(golden, got, input, spec.first.release);
  const mistakes = FADUMP_MISTAKES.filter(({ write }) =>
    equals(write(input), got)
  );
  return {
    differences: all.slice(0, KEPT_DIFFERENCES),
    different: all.length,
    mistake: mistakes[0]?.what,
    mistakes,
    bytes: { expected: golden, got: got.slice(0, KEPT_BYTES) },
    meanings: partsOfFadump(golden, input).map((part) =>
      part.replaceAll("_", " ")
    ),
  };
}

/** Makes the request for a case. */
function fadumpRequest(id: string, spec: FadumpCase): FadumpRequest {
  const { boot_memory, reserved, memory, cpus } = spec;
  const ends = ({ start, end }: Range): [Hex, Hex] => [hex(start), hex(end)];
  return {
    version: REQUEST_VERSION,
    id,
    arch: "ppc64le",
    e_machine: ARCHES.ppc64le.e_machine,
    first: spec.first,
    second: spec.second,
    nr_cpus: spec.nr_cpus,
    firmware: spec.firmware,
    boot_memory: {
      size: hex(boot_memory.size),
      destination: hex(boot_memory.destination),
      regions: boot_memory.regions.map(({ source, size }) => [
        hex(source),
        hex(size),
      ]),
    },
    reserved: {
      start: hex(reserved.start),
      size: reserved.size === undefined ? null : hex(reserved.size),
    },
    registered: memory.registered.map(ends),
    at_dump: memory.at_dump.map(ends),
    cpu_mask: formatCpulist(cpus.mask),
    crashing: cpus.crashing ?? null,
    save_area: cpus.save_area,
    notes: hex(spec.notes),
    vmcoreinfo: hex(spec.vmcoreinfo),
  };
}

/** The way back: the reference answers from the request alone. */
export function fadumpCase(request: FadumpRequest): FadumpCase {
  const { boot_memory, reserved } = request;
  const range = ([start, end]: [Hex, Hex]) => ({
    start: BigInt(start),
    end: BigInt(end),
  });
  return {
    title: request.id,
    why: "A request.",
    rules: [],
    golden_from: "derived",
    first: request.first,
    second: request.second,
    nr_cpus: request.nr_cpus,
    firmware: request.firmware,
    boot_memory: {
      size: BigInt(boot_memory.size),
      destination: BigInt(boot_memory.destination),
      regions: boot_memory.regions.map(([source, size]) => ({
        source: BigInt(source),
        size: BigInt(size),
      })),
    },
    reserved: {
      start: BigInt(reserved.start),
      ...reserved.size === null ? {} : { size: BigInt(reserved.size) },
    },
    memory: {
      registered: request.registered.map(range),
      at_dump: request.at_dump.map(range),
    },
    cpus: {
      mask: parseCpulist(request.cpu_mask),
      crashing: request.crashing ?? undefined,
      save_area: request.save_area,
    },
    notes: BigInt(request.notes),
    vmcoreinfo: BigInt(request.vmcoreinfo),
    expect: {},
  };
}
