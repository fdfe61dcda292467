/**
 * The addresses of the kernel and of its linear map, from symbols, kcore and
 * vmcoreinfo.
 *
 * @module
 */

import { ARCHES, type ArchName } from "../../lib/kernel/arch.ts";
import type { Range } from "../../lib/kernel/range.ts";
import { holds } from "../../lib/spec/rules.ts";
import {
  type Kcore,
  type KcoreRow,
  linearMapOf,
  vmcoreinfoNumber,
} from "./kcore.ts";
import type { ReadHost } from "./read_host.ts";

/** Addresses of a kernel. */
export interface KernelPlace {
  /** `_text`, virtual. */
  readonly text?: bigint;
  /** `_end`, virtual. */
  readonly end?: bigint;
  /** `_text`, physical. */
  readonly text_paddr?: bigint;
}

/**
 * Finds the kernel by its symbols and by its row in kcore. The resource Kernel
 * code gives the physical address where kcore does not; on arm64 before R76 it
 * begins at `_stext`.
 */
export function kernelPlace(
  symbols: Readonly<Record<"text" | "stext" | "end", bigint | undefined>>,
  arch: ArchName,
  release: string | undefined,
  row: KcoreRow | undefined,
  code: Range | undefined,
): KernelPlace {
  const { stext } = symbols;
  const text = symbols.text ?? row?.vaddr;
  const end = symbols.end ?? (row && row.vaddr + row.size);
  const head = text !== undefined && stext !== undefined ? stext - text : 0n;
  // Where the release does not decide it, nothing is known unless both are one place.
  const begins = arch !== "arm64"
    ? true
    : release === undefined
    ? undefined
    : holds("R76", release, arch);
  const code_text = begins ?? (head === 0n ? true : undefined);
  const text_paddr = row?.paddr ??
    (code_text === undefined || !code?.start
      ? undefined
      : code.start - (code_text ? 0n : head));
  return { text, end, text_paddr };
}

/** `ARM64_MEMSTART_ALIGN` by page size, in bytes. */
const MEMSTART_ALIGN: Readonly<Record<number, bigint>> = {
  4096: 1n << 30n,
  16384: 1n << 30n,
  65536: 1n << 29n,
};

/** Finds the linear map in kcore, and PHYS_OFFSET in vmcoreinfo. */
export function linearMap(
  read: ReadHost,
  arch: ArchName,
  page_size: number,
  ram: readonly Range[],
  kcore: Kcore | undefined,
  row: KcoreRow | undefined,
): { readonly page_offset?: bigint; readonly phys_offset?: bigint } {
  const distance = kcore && linearMapOf(kcore, ram, row);
  if (!ARCHES[arch].phys_offset) return { page_offset: distance };
  const name = arch === "arm64" ? "PHYS_OFFSET" : "phys_ram_base";
  const info = kcore ?? { vmcoreinfo: read("vmcoreinfo.txt") };
  const start = ram[0]?.end ? ram[0].start : undefined;
  const align = arch === "arm64" ? MEMSTART_ALIGN[page_size] : 1n;
  const phys_offset = vmcoreinfoNumber(info, name) ??
    (start === undefined ? undefined : start - start % align);
  return {
    phys_offset,
    page_offset: distance === undefined || phys_offset === undefined
      ? vmcoreinfoNumber(info, "PAGE_OFFSET")
      : BigInt.asUintN(64, distance + phys_offset),
  };
}
