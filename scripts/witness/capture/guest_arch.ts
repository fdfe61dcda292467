/**
 * The differences between captured machines: how each is named by
 * Debian, built for, started and spoken to.
 *
 * @module
 */

import type { ArchName } from "../../../lib/kernel/arch.ts";
import type { Need } from "../debian/doctor.ts";
import { CLANG, type Fetched, HOST, QEMU_10 } from "../debian/fetched.ts";

/** One row of the table. */
export interface GuestArch {
  /** Debian's name of it. */
  readonly debian: string;
  /** Its compiler, and a C library to link against. */
  readonly compiler: readonly Need[];
  /** The command that makes a static program of one source; `fetched` is the folder of what was. */
  readonly cc: (
    source: string,
    program: string,
    fetched: string,
  ) => readonly string[];
  /** Variables of the kernel's makefile that name the compiler. */
  readonly make: readonly string[];
  /** The emulator, and its Debian package. */
  readonly qemu: Need;
  /** Further needs of compiler and emulator. */
  readonly fetched?: readonly Fetched[];
  /** An emulator that survives the removal of a CPU, and its arguments; the one above, if absent. */
  readonly unplug?: {
    readonly fetched: readonly Fetched[];
    readonly args: (fetched: string) => readonly string[];
  };
  /** The console's device. */
  readonly console: string;
  /** Arguments of the emulator; `absent` is true if CPUs are to be possible and not present. */
  readonly machine: (absent: boolean, fetched: string) => readonly string[];
  /** Flavour of the kernels that Debian ships. */
  readonly flavour: string;
  /** `ARCH=` of the kernel's makefile; absent where Debian's kernels have kexec_file_load. */
  readonly karch?: string;
  /** Files of its build: the one that boots, and the one that kexec_file_load takes. */
  readonly images?: readonly [boot: string, crash: string];
}

/** A cross compiler of Debian's, or the machine's own. */
function gcc(
  triplet: string,
  debian: string,
): Pick<GuestArch, "compiler" | "cc" | "make"> {
  const prefix = `${triplet}-`;
  const native = triplet.startsWith(Deno.build.arch);
  return {
    compiler: native
      ? [[`${prefix}gcc`, "gcc"], ["/usr/include/stdio.h", "libc6-dev"]]
      : [
        [`${prefix}gcc`, `gcc-${triplet.replace("_", "-")}`],
        [`/usr/${triplet}/include/stdio.h`, `libc6-dev-${debian}-cross`],
      ],
    cc: (
      source,
      program,
    ) => [`${prefix}gcc`, "-static", "-O2", "-o", program, source],
    make: [`CROSS_COMPILE=${prefix}`],
  };
}

/** The table. */
export const GUESTS: Readonly<Record<ArchName, GuestArch>> = {
  x86_64: {
    debian: "amd64",
    ...gcc("x86_64-linux-gnu", "amd64"),
    qemu: ["qemu-system-x86_64", "qemu-system-x86"],
    // It joins the thread of a CPU that goes: one for all would wait for
    // itself. Version 7.2 then fails at the next CPU that comes.
    unplug: {
      fetched: [
        { ...QEMU_10, name: "qemu-system-x86" },
        { ...QEMU_10, name: "qemu-system-common" },
        { ...QEMU_10, name: "qemu-system-data" },
        { debian: HOST, name: "seabios" },
      ],
      args: (fetched) => [
        ...["-L", `${fetched}/usr/share/qemu`],
        ...["-L", `${fetched}/usr/share/seabios`],
        ...["-accel", "tcg,thread=multi"],
      ],
    },
    console: "ttyS0",
    // 6.12 counts absent CPUs as possible only under a hypervisor that it
    // knows, and software emulation is none; VMware is one.
    machine: (absent) =>
      absent
        ? ["-machine", "q35,vmport=on", "-cpu", "max,-hypervisor"].concat([
          "-smbios",
          "type=1,serial=VMware-4242",
        ])
        : ["-machine", "q35", "-cpu", "max"],
    flavour: "cloud-amd64",
  },
  arm64: {
    debian: "arm64",
    ...gcc("aarch64-linux-gnu", "arm64"),
    qemu: ["qemu-system-aarch64", "qemu-system-arm"],
    console: "ttyAMA0",
    machine: () => ["-machine", "virt,gic-version=3", "-cpu", "cortex-a57"],
    flavour: "arm64",
    karch: "arm64",
    images: ["arch/arm64/boot/Image", "arch/arm64/boot/Image"],
  },
  ppc64le: {
    debian: "ppc64el",
    ...gcc("powerpc64le-linux-gnu", "ppc64el"),
    qemu: ["qemu-system-ppc64", "qemu-system-ppc"],
    console: "hvc0",
    machine: () => ["-machine", "pseries", "-vga", "none"],
    flavour: "powerpc64le-64k",
    karch: "powerpc",
    images: ["vmlinux", "vmlinux"],
  },
  riscv64: {
    debian: "riscv64",
    ...gcc("riscv64-linux-gnu", "riscv64"),
    qemu: ["qemu-system-riscv64", "qemu-system-misc"],
    console: "ttyS0",
    machine: () => ["-machine", "virt"],
    flavour: "riscv64",
    karch: "riscv",
    images: ["arch/riscv/boot/Image", "vmlinux"],
  },
  loongarch64: {
    debian: "loong64",
    compiler: [
      [`clang-${CLANG}`, `clang-${CLANG}`],
      [`ld.lld-${CLANG}`, `lld-${CLANG}`],
      [`llvm-ar-${CLANG}`, `llvm-${CLANG}`],
    ],
    cc: (source, program, fetched) => {
      const lib = `${fetched}/usr/lib/loongarch64-linux-musl`;
      return [
        `clang-${CLANG}`,
        "--target=loongarch64-linux-musl",
        `-fuse-ld=lld-${CLANG}`,
        "-nostdlib",
        "-nostdlibinc",
        "-isystem",
        `${fetched}/usr/include/loongarch64-linux-musl`,
        "-static",
        "-O2",
        "-o",
        program,
        `${lib}/crt1.o`,
        source,
        `${lib}/libc.a`,
        `${fetched}/usr/lib/gcc/loongarch64-linux-gnu/16/libgcc.a`,
      ];
    },
    make: [`LLVM=-${CLANG}`, "HOSTCC=gcc", "HOSTCXX=g++", "HOSTLD=ld"].concat(
      "HOSTAR=ar",
      "HOSTLDFLAGS=-fuse-ld=bfd",
    ),
    qemu: ["qemu-system-loongarch64", "qemu-system-misc"],
    fetched: [
      { debian: "loong64", name: "musl-dev" },
      { debian: "loong64", name: "libgcc-16-dev" },
      { ...QEMU_10, name: "qemu-system-misc" },
      { ...QEMU_10, name: "qemu-system-common" },
      { ...QEMU_10, name: "qemu-system-data" },
      { debian: HOST, name: "qemu-efi-loongarch64", version: /deb13/ },
    ],
    console: "ttyS0,115200",
    // A boot by device tree makes all CPUs present; the firmware does not.
    machine: (absent, fetched) => [
      "-L",
      `${fetched}/usr/share/qemu`,
      "-machine",
      "virt",
      "-cpu",
      "la464",
      ...absent
        ? ["-bios", `${fetched}/usr/share/qemu-efi-loongarch64/QEMU_EFI.fd`]
        : [],
    ],
    flavour: "loong64",
    karch: "loongarch",
    images: [
      "arch/loongarch/boot/vmlinux.efi",
      "arch/loongarch/boot/vmlinux.efi",
    ],
  },
};
