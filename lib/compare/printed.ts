/**
 * Values of foreign JSON: parses, compares and formats them.
 *
 * @module
 */

import { hex } from "../spec/shape.ts";

/** An object of foreign JSON. */
export type Printed = Record<string, unknown>;

/** Parses a number as a reader may print it: decimal or hex, as a number or as text. */
export function valueOf(value: unknown): bigint | undefined {
  if (typeof value === "number" && Number.isSafeInteger(value)) {
    return BigInt(value);
  }
  if (typeof value !== "string" || !/^(?:0x[0-9a-fA-F]+|-?\d+)$/.test(value)) {
    return undefined;
  }
  return value.length <= 20 ? BigInt(value) : undefined;
}

/** Normalizes a value: equal numbers give equal text, in whatever form. */
export function comparable(value: unknown): string {
  return `${valueOf(value) ?? JSON.stringify(value)}`;
}

/** Formats a value for a message, in hex if the expected value is in hex. */
export function shown(value: unknown, inHex = false): string {
  const number = valueOf(value);
  if (number !== undefined) {
    return inHex && number >= 0n ? hex(number) : `${number}`;
  }
  return quoted(value);
}

/** Finds a key that no one asked for; a misspelled key would look like a missing one. */
export function unknownKey(
  object: unknown,
  known: readonly string[],
): string | undefined {
  return Object.keys(Object(object)).find((key) => !known.includes(key));
}

/** Formats a value as JSON, cut to 80 characters. */
export function quoted(value: unknown): string {
  if (value === undefined) return "nothing";
  const json = JSON.stringify(value);
  return json.length <= 80 ? json : `${json.slice(0, 80)}…`;
}
