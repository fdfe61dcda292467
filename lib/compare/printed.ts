/**
 * Values as programs print them: which are equal, and how one is shown.
 *
 * @module
 */

import { hex } from "../spec/shape.ts";

/** An object as it is printed. */
export type Printed = Record<string, unknown>;

/** A number as a reader may print it: decimal or hex, as a number or as text. */
export function valueOf(value: unknown): bigint | undefined {
  if (typeof value === "number" && Number.isSafeInteger(value)) {
    return BigInt(value);
  }
  if (typeof value !== "string" || !/^(?:0x[0-9a-fA-F]+|-?\d+)$/.test(value)) {
    return undefined;
  }
  return value.length <= 20 ? BigInt(value) : undefined;
}

/** The same text for equal values: numbers are, however they are printed. */
export function comparable(value: unknown): string {
  return `${valueOf(value) ?? JSON.stringify(value)}`;
}

/** What was printed, in hex where that is how the right value is shown. */
export function shown(value: unknown, inHex = false): string {
  const number = valueOf(value);
  if (number !== undefined) {
    return inHex && number >= 0n ? hex(number) : `${number}`;
  }
  return quoted(value);
}

/** What was printed, as it was; the beginning of what is long. */
export function quoted(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 80);
}
