/**
 * Shapes of values that JSON has and a YAML tree of strings has not: numbers,
 * booleans and null.
 *
 * @module
 */

import { show } from "./problem.ts";
import { matching, pair, type Shape, shapeOf } from "./shape.ts";

/** A whole number from `least` to `most`. */
export function integer(
  least = 0,
  most: number = Number.MAX_SAFE_INTEGER,
): Shape<number> {
  const bounds = most === Number.MAX_SAFE_INTEGER ? {} : { maximum: most };
  return shapeOf(
    { type: "integer", minimum: least, ...bounds },
    (node, path, report) =>
      Number.isInteger(node) && Number(node) >= least && Number(node) <= most
        ? Number(node)
        : report("type", path, `a number from ${least} to ${most}`, show(node)),
  );
}

/** True or false. */
export const boolean: Shape<boolean> = shapeOf(
  { type: "boolean" },
  (node, path, report) =>
    typeof node === "boolean"
      ? node
      : report("type", path, "true or false", show(node)),
);

/** Any text, the empty one too. */
export const anyText: Shape<string> = shapeOf(
  { type: "string" },
  (node, path, report) =>
    typeof node === "string" ? node : report("type", path, "text", show(node)),
);

/** A value of a shape, or null. */
export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return shapeOf<T | null>(
    { anyOf: [{ type: "null" }, shape.schema] },
    (node, path, report) => node === null ? null : shape(node, path, report),
  );
}

/** A 64-bit value in hex, as this package writes it: `0x3da3d800`. */
export const hexValue: Shape<string> = matching(
  /^0x(?:0|[1-9a-f][0-9a-f]{0,15})$/,
  "a 64-bit value in hex without leading zeros",
);

/** First and last byte, in hex. */
export const hexRange: Shape<[string, string]> = pair(hexValue, "[start, end]");
