import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { PHDR, phdrOffset, viewOf } from "../../lib/elf/elf64.ts";
import { problemsIn } from "../../golden/tests/json_schema.ts";
import { judgementShape } from "../host/judgement_shape.ts";
import { judgeDump } from "../host/dump.ts";
import { judgeHost, type Judgement } from "../host/judge.ts";
import { gunzip, readTar } from "../host/bundle.ts";
import { filesIn } from "../host/files.ts";
import {
  formatDump,
  formatJudgement,
  isWhole,
  toJson,
} from "../host/report.ts";
import a61 from "./bundles/a61.tar.gz" with { type: "bytes" };
import a612 from "./bundles/a612.tar.gz" with { type: "bytes" };
import a61p from "./bundles/a61p.tar.gz" with { type: "bytes" };
import a61pVmcore from "./bundles/a61p.vmcore-head.gz" with { type: "bytes" };
import c61 from "./bundles/c61.tar.gz" with { type: "bytes" };
import c61mem from "./bundles/c61mem.tar.gz" with { type: "bytes" };
import k2confid from "./bundles/k2confid.tar.gz" with { type: "bytes" };
import k2file from "./bundles/k2file.tar.gz" with { type: "bytes" };
import k2u25 from "./bundles/k2u25.tar.gz" with { type: "bytes" };
import k612none from "./bundles/k612none.tar.gz" with { type: "bytes" };
import v61 from "./bundles/v61.tar.gz" with { type: "bytes" };
import v61Vmcore from "./bundles/v61.vmcore-head.gz" with { type: "bytes" };
import shrunk from "./bundles/x612-crashkernel-shrunk-file.tar.gz" with {
  type: "bytes",
};
import dimmGone from "./bundles/x612-dimm-gone-file.tar.gz" with {
  type: "bytes",
};
import percpuPage from "./bundles/x612-percpu-page-file.tar.gz" with {
  type: "bytes",
};
import addedAfter from "./bundles/x61-added.tar.gz" with { type: "bytes" };
import confidential from "./bundles/x612-confidentiality.tar.gz" with {
  type: "bytes",
};
import hidden from "./bundles/x612-kptr-restrict.tar.gz" with { type: "bytes" };
import utility from "./bundles/x612-load.tar.gz" with { type: "bytes" };
import cma from "./bundles/x73-cma-kexec32.tar.gz" with { type: "bytes" };

// Bundles of real guests, made by root inside of them.

type Files = Map<string, Uint8Array>;

function unpack(bundle: Uint8Array): Files {
  return readTar(gunzip(bundle, "bundle"), "bundle");
}

function judge(files: Files, release?: string): Judgement {
  const { text, head } = filesIn(files);
  return judgeHost(text, head, release);
}

const text = (value: string) => new TextEncoder().encode(value);

