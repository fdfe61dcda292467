/**
 * What a capture needs of the machine, and the one command that installs what
 * is missing.
 *
 * @module
 */

import type { ArchName } from "../../lib/kernel/arch.ts";
import { GUESTS, type Need } from "./guest_arch.ts";
import { isThere } from "./tool.ts";

const ALWAYS: readonly Need[] = [
  ["apt-get", "apt"],
  ["dpkg-deb", "dpkg"],
  ["env", "coreutils"],
  ["ps", "procps"],
  ["/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring"],
];
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
function needs(arch: ArchName, builds: boolean): Need[] {
  const { compiler, qemu, karch } = GUESTS[arch];
  return [
    ...ALWAYS,
    ...compiler,
    qemu,
    ...karch !== undefined && builds ? BUILD : [],
    ...arch === "arm64" || arch === "riscv64" ? [DEVICE_TREE] : [],
  ];
}

/**
 * Examines the machine for captures of these architectures.
 *
 * @param builds Whether their kernels are built, where Debian has none that serve.
 * @returns Lines for the user, and whether all of them can be captured.
 */
export function examine(
  arches: readonly ArchName[],
  builds = true,
): { lines: string[]; healthy: boolean } {
  const missing = new Map(
    arches.map((arch) => [
      arch,
      needs(arch, builds).filter(([what]) => !isInstalled(what)),
    ]),
  );
  const packages = [
    ...new Set([...missing.values()].flat().map(([, name]) => name)),
  ];
  const lines = [...missing].map(([arch, lacking]) =>
    lacking.length === 0
      ? `${arch}: ready`
      : `${arch}: missing ${lacking.map(([what]) => what).join(", ")}`
  );
  return {
    healthy: packages.length === 0,
    lines: packages.length === 0 ? lines : [
      ...lines,
      "to install what is missing:",
      `  sudo apt-get install -y --no-install-recommends ${packages.join(" ")}`,
    ],
  };
}

function isInstalled(what: string): boolean {
  if (what.startsWith("/")) return isThere(what);
  const path = Deno.env.get("PATH")?.split(":") ?? [];
  return [...path, "/usr/sbin", "/sbin"].some((folder) =>
    isThere(`${folder}/${what}`)
  );
}
