import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { CASES } from "../../golden/mod.ts";
import { diffElfcorehdr } from "../../lib/compare/diff.ts";
import {
  EHDR,
  ELFMAG,
  PHDR,
  phdrOffset,
  PT_LOAD,
  viewOf,
} from "../../lib/elf/elf64.ts";
import { encodeElfcorehdr } from "../../lib/kernel/write_header.ts";
import { describeHost } from "../host/describe.ts";
import { releaseOf } from "../host/facts.ts";
import { resolveCase } from "../../lib/model/resolve.ts";
import { formatCase, parseCase } from "../../lib/spec/case.ts";

// host_trees has what four captured machines showed in sysfs and procfs.
const ROOT = new URL("host_trees/", import.meta.url).pathname;
const ignore = Deno.permissions.querySync({ name: "read" }).state !== "granted";

function readFrom(root: string): (path: string) => string | undefined {
  return (path) => {
    try {
      return Deno.readTextFileSync(`${root}${path}`);
    } catch {
      return undefined;
    }
  };
}

for (
  const [tree, id, fields] of [
    // The notes of absent CPUs and the linear map are nowhere to be seen.
    [
      "x86_64-6.12",
      "x86_64/6.12-smp2of8-hotadd",
      /^phdr\[[2-7]\]\.p_(?:offset|paddr)$|^phdr\[1[01]\]\.p_vaddr$/,
    ],
    [
      "arm64-6.12",
      "arm64/6.12-4k-nomap-hole3-spin5",
      /^phdr\[4\]\.p_(?:offset|paddr)$|p_vaddr$/,
    ],
  ] as const
) {
  Deno.test({
    name: `describeHost() sees all of ${tree} but what it says it does not`,
    ignore,
    fn: () => {
      const { yaml, unseen } = describeHost(readFrom(`${ROOT}${tree}/`));
      const { golden } = CASES.find((test) => test.id === id)!;
      const bytes = encodeElfcorehdr(resolveCase(parseCase(yaml)));
      const other = diffElfcorehdr(golden, bytes).filter(({ field }) =>
        !fields.test(field)
      );
      assertEquals(other, []);
      assert(unseen.length > 0);
      for (const line of unseen) {
        assertStringIncludes(yaml, `# not seen: ${line}\n`);
      }
    },
  });
}

Deno.test({
  name:
    "describeHost() lists each possible CPU's notes on ppc64le, and says that iomem hides the reservation",
  ignore,
  fn: () => {
    const { yaml, unseen } = describeHost(readFrom(`${ROOT}ppc64le-6.12/`));
    const described = parseCase(yaml);
    const real = parseCase(
      CASES.find(({ id }) => id === "ppc64le/6.12.117-64k-smp2of8")!.yaml,
    );
    assertEquals(described.crash_notes, real.crash_notes);
    assertEquals(described.vmcoreinfo, real.vmcoreinfo);
    assertEquals(described.page_size, 65536);
    assert(unseen.includes("memory.crashkernel: iomem names no such region"));
  },
});

Deno.test({
  name: "describeHost() takes the present mask before 6.6",
  ignore,
  fn: () => {
    const { yaml } = describeHost(readFrom(`${ROOT}x86_64-6.1/`));
    const { release, cpus, crash_notes } = parseCase(yaml);
    assertEquals([release, cpus.present], ["6.1.0", [0, 1, 3]]);
    assertEquals([...(crash_notes as Map<number, bigint>).keys()], [0, 1, 3]);
  },
});

Deno.test("describeHost() says what is hidden without privilege, and keeps the counts", () => {
  const files: Record<string, string> = {
    "proc/sys/kernel/arch": "x86_64\n",
    "proc/sys/kernel/osrelease": "6.12.1\n",
    "sys/devices/system/cpu/possible": "0-3\n",
    "sys/devices/system/cpu/present": "0-1\n",
    "sys/devices/system/cpu/online": "0-1\n",
    "proc/iomem":
      "00000000-00000000 : System RAM\n00000000-00000000 : Reserved\n00000000-00000000 : System RAM\n",
    "proc/kallsyms": "0000000000000000 T _text\n0000000000000000 B _end\n",
  };
  const { yaml, unseen } = describeHost((path) => files[path]);
  const { ranges, arch } = resolveCase(parseCase(yaml));
  assertEquals([arch.name, ranges.length], ["x86_64", 2]);
  assertEquals(unseen.map((line) => line.split(":")[0]), [
    "page_size",
    "crash_notes.0",
    "crash_notes.1",
    "crash_notes.2",
    "crash_notes.3",
    "vmcoreinfo",
    "kernel.text",
    "kernel.end",
    "kernel.text_paddr",
    "address.page_offset",
    "memory",
  ]);
});

