import { assertEquals } from "@std/assert";
import { diffDumpView, diffNotes } from "./notes_diff.ts";

const CPU = { offset: 4096, name: "CORE", type: 1, size: 336, pid: 42 };
const TEXT = { offset: 4452, name: "10", type: 0, size: 33 };

/** Fields that differ, and what was printed in them. */
function fields(...printed: unknown[]): string[] {
  return diffNotes([CPU, TEXT], printed).map(({ field, got }) =>
    `${field}: ${got}`
  );
}

Deno.test("diffNotes() takes numbers however they are printed, and names as they are", () => {
  assertEquals(fields(CPU, TEXT), []);
  assertEquals(fields({ ...CPU, size: "0x150", offset: "4096" }, TEXT), []);
  assertEquals(fields(CPU, { ...TEXT, name: "0xa" }), [
    'notes[1].name: "0xa"',
  ]);
  assertEquals(fields(CPU, { ...TEXT, name: 10 }), ["notes[1].name: 10"]);
});

Deno.test("diffNotes() lets offset and pid be left out, or be null", () => {
  const few = ({ name, type, size }: typeof CPU) => ({ name, type, size });
  assertEquals(fields(few(CPU), { ...TEXT, offset: undefined }), []);
  assertEquals(fields(CPU, { ...TEXT, pid: null }), []);
  assertEquals(fields(CPU, { ...TEXT, pid: 0 }), ["notes[1].pid: 0"]);
  assertEquals(fields({ ...CPU, pid: 0 }, TEXT), ["notes[0].pid: 0"]);
  assertEquals(fields({ ...CPU, type: null }, TEXT), [
    "notes[0].type: null",
  ]);
  assertEquals(fields(null, 7), [
    "notes[0].name: nothing",
    "notes[0].type: nothing",
    "notes[0].size: nothing",
    "notes[1].name: nothing",
    "notes[1].type: nothing",
    "notes[1].size: nothing",
  ]);
});

Deno.test("diffNotes() finds the missing note where only some have an offset", () => {
  const notes = [0, 1, 2].map((i) => ({ ...CPU, offset: i * 356, pid: i }));
  const printed = [notes[0], { ...notes[2], offset: undefined }];
  assertEquals(
    diffNotes(notes, printed).map(({ field, got }) => `${field}: ${got}`),
    ["notes[1]: nothing"],
  );
});

Deno.test("diffDumpView() takes a vmcoreinfo that is left out, and none that is made up", () => {
  const view = { nr_cpus: 8, pids: [], vmcoreinfo: { offset: 6968, size: 33 } };
  const wrong = (printed: unknown, expected = view) =>
    diffDumpView(expected, printed, 4096).map(({ field }) => field);
  assertEquals(wrong({ nr_cpus: 8 }), []);
  assertEquals(wrong({ nr_cpus: "8", vmcoreinfo: view.vmcoreinfo }), []);
  assertEquals(wrong({ nr_cpus: 8, vmcoreinfo: null }), ["vmcoreinfo"]);
  const text = JSON.stringify(view.vmcoreinfo);
  assertEquals(wrong({ nr_cpus: 8, vmcoreinfo: text }), ["vmcoreinfo"]);
  assertEquals(wrong({ nr_cpus: 7, vmcoreinfo: { offset: 6968 } }), [
    "nr_cpus",
    "vmcoreinfo.size",
  ]);
  const none = { ...view, vmcoreinfo: undefined! };
  assertEquals(wrong({ nr_cpus: 8, vmcoreinfo: null }, none), []);
  for (const made of ["abc", 7, [], { ofset: 3 }]) {
    assertEquals(wrong({ nr_cpus: 8, vmcoreinfo: made }, none), ["vmcoreinfo"]);
  }
});