for (
  const [name, bundle, verdict, line] of [
    ["a61", a61, "NOT SEEN", "no header could be read"],
    ["a612", a612, "RIGHT", "the kexec utility writes these bytes"],
    ["a61p", a61p, "NOT SEEN", "known defect: /proc/kallsyms has no _text"],
    ["c61", c61, "RIGHT", "the kernel writes these bytes"],
    [
      "c61mem",
      c61mem,
      "STALE",
      "a dump would lack the registers of CPU 2 once it is online, and 256 MiB of 1086.875 MiB of RAM: 0x100000000-0x10fffffff",
    ],
    ["k2confid", k2confid, "NOT SEEN", "lockdown=confidentiality"],
    ["k2file", k2file, "RIGHT", "loaded by kexec_file_load"],
    ["k2u25", k2u25, "RIGHT", "the kexec utility writes these bytes"],
    ["k612none", k612none, "NOT LOADED", "a panic gives no dump"],
    [
      "v61",
      v61,
      "STALE",
      "a dump would lack the registers of CPU 2, and 256 MiB of 1086.875 MiB of RAM: 0x100000000-0x10fffffff",
    ],
    ["x612-crashkernel-shrunk-file", shrunk, "RIGHT", "the kernel writes"],
    [
      "x612-dimm-gone-file",
      dimmGone,
      "STALE",
      "nothing is lost, but 0x100000000-0x10fffffff is listed and gone",
    ],
    [
      "x612-percpu-page-file",
      percpuPage,
      "RIGHT",
      "the notes of CPU 2-3 were not seen",
    ],
    ["x61-added", addedAfter, "STALE", "the registers of CPU 2, and 256 MiB"],
    [
      "x612-confidentiality",
      confidential,
      "NOT SEEN",
      "boot with lockdown=integrity",
    ],
    ["x612-kptr-restrict", hidden, "NOT SEEN", "found by scanning"],
    ["x612-load", utility, "RIGHT", "the kexec utility writes these bytes"],
    ["x73-cma-kexec32", cma, "RIGHT", "the kexec utility writes these bytes"],
  ] as const
) {
  Deno.test(`judgeHost() finds ${name} ${verdict}`, () => {
    const judgement = judge(unpack(bundle));
    assertEquals(judgement.verdict, verdict);
    assertEquals(problemsIn(judgementShape, JSON.parse(toJson(judgement))), []);
    const report = formatJudgement(judgement);
    assert(report.startsWith(`${verdict}: `));
    assertStringIncludes(report, line);
  });
}

Deno.test("a vendor's kernel is compared with no bytes", () => {
  const files = unpack(k2file);
  files.set("proc/version", text("Linux version 6.12.0-55.el10.x86_64\n"));
  files.set("proc/sys/kernel/osrelease", text("6.12.0-55.el10.x86_64\n"));
  const judgement = judge(files);
  assertEquals([judgement.verdict, judgement.writer], ["COMPLETE", undefined]);
  assertEquals(judge(files, "6.12.118").verdict, "RIGHT");
});

Deno.test("a CPU beyond the count of an older C library makes the header incomplete", () => {
  const files = unpack(k2u25);
  for (const mask of ["present", "online"]) {
    files.set(`sys/devices/system/cpu/${mask}`, text("0,2\n"));
  }
  files.set("libc.version", text("ldd (GNU libc) 2.31\n"));
  const old = judge(files);
  assertEquals(old.verdict, "INCOMPLETE");
  assertStringIncludes(old.reason, "registers of CPU 2");
  files.set("libc.version", text("ldd (GNU libc) 2.36\n"));
  assertEquals(judge(files).verdict, "STALE");
  files.delete("libc.version");
  const unknown = judge(files);
  assertEquals(unknown.verdict, "STALE");
  assertStringIncludes(unknown.next!, "If the CPUs are lost again");
});

Deno.test("a header that lists the reserved region, or leaves the linear map, is wrong", () => {
  for (
    const [field, change, message] of [
      ["p_memsz", 1n << 40n, "is listed, and the capture kernel uses it"],
      ["p_memsz", (1n << 64n) - 1n, "a range ends before it starts"],
      ["p_offset", 0x1000n, "is read from 0x1000"],
      ["p_vaddr", 0x1000n, "p_vaddr of RAM is not in the linear map"],
    ] as const
  ) {
    const files = unpack(k2file);
    const header = files.get("elfcorehdr")!.slice();
    const view = new DataView(header.buffer);
    const at = phdrOffset(6) + PHDR[field].at;
    view.setBigUint64(at, change, true);
    files.set("elfcorehdr", header);
    const { verdict, losses } = judge(files);
    assertEquals(verdict, "WRONG");
    assertStringIncludes(losses!.wrong.join("\n"), message);
  }
});

