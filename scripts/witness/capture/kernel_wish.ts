/**
 * The kernel that is asked for, and the one that is found.
 *
 * @module
 */

import type { ArchName } from "../../../lib/kernel/arch.ts";

/** Two files of one kernel, and where it is from. */
export interface Kernel {
  /** Kernel and initramfs that qemu boots. */
  readonly boot: string;
  /** Kernel that is loaded as the crash kernel. */
  readonly crash: string;
  /** The package that it is or was built from, in words. */
  readonly origin: string;
  /** Value of --kernel that gives the same kernel; nothing for a kernel that was given as a file. */
  readonly release?: string;
  /** Version of its package; nothing, where it was built or given as a file. */
  readonly version?: string;
}

/** Kernel that is asked for. */
export interface KernelWish {
  /** Architecture. */
  readonly arch: ArchName;
  /** The beginning of its release: 6.1, 6.12, 6.12.117+deb13; or newest. */
  readonly release: string;
  /** Lines added to the configuration of one that is built. */
  readonly config: readonly string[];
  /** True if Debian's kernel can be used as it is; outside x86_64 it lacks kexec_file_load. */
  readonly stock: boolean;
}
