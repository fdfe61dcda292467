import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describeElfcorehdr } from "../compare/describe.ts";
import { PHDR, phdrOffset, readPhdr, viewOf } from "../elf/elf64.ts";
import { encodeElfcorehdr } from "../kernel/write_header.ts";
import { playScenario } from "../model/hotplug.ts";
import { resolveCase } from "../model/resolve.ts";
import { parseCase } from "../spec/case.ts";
import { parseScenario } from "../spec/scenario.ts";
import { crashFlow } from "./crash_flow.ts";
import { headerFields } from "./header_fields.ts";
import { ehdrMap, headerMap } from "./header_map.ts";
import { headerSlots } from "./header_slots.ts";
import { lifeStrip } from "./life_strip.ts";
import { maskStrip } from "./mask_strip.ts";
import DUMP from "../../spec/fadump/7.3-64k-hotadd.yaml" with { type: "text" };
import { fadumpInput, planFadump } from "../model/fadump.ts";
import { encodeFadump } from "../model/fadump_header.ts";
import { parseFadumpCase } from "../spec/fadump.ts";
import { fadumpParts } from "./fadump_parts.ts";
import { memoryBar } from "./memory_bar.ts";
import { memoryParts } from "./memory_parts.ts";
import { scaleOf } from "./memory_scale.ts";
import { sourceLinks } from "./source_links.ts";
import { witnessLine } from "./witness_line.ts";

const MACHINE = parseCase(`
title: A hole, an absent CPU, and one that is offline
why: To be drawn.
rules: [R08]
arch: x86_64
golden_from: derived
page_size: 4096
release: "6.12.118"
cpus: { possible: "0-2,4", present: "0-1,4", online: "0,4" }
crash_notes: { base: "0x3da3d800", stride: "0x80000" }
vmcoreinfo: { paddr: "0x3f000000" }
kernel: { text: "0xffffffff81000000", end: "0xffffffff83c30000", text_paddr: "0x1000000" }
address: { page_offset: "0xffff888000000000" }
memory: { system_ram: [["0x0", "0x3fffffff"]], crashkernel: ["0x20000000", "0x2fffffff"], crashkernel_cma: [["0x10000000", "0x10ffffff"]] }
expect: { e_phnum: 9, size: 4096 }
`);
const HEADER = encodeElfcorehdr(resolveCase(MACHINE));
const url = (id: string) => `rule/${id}.html`;

/** Texts of the elements that a pattern matches. */
function texts(markup: string, pattern: RegExp): string[] {
  return [...markup.matchAll(pattern)].map(([, text]) => text);
}

Deno.test("maskStrip() numbers CPUs by the mask, and notes behind a hole by position", () => {
  const markup = maskStrip(MACHINE, url);
  const boxes = markup.matchAll(
    /<li><b class="cpu (\w+)">(\d+)<\/b><i>(.*?)<\/i>/g,
  );
  assertEquals([...boxes].map(([, ...box]) => box.join(" ")), [
    "online 0 0",
    "offline 1 1",
    "absent 2 2",
    "hole 3 –",
    "online 4 3",
  ]);
  assertStringIncludes(markup, 'href="rule/R09.html"');
});

Deno.test("maskStrip() draws a long run as one box", () => {
  const possible = Array.from({ length: 100 }, (_, cpu) => cpu);
  const cpus = { possible, present: [0], online: [0] };
  const markup = maskStrip({ ...MACHINE, cpus }, url);
  assertStringIncludes(markup, '<b class="cpu absent">1–99</b><i>1–99</i>');
});

Deno.test("memoryBar() lists what is cut by rule, and what this release does not cut", () => {
  const cut = memoryBar(memoryParts(MACHINE, HEADER), url);
  const kept = memoryBar(
    memoryParts({ ...MACHINE, release: "6.16" }, HEADER),
    url,
  );
  assertStringIncludes(cut, "rule/R33.html");
  assert(
    !/class="m-kept"/.test(
      memoryBar(memoryParts({ ...MACHINE, release: "6.17" }, HEADER), url),
    ),
  );
  assertStringIncludes(kept, "not cut on this release");
  assertStringIncludes(kept, "rule/R69.html");
});

Deno.test("fadumpParts() lists what the writer of each age read", () => {
  const spec = parseFadumpCase(DUMP);
  const header = encodeFadump(planFadump(fadumpInput(spec)));
  const parts = fadumpParts(spec, header);
  assertEquals(
    [...parts.ram, ...parts.cuts].map(({ start, end, label }) =>
      `${label} 0x${start.toString(16)}-0x${end.toString(16)}`
    ),
    [
      "RAM at the second boot 0x0-0xdfffffff",
      "boot memory 0x0-0x27ffffff",
      "reserved area 0x28000000-0x500102a7",
      "copy of boot memory 0x28010000-0x5000ffff",
    ],
  );
  assertEquals(parts.loads.map(({ start }) => start), [0n, 0x500102a8n]);
  assertEquals(parts.notes.length, 2);
  assertStringIncludes(memoryBar(parts, url), "copy of boot memory");
  const first = parseFadumpCase(
    DUMP.replaceAll('release: "7.3.4"', 'release: "6.1"')
      .replace(
        'start: "0x28000000"',
        'start: "0x28000000", size: "0x28020000"',
      ),
  );
  assertEquals(
    fadumpParts(first, header).ram.map(({ label, end }) => [label, end]),
    [["RAM at the registration", 0xbfffffffn]],
  );
});

