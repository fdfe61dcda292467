/**
 * How the utility of another architecture is compiled for and run here.
 *
 * @module
 */

import type { ArchName } from "../../../lib/kernel/arch.ts";
import type { Need } from "../debian/doctor.ts";
import { CLANG, type Fetched, QEMU_10 } from "../debian/fetched.ts";

/** How programs of an architecture are compiled and run on this one. */
interface Foreign {
  readonly debian: string;
  readonly triplet: string;
  /** The user-mode emulator; on its own machine the loader of the package does. */
  readonly emulator?: string;
  /** The emulator, and the headers of the C library for clang, where Debian 12 has neither it nor gcc. */
  readonly fetched?: readonly Fetched[];
  /** Arguments of the utility, behind which the kernel comes. */
  readonly args: readonly string[];
}

/** The architectures, a row each. */
export const FOREIGN: Readonly<Record<ArchName, Foreign>> = {
  x86_64: {
    debian: "amd64",
    triplet: "x86_64-linux-gnu",
    args: ["--args-linux"],
  },
  arm64: {
    debian: "arm64",
    triplet: "aarch64-linux-gnu",
    emulator: "qemu-aarch64",
    args: [],
  },
  ppc64le: {
    debian: "ppc64el",
    triplet: "powerpc64le-linux-gnu",
    emulator: "qemu-ppc64le",
    args: [],
  },
  riscv64: {
    debian: "riscv64",
    triplet: "riscv64-linux-gnu",
    emulator: "qemu-riscv64",
    args: [],
  },
  loongarch64: {
    debian: "loong64",
    triplet: "loongarch64-linux-gnu",
    emulator: "qemu-loongarch64",
    fetched: [
      { ...QEMU_10, name: "qemu-user" },
      { debian: "loong64", name: "libc6-dev" },
      { debian: "loong64", name: "linux-libc-dev" },
    ],
    args: [],
  },
};

/** The versions to ask, by default: that of Debian 12, where it has one, and the newest. */
export function versionsOf(arch: ArchName): string[] {
  return arch === "riscv64" || arch === "loongarch64"
    ? ["newest"]
    : ["2.0.25", "newest"];
}

/** Needs of running the utility of an architecture. */
export function needsOfUtility(arch: ArchName): Need[] {
  const { triplet, emulator, debian, fetched } = FOREIGN[arch];
  if (fetched) {
    return [[`clang-${CLANG}`, `clang-${CLANG}`], [
      `ld.lld-${CLANG}`,
      `lld-${CLANG}`,
    ]];
  }
  return [
    [
      `${triplet}-gcc`,
      emulator ? `gcc-${triplet.replace("_", "-")}` : "gcc",
    ],
    emulator
      ? [`/usr/${triplet}/include/stdio.h`, `libc6-dev-${debian}-cross`]
      : ["/usr/include/stdio.h", "libc6-dev"],
    ...emulator ? [[emulator, "qemu-user"] as const] : [],
  ];
}
