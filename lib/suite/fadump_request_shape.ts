/**
 * The shape of a request to write a header of fadump, for its JSON schema.
 *
 * @module
 */

import { ARCHES } from "../kernel/arch.ts";
import { savedRegs } from "../spec/fadump_shape.ts";
import { release } from "../spec/head.ts";
import {
  anyText,
  hexRange,
  hexValue,
  integer,
  orNull,
} from "../spec/json_shape.ts";
import {
  described,
  list,
  oneOf,
  record,
  type Shape,
  withSchema,
} from "../spec/shape.ts";
import type { FadumpRequest } from "./fadump.ts";
import { id, version } from "./request_shape.ts";

const saved = record({
  id: described(integer(), "The number that firmware has for it."),
  regs: savedRegs,
});

const kernel = record({
  release: described(release, "Its release."),
  page_size: described(
    oneOf(ARCHES.ppc64le.page_sizes),
    "Its page size, in bytes.",
  ),
});

/** The shape of a request to write a header of fadump. */
export const fadumpRequestShape: Shape<FadumpRequest> = record({
  version,
  id: id(/^fadump\/[A-Za-z0-9._-]+$/),
  arch: described(oneOf(["ppc64le"]), "Architecture."),
  e_machine: described(
    oneOf([ARCHES.ppc64le.e_machine]),
    "EM_* number of the architecture.",
  ),
  first: described(kernel, "The kernel that registers and crashes."),
  second: described(
    kernel,
    "The kernel that boots in boot memory and makes /proc/vmcore.",
  ),
  nr_cpus: described(
    integer(1),
    "NR_CPUS of both kernels, by which the fadump header is sized.",
  ),
  firmware: described(
    record({
      cpu_state_size: described(integer(), "For the state of CPUs."),
      hpte_size: described(integer(), "For the hash page table."),
    }),
    "Bytes that firmware asks for, of ibm,configure-kernel-dump-sizes.",
  ),
  boot_memory: described(
    record({
      size: described(hexValue, "boot_memory_size, in bytes."),
      destination: described(hexValue, "Physical address of the first copy."),
      regions: described(
        withSchema(list(hexRange), { minItems: 1 }),
        "Address and size of each region.",
      ),
    }),
    "Low memory and its copies, which follow one another from destination on.",
  ),
  reserved: described(
    record({
      start: described(hexValue, "Physical address."),
      size: described(orNull(hexValue), "Bytes."),
    }),
    "The area that the first kernel reserved; size is null where the second works it out.",
  ),
  registered: described(
    list(hexRange),
    "memblock when the first kernel registers; both ends inclusive.",
  ),
  at_dump: described(
    list(hexRange),
    "memblock when the second kernel boots; both ends inclusive.",
  ),
  cpu_mask: described(anyText, "The mask of the fadump header: a cpulist."),
  crashing: described(
    orNull(saved),
    "The CPU that crashed, with the registers that it saved itself; null where none did.",
  ),
  save_area: described(list(saved), "The register save area, in its order."),
  notes: described(
    hexValue,
    "Physical address of the buffer for the notes of CPUs.",
  ),
  vmcoreinfo: described(hexValue, "Physical address of the vmcoreinfo note."),
});
