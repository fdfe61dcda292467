/**
 * What kernel is asked for, and what is found.
 *
 * @module
 */

import type { ArchName } from "../../../lib/kernel/arch.ts";

/** Two files of one kernel, and where it is from. */
export interface Kernel {
  /** What qemu boots. */
  readonly boot: string;
  /** What is loaded as the crash kernel. */
  readonly crash: string;
  /** The package that it is or was built from, in words. */
  readonly origin: string;
  /** What --kernel must say to get the very same; nothing, where it was given as a file. */
  readonly release?: string;
  /** Version of its package; nothing, where it was built or given as a file. */
  readonly version?: string;
}

/** Which kernel is asked for. */
export interface KernelWish {
  /** Architecture. */
  readonly arch: ArchName;
  /** The beginning of its release: 6.1, 6.12, 6.12.117+deb13; or newest. */
  readonly release: string;
  /** Lines added to the configuration of one that is built. */
  readonly config: readonly string[];
  /** Whether Debian's own will do, which lack kexec_file_load but on x86_64. */
  readonly stock: boolean;
}
