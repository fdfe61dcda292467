/**
 * The profile `memory`: a dump and an address in, the memory there out.
 *
 * @module
 */

import { equals } from "@std/bytes";
import type { Difference } from "../compare/diff.ts";
import { readEhdr, viewOf } from "../elf/elf64.ts";
import { archOf } from "../kernel/arch.ts";
import {
  type AddressSpace,
  buildDump,
  bytesOfParts,
  readDump,
} from "../model/memory.ts";
import { hex } from "../spec/shape.ts";
import {
  type MemoryRead,
  type MemorySpec,
  parseMemory,
} from "../spec/memory.ts";
import type { Answer } from "./answer.ts";
import { type Corpus, headerNamed, oncePerCorpus } from "./corpus.ts";
import { type Hex, REQUEST_VERSION } from "./request.ts";
import {
  reasonOf,
  RIGHT,
  type Test,
  type Verdict,
  verdictOn,
  wrongSince,
} from "./verdict.ts";

/** A request to read memory. Described in spec/memory-request.schema.json. */
export interface MemoryRequest {
  /** REQUEST_VERSION. */
  version: number;
  /** The case. */
  id: string;
  /** The whole dump, in base64. */
  dump: string;
  /** Which addresses of a PT_LOAD count. */
  space: AddressSpace;
  /** The first byte. */
  address: Hex;
  /** Bytes. */
  size: number;
}

/** The tests of whoever reads memory of a dump. */
export const memoryTests: (corpus: Corpus) => Test[] = oncePerCorpus(
  (corpus) =>
    corpus.memories.flatMap(({ id, yaml }) => {
      const spec = parseMemory(yaml, `spec/${id}.yaml`);
      return testsOf(id, spec, dumpOf(spec, corpus));
    }),
);

/** Makes the dump of a file of spec/memory. */
export function dumpOf(spec: MemorySpec, corpus: Corpus): Uint8Array {
  return buildDump(spec, headerNamed(corpus, spec.base));
}

/** The request for a read, without its dump. */
export function readOf(
  { physical, virtual, size }: MemoryRead,
): { space: AddressSpace; address: bigint; size: number } {
  return physical === undefined
    ? { space: "virtual", address: virtual!, size }
    : { space: "physical", address: physical, size };
}

function testsOf(id: string, spec: MemorySpec, dump: Uint8Array): Test[] {
  const base64 = dump.toBase64();
  const { e_machine } = readEhdr(viewOf(dump));
  // A segment without an end in 64 bits a careful reader may take for a wrap.
  const isQuirk = spec.loads.some(({ p_vaddr, p_paddr, p_memsz }) =>
    [p_vaddr, p_paddr].some((start) => start + p_memsz >= 1n << 64n)
  );
  const tests = new Map(spec.reads.map((read) => {
    const { space, address, size } = readOf(read);
    const about = {
      id: `${id}/${read.name}`,
      space,
      address: hex(address),
      size,
    };
    const frame = () => ({ version: REQUEST_VERSION, dump: base64, ...about });
    const expected = read.answer && bytesOfParts(read.answer);
    const test: Test = {
      id: about.id,
      title: titleOf(read),
      why: read.why,
      arch: archOf(e_machine)!.name,
      level: isQuirk ? "quirk" : "required",
      rules: spec.rules,
      tags: [space],
      isTrueOf: () => true,
      input: () => new TextEncoder().encode(JSON.stringify(frame())),
      frame,
      apart: {
        file: id,
        bytes: dump,
        question: (dump) => formatLines({ ...about, dump }),
      },
      reference: () => answerOf(readDump(dump, space, address, size)),
      judge: (answer) => judgeRead(answer, expected, address, read.why),
    };
    return [read.name, test] as const;
  }));
  return spec.reads.map(({ name, twin }) => {
    const test = tests.get(name)!;
    return twin ? { ...test, twin: tests.get(twin) } : test;
  });
}

function titleOf(read: MemoryRead): string {
  const { space, address, size } = readOf(read);
  const bytes = size === 1 ? "1 byte" : `${size} bytes`;
  return `${bytes} at the ${space} address ${hex(address)}`;
}

/** A question as lines for scanf; `dump` names a file. */
function formatLines(
  { id, dump, space, address, size }: Omit<MemoryRequest, "version">,
): string {
  const lines = [
    `version ${REQUEST_VERSION}`,
    `id ${id}`,
    `dump ${dump}`,
    `space ${space}`,
    `address ${address}`,
    `size ${size}`,
    "end",
  ];
  return `${lines.join("\n")}\n`;
}

/** The answer of a reader that found these bytes, or not all of them. */
export function answerOf(bytes: Uint8Array | undefined): Answer {
  return bytes
    ? { kind: "bytes", bytes }
    : { kind: "refused", reason: "not in the dump" };
}

function judgeRead(
  answer: Answer,
  expected: Uint8Array | undefined,
  address: bigint,
  why: string,
): Verdict {
  if (expected === undefined) {
    return answer.kind === "refused"
      ? RIGHT
      : wrongSince(`read what is not in the dump: ${why}`);
  }
  if (answer.kind !== "bytes") {
    return wrongSince(`did not find what is in the dump: ${reasonOf(answer)}`);
  }
  return equals(expected, answer.bytes)
    ? RIGHT
    : verdictOn(diffMemory(expected, answer.bytes, address));
}

/** Compares memory by words of 8 bytes. */
function diffMemory(
  expected: Uint8Array,
  got: Uint8Array,
  address: bigint,
): Difference[] {
  const differences: Difference[] = [];
  for (let at = 0; at < Math.min(expected.length, got.length); at += 8) {
    const [want, have] = [expected, got].map((bytes) =>
      bytes.subarray(at, Math.min(at + 8, expected.length, got.length)).toHex()
    );
    if (want === have) continue;
    const field = `memory[${hex(BigInt(at))}]`;
    differences.push({ offset: at, field, expected: want, got: have });
  }
  return expected.length === got.length ? differences : [
    {
      offset: Math.min(expected.length, got.length),
      field: "size",
      expected: `${expected.length} bytes from ${hex(address)} on`,
      got: `${got.length}`,
    },
    ...differences,
  ];
}
