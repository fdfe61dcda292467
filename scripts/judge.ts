/**
 * Judges the header of a running machine from a bundle of scripts/host/collect.sh,
 * under Deno or Node.js.
 *
 * @module
 */

import "./host/node_18.ts";
import process from "node:process";
import { parseArgs } from "@std/cli/parse-args";
import { judgeDump } from "./host/dump.ts";
import { judgeHost } from "./host/judge.ts";
import { printable } from "../lib/draw/printable.ts";
import { RELEASE_REGEXP } from "../lib/kernel/release.ts";
import { remarkOnRelease } from "../lib/spec/releases.ts";
import { gunzip, openBundle } from "./host/bundle.ts";
import { readFirst } from "./host/files.ts";
import {
  EXIT_CODES,
  exitOfDump,
  formatDump,
  formatJudgement,
  toJson,
} from "./host/report.ts";

const USAGE = `Usage: deno task judge [options] <bundle> [<dump>]

  <bundle>             folder or tar.gz of scripts/host/collect.sh
  <dump>               /proc/vmcore or a dump of it, of a panic after the bundle
  --release <release>  the kernel whose bytes are right; the one that ran, by
                       default
  --format <format>    text or json

Exit codes: 0 RIGHT, COMPLETE; 1 STALE, INCOMPLETE, WRONG, NOT LOADED, or a dump
that lacks something; 2 bad input, or a dump of another boot; 3 NOT SEEN`;

/** Bytes of a dump that have its headers and notes. */
const DUMP_HEAD = 16 << 20;

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!isForUser(error)) throw error;
  process.stderr.write(`${printable(messageOf(error))}\n`);
  process.exitCode = 2;
}

function main(argv: string[]): number {
  const { help, release, format, _: names } = readArgs(argv);
  if (help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const { text, head } = openBundle(String(names[0]));
  const judgement = judgeHost(text, head, release);
  const dump = names.length > 1
    ? judgeDump(text, head, readDump(String(names[1])))
    : undefined;
  process.stdout.write(
    format === "json"
      ? toJson(judgement, dump)
      : (dump ? formatDump(dump) : "") + formatJudgement(judgement),
  );
  return dump === undefined ? EXIT_CODES[judgement.verdict] : exitOfDump(dump);
}

function readArgs(argv: string[]) {
  const args = parseArgs(argv, {
    boolean: ["help"],
    string: ["release", "format", "_"],
    default: { format: "text" },
    unknown: (name, key) => {
      if (key === undefined) return true;
      throw new RangeError(`Unknown option ${name}\n${USAGE}`);
    },
  });
  const { release, format, _: names } = args;
  if (args.help) return args;
  if (names.length < 1 || names.length > 2) {
    throw new RangeError(
      `Must have a bundle, and at most one dump: there are ${names.length} names\n${USAGE}`,
    );
  }
  if (format !== "text" && format !== "json") {
    throw new RangeError(
      `--format must be text or json: current value is ${
        JSON.stringify(format)
      }`,
    );
  }
  if (release !== undefined && !RELEASE_REGEXP.test(release)) {
    throw new RangeError(
      `--release must be a release, as 6.12, 7.3.4 or next: current value is ${
        JSON.stringify(release)
      }`,
    );
  }
  const remark = release && remarkOnRelease(release);
  if (remark) process.stderr.write(`${remark}\n`);
  return args;
}

/** Reads the beginning of a dump, which may be compressed as a whole. */
function readDump(path: string): Uint8Array {
  const bytes = readFirst(path, DUMP_HEAD);
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzip(bytes, path) : bytes;
}

/** Errors of the input, and of the system: ENOENT, EACCES. */
function isForUser(error: unknown): error is Error {
  return error instanceof RangeError || error instanceof SyntaxError ||
    error instanceof Error && ("code" in error || error.name === "NotCapable");
}

/** The system's own message begins with a code and a call. */
function messageOf(error: Error & { code?: string; path?: string }): string {
  if (error.name === "NotCapable") {
    return "Cannot read the dump: for files below /proc Deno wants all permissions:\n  deno run --allow-all scripts/judge.ts …";
  }
  return error.code === "ENOENT" && error.path !== undefined
    ? `Cannot read ${error.path}: there is no such file or folder`
    : error.message;
}
