/**
 * Shows a golden, a case or any elfcorehdr file as a table; two of them, as
 * their differences.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import {
  CASES,
  CORPUS,
  IMAGES,
  KEXEC_TOOLS,
  REJECTS,
  SCENARIOS,
  VMCORES,
} from "../golden/mod.ts";
import { describeCoreFile, ELFCOREHDR } from "../lib/compare/core_file.ts";
import { describeElfcorehdr } from "../lib/compare/describe.ts";
import {
  diffElfcorehdr,
  type Difference,
  formatDifferences,
} from "../lib/compare/diff.ts";
import { diffHead } from "../lib/compare/head_diff.ts";
import { FormatError } from "../lib/kernel/read_header.ts";
import { encodeElfcorehdr } from "../lib/kernel/write_header.ts";
import { resolveCase } from "../lib/model/resolve.ts";
import { explainBytes } from "../lib/mutants/mod.ts";
import { printableJson } from "../lib/report/report.ts";
import { parseCase } from "../lib/spec/case.ts";
import { parseImage } from "../lib/spec/image.ts";
import { RULES } from "../lib/spec/rules.ts";
import { hex } from "../lib/spec/shape.ts";
import { parseVmcoreCase } from "../lib/spec/vmcore.ts";
import { headerNamed } from "../lib/suite/corpus.ts";
import { headsOf } from "../lib/suite/heads.ts";
import { patternIn } from "../lib/suite/diagnosis.ts";
import { KEPT_BYTES } from "../lib/suite/verdict.ts";
import { formOf } from "../lib/suite/form.ts";
import {
  CommandError,
  refuseNoRelease,
  refuseOption,
  runCommand,
} from "./command.ts";
import { readHead } from "./read_bounded.ts";
import { bold, type Header, render, renderCore } from "./inspect/table.ts";

const USAGE =
  `Usage: deno task inspect [--json | --raw] [--release <release>] <header> [<other header>]

A header is an id (x86_64/6.12-smp2of8-hotadd, vmcore/all-saved), a spec file of
a case (.yaml), or a file that holds the bytes; other core files are shown too. With two, shows where the second differs from the
first; exits 1 if it does. With --release, shows where the header of a case
differs on that kernel: 6.12.90, 7.3, next. With --raw, its bytes come out as
they are, for a file or a pipe.`;

/** Bytes of a header with 65,535 program headers, and as much again; of a dump, its head. */
const MOST = 8 << 20;

await runCommand(main);

