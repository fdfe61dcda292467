/**
 * Shows a golden, a case or any elfcorehdr file as a table; two of them, as
 * their differences.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { CASES } from "../golden/mod.ts";
import { describeElfcorehdr } from "../lib/compare/describe.ts";
import { diffElfcorehdr, formatDifferences } from "../lib/compare/diff.ts";
import { FormatError } from "../lib/kernel/read_header.ts";
import { encodeElfcorehdr } from "../lib/kernel/write_header.ts";
import { resolveCase } from "../lib/model/resolve.ts";
import { explainBytes } from "../lib/mutants/mod.ts";
import { parseCase } from "../lib/spec/case.ts";
import { RULES } from "../lib/spec/rules.ts";
import { hex } from "../lib/spec/shape.ts";
import { formOf } from "../lib/suite/form.ts";
import {
  CommandError,
  refuseNoRelease,
  refuseOption,
  runCommand,
} from "./command.ts";
import { readBounded } from "./read_bounded.ts";
import { bold, type Header, render } from "./inspect/table.ts";

const USAGE =
  `Usage: deno task inspect [--json] [--release <release>] <header> [<other header>]

A header is a case id (x86_64/6.12-smp2of8-hotadd), a spec file (.yaml), or a
file that holds the bytes. With two, shows where the second differs from the
first; exits 1 if it does. With --release, shows where the header of a case
differs on that kernel: 6.12.90, 7.3, next.`;

/** Bytes of a header with 65,535 program headers, and as much again. */
const MOST = 8 << 20;

/** Bytes beyond which trying every mistake takes minutes. */
const EXPLAINED = 65536;

await runCommand(main);

function main(argv: string[]): number {
  const args = parseArgs(argv, {
    boolean: ["json", "help"],
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
  if (args.release !== undefined) {
    if (second !== undefined) {
      throw new CommandError(
        "--release and a second header exclude each other",
      );
    }
    return compare(header, onRelease(header, args.release), args.json);
  }
  if (second !== undefined) return compare(header, load(second), args.json);
  const description = named(
    header,
    () => describeElfcorehdr(header.bytes, header.spec),
  );
  console.log(
    args.json ? toJson(description) : render(header, description).join("\n"),
  );
  return 0;
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
  if (name.endsWith(".yaml")) {
    const spec = parseCase(new TextDecoder().decode(read(name)), name);
    try {
      return { name, bytes: encodeElfcorehdr(resolveCase(spec)), spec };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new CommandError(`${name}: ${error.message}`);
    }
  }
  return { name, bytes: read(name) };
}

function read(name: string): Uint8Array {
  try {
    return readBounded(name, MOST);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const near = CASES.filter(({ id }) => id.includes(name)).slice(0, 5);
    const hint = near.length > 0
      ? `. Cases with such a name: ${near.map(({ id }) => id).join(", ")}`
      : "";
    throw new CommandError(
      `Cannot read ${name}: must be a case id or a file: ${
        (error as Error).message
      }${hint}`,
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
  const differences = named(
    expected,
    () => diffElfcorehdr(expected.bytes, got.bytes),
  );
  if (json) console.log(toJson(differences));
  else {
    console.log(
      `${got.name} against ${expected.name}: ${differences.length} ${
        differences.length === 1 ? "difference" : "differences"
      }`,
    );
    const mistake = differences.length > 0 && mistakeIn(expected, got);
    if (mistake) console.log(`looks like: ${mistake}`);
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

/** The right bytes in another form, or, of a case, the known mistake that writes these. */
function mistakeIn({ bytes, spec }: Header, got: Header): string | undefined {
  const form = formOf(bytes, got.bytes);
  if (form || !spec || bytes.length > EXPLAINED) return form?.what;
  return explainBytes(spec, resolveCase(spec), got.bytes)?.what;
}

/** 64-bit values as hex strings, as everywhere in the suite. */
function toJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_, part) =>
      typeof part === "bigint"
        ? hex(part)
        : part instanceof Uint8Array
        ? part.toHex()
        : part,
    2,
  );
}