/** A tree of text files, by their paths. */
function machine(files: Record<string, string>): Record<string, string> {
  return {
    "proc/sys/kernel/arch": "x86_64\n",
    "proc/sys/kernel/osrelease": "6.12.117\n",
    "sys/devices/system/cpu/possible": "0\n",
    "sys/devices/system/cpu/present": "0\n",
    "sys/devices/system/cpu/online": "0\n",
    "sys/devices/system/cpu/cpu0/crash_notes": "7ff6b000\n",
    "sys/kernel/vmcoreinfo": "43f0000 1024\n",
    ...files,
  };
}

Deno.test("describeHost() writes what formatCase() writes, but for comments", () => {
  const files = machine({
    "proc/iomem": "00100000-7fffffff : System RAM\n",
  });
  const { yaml } = describeHost((path) => files[path]);
  const words = (text: string) =>
    text.replace(/^#.*$| # [^"\n]*$/gm, "").match(/[A-Za-z0-9_.]+/g)!.sort();
  assertEquals(words(formatCase(parseCase(yaml))), words(yaml));
});

Deno.test("describeHost() lists System RAM within System RAM once", () => {
  const files = machine({
    "proc/iomem": [
      "00010000-0009e7ff : System RAM",
      "00100000-7fedffff : System RAM",
      "  01000000-01ffffff : Kernel code",
      "  03000000-0affffff : System RAM",
      "7ff00000-7fffffff : System RAM",
    ].join("\n"),
  });
  const { memory } = parseCase(describeHost((path) => files[path]).yaml);
  assertEquals(memory.system_ram, [
    { start: 0x10000n, end: 0x9e7ffn },
    { start: 0x100000n, end: 0x7fedffffn },
    { start: 0x7ff00000n, end: 0x7fffffffn },
  ]);
});

const ARM64 = {
  "proc/sys/kernel/arch": "aarch64\n",
  "proc/iomem":
    "48000000-7fffffff : System RAM\n  48210000-4969ffff : Kernel code\n",
  "proc/kallsyms":
    "ffffd47fba000000 T _text\nffffd47fba010000 T _stext\nffffd47fbbe70000 B _end\n",
};

Deno.test("describeHost() takes memblock where it is readable, and PHYS_OFFSET from RAM", () => {
  const files = machine({
    ...ARM64,
    "sys/kernel/debug/memblock/memory": [
      "   0: 0x0000000048000000..0x000000005fffffff    0 NONE",
      "   1: 0x0000000060000000..0x000000006fffffff    0 NOMAP",
      "   2: 0x0000000070000000..0x000000007fffffff    x NONE",
    ].join("\n"),
  });
  const { yaml, unseen } = describeHost((path) => files[path]);
  const { memory, address } = parseCase(yaml);
  assertEquals(memory.system_ram, [
    { start: 0x48000000n, end: 0x5fffffffn },
    { start: 0x70000000n, end: 0x7fffffffn },
  ]);
  assertEquals(address.phys_offset, 0x40000000n);
  assertEquals(unseen.some((line) => line.startsWith("memory:")), false);
});

Deno.test("describeHost() leaves out NOMAP regions that only iomem shows", () => {
  const files = machine({
    ...ARM64,
    "proc/iomem": [
      "48000000-5fffffff : System RAM",
      "60000000-6fffffff : reserved",
      "70000000-73ffffff : reserved",
      "74000000-7fffffff : System RAM",
      "  78000000-7bffffff : reserved",
    ].join("\n"),
    "sys/kernel/debug/memblock/memory": [
      // 6.1, and a kernel that prints the first flag of several.
      "   0: 0x0000000048000000..0x000000005fffffff",
      "   1: 0x0000000060000800..0x000000006fffffff",
      "   2: 0x0000000070000000..0x0000000073ffffff    1 HOTPLUG",
      "   3: 0x0000000074000000..0x000000007fffffff    1 HOTPLUG",
    ].join("\n"),
  });
  const { yaml } = describeHost((path) => files[path]);
  assertEquals(parseCase(yaml).memory.system_ram, [
    { start: 0x48000000n, end: 0x5fffffffn },
    { start: 0x74000000n, end: 0x7fffffffn },
  ]);
});

Deno.test("describeHost() finds _text on arm64 where the release decides Kernel code, and says where not", () => {
  const place = (release: string) => {
    const files = machine({ ...ARM64, "proc/sys/kernel/osrelease": release });
    const { yaml, unseen } = describeHost((path) => files[path]);
    return unseen.some((line) => line.startsWith("kernel.text_paddr"))
      ? undefined
      : parseCase(yaml).kernel!.text_paddr;
  };
  assertEquals(place("6.12.19"), 0x48200000n);
  assertEquals(place("6.12.60"), undefined);
  assertEquals(place("6.12.95"), 0x48210000n);
  assertEquals(place("7.3.4"), 0x48210000n);
});

Deno.test("describeHost() keeps _text where _end is hidden", () => {
  const files = machine({
    "proc/kallsyms": "ffffffff81000000 T _text\n",
    "proc/iomem":
      "00100000-7fffffff : System RAM\n  01000000-01ffffff : Kernel code\n",
  });
  const { yaml, unseen } = describeHost((path) => files[path]);
  const { kernel } = parseCase(yaml);
  assertEquals([kernel!.text, kernel!.text_paddr], [
    0xffffffff81000000n,
    0x1000000n,
  ]);
  assertEquals(unseen.filter((line) => line.startsWith("kernel")).length, 1);
});

/** The head of a kcore with these rows, each a virtual and a physical address and a size. */
function kcoreHead(rows: readonly (readonly [bigint, bigint, bigint])[]) {
  const bytes = new Uint8Array(phdrOffset(rows.length));
  bytes.set(ELFMAG);
  const view = viewOf(bytes);
  view.setUint16(EHDR.e_phnum.at, rows.length, true);
  for (const [i, [vaddr, paddr, size]] of rows.entries()) {
    const at = phdrOffset(i);
    view.setUint32(at + PHDR.p_type.at, PT_LOAD, true);
    view.setBigUint64(at + PHDR.p_vaddr.at, vaddr, true);
    view.setBigUint64(at + PHDR.p_paddr.at, paddr, true);
    view.setBigUint64(at + PHDR.p_memsz.at, size, true);
  }
  return bytes;
}

Deno.test("describeHost() takes the linear map and the kernel from kcore", () => {
  const files = machine({
    "proc/iomem":
      "00100000-7fffffff : System RAM\n  01000000-01ffffff : Kernel code\n",
  });
  const kcore = kcoreHead([
    [0xffffffffa3400000n, 0x1000000n, 0x2c30000n],
    [0xff6b37f140000000n, 2n ** 64n - 1n, 0x1000n],
    [0xffff93e200100000n, 0x100000n, 0x7ff00000n],
  ]);
  const { yaml, unseen } = describeHost(
    (path) => files[path],
    (path) => path === "proc/kcore" ? kcore : undefined,
  );
  const { address, kernel } = parseCase(yaml);
  assertEquals(address.page_offset, 0xffff93e200000000n);
  assertEquals(kernel, {
    text: 0xffffffffa3400000n,
    end: 0xffffffffa6030000n,
    text_paddr: 0x1000000n,
  });
  assertEquals(unseen.filter((line) => !line.startsWith("memory")), []);
});

/** Deno wants --allow-all for /proc; leave to read is not enough. */
function mayReadProc(): boolean {
  try {
    Deno.readTextFileSync("/proc/sys/kernel/arch");
    return true;
  } catch {
    return false;
  }
}

Deno.test({
  name: "describeHost() describes the machine that runs the tests",
  ignore: ignore || Deno.build.os !== "linux" || !mayReadProc(),
  fn: () => {
    const { yaml } = describeHost(readFrom("/"));
    const { cpus } = parseCase(yaml);
    assertEquals(cpus.online.length <= cpus.possible.length, true);
  },
});

for (
  const [uname, version, release] of [
    [
      "6.1.0-56-cloud-amd64",
      "Linux version 6.1.0-56-cloud-amd64 (gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)",
      "6.1.192",
    ],
    [
      "7.3.4+deb13-cloud-amd64",
      "Linux version 7.3.4+deb13-cloud-amd64 (gcc-14 (Debian 14.2.0-19) 14.2.0) #1 SMP Debian 7.3.4-1~bpo13+1",
      "7.3.4",
    ],
    [
      "6.12.118",
      "Linux version 6.12.118 (builder) #1 SMP Wed Nov 25",
      "6.12.118",
    ],
    ["7.4.0-rc1", undefined, "7.4.0"],
  ] as const
) {
  Deno.test(`releaseOf() reads ${release} out of ${uname}`, () => {
    assertEquals(releaseOf(uname, version), release);
  });
}

Deno.test("describeHost() takes the release that is asked for, and no mask that runs backwards", () => {
  const files: Record<string, string> = {
    "proc/sys/kernel/arch": "x86_64\n",
    "proc/sys/kernel/osrelease": "6.12.118\n",
    "sys/devices/system/cpu/possible": "0-3\n",
    "sys/devices/system/cpu/present": "0-1\n",
    "sys/devices/system/cpu/online": "0\n",
  };
  const { yaml } = describeHost((path) => files[path], undefined, "6.1.192");
  assert(yaml.includes('release: "6.1.192"'), yaml);
  assert(!/^ {2}2: /m.test(yaml), "kernels before 6.6 note present CPUs");
  files["sys/devices/system/cpu/online"] = "5-3\n";
  assertThrows(
    () => describeHost((path) => files[path]),
    RangeError,
    "sys/devices/system/cpu/online",
  );
});