Deno.test("bytes that are no header are wrong, and an image that changed is not seen", () => {
  const files = unpack(k2file);
  const { length } = files.get("elfcorehdr")!;
  files.set("elfcorehdr", new Uint8Array(length));
  assertEquals(judge(files).verdict, "WRONG");
  files.set(
    "collect",
    text("format: 1\ntwice: elfcorehdr changed meanwhile\n"),
  );
  assertEquals(judge(files).verdict, "NOT SEEN");
});

Deno.test("a header that is cut off is collected again", () => {
  const files = unpack(k2file);
  files.set("elfcorehdr", files.get("elfcorehdr")!.subarray(0, 4096));
  assertThrows(() => judge(files), RangeError, "Collect again");
});

Deno.test("notes that are read from elsewhere, or are cut, are wrong", () => {
  for (
    const [field, index, message] of [
      ["p_offset", 0, "are read from 0x1000"],
      ["p_memsz", 0, "are cut"],
      ["p_paddr", 4, "vmcoreinfo is not in it"],
    ] as const
  ) {
    const files = unpack(k2file);
    const header = Uint8Array.from(files.get("elfcorehdr")!);
    const at = phdrOffset(index) + PHDR[field].at;
    viewOf(header).setBigUint64(at, field === "p_memsz" ? 8n : 0x1000n, true);
    files.set("elfcorehdr", header);
    const { verdict, losses } = judge(files);
    assertEquals(verdict, "WRONG");
    assertStringIncludes(losses!.wrong.join("\n"), message);
  }
});

Deno.test("judgeDump() compares a dump with its machine and its boot", () => {
  const dump = gunzip(v61Vmcore, "dump");
  const { text: read, head } = filesIn(unpack(v61));
  assertEquals(
    formatDump(judgeDump(read, head, dump)),
    "PARTIAL: the dump has the registers of 2 of 3 online CPUs, and lacks 256 MiB of 1086.875 MiB: 0x100000000-0x10fffffff\n",
  );
  const other = filesIn(unpack(k2file));
  assertStringIncludes(
    formatDump(judgeDump(other.text, other.head, dump)),
    "ANOTHER BOOT",
  );
});

Deno.test("judgeDump() finds a dump whose memory cannot be read", () => {
  const files = unpack(a61p);
  const { text: read, head } = filesIn(files);
  const judgement = judgeDump(read, head, gunzip(a61pVmcore, "dump"));
  assertEquals(isWhole(judgement), false);
  const json = JSON.parse(toJson(judge(files), judgement));
  assertEquals(problemsIn(judgementShape, json), []);
  assertStringIncludes(
    formatDump(judgement),
    "the PT_LOAD of the kernel is at 0x504cb6e00000, and _text at 0x40200000",
  );
});

Deno.test("an archive that is torn, links or leads outside is refused with its reason", () => {
  const tar = gunzip(k2file, "bundle");
  const changed = (at: number, bytes: string) => {
    const copy = tar.slice();
    copy.set(text(bytes), at);
    return copy;
  };
  const first = tar.findIndex((byte, i) => i % 512 === 156 && byte === 0x30);
  const block = first - 156;
  for (
    const [bytes, message] of [
      [tar.subarray(0, block + 513), "must be whole"],
      [changed(first, "2"), "must be a plain file or a folder"],
      [changed(block, "../../etc/x\0"), "leads outside"],
      [changed(block + 124, "99999999999\0"), "must be whole"],
      [changed(block + 124, "-0000001024\0"), "must be whole"],
      [new Uint8Array(1024), "has no files"],
    ] as const
  ) {
    assertThrows(() => readTar(bytes, "bundle"), RangeError, message);
  }
});

Deno.test("a page size that the architecture lacks is not seen", () => {
  const files = unpack(a612);
  const [paddr] = new TextDecoder().decode(files.get("sys/kernel/vmcoreinfo"))
    .split(" ");
  files.set("sys/kernel/vmcoreinfo", text(`${paddr} 24\n`));
  assertEquals(judge(files).verdict, "NOT SEEN");
});
