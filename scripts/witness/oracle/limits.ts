/**
 * Limits of a kernel's allocator, from its own Kconfig.
 *
 * @module
 */

import type { ArchName } from "../../../lib/kernel/arch.ts";
import { compareReleases } from "../../../lib/kernel/release.ts";

/** Folders of arch/, where a Kconfig is. */
const FOLDERS: Readonly<Record<ArchName, string>> = {
  x86_64: "x86",
  arm64: "arm64",
  ppc64le: "powerpc",
  riscv64: "riscv",
  loongarch64: "loongarch",
};

/** Page sizes by the words of Kconfig. */
const PAGES: readonly [words: RegExp, page_size: number][] = [
  [/16K/, 16384],
  [/!PPC_64K/, 4096],
  [/64K/, 65536],
];

/** Path of the Kconfig that has the limits of an architecture. */
export function kconfigOf(arch: ArchName): string {
  return `arch/${FOLDERS[arch]}/Kconfig`;
}

/**
 * Reads `MAX_PAGE_ORDER` of a 64-bit kernel by page size, as a header for C.
 *
 * @param folder Root of the kernel's source.
 * @param release Before 6.4 the order in Kconfig is the first that is too large.
 */
export function limitsHeader(
  folder: string,
  arch: ArchName,
  release: string,
): string {
  const kconfig = Deno.readTextFileSync(`${folder}/${kconfigOf(arch)}`);
  const block = /^config ARCH_FORCE_MAX_ORDER\n(?:\t.*\n)*/m.exec(kconfig)?.[0];
  const exclusive = compareReleases(release, "6.4") < 0 ? 1 : 0;
  const defaults = [
    ...(block ?? "").matchAll(/^\tdefault "(\d+)"(?: if (.*))?$/gm),
  ]
    .filter(([, , condition = ""]) => !condition.includes("PPC32"));
  const choices = defaults.flatMap(([, order, condition]) => {
    const page = condition && PAGES.find(([words]) => words.test(condition));
    return page
      ? [`PAGE_SIZE == ${page[1]} ? ${Number(order) - exclusive} : `]
      : [];
  });
  const other = defaults.find(([, , condition]) => condition === undefined);
  const rest = other ? Number(other[1]) - exclusive : 10;
  return `#define MAX_PAGE_ORDER (${choices.join("")}${rest})\n`;
}
