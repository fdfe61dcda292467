import { assert, assertEquals, assertThrows } from "@std/assert";
import { describeCoreFile } from "../../lib/compare/core_file.ts";
import { describeElfcorehdr } from "../../lib/compare/describe.ts";
import { Random } from "../../lib/cost/random.ts";
import { FormatError } from "../../lib/kernel/read_header.ts";
import { imageBytes, parseImage } from "../../lib/spec/image.ts";
import { headerNamed } from "../../lib/suite/corpus.ts";
import { CASES, CORPUS, IMAGES, KEXEC_TOOLS, VMCORES } from "../mod.ts";

const head = headerNamed(CORPUS, "vmcore/all-saved");
const NOTE = 0x1000;
const enc = new TextEncoder();

/** The head with bytes changed. */
function patched(...patches: [at: number, bytes: Uint8Array][]): Uint8Array {
  const bytes = head.slice();
  for (const [at, part] of patches) bytes.set(part, at);
  return bytes;
}

Deno.test("every golden of a writer is recognized as an elfcorehdr, every head as a head", () => {
  for (const { id, golden } of [...CASES, ...KEXEC_TOOLS]) {
    if (golden.length > 65536) continue;
    assertEquals([id, describeCoreFile(golden).kind], [id, "an elfcorehdr"]);
  }
  const others = new Map([
    ["vmcore/note-behind-load-small", "a core file"],
    ["vmcore/device-dump-note-behind-load", "a core file"],
    ["vmcore/notes-of-others", "a dump of QEMU"],
  ]);
  for (const { id, golden } of VMCORES) {
    // The kernel checks fewer of these than a reader of ELF has to.
    if (["vmcore/foreign-data", "vmcore/phoff-ignored"].includes(id)) continue;
    if (golden === undefined) continue;
    const kind = others.get(id) ?? "the head of a /proc/vmcore";
    assertEquals([id, describeCoreFile(golden).kind], [id, kind]);
  }
});

for (
  const [what, kind, bytes] of [
    [
      "a note of QEMU",
      "a dump of QEMU",
      patched([NOTE + 12, enc.encode("QEMU")]),
    ],
    [
      "a note of Xen",
      "a dump of Xen",
      patched([NOTE + 12, enc.encode("Xen\0")]),
    ],
    ["NT_AUXV", "the core of a process", patched([NOTE + 8, Uint8Array.of(6)])],
    [
      "NT_TASKSTRUCT",
      "/proc/kcore, or its head",
      patched([NOTE + 8, Uint8Array.of(4)]),
    ],
    [
      "a PT_LOAD without a physical address",
      "/proc/kcore, or its head",
      patched([120 + 24, new Uint8Array(8).fill(0xff)]),
    ],
    [
      "notes in the middle of a page",
      "a core file",
      patched([64 + 8, Uint8Array.of(1)]),
    ],
  ] as const
) {
  Deno.test(`${what} makes a file ${kind}`, () => {
    assertEquals(describeCoreFile(bytes).kind, kind);
  });
}

for (
  const [what, bytes] of [
    ["a compressed dump of makedumpfile", enc.encode("KDUMP   ".padEnd(64))],
    ["a compressed file", Uint8Array.of(0x1f, 0x8b, 8)],
    ["3 bytes", Uint8Array.of(0x7f, 0x45, 0x4c)],
  ] as const
) {
  Deno.test(`${what} is refused as that`, () => {
    assertThrows(() => describeCoreFile(bytes), FormatError, what);
  });
}

Deno.test("what is cut off is said", () => {
  const { notes, missing } = describeCoreFile(head.subarray(0, NOTE + 0x200));
  assertEquals(notes.length, 1);
  assertEquals(missing, [
    "2396 bytes of the PT_NOTE at 0x1000; 1 of its notes are whole",
  ]);
  const few = describeCoreFile(head.subarray(0, 64 + 2 * 56 + 3));
  assertEquals(few.missing[0], "2 of 4 program headers");
});

Deno.test("a section 0 without room for a count has none", () => {
  const count = (id: string) => {
    const { rows, missing } = describeCoreFile(
      headerNamed(CORPUS, `reader/phnum-in-section-0-shentsize-${id}`),
    );
    return [rows.length, ...missing];
  };
  assertEquals(count("128"), [3]);
  assertEquals(count("32"), [
    0,
    "section 0, which has the count of program headers, since e_shentsize is 32",
  ]);
});

Deno.test("a tail of zeroes is one line of notes, and no CPU", () => {
  const image = (id: string) => headerNamed(CORPUS, id);
  const { notes, odd } = describeCoreFile(image("reader/head-zero-tail"));
  assertEquals(notes.slice(8), [
    { offset: 0x1b20, name: "VMCOREINFO", type: 0, size: 33, n_namesz: 11 },
    { offset: 0x1b5c, name: "", type: 0, size: 0, n_namesz: 0, times: 99 },
  ]);
  assertEquals(odd, []);
  const between = describeCoreFile(image("reader/head-note-nameless"));
  assertEquals(between.notes.map(({ pid }) => pid), [
    ...[100, undefined, 101, 102, 103, 104, 105, 106, 107, undefined],
  ]);
  const typed = describeCoreFile(image("reader/head-note-nameless-type-1"));
  assertEquals(typed.notes[2], {
    ...{ offset: 0x12c8, name: "", type: 1, size: 344, n_namesz: 0 },
  });
});

Deno.test("without its case a header has only meanings that its bytes bear out", () => {
  const meanings = (id: string) =>
    describeElfcorehdr(headerNamed(CORPUS, id)).rows.map(({ meaning }) =>
      meaning
    );
  assert(
    meanings("x86_64/6.12-smp2of8-hotadd").includes("kernel, _text to _end"),
  );
  assert(meanings("loongarch64/7.3-2of4").includes("kernel, _text to _end"));
  const { golden } = KEXEC_TOOLS.find(({ id }) =>
    id === "kexec-tools/x86_64-no-vmcoreinfo"
  )!;
  const bare = describeElfcorehdr(golden).rows.map(({ meaning }) => meaning);
  assertEquals(bare.slice(0, 3), [
    "crash_notes number 0",
    "crash_notes number 1",
    "kernel, _text to _end",
  ]);
});

Deno.test("no file does worse than a FormatError", () => {
  const random = new Random(7);
  const files = [
    head,
    headerNamed(CORPUS, "x86_64/6.12-smp2of8-hotadd"),
    ...IMAGES.map(({ yaml }) => parseImage(yaml)).map((image) =>
      imageBytes(image, headerNamed(CORPUS, image.base))
    ).filter(({ length }) => length < 65536),
  ];
  for (let i = 0; i < 2000; i++) {
    const bytes = random.of(files).slice(0, 64 + random.below(8192));
    for (let n = random.below(6); n > 0; n--) {
      bytes[random.below(Math.min(bytes.length, 400))] = random.of([
        0,
        1,
        0xff,
      ]);
    }
    try {
      describeCoreFile(bytes);
    } catch (error) {
      assert(error instanceof FormatError, `${error}`);
    }
  }
});
