/**
 * /proc and /sys of a machine that is not there, as far as the kexec utility
 * reads them.
 *
 * @module
 */

import { ARCHES } from "../../lib/kernel/arch.ts";
import { buildVmcoreinfo } from "../../lib/kernel/crash_notes.ts";
import { type Range, sortRanges } from "../../lib/kernel/range.ts";
import type { KexecToolsInput } from "../../lib/model/kexec_tools.ts";
import type { Case } from "../../lib/spec/case.ts";
import { expandRanges } from "../../lib/spec/parts.ts";
import { hex } from "../../lib/spec/shape.ts";
import { arm64Image, deviceTree, elfFile } from "./files.ts";

/** Architectures of which machines can be made up. */
export const TREE_ARCHES = ["x86_64", "arm64", "ppc64le"] as const;

/** One of them. */
export type TreeArch = typeof TREE_ARCHES[number];

const ET_EXEC = 2;
const ET_CORE = 4;
/** Of ppc64le: the ABI without function descriptors. */
const EF_PPC64_ABI2 = 2;

/**
 * Writes a tree.
 *
 * @param root A folder; `vmlinux` in it is what is to be loaded.
 * @param input What sysfs and memory show.
 */
export function writeTree(
  root: string,
  machine: Case,
  input: KexecToolsInput,
): void {
  const { crash_notes_size } = ARCHES[machine.arch];
  const cpus = [...input.crash_notes].flatMap(([cpu, paddr]) => {
    const folder = `sys/devices/system/cpu/cpu${cpu}`;
    return [
      [`${folder}/crash_notes`, `${paddr.toString(16)}\n`],
      [`${folder}/crash_notes_size`, `${crash_notes_size}\n`],
    ] as const;
  });
  const { paddr, size } = input.vmcoreinfo;
  const files: readonly (readonly [string, string | Uint8Array])[] = [
    ...cpus,
    ["sys/kernel/vmcoreinfo", `${hex(paddr)} ${size.toString(16)}\n`],
    ["sys/kernel/kexec_crash_loaded", "0\n"],
    ["proc/cmdline", "\n"],
    ["proc/mounts", "sysfs /sys sysfs rw 0 0\n"],
    ...BY_ARCH[machine.arch as TreeArch](machine, input),
  ];
  for (const [path, content] of files) {
    const whole = `${root}/${path}`;
    Deno.mkdirSync(whole.slice(0, whole.lastIndexOf("/")), { recursive: true });
    if (typeof content === "string") Deno.writeTextFileSync(whole, content);
    else Deno.writeFileSync(whole, content);
  }
}

type Files = [path: string, content: string | Uint8Array][];

const BY_ARCH: Readonly<
  Record<TreeArch, (machine: Case, input: KexecToolsInput) => Files>
