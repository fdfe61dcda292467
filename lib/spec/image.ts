/**
 * An image for readers: the text of a file of spec/reader in, the bytes that a
 * reader gets and whether it must refuse them out.
 *
 * @module
 */

import { parseSpec } from "./document.ts";
import { headKeys } from "./head.ts";
import {
  count,
  described,
  list,
  matching,
  oneOf,
  optional,
  record,
  type Shape,
} from "./shape.ts";
import { parseWorked } from "./worked.ts";

/** Contents of a file of spec/reader. */
export interface ImageSpec {
  /** Description, in one line. */
  title: string;
  /** Mistake of a reader that this image finds. */
  why: string;
  /** Id of the case whose golden it begins with. */
  base: string;
  /** Bytes to change: offset, and bytes in hex. */
  patch?: { at: number; bytes: string }[];
  /** Cut, or filled up with zeroes, to so many bytes. */
  length?: number;
  /**
   * The demand on a reader: to refuse it, to list its program headers, or
   * either: what only the kernel refuses, a library may read, as it is.
   */
  expect: "refuse" | "read" | "either";
}

const byteWords = matching(
  /^[0-9a-f]{2}(?: [0-9a-f]{2})*$/,
  "bytes in hex, with a blank between two",
);

/** The shape of a file of spec/reader. */
export const imageShape: Shape<ImageSpec> = record({
  title: headKeys.title,
  why: headKeys.why,
  base: described(
    matching(/^[a-z0-9_]+\/[A-Za-z0-9._-]+$/, "the id of a case"),
    "Id of the case whose golden it begins with.",
  ),
  patch: optional(
    list(record({
      at: described(count, "Offset of the first byte."),
      bytes: described(byteWords, "Bytes in hex, with a blank between two."),
    })),
    "Bytes to change.",
  ),
  length: optional(count, "Cut, or filled up with zeroes, to so many bytes."),
  expect: described(
    oneOf(["refuse", "read", "either"]),
    "Refuse it, list its program headers, or either.",
  ),
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
