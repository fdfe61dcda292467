/**
 * The package's own writer and reader, answering as any implementation does:
 * from the request alone.
 *
 * @module
 */

import { countPhdrs, type Topology } from "../kernel/topology.ts";
import { FormatError } from "../kernel/read_header.ts";
import type { Answer } from "./answer.ts";
import { ARCHES, type ArchName } from "../kernel/arch.ts";
import { NR_CPUS } from "../kernel/cpumask.ts";
import { PN_XNUM } from "../elf/elf64.ts";
import { encodeElfcorehdr } from "../kernel/write_header.ts";
import { headersOf } from "../compare/reader_json.ts";
import type { WriterRequest } from "./request.ts";

/** Writes the header that a request asks for, or refuses it. */
export function answerWriter(request: WriterRequest): Answer {
  const topology = topologyOf(request);
  const reason = objection(request, topology);
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

/** Why a request must be refused: rules R38 and R44. */
function objection(
  request: WriterRequest,
  topology: Topology,
): string | undefined {
  const { arch, kernel, ranges, nr_possible, cpus, backup } = topology;
  const backwards = ranges.findIndex(({ start, end }) => end < start);
  const count = countPhdrs(topology);
  if (nr_possible === 0) return "no CPU is possible";
  if (nr_possible > NR_CPUS) return `more than ${NR_CPUS} possible CPUs`;
  if (cpus.length > nr_possible) {
    return `${cpus.length} notes for ${nr_possible} possible CPUs`;
  }
  if (backwards >= 0) return `ranges[${backwards}] ends before it starts`;
  if (!arch.page_sizes.includes(request.page_size)) {
    return `no pages of ${request.page_size} bytes on ${arch.name}`;
  }
  if (arch.kernel_map !== (kernel !== undefined)) {
    return `a kernel map must be ${
      arch.kernel_map ? "" : "not "
    }there on ${arch.name}`;
  }
  if (arch.backup !== (backup !== undefined)) {
    return `a backup region must be ${
      arch.backup ? "" : "not "
    }there on ${arch.name}`;
  }
  if (
    kernel && (kernel.size === 0n || kernel.vaddr + kernel.size > 1n << 64n)
  ) {
    return "the kernel ends before it starts";
  }
  if (count > PN_XNUM) {
    return `${count} program headers, where e_phnum ends at ${PN_XNUM}`;
  }
  return undefined;
}
