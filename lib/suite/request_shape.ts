/**
 * Shapes of the requests, for their JSON schemas: an implementation that is
 * asked trusts them, and a test reads every request of the corpus.
 *
 * @module
 */

import { ARCH_NAMES, ARCHES, PAGE_SIZES } from "../kernel/arch.ts";
import { NR_CPUS } from "../kernel/cpumask.ts";
import { release } from "../spec/head.ts";
import {
  anyText,
  boolean,
  hexRange,
  hexValue,
  integer,
  orNull,
} from "../spec/json_shape.ts";
import {
  described,
  list,
  matching,
  oneOf,
  record,
  type Shape,
  withSchema,
} from "../spec/shape.ts";
import { MOST_READ } from "../spec/memory.ts";
import { deviceName } from "../spec/vmcore_shape.ts";
import type { KexecToolsRequest } from "./kexec_tools.ts";
import {
  REQUEST_VERSION,
  type RequestInputs,
  type WriterRequest,
} from "./request.ts";
import type { MemoryRequest } from "./memory.ts";
import type { VmcoreRequest } from "./vmcore.ts";

/** Version of a request. */
export const version: Shape<number> = described(
  oneOf([REQUEST_VERSION]),
  "Version of the request.",
);

/** Id of a case. */
export function id(regexp: RegExp): Shape<string> {
  return described(matching(regexp, "the id of a case"), "Id of the case.");
}

const e_machine = oneOf(
  Object.values(ARCHES).map(({ e_machine }) => e_machine),
);

const machineKeys = {
  arch: described(oneOf(ARCH_NAMES), "Architecture."),
  e_machine: described(e_machine, "EM_* number of the architecture."),
};

/** Physical address of a note and the bytes that it covers. */
const noteKeys = {
  paddr: described(hexValue, "Physical address."),
  size: described(hexValue, "Bytes."),
};

const cpuNote = record({
  cpu: described(integer(0, NR_CPUS - 1), "The CPU."),
  ...noteKeys,
});

const kernel = record({
  paddr: described(hexValue, "Physical address."),
  vaddr: described(hexValue, "Virtual address."),
  size: described(hexValue, "Bytes; a difference, mod 2^64."),
});

const inputs: Shape<RequestInputs> = record({
  possible: described(anyText, "CPUs that can ever be there: a cpulist."),
  present: described(anyText, "CPUs that are there: a cpulist."),
  online: described(anyText, "CPUs that run: a cpulist."),
  system_ram: described(
    orNull(list(hexRange)),
    "System RAM or memblock; null where the case gives final ranges.",
  ),
  crashkernel: described(orNull(hexRange), "crashk_res."),
  crashkernel_low: described(orNull(hexRange), "crashk_low_res."),
  crashkernel_cma: described(orNull(list(hexRange)), "crash_cma_ranges."),
  rtas: described(orNull(hexRange), "ppc64le firmware."),
  opal: described(orNull(hexRange), "ppc64le firmware."),
  removed: described(orNull(hexRange), "A memory block that goes offline."),
});

/** The shape of a request to write a header. */
export const writerRequestShape: Shape<WriterRequest> = record({
  version,
  id: id(/^[a-z0-9_]+(?:\/[A-Za-z0-9._-]+){1,2}$/),
  ...machineKeys,
  page_size: described(
    integer(1),
    "Of the crashed kernel, in bytes. A writer refuses (R44) what is not 4096, or on arm64 and loongarch64 16384 or 65536, or on ppc64le 65536.",
  ),
  release: described(release, "The kernel whose bytes are wanted."),
  policy: described(
    oneOf(["possible", "present"]),
    "The mask that notes follow.",
  ),
  nr_possible: described(
    integer(0, NR_CPUS),
    "Possible CPUs; they size the header.",
  ),
  notes: described(list(cpuNote), "The PT_NOTEs of CPUs, in order."),
  vmcoreinfo: described(record(noteKeys), "The PT_NOTE behind them."),
  kernel: described(
    orNull(kernel),
    "The PT_LOAD of the kernel text; null where there is none.",
  ),
  va: described(
    record({
      op: described(oneOf(["add", "or"]), "The operation."),
      page_offset: described(hexValue, "Its second operand."),
      phys_offset: described(hexValue, "Subtracted from the address first."),
    }),
    "p_vaddr of RAM is (start - phys_offset) op page_offset, mod 2^64.",
  ),
  ranges: described(
    list(hexRange),
    "The PT_LOADs of RAM, in order; ends inclusive.",
  ),
  backup: described(
    orNull(hexValue),
    "p_offset of the first program header whose p_paddr is 0.",
  ),
  inputs: described(
    inputs,
    "The machine before masks and cuts, for those who implement these.",
  ),
});

