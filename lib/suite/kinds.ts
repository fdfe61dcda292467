/**
 * The kinds of spec files, a row each: where they lie, what their text means,
 * and which goldens belong to one.
 *
 * @module
 */

import { unmetExpectations } from "../compare/expect.ts";
import { unmetFadump } from "../compare/fadump_expect.ts";
import { unmetMoments } from "../compare/moments.ts";
import { playPanic, unmetPanic } from "../compare/panic.ts";
import { alignUp } from "../elf/align.ts";
import { ARCH_NAMES } from "../kernel/arch.ts";
import { encodeElfcorehdr } from "../kernel/write_header.ts";
import { fadumpInput, planFadump } from "../model/fadump.ts";
import { encodeFadump, splitFadump } from "../model/fadump_header.ts";
import { playScenario } from "../model/hotplug.ts";
import { resolveCase } from "../model/resolve.ts";
import { type Case, formatCase, parseCase } from "../spec/case.ts";
import { SpecError } from "../spec/document.ts";
import { parseFadumpCase } from "../spec/fadump.ts";
import { formatFadumpCase } from "../spec/fadump_format.ts";
import { imageBytes, parseImage } from "../spec/image.ts";
import {
  formatKexecToolsCase,
  parseKexecToolsCase,
} from "../spec/kexec_tools.ts";
import { parseMemory } from "../spec/memory.ts";
import { parseReject } from "../spec/reject.ts";
import type { Problem } from "../spec/shape.ts";
import { formatScenario, parseScenario } from "../spec/scenario.ts";
import { formatVmcoreCase, parseVmcoreCase } from "../spec/vmcore.ts";
import { parseWorked } from "../spec/worked.ts";
import type { Corpus } from "./corpus.ts";

/** Things that a spec file may name while its goldens are made. */
export interface Known {
  /** The text of a spec file. */
  readonly text: (id: string) => string;
  /** Captured bytes, by name below golden/; an error where there are none. */
  readonly captured: (name: string) => Uint8Array;
  /** The goldens made so far, by name below golden/, without the ending. */
  readonly goldens: Map<string, Uint8Array>;
  /** The cases read so far, by id. */
  readonly machines: Map<string, Case>;
}

/** A kind of spec files. */
export interface Kind {
  /** Folders below spec/. */
  readonly folders: readonly string[];
  /** JSON schema of its files, below spec/. */
  readonly schema: string;
  /** Its list in a corpus. */
  readonly list: keyof Corpus;
  /** Goldens of a file: none, one of its own name, or many below it. */
  readonly golden: "none" | "one" | "many";
  /** Numbers of the rules that a file cites; throws a SpecError. */
  readonly rules: (yaml: string, file: string) => readonly string[];
  /** The text of a file, read and formatted again; nothing where files are written by hand alone. */
  readonly again?: (yaml: string, file: string) => string;
  /** Adds the goldens of a file to those known. */
  readonly make: (id: string, file: string, known: Known) => void;
}

/** The folder of a user's own machines: cases that are in no index, sum or archive. */
export const LOCAL = "local";

/** All kinds, those first which others name. */
export const KINDS: readonly Kind[] = [
  {
    folders: [...ARCH_NAMES, LOCAL],
    schema: "case.schema.json",
    list: "cases",
    golden: "one",
    rules: (yaml, file) => parseCase(yaml, file).rules,
    again: (yaml, file) => formatCase(parseCase(yaml, file)),
    make: makeCase,
  },
  {
    folders: ["kexec-tools"],
    schema: "kexec-tools.schema.json",
    list: "kexec_tools",
    golden: "one",
    rules: (yaml, file) => parseKexecToolsCase(yaml, file).rules,
    again: (yaml, file) =>
      formatKexecToolsCase(parseKexecToolsCase(yaml, file)),
    make: makeKexecTools,
  },
  {
    folders: ["fadump"],
    schema: "fadump.schema.json",
    list: "fadumps",
    golden: "many",
    rules: (yaml, file) => parseFadumpCase(yaml, file).rules,
    again: (yaml, file) => formatFadumpCase(parseFadumpCase(yaml, file)),
    make: makeFadump,
  },
  {
    folders: ["scenario"],
    schema: "scenario.schema.json",
    list: "scenarios",
    golden: "many",
    rules: (yaml, file) => parseScenario(yaml, file).rules,
    again: (yaml, file) => formatScenario(parseScenario(yaml, file)),
    make: makeScenario,
  },
  {
    folders: ["reader"],
    schema: "reader.schema.json",
    list: "images",
    golden: "none",
    rules: (yaml, file) => (parseImage(yaml, file), []),
    make: (id, file, known) => void parseImage(known.text(id), file),
  },
  {
    folders: ["vmcore"],
    schema: "vmcore.schema.json",
    list: "vmcores",
    golden: "one",
    rules: (yaml, file) => parseVmcoreCase(yaml, file).rules,
    again: (yaml, file) => formatVmcoreCase(parseVmcoreCase(yaml, file)),
    make: makeHead,
  },
  {
    folders: ["memory"],
    schema: "memory.schema.json",
    list: "memories",
    golden: "none",
    rules: (yaml, file) => parseMemory(yaml, file).rules,
    make: (id, file, known) => void parseMemory(known.text(id), file),
  },
  {
    folders: ["invalid"],
    schema: "invalid.schema.json",
    list: "rejects",
    golden: "none",
    rules: (yaml, file) => parseReject(yaml, file).rules ?? [],
    make: (id, file, known) => void parseReject(known.text(id), file),
  },
];

