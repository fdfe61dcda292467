/**
 * What captures need of the machine.
 *
 * @module
 */

import type { ArchName } from "../../../lib/kernel/arch.ts";
import { FETCHING, type Need } from "../debian/doctor.ts";
import { GUESTS } from "./guest_arch.ts";

/** What building a kernel takes beside a compiler. */
const BUILD: readonly Need[] = [
  ["make", "make"],
  ["gcc", "gcc"],
  ["/usr/include/stdio.h", "libc6-dev"],
  ["tar", "tar"],
  ["xz", "xz-utils"],
  ["flex", "flex"],
  ["bison", "bison"],
  ["bc", "bc"],
  ["perl", "perl"],
];
const DEVICE_TREE: Need = ["fdtput", "device-tree-compiler"];

/** What captures of an architecture need, whether their kernel is built or not. */
export function needsOf(arch: ArchName, builds = true): Need[] {
  const { compiler, qemu, karch } = GUESTS[arch];
  return [
    ...FETCHING,
    ...compiler,
    qemu,
    ...karch !== undefined && builds ? BUILD : [],
    ...arch === "arm64" || arch === "riscv64" ? [DEVICE_TREE] : [],
  ];
}
