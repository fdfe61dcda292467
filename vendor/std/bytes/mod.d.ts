// The part of @std/bytes that this package uses.
export function equals(a: Uint8Array, b: Uint8Array): boolean;