> = {
  x86_64: (machine, { skipped_ranges, page_offset }) => {
    const kernel = machine.kernel!;
    const { start } = machine.memory.crashkernel!;
    const text = {
      vaddr: kernel.text,
      paddr: kernel.text_paddr,
      size: kernel.end - kernel.text,
    };
    const low = { vaddr: page_offset, paddr: 0n, size: 0x1000000n };
    return [
      ["proc/iomem", iomem(machine, skipped_ranges)],
      ["proc/kallsyms", symbols({ _text: kernel.text, _stext: kernel.text })],
      ["proc/kcore", elfFile(62, ET_CORE, 0, [text, low])],
      [
        "vmlinux",
        elfFile(62, ET_EXEC, 0, [{
          vaddr: start + 0x1000000n,
          paddr: start + 0x1000000n,
          size: 4096n,
        }]),
      ],
    ];
  },
  arm64: (machine, { page_offset, phys_offset }) => {
    const kernel = machine.kernel!;
    // What begins at -(1 << VA_BITS) is named by its bits.
    const va_bits = (-BigInt.asIntN(64, page_offset)).toString(2).length - 1;
    const vmcoreinfo = `NUMBER(VA_BITS)=${va_bits}\nNUMBER(PHYS_OFFSET)=${
      hex(phys_offset)
    }\n`;
    return [
      ["proc/iomem", iomem(machine, 0)],
      [
        "proc/kallsyms",
        symbols({
          _text: kernel.text,
          _stext: kernel.text,
          __init_begin: kernel.end,
        }),
      ],
      [
        "proc/kcore",
        elfFile(183, ET_CORE, 0, [{
          vaddr: kernel.text,
          paddr: kernel.text_paddr,
          size: kernel.end - kernel.text,
        }], buildVmcoreinfo(vmcoreinfo)),
      ],
      ["sys/firmware/fdt", deviceTree()],
      ["vmlinux", arm64Image()],
    ];
  },
  ppc64le: (machine) => {
    const { memory } = machine;
    const crashkernel = memory.crashkernel!;
    const ram = expandRanges((memory.system_ram ?? memory.ranges)!);
    const sizeOf = ({ start, end }: Range) => end - start + 1n;
    const tree: Files = [
      ["#address-cells", cells(2)],
      ["#size-cells", cells(2)],
      ["chosen/linux,crashkernel-base", be64(crashkernel.start)],
      ["chosen/linux,crashkernel-size", be64(sizeOf(crashkernel))],
      ["chosen/linux,kernel-end", be64(0x3000000n)],
      ["cpus/#address-cells", cells(1)],
      ["cpus/#size-cells", cells(0)],
      ["cpus/cpu@0/reg", cells(0)],
      ["cpus/cpu@0/device_type", "cpu\0"],
      ...ram.flatMap((range) => {
        const node = `memory@${range.start.toString(16).padStart(16, "0")}`;
        return [
          [`${node}/reg`, be64(range.start, sizeOf(range))],
          [`${node}/device_type`, "memory\0"],
        ] as Files;
      }),
      ...memory.rtas
        ? [
          ["rtas/linux,rtas-base", cells(Number(memory.rtas.start))],
          ["rtas/rtas-size", cells(Number(sizeOf(memory.rtas)))],
          ["rtas/linux,rtas-entry", cells(Number(memory.rtas.start))],
        ] as Files
        : [],
      ...memory.opal
        ? [
          ["ibm,opal/opal-base-address", be64(memory.opal.start)],
          ["ibm,opal/opal-entry-address", be64(memory.opal.start)],
          ["ibm,opal/opal-runtime-size", be64(sizeOf(memory.opal))],
        ] as Files
        : [],
    ];
    return [
      ...tree.map(([path, content]) =>
        [`proc/device-tree/${path}`, content] as Files[number]
      ),
      ["proc/iomem", iomem(machine, 0)],
      ["proc/kallsyms", symbols({ _text: 0xc000000000000000n })],
      [
        "vmlinux",
        elfFile(21, ET_EXEC, EF_PPC64_ABI2, [{
          vaddr: 0xc000000000000000n,
          paddr: 0n,
          size: 0x10000n,
        }]),
      ],
    ];
  },
};

/** RAM, and what lies in it; Reserved ranges beyond it, which are counted and skipped. */
function iomem({ memory, kernel }: Case, reserved: number): string {
  const ram = expandRanges((memory.system_ram ?? memory.ranges)!);
  const top = ram.reduce((last, { end }) => end > last ? end : last, 0n);
  const crash = sortRanges(
    [memory.crashkernel, memory.crashkernel_low].filter((region) =>
      region !== undefined
    ),
  );
  const lines: readonly (readonly [Range, string])[] = [
    ...ram.map((range) => [range, "System RAM"] as const),
    ...kernel
      ? [
        [
          { start: kernel.text_paddr, end: kernel.text_paddr + 0xfffn },
          "  Kernel code",
        ] as const,
        [
          {
            start: kernel.text_paddr + 0x1000n,
            end: kernel.text_paddr + (kernel.end - kernel.text) - 1n,
          },
          "  Kernel data",
        ] as const,
      ]
      : [],
    ...crash.map((region) => [region, "  Crash kernel"] as const),
    ...Array.from({ length: reserved }, (_, i) => {
      const start = top + 0x100000n * BigInt(i + 1);
      return [{ start, end: start + 0xfffn }, "Reserved"] as const;
    }),
  ];
  return lines.map(([{ start, end }, what]) =>
    `${what.startsWith("  ") ? "  " : ""}${start.toString(16)}-${
      end.toString(16)
    } : ${what.trim()}\n`
  ).join("");
}

function symbols(addresses: Readonly<Record<string, bigint>>): string {
  return Object.entries(addresses).map(([name, address]) =>
    `${address.toString(16)} T ${name}\n`
  ).join("");
}

/** Big-endian, as all of a device tree. */
function be64(...values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setBigUint64(8 * i, value));
  return bytes;
}

function cells(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setUint32(4 * i, value));
  return bytes;
}
