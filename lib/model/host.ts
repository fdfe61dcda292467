/**
 * A live Linux machine, or a copied tree of its sysfs and procfs, as a case;
 * with a list of what could not be seen.
 *
 * @module
 */

import { ARCHES, type ArchName } from "../kernel/arch.ts";
import { parseCpulist } from "../kernel/cpumask.ts";
import { pageSizeOf } from "../kernel/crash_notes.ts";
import { countPhdrs, sizeofElfcorehdr } from "../kernel/topology.ts";
import { parseCase } from "../spec/case.ts";
import { holds } from "../spec/rules.ts";
import { hex } from "../spec/shape.ts";
import { iomem, memoryLines } from "./host_memory.ts";
import { addressOf, type ReadHost } from "./read_host.ts";
import { resolveCase } from "./resolve.ts";

/** A described machine. */
export interface Host {
  /** A spec file; every value in it that was not seen has a comment. */
  readonly yaml: string;
  /** What could not be seen, a line each. */
  readonly unseen: readonly string[];
}

const BY_MACHINE: Readonly<Record<string, ArchName>> = {
  x86_64: "x86_64",
  aarch64: "arm64",
  ppc64le: "ppc64le",
  riscv64: "riscv64",
  loongarch64: "loongarch64",
};

/** Linear maps where nothing moved them; no file of the machine tells. */
const PAGE_OFFSETS: Readonly<Record<ArchName, bigint>> = {
  x86_64: 0xffff888000000000n,
  arm64: 0xffff000000000000n,
  ppc64le: 0xc000000000000000n,
  riscv64: 0xff60000000000000n,
  loongarch64: 0x9000000000000000n,
};

/**
 * Describes a machine.
 *
 * Nothing is guessed silently: what is hidden without privilege, and the notes
 * of absent CPUs, stand in the case as 0 with a comment. Costs do not depend
 * on them.
 *
 * @param asRelease The kernel whose header is wanted; the one that runs, if left out.
 * @throws {RangeError} If not even the architecture or the masks can be read.
 *
 * @see Documentation/ABI/testing/sysfs-devices-system-cpu
 */
