/**
 * The tests of the crash path: `vmcore`, a header and memory in, the head of
 * /proc/vmcore out; `nr-cpus`, that head in, the count of CPUs out.
 *
 * @module
 */

import { captureKernel, piecesOf, readPieces } from "../model/old_memory.ts";
import { FormatError } from "../kernel/read_header.ts";
import type { GoldenVmcore } from "../../golden/mod.ts";
import type { Answer } from "./answer.ts";
import { ARCHES } from "../kernel/arch.ts";
import { viewDump } from "../model/dump.ts";
import { EHDR } from "../elf/elf64.ts";
import { type Hex, REQUEST_VERSION } from "./request.ts";
import { hex } from "../spec/shape.ts";
import { type Judgement, levelOf, reasonOf, type Test } from "./suite.ts";
import { makeVmcore, VmcoreError } from "../model/vmcore.ts";
import { parseVmcoreCase, type VmcoreCase } from "../spec/vmcore.ts";

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
  /** p_align of the merged note. */
  note_align: number;
  /** The header in memory, in base64. */
  elfcorehdr: string;
  /** The old kernel's memory, bytes in base64; zeroes where nothing is listed. */
  memory: { paddr: Hex; bytes: string }[];
}

/** The tests of whoever makes /proc/vmcore. */
export function vmcoreTests(
  cases: readonly GoldenVmcore[],
  headerNamed: (name: string) => Uint8Array,
): Test[] {
  return cases.map(({ id, yaml, golden }) => {
    const spec = parseVmcoreCase(yaml, `spec/${id}.yaml`);
    const header = headerNamed(spec.header);
    const request = () => requestOf(id, spec, header);
    return {
      ...about(id, spec, header),
      input: () => new TextEncoder().encode(JSON.stringify(request())),
      frame: () => ({ ...request() }),
      reference: () => reference(spec, header),
      judge: (answer) =>
        golden ? judgeHead(answer, golden) : judgeRefusal(answer, spec),
    };
  });
}

/** The tests of whoever reads /proc/vmcore. */
export function dumpTests(
  cases: readonly GoldenVmcore[],
  headerNamed: (name: string) => Uint8Array,
): Test[] {
  return cases.flatMap(({ id, yaml, golden }) => {
    if (!golden) return [];
    const spec = parseVmcoreCase(yaml, `spec/${id}.yaml`);
    return [{
      ...about(id, spec, headerNamed(spec.header)),
      input: () => golden,
      frame: () => ({ id, bytes: golden.toBase64() }),
      reference: () => {
        const { nr_cpus, vmcoreinfo } = viewDump(golden);
        return json({ nr_cpus, vmcoreinfo });
      },
      judge: (answer) => judgeCount(answer, golden),
    }];
  });
}

function about(id: string, spec: VmcoreCase, header: Uint8Array) {
  const e_machine = header[EHDR.e_machine.at];
  const arch = Object.values(ARCHES).find((row) => row.e_machine === e_machine);
  return {
    id,
    title: spec.title,
    arch: spec.expect.refused ? "invalid" : arch?.name ?? "invalid",
    level: levelOf(spec.rules),
    tags: [],
    rules: spec.rules,
  };
}

function requestOf(
  id: string,
  spec: VmcoreCase,
  header: Uint8Array,
): VmcoreRequest {
  return {
    version: REQUEST_VERSION,
    id,
    ...captureKernel(spec, header),
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

function json(value: unknown): Answer {
  return {
    kind: "bytes",
    bytes: new TextEncoder().encode(JSON.stringify(value)),
  };
}

function judgeHead(answer: Answer, golden: Uint8Array): Judgement {
  if (answer.kind !== "bytes") {
    return {
      right: false,
      reason: `refused a header that the kernel takes: ${reasonOf(answer)}`,
    };
  }
  const { bytes } = answer;
  const at = golden.findIndex((byte, i) => byte !== bytes[i]);
  if (at >= 0) {
    return {
      right: false,
      reason: `byte 0x${at.toString(16)} ${placeOf(golden, at)}: expected 0x${
        golden[at].toString(16)
      }, got ${
        at < bytes.length ? `0x${bytes[at].toString(16)}` : "end of file"
      }`,
    };
  }
  return bytes.length === golden.length ? { right: true } : {
    right: false,
    reason: `expected ${golden.length} bytes, got ${bytes.length}`,
  };
}

/** In words, what a byte of the head belongs to. */
function placeOf(golden: Uint8Array, at: number): string {
  const phnum = golden[EHDR.e_phnum.at] | golden[EHDR.e_phnum.at + 1] << 8;
  if (at < 64) return "in the ELF header";
  if (at < 64 + 56 * phnum) {
    return `in program header ${Math.floor((at - 64) / 56)}`;
  }
  const { vmcoreinfo } = viewDump(golden);
  return vmcoreinfo && at >= vmcoreinfo.offset
    ? "in vmcoreinfo or behind it"
    : "in the notes or the padding before them";
}

function judgeRefusal(answer: Answer, { expect, why }: VmcoreCase): Judgement {
  return answer.kind === "refused" ? { right: true } : {
    right: false,
    reason: `accepted what the kernel refuses (${expect.refused}): ${why}`,
  };
}

function judgeCount(answer: Answer, golden: Uint8Array): Judgement {
  if (answer.kind !== "bytes") {
    return {
      right: false,
      reason: `refused a readable dump: ${reasonOf(answer)}`,
    };
  }
  const expected = viewDump(golden);
  const text = new TextDecoder().decode(answer.bytes);
  let got: Record<string, unknown>;
  try {
    got = Object(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError) || error instanceof FormatError) {
      throw error;
    }
    return {
      right: false,
      reason: `printed what is not JSON: ${text.slice(0, 60)}`,
    };
  }
  if (got.nr_cpus !== expected.nr_cpus) {
    return {
      right: false,
      reason: `nr_cpus: expected ${expected.nr_cpus}, the saved CPUs, got ${
        JSON.stringify(got.nr_cpus)
      }`,
    };
  }
  const { vmcoreinfo } = expected;
  const found = Object(got.vmcoreinfo ?? {}) as Record<string, unknown>;
  if (
    "vmcoreinfo" in got &&
    (found.offset !== vmcoreinfo?.offset || found.size !== vmcoreinfo?.size)
  ) {
    return {
      right: false,
      reason: `vmcoreinfo: expected ${JSON.stringify(vmcoreinfo)}, got ${
        JSON.stringify(got.vmcoreinfo)
      }`,
    };
  }
  return { right: true };
}
