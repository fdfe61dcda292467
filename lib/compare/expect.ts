/**
 * What a case says of its golden in `expect`, checked on the bytes themselves.
 *
 * @module
 */

import { decodeElfcorehdr } from "../kernel/read_header.ts";
import type { Elf64Phdr } from "../elf/elf64.ts";

/**
 * Compares a golden with the numbers worked out by hand.
 *
 * @param expect Pairs such as `["e_phnum", 12n]` or `["phdr[2].p_paddr", 0n]`.
 * @returns One line for each that differs; none if all hold.
 * @throws {FormatError} If the golden is no elfcorehdr.
 */
export function unmetExpectations(
  golden: Uint8Array,
  expect: Iterable<readonly [key: string, wanted: bigint]>,
): string[] {
  return [...expect].flatMap(([key, wanted]) => {
    const found = measure(golden, key);
    return found === wanted ? [] : [
      `expect.${key} must be what the bytes have, ${found}: current value is ${wanted}`,
    ];
  });
}

function measure(golden: Uint8Array, key: string): bigint {
  const { ehdr, phdrs } = decodeElfcorehdr(golden);
  if (key === "size") return BigInt(golden.length);
  if (key === "e_phnum") return BigInt(ehdr.e_phnum);
  const [, index, field] = /^phdr\[(\d+)\]\.(\w+)$/.exec(key)!;
  return BigInt(phdrs[Number(index)]?.[field as keyof Elf64Phdr] ?? -1);
}
