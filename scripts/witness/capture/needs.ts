/**
 * The needs of captures on the machine.
 *
 * @module
 */

import type { ArchName } from "../../../lib/kernel/arch.ts";
import { FETCHING, type Need } from "../debian/doctor.ts";
import { GUESTS } from "./guest_arch.ts";

/** Packages that building a kernel needs beside a compiler. */
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

/**
 * Needs of captures of an architecture, with a built kernel or Debian's.
 *
 * @param fetches True if the emulator is fetched into the cache.
 */
export function needsOf(
  arch: ArchName,
  builds = true,
  fetches = false,
): Need[] {
  const { compiler, qemu, karch } = GUESTS[arch];
  return [
    ...FETCHING,
    ...compiler,
    ...fetches ? [] : [qemu],
    ...karch !== undefined && builds ? BUILD : [],
    ...arch === "arm64" || arch === "riscv64" ? [DEVICE_TREE] : [],
  ];
}
