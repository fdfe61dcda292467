/**
 * Mistakes that no kernel's code contradicts, each with the reason.
 *
 * @module
 */

const MANY = "no random machine has 32,768 program headers";
const NOT_TOLD = "it is about a number that a kernel does not tell";

/** Reasons by name of the mistake. */
export const UNDETECTED: Readonly<Record<string, string>> = {
  "ranges-empty-dropped":
    "no list of a kernel has a range that ends before it starts",
  "phnum-signed": MANY,
  "phnum-escape": MANY,
  "size-as-segment": NOT_TOLD,
  "phnum-at-load": NOT_TOLD,
  "truncation-unchecked": "a kernel's memory has no end",
};
