import { assertEquals, assertThrows } from "@std/assert";
import { equals } from "@std/bytes";
import { goldensOf, headerNamed } from "../../lib/suite/corpus.ts";
import { formatText } from "../../scripts/text/format.ts";
import { parseText } from "../../scripts/text/parse.ts";
import { CORPUS } from "../mod.ts";

// Larger files repeat what smaller ones show.
const MOST_BYTES = 100_000;

const files = [
  ...goldensOf(CORPUS),
  ...CORPUS.images.map(({ id }) => [id, headerNamed(CORPUS, id)] as const),
].filter(([, { length }]) => length <= MOST_BYTES);

Deno.test("text and bytes of every vector convert into each other", () => {
  const different = files.filter(([, bytes]) => {
    const text = formatText(bytes);
    const again = parseText(text);
    return !equals(again, bytes) || formatText(again) !== text;
  });
  assertEquals(different.map(([name]) => name), []);
});

Deno.test("no header of a vector is left as hex", () => {
  const known = files.filter(([name]) =>
    !/^reader\/(?:class-32|head-class-32|magic|empty|ends-)/.test(name)
  );
  const unknown = known.filter(([, bytes]) =>
    !/^e_ident EI_MAG=0x464c457f .*\nehdr/.test(formatText(bytes)) &&
    bytes[0] === 0x7f
  );
  assertEquals(unknown.map(([name]) => name), []);
  const text = formatText(headerNamed(CORPUS, "x86_64/6.12-smp2of8-hotadd"));
  assertEquals(text.match(/^(?:hex|words) /gm), null);
  assertEquals(text.match(/^phdr /gm)?.length, 12);
});

Deno.test("an edited field changes its bytes and no others", () => {
  const bytes = headerNamed(CORPUS, "vmcore/all-saved");
  const text = formatText(bytes);
  const edits: [from: string | RegExp, to: string, at: number[]][] = [
    ["e_machine=EM_X86_64", "e_machine=EM_RISCV", [18]],
    ["e_phnum=4", "e_phnum=0x204", [57]],
    ["p_type=PT_NOTE", "p_type=PT_LOAD", [64]],
    ["n_type=1 ", "n_type=0x10001 ", [4096 + 10]],
    ['name="CORE"', 'name="CARE"', [4096 + 13]],
    [/pr_pid=\d+/, "pr_pid=0xffffffff", [52, 53, 54, 55].map((i) => 4096 + i)],
    ["  # phdr[1] at 0x78", "  # anything", []],
  ];
  for (const [from, to, at] of edits) {
    const edited = text.replace(from, to);
    assertEquals(edited === text, false, `${from}`);
    const got = parseText(edited);
    const changed = [...bytes.keys()].filter((i) => got[i] !== bytes[i]);
    assertEquals([from, got.length, changed], [from, bytes.length, at]);
  }
});

Deno.test("parseText() refuses what has no bytes, with line and field", () => {
  for (
    const [text, message] of [
      ["phdr p_type=1", "line 1: p_flags must be there"],
      ["zeroes 1\nwhat 1", "line 2: the first word must be one of e_ident"],
      ["zeroes 0x800001", "line 1: zeroes must be 8388608 at most"],
      ["hex 0", "line 1: hex must be bytes in hex"],
      ["prstatus pr_pid=0x100000000", "line 1: pr_pid must be a number of 4"],
      ["shdr sh_nam=1", "line 1: a field of shdr must be one of sh_name"],
      ["text x", "line 1: text must be a string of JSON"],
      [" zeroes 1", "line 1: a line must be without indent"],
      [
        'note n_namesz=4 n_descsz=0 n_type=1 name="CORES"',
        "line 1: name must be 4 bytes at most",
      ],
    ]
  ) assertThrows(() => parseText(text), SyntaxError, `text at ${message}`);
});
