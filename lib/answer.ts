/**
 * What an implementation answered, whatever the protocol.
 *
 * @module
 */

/** An answer, or what came instead of one. */
export type Answer =
  /** Exit 0: these are the bytes. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** Exit 1: I refuse this input. */
  | { readonly kind: "refused"; readonly reason: string }
  /** Exit 3: I do not support this case. */
  | { readonly kind: "unsupported"; readonly reason: string }
  /** Anything else, a signal, a time-out, too much output. */
  | { readonly kind: "broken"; readonly reason: string };
