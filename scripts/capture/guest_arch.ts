/**
 * What differs between the machines that are captured: how each is named by
 * Debian, built for, started and spoken to.
 *
 * @module
 */

import type { ArchName } from "../../lib/kernel/arch.ts";

/** Architectures that are captured here; headers of loongarch64 were captured elsewhere. */
export const GUEST_NAMES = ["x86_64", "arm64", "ppc64le", "riscv64"] as const;

/** An architecture that is captured here. */
export type GuestName = typeof GUEST_NAMES[number] & ArchName;

/** One row of the table. */
export interface GuestArch {
  /** Debian's name of it. */
  readonly debian: string;
  /** Prefix of its compiler and binutils. */
  readonly cross: string;
  /** Debian packages of that compiler and of a C library to link against. */
  readonly compiler: readonly string[];
  /** The emulator, and its Debian package. */
  readonly qemu: readonly [program: string, debianPackage: string];
  /** The console's device. */
  readonly console: string;
  /** Arguments of the emulator; `absent` tells whether CPUs are to be possible and not present. */
  readonly machine: (absent: boolean) => readonly string[];
  /** Flavour of the kernels that Debian ships. */
  readonly flavour: string;
  /** `ARCH=` of the kernel's makefile; absent where Debian's kernels have kexec_file_load. */
  readonly karch?: string;
  /** What its build makes: the file that boots, and the one that kexec_file_load takes. */
  readonly images?: readonly [boot: string, crash: string];
}

/** The table. */
export const GUESTS: Readonly<Record<GuestName, GuestArch>> = {
  x86_64: {
    debian: "amd64",
    cross: "x86_64-linux-gnu-",
    compiler: ["gcc-x86-64-linux-gnu", "libc6-dev-amd64-cross"],
    qemu: ["qemu-system-x86_64", "qemu-system-x86"],
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
    cross: "aarch64-linux-gnu-",
    compiler: ["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"],
    qemu: ["qemu-system-aarch64", "qemu-system-arm"],
    console: "ttyAMA0",
    machine: () => ["-machine", "virt,gic-version=3", "-cpu", "cortex-a57"],
    flavour: "arm64",
    karch: "arm64",
    images: ["arch/arm64/boot/Image", "arch/arm64/boot/Image"],
  },
  ppc64le: {
    debian: "ppc64el",
    cross: "powerpc64le-linux-gnu-",
    compiler: ["gcc-powerpc64le-linux-gnu", "libc6-dev-ppc64el-cross"],
    qemu: ["qemu-system-ppc64", "qemu-system-ppc"],
    console: "hvc0",
    machine: () => ["-machine", "pseries", "-vga", "none"],
    flavour: "powerpc64le-64k",
    karch: "powerpc",
    images: ["vmlinux", "vmlinux"],
  },
  riscv64: {
    debian: "riscv64",
    cross: "riscv64-linux-gnu-",
    compiler: ["gcc-riscv64-linux-gnu", "libc6-dev-riscv64-cross"],
    qemu: ["qemu-system-riscv64", "qemu-system-misc"],
    console: "ttyS0",
    machine: () => ["-machine", "virt"],
    flavour: "riscv64",
    karch: "riscv",
    images: ["arch/riscv/boot/Image", "vmlinux"],
  },
};
