// The part of @std/bytes that this package uses.
export type Uint8Array_ = ReturnType<Uint8Array["slice"]>;
export function concat(buffers: readonly Uint8Array[]): Uint8Array_;
export function equals(a: Uint8Array, b: Uint8Array): boolean;
export function includesNeedle(
  source: Uint8Array,
  needle: Uint8Array,
  start?: number,
): boolean;
export function startsWith(source: Uint8Array, prefix: Uint8Array): boolean;
