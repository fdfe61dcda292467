/**
 * The package's own writer and reader, answering as any implementation does:
 * from the request alone.
 *
 * @module
 */

import { headersOf } from "../compare/reader_json.ts";
import { ARCHES, type ArchName } from "../kernel/arch.ts";
import { FormatError } from "../kernel/read_header.ts";
import type { Topology } from "../kernel/topology.ts";
import { encodeElfcorehdr } from "../kernel/write_header.ts";
import type { Answer } from "./answer.ts";
import { type ObjectionName, objectionTo } from "./objections.ts";
import type { WriterRequest } from "./request.ts";

/**
 * Writes the header that a request asks for, or refuses it.
 *
 * @param ignored Reasons to refuse that are left out, as a wrong writer might.
 */
export function answerWriter(
  request: WriterRequest,
  ignored: readonly ObjectionName[] = [],
): Answer {
  const topology = topologyOf(request);
  const reason = objectionTo(request, topology, ignored);
  return reason === undefined
    ? { kind: "bytes", bytes: encodeElfcorehdr(topology) }
    : { kind: "refused", reason };
}

/** Lists the headers of an image, or refuses it. */
export function answerReader(bytes: Uint8Array): Answer {
  try {
    const json = JSON.stringify(headersOf(bytes));
    return { kind: "bytes", bytes: new TextEncoder().encode(json) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { kind: "refused", reason: error.message };
  }
}

function topologyOf(request: WriterRequest): Topology {
  const { arch, notes, vmcoreinfo, kernel, va, ranges, backup } = request;
  return {
    arch: ARCHES[arch as ArchName],
    nr_possible: request.nr_possible,
    cpus: notes.map(({ cpu }) => cpu),
    crash_notes: BigUint64Array.from(notes, ({ paddr }) => BigInt(paddr)),
    vmcoreinfo: {
      paddr: BigInt(vmcoreinfo.paddr),
      size: BigInt(vmcoreinfo.size),
    },
    kernel: kernel
      ? {
        paddr: BigInt(kernel.paddr),
        vaddr: BigInt(kernel.vaddr),
        size: BigInt(kernel.size),
      }
      : undefined,
    ranges: ranges.map(([start, end]) => ({
      start: BigInt(start),
      end: BigInt(end),
    })),
    page_offset: BigInt(va.page_offset),
    phys_offset: BigInt(va.phys_offset),
    backup: backup === null ? undefined : BigInt(backup),
  };
}
