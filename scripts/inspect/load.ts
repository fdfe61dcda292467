/**
 * Finds what an argument of inspect names: an id, a spec file, or a file of
 * bytes.
 *
 * @module
 */

import {
  CASES,
  CORPUS,
  IMAGES,
  KEXEC_TOOLS,
  REJECTS,
  SCENARIOS,
  VMCORES,
} from "../../golden/mod.ts";
import { encodeElfcorehdr } from "../../lib/kernel/write_header.ts";
import { resolveCase } from "../../lib/model/resolve.ts";
import { parseCase } from "../../lib/spec/case.ts";
import { parseImage } from "../../lib/spec/image.ts";
import { parseVmcoreCase } from "../../lib/spec/vmcore.ts";
import { headerNamed } from "../../lib/suite/corpus.ts";
import { KINDS } from "../../lib/suite/kinds.ts";
import { headsOf } from "../../lib/suite/heads.ts";
import { CommandError } from "../command.ts";
import { readHead } from "../read_bounded.ts";
import type { Header } from "./table.ts";

/** Bytes of a header with 65,535 program headers, and as much again; of a dump, its head. */
export const MOST = 8 << 20;

/** Folders of spec files other than cases. */
const OTHERS = KINDS.filter(({ list }) => list !== "cases")
  .flatMap(({ folders }) => folders);

/** Finds the header that an argument names. */
export function load(name: string): Header {
  const known = CASES.find(({ id }) => id === name);
  if (known) {
    const spec = parseCase(known.yaml, `spec/${name}.yaml`);
    return { name, bytes: known.golden, spec };
  }
  if (OTHERS.includes(name.split("/", 1)[0]) && name.includes("/")) {
    return { name, bytes: goldenOf(name), about: aboutOf(name) };
  }
  const [, id] = /(?:^|\/)spec\/(.+)\.yaml$/.exec(name) ?? [];
  if (id !== undefined && isKnown(id)) return load(id);
  if (name.endsWith(".yaml")) {
    const spec = parseCase(new TextDecoder().decode(read(name).bytes), name);
    try {
      return { name, bytes: encodeElfcorehdr(resolveCase(spec)), spec };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new CommandError(`${name}: ${error.message}`);
    }
  }
  return { name, ...read(name) };
}

/** Returns true if a file of spec/ other than a case has this id: it is shown as that. */
function isKnown(id: string): boolean {
  const { cases: _, ...others } = CORPUS;
  return Object.values(others).flat().some((file) => file.id === id);
}

/** Returns the purpose of a file that is no case, and the demand on readers. */
function aboutOf(name: string): string | undefined {
  const panic = VMCORES.find(({ id }) => id === name);
  if (panic) {
    const { title, why, expect } = parseVmcoreCase(panic.yaml);
    const count = expect.nr_cpus === undefined
      ? ""
      : ` makedumpfile's nr_cpus is ${expect.nr_cpus}.`;
    return `${title}. ${why}${count}`;
  }
  const image = IMAGES.find(({ id }) => id === name);
  if (image === undefined) return undefined;
  const { title, why, expect } = parseImage(image.yaml);
  const wanted = {
    read: "A reader lists it.",
    refuse: "A reader must refuse it.",
    either: "A reader may list it as it is, or refuse it.",
  };
  const head = headsOf(CORPUS).find(({ about }) => about.id === name);
  const notes = head && head.expect !== expect
    ? " Whoever lists its notes may refuse it: some are not there."
    : "";
  return `${title}. ${why} ${wanted[expect]}${notes}`;
}

/** The bytes of whatever else has an id. */
function goldenOf(name: string): Uint8Array {
  const utility = KEXEC_TOOLS.find(({ id }) => id === name);
  if (utility) return utility.golden;
  const many = [...SCENARIOS, ...CORPUS.fadumps].find(({ id }) => id === name);
  if (many) {
    const names = Object.keys(many.goldens).map((golden) =>
      `${name}/${golden}`
    );
    throw new CommandError(
      `Cannot inspect ${name}: it has more than one header: ${
        names.join(", ") || "none that is kept"
      }`,
    );
  }
  if (CORPUS.memories.some(({ id }) => id === name)) {
    throw new CommandError(
      `Cannot inspect ${name}: it is a dump with reads of its memory, which spec/${name}.yaml lists`,
    );
  }
  try {
    return headerNamed(CORPUS, name);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const yaml = [...REJECTS, ...VMCORES].find(({ id }) => id === name)?.yaml;
    throw new CommandError(
      yaml === undefined
        ? `Cannot inspect ${name}: there is no such id${near(name)}`
        : `Cannot inspect ${name}: it is to be refused, and has no header: spec/${name}.yaml says why`,
    );
  }
}

/** Ids that may have been meant. */
function near(name: string): string {
  const words = name.split("/").at(-1)!;
  const found = Object.values(CORPUS).flat().map(({ id }) => id)
    .filter((id) => id.includes(words)).slice(0, 5);
  return found.length > 0 ? `. Ids with such a name: ${found.join(", ")}` : "";
}

function read(name: string): { bytes: Uint8Array; size: number } {
  try {
    return readHead(name, MOST);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(
      `Cannot read ${name}: must be a case id or a file: ${
        (error as Error).message
      }${near(name)}`,
    );
  }
}
