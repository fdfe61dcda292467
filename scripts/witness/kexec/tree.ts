/**
 * /proc and /sys of a machine that is not there, as far as the kexec utility
 * reads them.
 *
 * @module
 */

import { ET_CORE } from "../../../lib/elf/elf64.ts";
import type { ArchName } from "../../../lib/kernel/arch.ts";
import { buildVmcoreinfo } from "../../../lib/kernel/crash_notes.ts";
import type { Range } from "../../../lib/kernel/range.ts";
import type { KexecToolsInput } from "../../../lib/model/kexec_tools.ts";
import type { Case } from "../../../lib/spec/case.ts";
import type { UtilityView } from "../../../lib/spec/kexec_tools.ts";
import { expandRanges } from "../../../lib/spec/parts.ts";
import { hex } from "../../../lib/spec/shape.ts";
import {
  arm64Image,
  bzImage,
  deviceTree,
  elfFile,
  loongarch64Image,
} from "./files.ts";
import { CODE_BYTES, HEAD_BYTES, iomem } from "./iomem.ts";

const ET_EXEC = 2;
/** e_flags of ppc64le: the ABI without function descriptors. */
const EF_PPC64_ABI2 = 2;

/**
 * Writes a tree.
 *
 * @param root A folder; `vmlinux` in it is what is to be loaded.
 * @param view What sysfs lacks and iomem shows.
 * @param input What the utility is to make of it.
 */
export function writeTree(
  root: string,
  machine: Case,
  view: UtilityView,
  input: KexecToolsInput,
): void {
  const { lacks = [] } = view;
  const cpus = [...input.crash_notes].flatMap(([cpu, paddr]): Files => {
    const folder = `sys/devices/system/cpu/cpu${cpu}`;
    const size: Files = [
      [`${folder}/crash_notes_size`, `${input.crash_notes_size}\n`],
    ];
    return [
      [`${folder}/crash_notes`, `${paddr.toString(16)}\n`],
      ...lacks.includes("crash_notes_size") ? [] : size,
    ];
  });
  const files: Files = [
    ...cpus,
    ...input.vmcoreinfo
      ? [[
        "sys/kernel/vmcoreinfo",
        `${hex(input.vmcoreinfo.paddr)} ${
          input.vmcoreinfo.size.toString(16)
        }\n`,
      ]] as Files
      : [],
    ["sys/kernel/kexec_crash_loaded", "0\n"],
    ["proc/cmdline", "\n"],
    ["proc/mounts", "sysfs /sys sysfs rw 0 0\n"],
    ["proc/iomem", iomem(machine, view)],
    ...BY_ARCH[machine.arch](machine, input, view),
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
  Record<
    ArchName,
    (machine: Case, input: KexecToolsInput, view: UtilityView) => Files
  >
> = {
  x86_64: (machine, { page_offset }, { preserve_context }) => {
    const kernel = machine.kernel!;
    const { start } = machine.memory.crashkernel!;
    const text = {
      vaddr: kernel.text,
      paddr: kernel.text_paddr,
      size: kernel.end - kernel.text,
    };
    const low = { vaddr: page_offset, paddr: 0n, size: 0x1000000n };
    return [
      ["proc/kallsyms", symbols({ _text: kernel.text, _stext: kernel.text })],
      ["proc/kcore", elfFile(62, ET_CORE, 0, [text, low])],
      [
        "vmlinux",
        // A load that comes back makes a header for a bzImage alone.
        preserve_context === undefined
          ? elfFile(62, ET_EXEC, 0, [{
            vaddr: start + 0x1000000n,
            paddr: start + 0x1000000n,
            size: 4096n,
          }])
          : bzImage(),
      ],
    ];
  },
  arm64: (machine, { phys_offset }, view) => {
    const kernel = machine.kernel!;
    const { page_offset } = machine.address;
    // A linear map at -(1 << VA_BITS) is named by its bits.
    const va_bits = (-BigInt.asIntN(64, page_offset)).toString(2).length - 1;
    const vmcoreinfo = `NUMBER(VA_BITS)=${va_bits}\nNUMBER(PHYS_OFFSET)=${
      hex(phys_offset)
    }\n`;
    return [
      [
        "proc/kallsyms",
        symbols({
          ...textOf(kernel, view),
          _stext: kernel.text + HEAD_BYTES,
          __init_begin: kernel.text + HEAD_BYTES + CODE_BYTES,
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
  riscv64: ({ kernel }, _, { sinittext }) => [
    ["proc/kallsyms", symbols({ _text: kernel!.text, _sinittext: sinittext! })],
    ["sys/firmware/fdt", deviceTree()],
    [
      "vmlinux",
      elfFile(243, ET_EXEC, 0, [{
        vaddr: kernel!.text,
        paddr: kernel!.text,
        size: 4096n,
      }]),
    ],
  ],
  loongarch64: ({ kernel }, _, view) => [
    ["proc/kallsyms", symbols(textOf(kernel!, view))],
    ["vmlinux", loongarch64Image()],
  ],
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

function textOf(
  { text }: Required<Case>["kernel"],
  { lacks = [] }: UtilityView,
): Readonly<Record<string, bigint>> {
  return lacks.includes("_text") ? {} : { _text: text };
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
