import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { CASES } from "../../golden/mod.ts";
import { diffElfcorehdr } from "../../lib/compare/diff.ts";
import { encodeElfcorehdr } from "../../lib/kernel/write_header.ts";
import { describeHost, releaseOf } from "../../lib/model/host.ts";
import { resolveCase } from "../../lib/model/resolve.ts";
import { parseCase } from "../../lib/spec/case.ts";

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
    "kernel",
    "address",
    "memory",
  ]);
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
  const { yaml } = describeHost((path) => files[path], "6.1.192");
  assert(yaml.includes('release: "6.1.192"'), yaml);
  assert(!/^ {2}2: /m.test(yaml), "kernels before 6.6 note present CPUs");
  files["sys/devices/system/cpu/online"] = "5-3\n";
  assertThrows(
    () => describeHost((path) => files[path]),
    RangeError,
    "sys/devices/system/cpu/online",
  );
});
