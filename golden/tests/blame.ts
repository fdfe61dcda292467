import { assertEquals } from "@std/assert";
import { mutantsOf } from "../../scripts/detection/mutants.ts";
import { CORPUS } from "../mod.ts";

/** Mistakes of one step, and the field that the smallest case must blame. */
const BLAME: Record<string, Record<string, RegExp>> = {
  "reader": {
    "align-zero": /\.p_align$/,
    "flags-masked": /\.p_flags$/,
    "flags-of-notes-dropped": /\.p_flags$/,
    "note-memsz-from-filesz": /\.p_memsz$/,
    "stop-at-pt-null": /^phdr\[\d+\]$/,
    "machine-one-byte": /^ehdr\.e_machine$/,
    "vaddr-double": /\.p_vaddr$/,
  },
  "notes": {
    "notes-at-paddr": /^notes\[\d+\]/,
    "notes-unbounded": /^notes$/,
    "type-8-bit": /\.type$/,
    "size-padded": /\.size$/,
    "name-without-last": /\.name$/,
    "pid-16-bit": /\.pid$/,
    "offset-of-data": /\.offset$/,
    "phentsize-ignored": /^notes/,
  },
  "nr-cpus": {
    "padding-forgotten": /^nr_cpus$|^vmcoreinfo/,
    "type-without-name": /^nr_cpus$/,
    "name-without-type": /^nr_cpus$/,
    "name-by-prefix": /^nr_cpus$/,
    "stop-at-foreign-name": /^nr_cpus$|^vmcoreinfo/,
    "vmcoreinfo-last-note": /^vmcoreinfo/,
    "vmcoreinfo-any-type": /^vmcoreinfo/,
    "notes-at-paddr": /^nr_cpus$|^vmcoreinfo/,
    "notes-unbounded": /^nr_cpus$|^vmcoreinfo/,
  },
  "vmcore": {
    "load-by-filesz": /^phdr\[\d+\]\.p_(?:offset|filesz|memsz)$/,
    "flags-kept": /^phdr\[0\]\.p_flags$/,
    "equal-offsets-joined": /^phdr\[\d+\]\.p_offset$/,
    "long-names-end-the-walk": /^phdr\[0\]\.p_filesz$/,
    "unknown-types-placed": /^phdr\[\d+\]\.p_offset$/,
    "empty-load-takes-a-page": /^phdr\[\d+\]\.p_offset$/,
    "note-at-paddr": /^phdr\[0\]\.p_filesz$|^notes/,
    "notes-reversed": /^notes\[\d+\]/,
    "align-always-0": /^phdr\[0\]\.p_align$/,
  },
};

const mutants = mutantsOf(CORPUS);

for (const [area, names] of Object.entries(BLAME)) {
  Deno.test(`a wrong ${area} is blamed on its field`, () => {
    for (const [name, field] of Object.entries(names)) {
      const { tries } = mutants.find((mutant) =>
        mutant.area === area && mutant.name === name
      )!;
      const first = tries.find(({ costly, catches }) => !costly && catches())!;
      const blamed = first.blamed();
      assertEquals([name, blamed, field.test(blamed)], [name, blamed, true]);
    }
  });
}