function main(argv: string[]): number {
  const args = parseArgs(argv, {
    boolean: ["json", "raw", "help"],
    string: ["_", "release"],
    unknown: refuseOption(USAGE),
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  const [first, second, ...rest] = args._.map(String);
  if (first === undefined || rest.length > 0) {
    throw new CommandError(
      `Cannot inspect: must be given one header or two\n${USAGE}`,
    );
  }
  const header = load(first);
  if (args.raw) {
    if (args.json || second !== undefined || args.release !== undefined) {
      throw new CommandError("--raw takes one header and no other option");
    }
    return writeRaw(header);
  }
  if (args.release !== undefined) {
    if (second !== undefined) {
      throw new CommandError(
        "--release and a second header exclude each other",
      );
    }
    return compare(header, onRelease(header, args.release), args.json);
  }
  if (second !== undefined) return compare(header, load(second), args.json);
  show(header, args.json);
  return 0;
}

/** Writes the bytes to stdout. */
function writeRaw({ bytes }: Header): number {
  for (let done = 0; done < bytes.length;) {
    done += Deno.stdout.writeSync(bytes.subarray(done));
  }
  return 0;
}

/** An elfcorehdr with all its meanings, another core file as it is. */
function show(header: Header, json: boolean): void {
  const { name, bytes, spec } = header;
  if (header.about && !json) console.log(header.about);
  const core = named(header, () => describeCoreFile(bytes, header.size));
  let refusal = "";
  if (core.kind === ELFCOREHDR || spec) {
    try {
      const description = describeElfcorehdr(bytes, spec);
      console.log(
        json ? toJson(description) : render(header, description).join("\n"),
      );
      return;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      refusal = error.message;
    }
  }
  const shown = { ...core, refusal: refusal || undefined };
  console.log(json ? toJson(shown) : renderCore(name, shown).join("\n"));
}

/** The header that another kernel writes for the machine of a case. */
function onRelease({ name, spec }: Header, release: string): Header {
  if (spec === undefined) {
    throw new CommandError(
      `Cannot inspect ${name} on ${release}: must be a case or a spec file`,
    );
  }
  refuseNoRelease(release);
  const other = { ...spec, release };
  return {
    name: `${name} on ${release}`,
    bytes: encodeElfcorehdr(resolveCase(other)),
    spec: other,
  };
}

function load(name: string): Header {
  const known = CASES.find(({ id }) => id === name);
  if (known) {
    const spec = parseCase(known.yaml, `spec/${name}.yaml`);
    return { name, bytes: known.golden, spec };
  }
  if (/^(?:vmcore|reader|kexec-tools|scenario|invalid)\//.test(name)) {
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

/** Whether a file of spec/ other than a case has this id: it is shown as that. */
function isKnown(id: string): boolean {
  const { cases: _, ...others } = CORPUS;
  return Object.values(others).flat().some((file) => file.id === id);
}

/** What a file that is no case is there for, and what is to be done with it. */
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
  const life = SCENARIOS.find(({ id }) => id === name);
  if (life) {
    throw new CommandError(
      `Cannot inspect ${name}: a life has more than one header: ${
        Object.keys(life.goldens).map((moment) => `${name}/${moment}`)
          .join(", ") || "none that is kept"
      }`,
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

/** Puts the file's name before a message of the decoder. */
function named<T>({ name }: Header, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new CommandError(`${name}: ${error.message}`);
  }
}

function compare(expected: Header, got: Header, json: boolean): number {
  for (const { name, bytes, size = 0 } of [expected, got]) {
    if (size <= bytes.length) continue;
    throw new CommandError(
      `Cannot compare ${name}: must have at most ${MOST} bytes: it has ${size}`,
    );
  }
  const differences = named(expected, () => differencesOf(expected, got));
  if (json) console.log(toJson(differences));
  else {
    console.log(
      `${got.name} against ${expected.name}: ${differences.length} ${
        differences.length === 1 ? "difference" : "differences"
      }`,
    );
    const mistake = differences.length > 0 && mistakeIn(expected, got);
    const pattern = mistake || patternIn(differences);
    if (pattern) console.log(`looks like: ${pattern}`);
    for (const line of formatDifferences(differences, 40)) {
      console.log(`  ${line}`);
    }
    const broken = new Set(differences.map(({ rule }) => rule));
    for (const { id, rule } of RULES) {
      if (broken.has(id)) console.log(`${bold(id)}  ${rule}`);
    }
  }
  return differences.length === 0 ? 0 : 1;
}

/** An elfcorehdr is compared by the rules of its writer, any other dump by its fields. */
function differencesOf(
  { bytes, size, spec }: Header,
  got: Header,
): Difference[] {
  return spec || describeCoreFile(bytes, size).kind === ELFCOREHDR
    ? diffElfcorehdr(bytes, got.bytes)
    : diffHead(bytes, got.bytes);
}

/** The right bytes in another form, or, of a case, the known mistake that writes these. */
function mistakeIn({ bytes, spec }: Header, got: Header): string | undefined {
  const form = formOf(bytes, got.bytes);
  if (form || !spec || bytes.length > KEPT_BYTES) return form?.what;
  return explainBytes(spec, resolveCase(spec), got.bytes)?.what;
}

/** 64-bit values as hex strings, as everywhere in the suite. */
function toJson(value: unknown): string {
  return printableJson(JSON.stringify(
    value,
    (_, part) =>
      typeof part === "bigint"
        ? hex(part)
        : part instanceof Uint8Array
        ? part.toHex()
        : part,
    2,
  ));
}
