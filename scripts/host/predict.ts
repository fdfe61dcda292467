/**
 * Known defects of loaders and kernels that concern a machine, whatever its
 * header is.
 *
 * @module
 */

import { formatCpulist, parseCpulist } from "../../lib/kernel/cpumask.ts";
import { holds } from "../../lib/spec/rules.ts";
import type { HostFacts } from "./facts.ts";
import { type ReadHost, symbolOf } from "./read_host.ts";
import type { LoadedImage } from "./loaded.ts";

/** Returns a sentence for each known defect that a panic of this machine would show. */
export function predict(
  facts: HostFacts,
  image: LoadedImage,
  read: ReadHost,
): string[] {
  const { arch, release, cpus } = facts;
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
  if (
    arch === "ppc64le" && !byUtility && holds("R36", release, arch) === false
  ) {
    found.push(
      "this kernel loses the address of the copy of the first 64 KiB (R73); a dump has what the capture kernel wrote there",
    );
  }
  return found;
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
