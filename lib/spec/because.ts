/**
 * The reasons for which a loaded header is written, or is not, by code.
 *
 * @module
 */

/** A sentence for each code of `because` in a scenario. */
export const BECAUSE = {
  "kernel-wrote": "the kernel wrote it",
  "utility-wrote": "the kexec utility wrote it",
  "rewritten": "the kernel rewrote it in place",
  "rewritten-before-removal":
    "the kernel rewrote it in place, when the range was still there: it lists it until the next event",
  "too-large":
    "the new header is larger than the segment: the kernel reports it, and the old bytes stay",
  "all-cpus-listed": "all possible CPUs are in it already",
  "presence-only": "presence alone is no event to the kernel's handler",
  "memory-events-only": "the handler rewrites it on memory events alone",
  "device-tree-only": "the handler patches the device tree, not the header",
  "no-handler": "this kernel has no update; the image has to be loaded again",
  "not-allowed": "kexec_load did not allow updates",
} as const;

/** A code. */
export type Because = keyof typeof BECAUSE;

/** All codes. */
export const BECAUSE_CODES = Object.keys(BECAUSE) as Because[];
