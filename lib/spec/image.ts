/**
 * An image for readers: the text of a file of spec/reader in, the bytes that a
 * reader gets and whether it must refuse them out.
 *
 * @module
 */

import { parseSpec } from "./document.ts";
import {
  count,
  list,
  oneOf,
  optional,
  record,
  type Shape,
  text,
} from "./shape.ts";
import { parseWorked } from "./worked.ts";

/** What a file of spec/reader says. */
export interface ImageSpec {
  /** What it is, in a line. */
  title: string;
  /** What a wrong reader gets wrong here. */
  why: string;
  /** Id of the case whose golden it begins with. */
  base: string;
  /** Bytes to change: offset, and bytes in hex. */
  patch?: { at: number; bytes: string }[];
  /** Cut, or filled up with zeroes, to so many bytes. */
  length?: number;
  /**
   * Whether a reader must refuse it, must list its program headers, or may do
   * either: what only the kernel refuses, a library may read, as it is.
   */
  expect: "refuse" | "read" | "either";
}

const imageShape: Shape<ImageSpec> = record({
  title: text,
  why: text,
  base: text,
  patch: optional(list(record({ at: count, bytes: text }))),
  length: optional(count),
  expect: oneOf(["refuse", "read", "either"]),
});

/**
 * Parses a file of spec/reader.
 *
 * @throws {SpecError} If it is malformed.
 */
export function parseImage(yaml: string, file = "spec"): ImageSpec {
  return parseSpec(imageShape, yaml, file);
}

/** Makes the bytes of an image out of the golden that it begins with. */
export function imageBytes(
  { patch = [], length }: ImageSpec,
  golden: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(length ?? golden.length);
  bytes.set(golden.subarray(0, bytes.length));
  for (const { at, bytes: words } of patch) bytes.set(parseWorked(words), at);
  return bytes;
}
