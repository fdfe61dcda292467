/**
 * The kinds of implementations that are asked, a row each.
 *
 * @module
 */

import type { Corpus } from "./corpus.ts";
import { fadumpTests } from "./fadump.ts";
import { kexecToolsTests } from "./kexec_tools.ts";
import { memoryTests } from "./memory.ts";
import { notesTests } from "./notes.ts";
import { nrCpusTests } from "./nr_cpus.ts";
import { readerTests } from "./reader.ts";
import type { Protocol, Test } from "./verdict.ts";
import { vmcoreTests } from "./vmcore.ts";
import { writerTests } from "./writer.ts";

/** A kind of implementation. */
export interface Profile {
  /** Request and answer. */
  readonly what: string;
  /** Its tests. */
  readonly tests: (corpus: Corpus) => Test[];
  /** Ending of a file with an answer. */
  readonly answer: ".bin" | ".json";
  /** The wordings of its requests; none where bytes are sent as they are. */
  readonly requests: readonly Protocol[];
}

/** Name of a profile. */
export type ProfileName = keyof typeof PROFILES;

/** All of them, by name. */
export const PROFILES = {
  writer: {
    what: "a machine in, its header out",
    tests: writerTests,
    answer: ".bin",
    requests: ["json", "lines"],
  },
  reader: {
    what: "a header in, its program headers out",
    tests: readerTests,
    answer: ".json",
    requests: [],
  },
  vmcore: {
    what: "a header and memory in, the head of /proc/vmcore out",
    tests: vmcoreTests,
    answer: ".bin",
    requests: ["json"],
  },
  "nr-cpus": {
    what: "the head of /proc/vmcore in, the count of CPUs out",
    tests: nrCpusTests,
    answer: ".json",
    requests: [],
  },
  notes: {
    what: "a dump's head, or a bare elfcorehdr, in, its notes out",
    tests: notesTests,
    answer: ".json",
    requests: [],
  },
  memory: {
    what: "a dump and an address in, the memory there out",
    tests: memoryTests,
    answer: ".bin",
    requests: ["json"],
  },
  "kexec-tools": {
    what: "what the kexec utility reads in, its header out",
    tests: kexecToolsTests,
    answer: ".bin",
    requests: ["json"],
  },
  fadump: {
    what:
      "what two kernels and firmware knew in, the header of a dump by firmware and the notes of CPUs out",
    tests: fadumpTests,
    answer: ".bin",
    requests: ["json"],
  },
} as const satisfies Record<string, Profile>;
