/**
 * The profile `vmcore`: a header and the old kernel's memory in, the head of
 * /proc/vmcore out.
 *
 * @module
 */

import { equals } from "@std/bytes";
import { diffHead } from "../compare/head_diff.ts";
import { readEhdr, SIZEOF_EHDR, viewOf } from "../elf/elf64.ts";
import { archOf } from "../kernel/arch.ts";
import { captureKernel, piecesOf, readPieces } from "../model/old_memory.ts";
import { makeVmcore, VmcoreError } from "../model/vmcore.ts";
import { hex } from "../spec/shape.ts";
import { parseVmcoreCase, type VmcoreCase } from "../spec/vmcore.ts";
import type { Answer } from "./answer.ts";
import { type Corpus, headerNamed, oncePerCorpus } from "./corpus.ts";
import { type Hex, inVersion, REQUEST_VERSION } from "./request.ts";
import {
  levelOf,
  reasonOf,
  RIGHT,
  type Test,
  type Verdict,
  verdictOn,
  wrongSince,
} from "./verdict.ts";

/** A request to make the head of /proc/vmcore. Described in spec/vmcore-request.schema.json. */
export interface VmcoreRequest {
  /** REQUEST_VERSION. */
  version: number;
  /** The case. */
  id: string;
  /** `EM_*` number that the capture kernel accepts. */
  e_machine: number;
  /** Page size of the capture kernel, in bytes. */
  page_size: number;
  /** Release of the capture kernel. */
  release: string;
  /** p_align of the merged note. */
  note_align: number;
  /** The header in memory, in base64. */
  elfcorehdr: string;
  /** Device dumps of its drivers, in their order; bytes in base64. */
  device_dumps: { name: string; bytes: string }[];
  /** The old kernel's memory, bytes in base64; zeroes where nothing is listed. */
  memory: { paddr: Hex; bytes: string }[];
}

/** The tests of whoever makes /proc/vmcore. */
export const vmcoreTests: (corpus: Corpus) => Test[] = oncePerCorpus(
  makeVmcoreTests,
);

function makeVmcoreTests(corpus: Corpus): Test[] {
  const tests = new Map<string, Test>();
  const twins = new Map<string, string>();
  for (const { id, yaml, golden } of corpus.vmcores) {
    const spec = parseVmcoreCase(yaml, `spec/${id}.yaml`);
    const header = headerNamed(corpus, spec.header);
    const request = () => requestOf(id, spec, header);
    if (spec.twin) twins.set(id, spec.twin);
    tests.set(id, {
      ...aboutVmcore(id, spec, header),
      input: (_, version = REQUEST_VERSION) =>
        new TextEncoder().encode(JSON.stringify(inVersion(request(), version))),
      frame: (version = REQUEST_VERSION) => ({
        ...inVersion(request(), version),
      }),
      reference: () => reference(spec, header),
      judge: (answer) =>
        golden ? judgeHead(answer, golden) : judgeRefusal(answer, spec),
    });
  }
  return [...tests].map(([id, test]) => {
    const twin = twins.get(id);
    return twin ? { ...test, twin: tests.get(twin) } : test;
  });
}

/** Description of a case of the crash path, for every profile. */
export function aboutVmcore(
  id: string,
  spec: VmcoreCase,
  header: Uint8Array,
): Pick<
  Test,
  "id" | "title" | "arch" | "level" | "tags" | "rules" | "release" | "isTrueOf"
> {
  const arch = spec.expect.refused || header.length < SIZEOF_EHDR
    ? undefined
    : archOf(readEhdr(viewOf(header)).e_machine);
  return {
    id,
    title: spec.title,
    arch: arch?.name ?? "invalid",
    level: levelOf(spec.rules),
    tags: [],
    rules: spec.rules,
    release: spec.release,
    isTrueOf: (release) =>
      captureKernel(spec, header).note_align ===
        captureKernel({ ...spec, release }, header).note_align,
  };
}

function requestOf(
  id: string,
  spec: VmcoreCase,
  header: Uint8Array,
): VmcoreRequest {
  const { device_dumps = [], ...kernel } = captureKernel(spec, header);
  return {
    version: REQUEST_VERSION,
    id,
    release: spec.release,
    ...kernel,
    device_dumps: device_dumps.map(({ name, bytes }) => ({
      name,
      bytes: bytes.toBase64(),
    })),
    elfcorehdr: header.toBase64(),
    memory: piecesOf(spec, header).map(({ paddr, bytes }) => ({
      paddr: hex(paddr),
      bytes: bytes.toBase64(),
    })),
  };
}

function reference(spec: VmcoreCase, header: Uint8Array): Answer {
  try {
    const read = readPieces(piecesOf(spec, header));
    return {
      kind: "bytes",
      bytes: makeVmcore(header, read, captureKernel(spec, header)).head,
    };
  } catch (error) {
    if (!(error instanceof VmcoreError)) throw error;
    return { kind: "refused", reason: error.message };
  }
}

function judgeHead(answer: Answer, golden: Uint8Array): Verdict {
  if (answer.kind !== "bytes") {
    return wrongSince(
      `refused a header that the kernel takes: ${reasonOf(answer)}`,
    );
  }
  const { bytes } = answer;
  return equals(golden, bytes) ? RIGHT : verdictOn(diffHead(golden, bytes));
}

function judgeRefusal(answer: Answer, { expect, why }: VmcoreCase): Verdict {
  return answer.kind === "refused" ? RIGHT : wrongSince(
    `accepted what the kernel refuses (${expect.refused}): ${why}`,
  );
}