/** The folder of a spec file; those of cases are architectures. */
export function folderOf(id: string): string {
  return id.slice(0, id.indexOf("/"));
}

function makeCase(id: string, file: string, known: Known): void {
  const spec = parseCase(known.text(id), file);
  if (folderOf(id) !== LOCAL && spec.arch !== folderOf(id)) {
    fail(file, "arch", "the name of its folder", `"${spec.arch}"`);
  }
  known.machines.set(id, spec);
  const golden = goldenOfCase(id, spec, known);
  if (spec.golden_from !== "captured") {
    checkExpect(file, golden, spec.expect ?? []);
  }
  known.goldens.set(id, golden);
}

function goldenOfCase(id: string, spec: Case, known: Known): Uint8Array {
  switch (spec.golden_from) {
    case "captured":
      return known.captured(id);
    case "worked":
      return parseWorked(spec.worked!);
    case "derived":
      return encodeElfcorehdr(resolveCase(spec));
  }
}

function makeKexecTools(id: string, file: string, known: Known): void {
  const spec = parseKexecToolsCase(known.text(id), file);
  machineOf(spec.machine, file, known);
  const golden = known.captured(id);
  checkExpect(file, golden, spec.expect);
  known.goldens.set(id, golden);
}

/** The header and the notes of CPUs, which have a place of their own in memory. */
function makeFadump(id: string, file: string, known: Known): void {
  const spec = parseFadumpCase(known.text(id), file);
  const path = (name: string) => `${id}/${name}`;
  if (!spec.expect.refused) {
    const made = splitFadump(encodeFadump(planFadump(fadumpInput(spec))));
    for (const [name, bytes] of Object.entries(made)) {
      known.goldens.set(
        path(name),
        spec.golden_from === "captured" ? known.captured(path(name)) : bytes,
      );
    }
  }
  const header = known.goldens.get(path("elfcorehdr"));
  refuseUnmet(file, unmetFadump(spec, header));
}

/** Derived goldens end with what an older header left, at a whole KiB. */
function makeScenario(id: string, file: string, known: Known): void {
  const scenario = parseScenario(known.text(id), file);
  const machine = machineOf(scenario.machine, file, known);
  const moments = playScenario(scenario, machine);
  refuseUnmet(file, unmetMoments(scenario, moments));
  for (
    const [i, { golden }] of [scenario.loaded, ...scenario.events].entries()
  ) {
    const name = `${id}/${golden}`;
    if (golden === undefined || known.goldens.has(name)) continue;
    const { segment, size, stale, memsz } = moments[i];
    const bytes = new Uint8Array(Math.min(memsz, alignUp(size + stale, 1024)));
    bytes.set(segment.subarray(0, bytes.length));
    known.goldens.set(
      name,
      scenario.golden_from === "captured" ? known.captured(name) : bytes,
    );
  }
}

function makeHead(id: string, file: string, known: Known): void {
  const spec = parseVmcoreCase(known.text(id), file);
  const header = headerOf(spec.header, file, known);
  const panic = playPanic(spec, header);
  const golden = spec.expect.refused || typeof panic === "string"
    ? undefined
    : spec.golden_from === "captured"
    ? known.captured(id)
    : panic.head;
  refuseUnmet(file, unmetPanic(spec, header, panic, golden));
  if (golden) known.goldens.set(id, golden);
}

function machineOf(id: string, file: string, { machines }: Known): Case {
  return machines.get(id) ??
    fail(file, "machine", "the id of a case", JSON.stringify(id));
}

/** A golden, or an image made of one. */
function headerOf(name: string, file: string, known: Known): Uint8Array {
  const golden = known.goldens.get(name);
  if (golden) return golden;
  const [image] = KINDS.filter(({ list }) => list === "images");
  if (!image.folders.includes(folderOf(name))) {
    fail(file, "header", "a golden or an image", JSON.stringify(name));
  }
  const spec = parseImage(known.text(name), `spec/${name}.yaml`);
  return imageBytes(spec, headerOf(spec.base, file, known));
}

/** A golden that contradicts its case is not made. */
function checkExpect(
  file: string,
  golden: Uint8Array,
  expect: Iterable<readonly [string, bigint]>,
): void {
  refuseUnmet(file, unmetExpectations(golden, expect));
}

function refuseUnmet(file: string, [unmet]: readonly Problem[]): void {
  if (unmet) throw new SpecError(file, [unmet]);
}

function fail(
  file: string,
  path: string,
  wanted: string,
  found: string,
): never {
  throw new SpecError(file, [{ kind: "value", path, wanted, found }]);
}
