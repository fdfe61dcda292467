/**
 * Shows a golden, a case or any elfcorehdr file as a table; two of them, as
 * their differences.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { describeCoreFile } from "../lib/compare/core_file.ts";
import { differInKind, ELFCOREHDR, FADUMP } from "../lib/compare/core_kind.ts";
import { describeElfcorehdr } from "../lib/compare/describe.ts";
import {
  diffElfcorehdr,
  type Difference,
  formatDifferences,
} from "../lib/compare/diff.ts";
import { foreignKind } from "../lib/compare/foreign_kind.ts";
import { diffHead } from "../lib/compare/head_diff.ts";
import { FormatError } from "../lib/kernel/read_header.ts";
import { encodeElfcorehdr } from "../lib/kernel/write_header.ts";
import { resolveCase } from "../lib/model/resolve.ts";
import { printableJson } from "../lib/report/report.ts";
import { RULES } from "../lib/spec/rules.ts";
import { hex } from "../lib/spec/shape.ts";
import {
  checkRelease,
  CommandError,
  refuseOption,
  runCommand,
} from "./command.ts";
import { causesIn } from "./inspect/causes.ts";
import { bold, type Header, render, renderCore } from "./inspect/table.ts";
import { load, MOST } from "./inspect/load.ts";
import { readText, writeText } from "./inspect/text.ts";

const USAGE =
  `Usage: deno task inspect [--json | --raw | --text] [--release <release>] <header> [<other header>]
       deno task inspect --from-text <file>

A header is an id (x86_64/6.12-smp2of8-hotadd, vmcore/all-saved), a spec file
(.yaml), or a file that holds the bytes; other core files are shown too. With
two, shows where the second differs from the first; exits 1 if it does. With
--release, shows where the header of a case differs on that kernel: 6.12.90,
7.3, next. With --raw, its bytes are written as they are, for a file or a pipe;
with --text, as a text of every field. --from-text makes the bytes of a text.`;

await runCommand(main);

function main(argv: string[]): number {
  const args = parseArgs(argv, {
    boolean: ["json", "raw", "text", "help"],
    string: ["_", "release", "from-text"],
    unknown: refuseOption(USAGE),
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  const [first, second, ...rest] = args._.map(String);
  const { text, "from-text": file } = args;
  if (file !== undefined) {
    const others = args._.length > 0 || args.release !== undefined;
    if (others || args.json || args.raw || text) {
      throw new CommandError("--from-text takes no header and no other option");
    }
    return writeRaw(readText(file));
  }
  if (first === undefined || rest.length > 0) {
    throw new CommandError(
      `Cannot inspect: must be given one header or two\n${USAGE}`,
    );
  }
  const header = load(first);
  if (args.raw || text) {
    const others = second !== undefined || args.release !== undefined;
    if (others || args.json || args.raw && text) {
      throw new CommandError(
        `--${text ? "text" : "raw"} takes one header and no other option`,
      );
    }
    return text ? writeText(header) : writeRaw(header.bytes);
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
function writeRaw(bytes: Uint8Array): number {
  for (let done = 0; done < bytes.length;) {
    done += Deno.stdout.writeSync(bytes.subarray(done));
  }
  return 0;
}

/** An elfcorehdr with all its meanings, another core file as it is. */
function show(header: Header, json: boolean): void {
  const { name, bytes, spec } = header;
  refuseForeign(header);
  if (header.about && !json) console.log(header.about);
  const core = named(header, () => describeCoreFile(bytes, header.size));
  let refusal = "";
  if ([ELFCOREHDR, FADUMP].includes(core.kind) || spec) {
    try {
      const description = describeElfcorehdr(bytes, spec);
      console.log(
        json
          ? toJson(description)
          : render(header, core.kind, description).join("\n"),
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
  checkRelease(release);
  const other = { ...spec, release };
  return {
    name: `${name} on ${release}`,
    bytes: encodeElfcorehdr(resolveCase(other)),
    spec: other,
  };
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

/** Text and archives have no fields. */
function refuseForeign({ name, bytes }: Header): void {
  const kind = foreignKind(bytes);
  if (kind === undefined) return;
  throw new CommandError(
    `Cannot inspect ${name}: must be the bytes of an ELF file: it is ${kind}`,
  );
}

function compare(expected: Header, got: Header, json: boolean): number {
  refuseForeign(expected);
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
    const isOther = differences.length === 0 ||
      differences[0].field === "kind";
    for (const what of isOther ? [] : causesIn(expected, got, differences)) {
      console.log(`looks like: ${what}`);
    }
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

/** An elfcorehdr is compared by the rules of its writer, any other dump by its fields, two of different kinds not at all. */
function differencesOf(expected: Header, got: Header): Difference[] {
  const { bytes, size, spec } = expected;
  const kind = spec ? ELFCOREHDR : describeCoreFile(bytes, size).kind;
  const other = otherKind(kind, got);
  if (other !== undefined) {
    return [{ offset: 0, field: "kind", expected: kind, got: other }];
  }
  return kind === ELFCOREHDR
    ? diffElfcorehdr(bytes, got.bytes)
    : diffHead(bytes, got.bytes);
}

/** The kind of a file, where it is known to be another. */
function otherKind(
  expected: string,
  { bytes, size, spec }: Header,
): string | undefined {
  try {
    const kind = spec ? ELFCOREHDR : describeCoreFile(bytes, size).kind;
    return differInKind(expected, kind) ? kind : undefined;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
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
