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

const NOT_A_WRITER = "it is about a program that reads";
const UTILITY = "the real kexec utility is asked: deno task kexec-oracle";

/** Rules that no planted mistake breaks, each with the reason. */
export const NOT_BENT: Readonly<Record<string, string>> = {
  R39: "no kernel lists a range of all memory",
  R43: "a mistake in widening is firmware-not-widening, of R37",
  R44: "this suite refuses such machines, and no kernel is asked",
  R63: NOT_A_WRITER,
  R64: NOT_A_WRITER,
  R73: "the other side of R36, which is looked up the other way round",
  R74: "a release without a writer of loongarch64 cannot be asked",
  R76: "it is about iomem, from which only the utility reads the kernel",
  R114: "the bytes behind a header of fadump are no part of it",
  ...Object.fromEntries(
    ["R51", "R53", "R78", "R79", "R80", "R81", "R82", "R83", "R84", "R85"]
      .concat("R86", "R89", "R90").map((rule) => [rule, UTILITY]),
  ),
};
