/**
 * The `expect` of a case, checked on the bytes of its golden.
 *
 * @module
 */

import type { Elf64Phdr } from "../elf/elf64.ts";
import { decodeElfcorehdr, type Elfcorehdr } from "../kernel/read_header.ts";
import type { Problem } from "../spec/shape.ts";

/**
 * Compares a golden with the numbers worked out by hand.
 *
 * @param expect Pairs such as `["e_phnum", 12n]` or `["phdr[2].p_paddr", 0n]`.
 * @returns A problem of the spec file for each that differs; none if all hold.
 * @throws {FormatError} If the golden is no elfcorehdr.
 */
export function unmetExpectations(
  golden: Uint8Array,
  expect: Iterable<readonly [key: string, wanted: bigint]>,
): Problem[] {
  const header = decodeElfcorehdr(golden);
  return [...expect].flatMap(([key, wanted]) => {
    const found = measure(golden.length, header, key);
    return found === wanted ? [] : [{
      kind: "value",
      path: `expect.${key}`,
      wanted: `what the bytes have, ${found}`,
      found: `${wanted}`,
    }];
  });
}

function measure(
  size: number,
  { ehdr, phdrs }: Elfcorehdr,
  key: string,
): bigint {
  if (key === "size") return BigInt(size);
  if (key === "e_phnum") return BigInt(ehdr.e_phnum);
  const [, index, field] = /^phdr\[(\d+)\]\.(\w+)$/.exec(key)!;
  return BigInt(phdrs[Number(index)]?.[field as keyof Elf64Phdr] ?? -1);
}
