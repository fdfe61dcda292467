/**
 * Spec files in, the goldens that belong to them out: captured ones as they
 * lie there, worked ones as their case lays them out, derived ones written.
 *
 * @module
 */

import {
  captureKernel,
  piecesOf,
  readPieces,
} from "../lib/model/old_memory.ts";
import { ARCH_NAMES } from "../lib/kernel/arch.ts";
import { type Case, parseCase } from "../lib/spec/case.ts";
import { encodeElfcorehdr } from "../lib/kernel/write_header.ts";
import { encodeKexecTools, kexecToolsInput } from "../lib/model/kexec_tools.ts";
import { parseKexecToolsCase } from "../lib/spec/kexec_tools.ts";
import { playScenario } from "../lib/model/hotplug.ts";
import { parseScenario } from "../lib/spec/scenario.ts";
import { unmetExpectations } from "../lib/compare/expect.ts";
import { imageBytes, parseImage } from "../lib/spec/image.ts";
import { makeVmcore } from "../lib/model/vmcore.ts";
import { parseVmcoreCase } from "../lib/spec/vmcore.ts";
import { resolveCase } from "../lib/model/resolve.ts";
import { parseWorked } from "../lib/spec/worked.ts";
import { SpecError } from "../lib/spec/document.ts";
import { CommandError } from "./command.ts";

/** Where the texts of spec files and the captured bytes come from. */
export interface Tree {
  /** Ids of all spec files, sorted. */
  readonly ids: readonly string[];
  /** Text of the spec file with this id. */
  readonly readSpec: (id: string) => string;
  /** Bytes of a golden that is there, by its name below golden/ without ending. */
  readonly readGolden: (name: string) => Uint8Array | undefined;
}

/** The folders below spec/ that hold spec files. */
export const FOLDERS: readonly string[] = [
  ...ARCH_NAMES,
  "invalid",
  "kexec-tools",
  "reader",
  "scenario",
  "vmcore",
];

/** The folder of a spec file; those of cases are architectures. */
export function folderOf(id: string): string {
  return id.slice(0, id.indexOf("/"));
}

/** Whether a spec file is a case of the kernel's writer. */
export function isCase(id: string): boolean {
  return ARCH_NAMES.some((name) => name === folderOf(id));
}

/**
 * Makes all goldens.
 *
 * @returns Bytes by name below golden/, without the ending.
 * @throws {SpecError | CommandError} If a spec is malformed or a captured golden missing.
 */
export function makeGoldens(tree: Tree): Map<string, Uint8Array> {
  const machines = new Map<string, Case>();
  const machine = (id: string, wantedBy: string) => {
    const spec = machines.get(id);
    if (spec) return spec;
    throw new CommandError(
      `Cannot read ${wantedBy} at machine: must be the id of a case: current value is ${
        JSON.stringify(id)
      }`,
    );
  };
  const goldens = new Map<string, Uint8Array>();
  for (const id of tree.ids.filter(isCase)) {
    const file = `spec/${id}.yaml`;
    const spec = parseCase(tree.readSpec(id), file);
    if (spec.arch !== folderOf(id)) {
      throw new CommandError(
        `Cannot read ${file} at arch: must be the name of its folder: current value is "${spec.arch}"`,
      );
    }
    machines.set(id, spec);
    const golden = named(file, () => caseGolden(tree, id, spec));
    if (spec.golden_from !== "captured") {
      refuseUnmet(file, golden, spec.expect ?? []);
    }
    goldens.set(id, golden);
  }
  for (const id of tree.ids.filter((id) => folderOf(id) === "kexec-tools")) {
    const file = `spec/${id}.yaml`;
    const spec = parseKexecToolsCase(tree.readSpec(id), file);
    const input = kexecToolsInput(machine(spec.machine, file), spec);
    const golden = spec.golden_from === "captured"
      ? captured(tree, id)
      : named(file, () => encodeKexecTools(input));
    refuseUnmet(file, golden, spec.expect);
    goldens.set(id, golden);
  }
  for (const id of tree.ids.filter((id) => folderOf(id) === "scenario")) {
    const file = `spec/${id}.yaml`;
    const scenario = parseScenario(tree.readSpec(id), file);
    const moments = named(
      file,
      () => playScenario(scenario, machine(scenario.machine, file)),
    );
    for (
      const [i, { golden }] of [scenario.loaded, ...scenario.events].entries()
    ) {
      const name = `${id}/${golden}`;
      if (golden === undefined || goldens.has(name)) continue;
      const { segment, size, stale } = moments[i];
      goldens.set(
        name,
        scenario.golden_from === "captured"
          ? captured(tree, name)
          : segment.slice(
            0,
            Math.min(segment.length, Math.ceil((size + stale) / 1024) * 1024),
          ),
      );
    }
  }
  for (const id of tree.ids.filter((id) => folderOf(id) === "vmcore")) {
    const file = `spec/${id}.yaml`;
    const spec = parseVmcoreCase(tree.readSpec(id), file);
    if (spec.expect.refused) continue;
    const header = headerOf(spec.header, file, goldens, tree);
    goldens.set(
      id,
      spec.golden_from === "captured" ? captured(tree, id) : makeVmcore(
        header,
        readPieces(piecesOf(spec, header)),
        captureKernel(spec, header),
      ).head,
    );
  }
  return goldens;
}

/** A golden, or an image made of one. */
function headerOf(
  name: string,
  file: string,
  goldens: ReadonlyMap<string, Uint8Array>,
  tree: Tree,
): Uint8Array {
  const golden = goldens.get(name);
  if (golden) return golden;
  if (folderOf(name) === "reader" && tree.ids.includes(name)) {
    const image = parseImage(tree.readSpec(name), `spec/${name}.yaml`);
    return imageBytes(image, headerOf(image.base, file, goldens, tree));
  }
  throw new CommandError(
    `Cannot read ${file} at header: must be a golden or an image: current value is ${
      JSON.stringify(name)
    }`,
  );
}

function caseGolden(tree: Tree, id: string, spec: Case): Uint8Array {
  switch (spec.golden_from) {
    case "captured":
      return captured(tree, id);
    case "worked":
      return parseWorked(spec.worked!);
    case "derived":
      return encodeElfcorehdr(resolveCase(spec));
  }
}

/** A golden that contradicts its case is not written. */
function refuseUnmet(
  file: string,
  golden: Uint8Array,
  expect: Iterable<readonly [string, bigint]>,
): void {
  const [unmet] = named(file, () => unmetExpectations(golden, expect));
  if (unmet) throw new CommandError(`Cannot read ${file} at ${unmet}`);
}

function captured(tree: Tree, name: string): Uint8Array {
  const bytes = tree.readGolden(name);
  if (bytes) return bytes;
  throw new CommandError(
    `Cannot regenerate golden/${name}.bin: captured bytes must be there: no such file`,
  );
}

/** Puts the file's name before what is wrong with making its bytes. */
function named<T>(file: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (
      error instanceof RangeError ||
      error instanceof SyntaxError && !(error instanceof SpecError)
    ) {
      throw new CommandError(`${file}: ${error.message}`);
    }
    throw error;
  }
}