export function describeHost(read: ReadHost, asRelease?: string): Host {
  const unseen: string[] = [];
  const line = (path: string) => read(path)?.trim();
  const arch = BY_MACHINE[need(line, "proc/sys/kernel/arch")];
  if (arch === undefined) {
    throw new RangeError(
      `Cannot describe host: proc/sys/kernel/arch must be ${
        Object.keys(BY_MACHINE).join(" or ")
      }: current value is "${line("proc/sys/kernel/arch")}"`,
    );
  }
  const uname = need(line, "proc/sys/kernel/osrelease");
  const runs = releaseOf(uname, line("proc/version"));
  const release = asRelease ?? runs;
  const masks = ["possible", "present", "online"].map((mask) =>
    needCpulist(line, `sys/devices/system/cpu/${mask}`)
  );
  const vmcoreinfo = line("sys/kernel/vmcoreinfo")?.split(" ");
  const page_size = vmcoreinfo ? pageSizeOf(parseInt(vmcoreinfo[1], 16)) : 4096;
  if (!vmcoreinfo) {
    unseen.push(
      "page_size: /sys/kernel/vmcoreinfo cannot be read; 4096 stands for it",
    );
  }
  const noted = parseCpulist(
    holds("R09", release, arch) ? masks[0] : masks[1],
  );
  const body = [
    `arch: ${arch}`,
    "golden_from: derived",
    `page_size: ${page_size}`,
    `release: "${release}"`,
    `cpus: { possible: "${masks[0]}", present: "${masks[1]}", online: "${
      masks[2]
    }" }`,
    "crash_notes:",
    ...noted.map((cpu) => note(cpu, line, unseen)),
    value(
      "vmcoreinfo: { paddr: ",
      addressOf(vmcoreinfo?.[0]),
      " }",
      "vmcoreinfo",
      unseen,
    ),
    ...ARCHES[arch].kernel_map
      ? kernelLines(
        read,
        unseen,
        arch !== "arm64" || holds("R76", runs, arch),
      )
      : [],
    ...addressLines(arch, unseen),
    ...memoryLines(arch, read, unseen),
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
  const head = [
    `title: ${JSON.stringify(`A machine that runs ${uname}`)}`,
    "why: Described by scripts/describe-host.ts.",
    "rules: [R28]",
  ];
  const whole = [...head, ...body].join("\n");
  const topology = resolveCase(
    parseCase(`${whole}\nexpect: { size: 0, e_phnum: 0 }\n`, "the description"),
  );
  const expect = `expect: { e_phnum: ${countPhdrs(topology)}, size: ${
    sizeofElfcorehdr(topology)
  } } # counted by the writer, not by hand`;
  const comment = unseen.map((text) => `# not seen: ${text}\n`).join("");
  return { yaml: `${comment}${whole}\n${expect}\n`, unseen };
}

function need(line: ReadHost, path: string): string {
  const text = line(path);
  if (text === undefined) {
    throw new RangeError(
      `Cannot describe host: ${path} must be readable: no such file`,
    );
  }
  return text;
}

/** Reads a mask that must be there. */
function needCpulist(read: ReadHost, path: string): string {
  const text = need(read, path);
  try {
    parseCpulist(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RangeError(`Cannot describe host: ${path}: ${error.message}`);
  }
  return text;
}

/**
 * The release of a running kernel. Debian's names of stable kernels have no
 * point release (6.1.0-56-amd64); its version string in /proc/version does.
 */
export function releaseOf(uname: string, version = ""): string {
  // Behind the build number: before it the compiler is Debian's as well.
  const debian = /#\d+ .*\bDebian (\d+\.\d+\.\d+)/.exec(version)?.[1];
  const own = /^\d+\.\d+(?:\.\d+)?/.exec(uname)?.[0];
  if (own === undefined) {
    throw new RangeError(
      `Cannot tell the release: must begin with numbers: current value is ${
        JSON.stringify(uname)
      }`,
    );
  }
  return debian ?? own;
}

/** A value, or 0 and a word about it. */
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

function note(cpu: number, line: ReadHost, unseen: string[]): string {
  const text = line(`sys/devices/system/cpu/cpu${cpu}/crash_notes`);
  const why = text === undefined
    ? "no file in sysfs: absent, or not readable"
    : "hidden";
  return value(
    `  ${cpu}: `,
    addressOf(text),
    "",
    `crash_notes.${cpu}: ${why}`,
    unseen,
  );
}

/** @param codeBeginsAtText Whether iomem's Kernel code begins at _text, not at _stext: R76. */
function kernelLines(
  read: ReadHost,
  unseen: string[],
  codeBeginsAtText: boolean,
): string[] {
  const symbol = (name: string) =>
    addressOf(
      new RegExp(`^([0-9a-f]+) \\w ${name}$`, "m").exec(
        read("proc/kallsyms") ?? "",
      )?.[1],
    );
  const text = symbol("_text");
  const end = symbol("_end");
  const code = iomem(read, /^Kernel code$/)[0]?.start || undefined;
  const stext = symbol("_stext");
  if (text === undefined || end === undefined || code === undefined) {
    unseen.push(
      "kernel: kallsyms or iomem hide addresses without privilege; one byte at 0 stands for it",
    );
    return [
      'kernel: { text: "0x0", end: "0x1", text_paddr: "0x0" } # not seen',
    ];
  }
  const before = codeBeginsAtText || stext === undefined ? 0n : stext - text;
  return [
    `kernel: { text: "${hex(text)}", end: "${hex(end)}", text_paddr: "${
      hex(code - before)
    }" }`,
  ];
}

function addressLines(arch: ArchName, unseen: string[]): string[] {
  if (arch === "ppc64le") {
    return [`address: { page_offset: "${hex(PAGE_OFFSETS[arch])}" }`];
  }
  unseen.push(
    "address: no file tells where the linear map is; its default stands for it",
  );
  const phys_offset = ARCHES[arch].phys_offset ? ', phys_offset: "0x0"' : "";
  return [
    `address: { page_offset: "${
      hex(PAGE_OFFSETS[arch])
    }"${phys_offset} } # not seen`,
  ];
}
