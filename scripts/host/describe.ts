/**
 * A live Linux machine, or a copied tree of its sysfs and procfs, as a case,
 * with a list of what could not be seen.
 *
 * @module
 */

import { ARCHES } from "../../lib/kernel/arch.ts";
import { parseCpulist } from "../../lib/kernel/cpumask.ts";
import type { Range } from "../../lib/kernel/range.ts";
import { countPhdrs, sizeofElfcorehdr } from "../../lib/kernel/topology.ts";
import { parseCase } from "../../lib/spec/case.ts";
import { holds } from "../../lib/spec/rules.ts";
import { hex } from "../../lib/spec/shape.ts";
import { resolveCase } from "../../lib/model/resolve.ts";
import { type HostFacts, readFacts } from "./facts.ts";
import type { ReadHead, ReadHost } from "./read_host.ts";

/** A described machine. */
export interface Host {
  /** A spec file; every value in it that was not seen has a comment. */
  readonly yaml: string;
  /** Values that could not be seen, a line each. */
  readonly unseen: readonly string[];
}

/**
 * Describes a machine.
 *
 * Nothing is guessed silently: what is hidden without privilege, and the notes
 * of absent CPUs, stand in the case as 0 with a comment. Costs do not depend
 * on them.
 *
 * @param head Reads binary files; without it /proc/kcore is not looked at.
 * @param asRelease The kernel whose header is wanted; the one that runs, if left out.
 * @throws {RangeError} If not even the architecture or the masks can be read.
 */
export function describeHost(
  read: ReadHost,
  head?: ReadHead,
  asRelease?: string,
): Host {
  const facts = readFacts(read, head);
  const unseen: string[] = [];
  const whole = [
    `title: ${JSON.stringify(`A machine that runs ${facts.uname}`)}`,
    "why: Described by scripts/describe-host.ts.",
    "rules: [R28]",
    ...bodyLines(facts, asRelease ?? facts.release, unseen),
  ].join("\n");
  const spec = parseCase(
    `${whole}\nexpect: { size: 0, e_phnum: 0 }\n`,
    "the description",
  );
  const topology = resolveCase(spec);
  const expect = `expect: { e_phnum: ${countPhdrs(topology)}, size: ${
    sizeofElfcorehdr(topology)
  } } # counted by the writer, not by hand`;
  const comment = unseen.map((text) => `# not seen: ${text}\n`).join("");
  return { yaml: `${comment}${whole}\n${expect}\n`, unseen };
}

function bodyLines(
  facts: HostFacts,
  release: string,
  unseen: string[],
): string[] {
  const { arch, cpus, page_size } = facts;
  if (page_size === undefined) {
    unseen.push(
      "page_size: /sys/kernel/vmcoreinfo cannot be read; 4096 stands for it",
    );
  }
  const noted = parseCpulist(
    holds("R09", release, arch) ? cpus.possible : cpus.present,
  );
  return [
    `arch: ${arch}`,
    "golden_from: derived",
    `page_size: ${page_size ?? 4096}`,
    `release: "${release}"`,
    `cpus: { possible: "${cpus.possible}", present: "${cpus.present}", online: "${cpus.online}" }`,
    "crash_notes:",
    ...noted.map((cpu) =>
      value(
        `  ${cpu}: `,
        facts.crash_notes.get(cpu),
        "",
        `crash_notes.${cpu}: absent in sysfs, or hidden`,
        unseen,
      )
    ),
    value(
      "vmcoreinfo: { paddr: ",
      facts.vmcoreinfo,
      " }",
      "vmcoreinfo",
      unseen,
    ),
    ...ARCHES[arch].kernel_map ? [kernelLine(facts, unseen)] : [],
    addressLine(facts, unseen),
    ...memoryLines(facts, unseen),
    ...ARCHES[arch].backup
      ? [
        value(
          "backup: { start: ",
          undefined,
          " }",
          "backup: chosen when the image is loaded",
          unseen,
        ),
      ]
      : [],
  ];
}

