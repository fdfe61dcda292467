/**
 * Which case catches which mistake: every wrong implementation over the whole
 * suite.
 *
 * @module
 */

import { checkMoments } from "../compare/moments.ts";
import { captureKernel, piecesOf, readPieces } from "../model/old_memory.ts";
import { equals } from "@std/bytes";
import { headerNamed } from "../../golden/headers.ts";
import {
  CASES,
  IMAGES,
  REJECTS,
  SCENARIOS,
  VMCORES,
} from "../../golden/mod.ts";
import type { Answer } from "../suite/answer.ts";
import { parseCase } from "../spec/case.ts";
import type { Headers } from "../compare/reader_json.ts";
import { MISTAKES } from "../mutants/mod.ts";
import { READER_MISTAKES } from "../mutants/reader.ts";
import { SCENARIO_MISTAKES } from "../mutants/scenario.ts";
import { VMCORE_MISTAKES } from "../mutants/vmcore.ts";
import { parseScenario } from "../spec/scenario.ts";
import { readerTests, writerTests } from "../suite/suite.ts";
import { resolveCase } from "../model/resolve.ts";
import { parseVmcoreCase } from "../spec/vmcore.ts";

/** A wrong implementation, and the cases that catch it. */
export interface Kill {
  /** What kind of implementation it is. */
  readonly area: "writer" | "refusal" | "reader" | "scenario" | "vmcore";
  /** Name of the mistake. */
  readonly name: string;
  /** What it does. */
  readonly what: string;
  /** Ids of the cases that catch it; empty where it survived. */
  readonly killers: readonly string[];
}

/** Runs every wrong implementation over every case of its kind. */
export function killMatrix(): Kill[] {
  return [
    ...killWriters(),
    ...killRefusals(),
    ...killReaders(),
    ...killScenarios(),
    ...killVmcores(),
  ];
}

function killWriters(): Kill[] {
  const cases = CASES.map(({ id, yaml, golden }) => {
    const spec = parseCase(yaml);
    return { id, spec, topology: resolveCase(spec), golden };
  });
  return MISTAKES.map(({ name, what, write }) => ({
    area: "writer",
    name,
    what,
    killers: cases.filter(({ spec, topology, golden }) => {
      try {
        return !equals(write(spec, topology), golden);
      } catch (error) {
        if (error instanceof RangeError) return true; // more program headers than there can be
        throw error;
      }
    }).map(({ id }) => id),
  }));
}

/** One a reason to refuse: a writer that lacks this one check. */
function killRefusals(): Kill[] {
  const tests = writerTests([], REJECTS);
  const checks: [name: string, what: string, reason: RegExp][] = [
    [
      "accepts-no-cpu",
      "a machine without a possible CPU is written",
      /no CPU is possible/,
    ],
    [
      "accepts-more-notes",
      "more notes than possible CPUs are written",
      /notes for/,
    ],
    [
      "accepts-backward-range",
      "a range that ends before it starts is written",
      /ends before it starts$/,
    ],
    [
      "accepts-backward-kernel",
      "a kernel that ends before it starts is written",
      /the kernel ends/,
    ],
    ["accepts-page-size", "any page size is taken", /no pages of/],
    [
      "accepts-missing-kernel",
      "x86_64 without its kernel map is written",
      /a kernel map must be there/,
    ],
    [
      "accepts-foreign-kernel",
      "ppc64le with a kernel map is written",
      /a kernel map must be not/,
    ],
    [
      "accepts-missing-backup",
      "ppc64le without its backup region is written",
      /a backup region/,
    ],
    [
      "phnum-wraps",
      "65,536 program headers are written, e_phnum wraps (the kernel)",
      /where e_phnum ends/,
    ],
    ["accepts-anything", "nothing is ever refused", /./],
  ];
  return checks.map(([name, what, reason]) => ({
    area: "refusal",
    name,
    what,
    killers: tests.filter((test) => {
      const answer = test.reference();
      const wrong: Answer =
        answer.kind === "refused" && reason.test(answer.reason)
          ? { kind: "bytes", bytes: new Uint8Array(4096) }
          : answer;
      return !test.judge(wrong).right;
    }).map(({ id }) => id),
  }));
}

/** Goldens above two pages only where nothing smaller tells. */
function killReaders(): Kill[] {
  const size = new Map(CASES.map(({ id, golden }) => [id, golden.length]));
  const tests = readerTests(CASES, IMAGES);
  const large = tests.filter(({ id }) => (size.get(id) ?? 0) > 8192);
  const small = tests.filter((test) => !large.includes(test));
  return READER_MISTAKES.map(({ name, what, read }) => {
    const kills = (test: typeof tests[number]) =>
      !test.judge(answerOf(read(test.input("json")))).right;
    const found = small.filter(kills);
    return {
      area: "reader",
      name,
      what,
      killers: (found.length > 0 ? found : large.filter(kills)).map(({ id }) =>
        id
      ),
    };
  });
}

function answerOf(headers: Headers | undefined): Answer {
  return headers === undefined ? { kind: "refused", reason: "" } : {
    kind: "bytes",
    bytes: new TextEncoder().encode(JSON.stringify(headers)),
  };
}

function killScenarios(): Kill[] {
  const machines = new Map(CASES.map(({ id, yaml }) => [id, yaml]));
  const scenarios = SCENARIOS.map(({ id, yaml, goldens }) => {
    const scenario = parseScenario(yaml);
    return {
      id,
      scenario,
      machine: parseCase(machines.get(scenario.machine)!),
      goldens,
    };
  });
  return SCENARIO_MISTAKES.map(({ name, what, play }) => ({
    area: "scenario",
    name,
    what,
    killers: scenarios.filter(({ scenario, machine, goldens }) =>
      checkMoments(scenario, play(scenario, machine), goldens).length > 0
    ).map(({ id }) => id),
  }));
}

function killVmcores(): Kill[] {
  const cases = VMCORES.map(({ id, yaml, golden }) => {
    const spec = parseVmcoreCase(yaml);
    const header = headerNamed(spec.header);
    const read = readPieces(piecesOf(spec, header));
    return { id, header, read, kernel: captureKernel(spec, header), golden };
  });
  return VMCORE_MISTAKES.map(({ name, what, make }) => ({
    area: "vmcore",
    name,
    what,
    killers: cases.filter(({ header, read, kernel, golden }) => {
      const head = make(header, read, kernel);
      return golden && head ? !equals(head, golden) : golden !== head;
    }).map(({ id }) => id),
  }));
}

/** Cases that catch something which no other case catches, with what that is. */
export function soleKillers(kills: readonly Kill[]): Map<string, string[]> {
  const sole = new Map<string, string[]>();
  for (const { name, killers: [only, ...others] } of kills) {
    if (only === undefined || others.length > 0) continue;
    sole.set(only, [...sole.get(only) ?? [], name]);
  }
  return sole;
}