Deno.test("scaleOf() leaves out a wide gap, marks it, and keeps the order", () => {
  const scale = scaleOf([
    { start: 0n, end: 0x3fff_ffffn },
    { start: 0x100_0000_0000n, end: 0x100_3fff_ffffn },
  ])!;
  assertEquals(scale.gaps.length, 1);
  const places = [0n, 0x3fff_ffffn, 0x100_0000_0000n, 0x100_4000_0000n]
    .map(scale.place);
  assertEquals(places, places.toSorted((a, b) => a - b));
  assertEquals(Math.round(places.at(-1)!), 100);
  assertEquals(scaleOf([]), undefined);
});

Deno.test("headerSlots() shows a box each program header, and what is free", () => {
  const markup = headerSlots(HEADER, MACHINE);
  const { rows } = describeElfcorehdr(HEADER, MACHINE);
  assertEquals(texts(markup, /<rect class="(s-crash_notes)"/g).length, 4);
  assertEquals(
    texts(markup, /<rect class="(s-ram)"/g).length,
    rows.filter(({ part }) => part === "ram").length,
  );
});

Deno.test("headerMap() gives both values of a field that differs, in any column", () => {
  const other = HEADER.slice();
  other[phdrOffset(2) + PHDR.p_flags.at] = 1;
  const { rows } = describeElfcorehdr(HEADER, MACHINE);
  const markup = headerMap({ bytes: HEADER, rows, other });
  const wrong = markup.split("<tr")[4].split("</td>").findIndex((cell) =>
    cell.includes('class="wrong"')
  );
  // After byte and meaning; the index is a heading.
  assertEquals(wrong - 2, Object.keys(PHDR).indexOf("p_flags"));
  assertEquals(texts(markup, /class="(wrong)"/g).length, 1);
  assertStringIncludes(markup, "<i>want</i> 0x0");
  assertStringIncludes(markup, "<i>got</i> 0x1");
  assertStringIncludes(markup, '<span class="tag absent">absent</span>');
});

Deno.test("ehdrMap() reads a header that is cut short", () => {
  const markup = ehdrMap({ bytes: HEADER, other: HEADER.subarray(0, 60) });
  assertStringIncludes(markup, "end of file");
});

Deno.test("headerFields() gives a rule's text once", () => {
  const markup = headerFields(HEADER, MACHINE, url);
  assertEquals(texts(markup, /(p_align is zero in every)/g).length, 1);
  assertEquals(texts(markup, /rule\/(R17)\.html/g).length, 4);
});

Deno.test("witnessLine() names the kernel, and never leaves the witness out", () => {
  const kernel = { kernel: "6.12.118", how: "kexec_file_load" };
  const captured = witnessLine({ golden_from: "captured", captured: kernel });
  assertStringIncludes(captured, "<b>6.12.118</b>");
  assertStringIncludes(witnessLine({ golden_from: "derived" }), "ours alone");
  const confirmed = { golden_from: "derived", confirmed: ["6.12", "7.3.4"] };
  assertStringIncludes(witnessLine(confirmed), "<b>6.12, 7.3.4</b>");
});

Deno.test("lifeStrip() has a row a moment, and says which were written", () => {
  const scenario = parseScenario(`
title: A block comes
why: To show it.
rules: [R47]
golden_from: derived
machine: x86_64/example
release: "7.3.4"
load: { call: kexec_file_load }
loaded: { e_phnum: 9 }
events:
  - { cpu_add: "2" }
  - { memory_add: ["0x40000000", "0x47ffffff"] }
`);
  const markup = lifeStrip(playScenario(scenario, MACHINE));
  assertEquals(texts(markup, /<li id="moment-\d" class="(\w+)"/g), [
    "written",
    "kept",
    "written",
  ]);
  assertStringIncludes(markup, "The kernel rewrote it in place.");
});

Deno.test("crashFlow() marks the note of a CPU that left nothing", () => {
  const notes = readPhdr(viewOf(HEADER), phdrOffset(0));
  const found = (paddr: bigint) =>
    paddr === notes.p_paddr ? "registers of CPU 0" : undefined;
  const lost = [[0x1000n, "registers of CPU 9"]] as const;
  const crash = { header: HEADER, spec: MACHINE, found, lost };
  const dump = crashFlow({ ...crash, vmcore: [{ ...notes, p_filesz: 356n }] });
  assertEquals(texts(dump, /<i>0x[0-9a-f]+<\/i> (zeroes)/g).length, 4);
  assertStringIncludes(dump, "PT_NOTE, 356 bytes<br>registers of CPU 0");
  assertStringIncludes(dump, "registers of CPU 9");
  assertEquals(texts(dump, /(no PT_NOTE: not in the dump)/g).length, 1);
  const none = crashFlow({ ...crash, vmcore: [], refusal: "no notes" });
  assertStringIncludes(none, "There is no /proc/vmcore: no notes.");
});

Deno.test("sourceLinks() links files at their release, and commits", () => {
  const urls = {
    linux: (path: string, release: string) => `linux:${release}:${path}`,
    commit: (hash: string) => `commit:${hash}`,
    utility: (path: string, version: string) => `kexec:${version}:${path}`,
    utilityCommit: (hash: string) => `kexec-commit:${hash}`,
  };
  const hrefs = (source: string) =>
    texts(sourceLinks(source, urls), /href="(.*?)"/g);
  assertEquals(hrefs("kernel/kexec_file.c, f() in 6.1; a396d0f81b1c"), [
    "linux:6.1:kernel/kexec_file.c",
    "commit:a396d0f81b1c",
  ]);
  assertEquals(hrefs("kexec-tools 2.0.25 to 2.0.32, kexec/crashdump.c"), [
    "kexec:2.0.32:kexec/crashdump.c",
  ]);
  assertEquals(
    hrefs("kexec-tools 2.0.32, kexec/crashdump-elf.c; 6fd80e245e38"),
    [
      "kexec:2.0.32:kexec/crashdump-elf.c",
      "kexec-commit:6fd80e245e38",
    ],
  );
});
