/**
 * The segment of a loaded header at one moment.
 *
 * @module
 */

import type { Because } from "../spec/because.ts";
import type { Case } from "../spec/case.ts";

/** The segment at one moment. */
export interface Moment {
  /** Event, in words. */
  readonly event: string;
  /** How often the header was written for it. */
  readonly writes: number;
  /** The reason, a code of `BECAUSE`. */
  readonly because: Because;
  /** Bytes reserved. */
  readonly memsz: number;
  /** The segment as far as any header reached; zeroes behind it. */
  readonly segment: Uint8Array;
  /** Bytes of the header in it. */
  readonly size: number;
  /** Program headers. */
  readonly e_phnum: number;
  /** Bytes behind the header, to the last that an older header left. */
  readonly stale: number;
  /** The machine of which the kernel made the header, where it wrote one for this. */
  readonly written?: Case;
}