/** A value, or 0 and a comment. */
function value(
  before: string,
  seen: bigint | undefined,
  after: string,
  what: string,
  unseen: string[],
): string {
  if (seen !== undefined) return `${before}"${hex(seen)}"${after}`;
  unseen.push(what);
  return `${before}"0x0"${after} # not seen`;
}

/** Each address that was seen stays, whatever the others are. */
function kernelLine({ kernel }: HostFacts, unseen: string[]): string {
  const { text = 0n, text_paddr = 0n } = kernel;
  const hidden = (["text", "end", "text_paddr"] as const)
    .filter((key) => kernel[key] === undefined);
  for (const key of hidden) {
    unseen.push(
      `kernel.${key}: kallsyms, kcore and iomem hide it, or the release does not decide it`,
    );
  }
  const end = kernel.end !== undefined && kernel.end > text
    ? kernel.end
    : text + 1n;
  const line = `kernel: { text: "${hex(text)}", end: "${
    hex(end)
  }", text_paddr: "${hex(text_paddr)}" }`;
  return hidden.length === 0
    ? line
    : `${line} # not seen: ${hidden.join(", ")}`;
}

function addressLine(
  { arch, page_offset, phys_offset }: HostFacts,
  unseen: string[],
): string {
  const values = [
    `page_offset: "${hex(page_offset ?? ARCHES[arch].page_offset)}"`,
  ];
  const hidden: string[] = [];
  if (page_offset === undefined && arch !== "ppc64le") {
    unseen.push(
      "address.page_offset: /proc/kcore cannot be read; the default stands for it",
    );
    hidden.push("page_offset");
  }
  if (ARCHES[arch].phys_offset) {
    values.push(`phys_offset: "${hex(phys_offset ?? 0n)}"`);
    if (phys_offset === undefined) {
      unseen.push("address.phys_offset: neither vmcoreinfo nor RAM shows it");
      hidden.push("phys_offset");
    }
  }
  const line = `address: { ${values.join(", ")} }`;
  return hidden.length === 0
    ? line
    : `${line} # not seen: ${hidden.join(", ")}`;
}

/** The memory of a machine, as lines of a spec file. */
function memoryLines(facts: HostFacts, unseen: string[]): string[] {
  const { arch, system_ram, crashkernel, crashkernel_cma } = facts;
  if (system_ram.length === 0) {
    unseen.push("memory: /proc/iomem cannot be read or lists no System RAM");
    return ["memory: { ranges: [] } # not seen"];
  }
  if (system_ram.every(({ end }) => end === 0n)) {
    unseen.push(
      "memory: /proc/iomem hides addresses without privilege; only the count of ranges is real",
    );
    return [
      `memory: { ranges: [{ base: "0x100000000", stride: "0x2000", size: "0x1000", count: ${system_ram.length} }] } # not seen`,
    ];
  }
  if (ARCHES[arch].walks === "memblock" && !facts.from_memblock) {
    unseen.push(
      "memory: the kernel walks memblock, which is finer than iomem with large pages; mount debugfs to see it",
    );
  }
  if (crashkernel.length === 0) {
    unseen.push("memory.crashkernel: iomem names no such region");
  }
  if (facts.asks_cma && crashkernel_cma.length === 0) {
    unseen.push(
      "memory.crashkernel_cma: /sys/kernel/kexec/crash_cma_ranges does not list the ranges",
    );
  }
  const row = ({ start, end }: Range) => `["${hex(start)}", "${hex(end)}"]`;
  const keys = (["crashkernel", "crashkernel_low"] as const)
    .filter((key) => ARCHES[arch].memory.includes(key));
  return [
    "memory:",
    "  system_ram:",
    ...system_ram.map((range) => `    - ${row(range)}`),
    ...keys.flatMap((key, i) =>
      crashkernel[i] ? [`  ${key}: ${row(crashkernel[i])}`] : []
    ),
    ...crashkernel_cma.length > 0
      ? ["  crashkernel_cma:", ...crashkernel_cma.map((r) => `    - ${row(r)}`)]
      : [],
  ];
}
