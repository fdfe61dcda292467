/**
 * Mistakes that no kernel's code contradicts, each with the reason.
 *
 * @module
 */

const MANY = "no random machine has 32,768 program headers";
const NOT_TOLD = "it is about a number that a kernel does not tell";
const GROWS = "a random life seldom crosses a multiple of 4 KiB";

/** Reasons by name of the mistake. */
export const UNDETECTED: Readonly<Record<string, string>> = {
  "phnum-signed": MANY,
  "phnum-escape": MANY,
  "size-as-segment": NOT_TOLD,
  "phnum-at-load": NOT_TOLD,
  "tail-zeroed": GROWS,
  "too-large-truncated": GROWS,
  "notes-of-64-cpus": "no random panic has 64 CPUs",
  "truncation-unchecked": "a kernel's memory has no end",
  "long-names-end-the-walk": "no random note has such a name and fits",
};
