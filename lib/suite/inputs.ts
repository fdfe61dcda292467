/**
 * The numbers of a request by their names, for answers that have one of them
 * in the wrong place.
 *
 * @module
 */

import { valueOf } from "../compare/printed.ts";
import type { Test } from "./verdict.ts";

/** Items of a list that are looked at. */
const MOST_ITEMS = 256;

/**
 * Lists the numbers of a request: `vmcoreinfo.size`, `notes[3].cpu`, and the
 * count of each list: `count of notes`.
 */
export function inputsOf(test: Test): Map<string, bigint> {
  const found = new Map<string, bigint>();
  const walk = (name: string, value: unknown) => {
    const number = valueOf(value);
    if (number !== undefined) {
      found.set(name, number);
    } else if (Array.isArray(value)) {
      found.set(`the count of ${name}`, BigInt(value.length));
      for (const [i, item] of value.slice(0, MOST_ITEMS).entries()) {
        walk(`${name}[${i}]`, item);
      }
    } else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        walk(name ? `${name}.${key}` : key, item);
      }
    }
  };
  const { id: _, release: __, version: ___, bytes: ____, ...request } = test
    .frame();
  walk("", request);
  return found;
}
