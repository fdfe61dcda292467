/**
 * Known defects of loaders and kernels that concern a machine, whatever its
 * header is.
 *
 * @module
 */

import { PT_LOAD } from "../../lib/elf/elf64.ts";
import { ARCHES } from "../../lib/kernel/arch.ts";
import type { Elfcorehdr } from "../../lib/kernel/read_header.ts";
import { formatCpulist, parseCpulist } from "../../lib/kernel/cpumask.ts";
import type { HostFacts } from "./facts.ts";
import { type ReadHost, symbolOf } from "./read_host.ts";
import type { LoadedImage } from "./loaded.ts";

/** Returns a sentence for each known defect that a panic of this machine would show. */
export function predict(
  facts: HostFacts,
  image: LoadedImage,
  read: ReadHost,
): string[] {
  const { arch, cpus } = facts;
  const byUtility = image.call !== "kexec_file_load";
  const found: string[] = [];
  const stext = symbolOf(read, "_stext");
  if (
    arch === "arm64" && byUtility && stext !== undefined &&
    symbolOf(read, "_text") === undefined
  ) {
    found.push(
      "/proc/kallsyms has no _text, so the header of kexec_load (kexec -p -c) has the kernel and the linear map at wrong addresses and its dump cannot be read. Load with kexec -p -s, or run a kernel with CONFIG_KALLSYMS_ALL",
    );
  }
  const lost = lostByCount(cpus, read("libc.version"));
  if (byUtility && lost.length > 0) {
    found.push(
      `the C library counts present CPUs, so kexec_load loses the notes of CPU ${
        formatCpulist(lost)
      } (R53). Load with kexec -p -s`,
    );
  }
  return found;
}

/**
 * Returns a sentence on a header whose first 64 KiB are read in place: the
 * capture kernel has overwritten them (R73).
 */
export function predictBackup(
  { phdrs }: Elfcorehdr,
  { arch }: HostFacts,
): string[] {
  const lost = ARCHES[arch].backup &&
    phdrs.some((phdr) =>
      phdr.p_type === PT_LOAD && phdr.p_paddr === 0n && phdr.p_offset === 0n
    );
  return lost
    ? [
      "the header has lost the address of the copy of the first 64 KiB (R73); a dump has what the capture kernel wrote there",
    ]
    : [];
}

/**
 * CPUs whose notes the utility loses with this C library: glibc before 2.36
 * counts cpuN folders, which are the present CPUs.
 */
export function lostByCount(
  cpus: HostFacts["cpus"],
  libc: string | undefined,
): number[] {
  const version = /\b(?:glibc|GNU libc)\D* (\d+)\.(\d+)/i.exec(libc ?? "");
  if (version === null) return [];
  const [major, minor] = version.slice(1).map(Number);
  if (major > 2 || minor >= 36) return [];
  const present = parseCpulist(cpus.present);
  return present.filter((cpu) => cpu >= present.length);
}