/** The shape of a request to write a header as the utility does. */
export const kexecToolsRequestShape: Shape<KexecToolsRequest> = record({
  version,
  id: id(/^kexec-tools\/[A-Za-z0-9._-]+$/),
  ...machineKeys,
  nr_conf: described(
    integer(1),
    "sysconf(_SC_NPROCESSORS_CONF), whatever the C library of the case counts.",
  ),
  crash_notes: described(
    withSchema(list(cpuNote), { minItems: 1 }),
    "CPUs with a directory in sysfs, ascending; the size is the same for each.",
  ),
  vmcoreinfo: described(
    orNull(record(noteKeys)),
    "/sys/kernel/vmcoreinfo; null where there is no such file.",
  ),
  preserve_context: described(
    boolean,
    "True if vmcoreinfo keeps its place in the size and gets no PT_NOTE: KEXEC_PRESERVE_CONTEXT.",
  ),
  kernel: described(
    orNull(kernel),
    "The kernel text; null where it gets no PT_LOAD.",
  ),
  ranges: described(
    list(hexRange),
    "RAM in the utility's order, cut by its own rules; both ends inclusive.",
  ),
  skipped_ranges: described(integer(), "Ranges that are counted and skipped."),
  page_offset: described(hexValue, "Added to a physical address."),
  phys_offset: described(hexValue, "Subtracted from it first."),
  backup: described(
    orNull(record({
      src: described(hexRange, "The low memory: [start, end], inclusive."),
      start: described(hexValue, "Physical address of the copy."),
    })),
    "The low memory that is read from a copy; null where there is none.",
  ),
});

const base64 = withSchema(
  matching(/^[A-Za-z0-9+/]*={0,2}$/, "bytes in base64"),
  { contentEncoding: "base64" },
);

/** The shape of a request to make the head of /proc/vmcore. */
export const vmcoreRequestShape: Shape<VmcoreRequest> = record({
  version,
  id: id(/^vmcore\/[A-Za-z0-9._-]+$/),
  e_machine: described(e_machine, "The one that the capture kernel accepts."),
  page_size: described(
    oneOf(PAGE_SIZES),
    "Page size of the capture kernel, in bytes.",
  ),
  release: described(release, "Release of the capture kernel."),
  note_align: described(integer(), "p_align of the merged note."),
  device_dumps: described(
    list(record({
      name: deviceName,
      bytes: described(base64, "Its bytes, in base64."),
    })),
    "What drivers of the capture kernel dump of their devices, in their order.",
  ),
  elfcorehdr: described(base64, "The header in memory, in base64."),
  memory: described(
    list(record({
      paddr: described(hexValue, "Physical address."),
      bytes: described(base64, "Bytes from there, in base64."),
    })),
    "The old kernel's memory; zeroes where nothing is listed.",
  ),
});

/** The request for memory of a dump. */
export const memoryRequestShape: Shape<MemoryRequest> = record({
  version,
  id: id(/^memory\/[A-Za-z0-9._-]+\/[a-z0-9-]+$/),
  dump: described(base64, "The whole dump, in base64."),
  space: described(
    oneOf(["physical", "virtual"]),
    "Addresses of p_paddr, or those of p_vaddr.",
  ),
  address: described(hexValue, "Address of the first byte."),
  size: described(
    withSchema(integer(), { minimum: 1, maximum: MOST_READ }),
    "Bytes.",
  ),
});
