/**
 * Checks an implementation against the suite: `deno task conform -- ./writer`.
 *
 * @module
 */

import deno from "../deno.json" with { type: "json" };
import { FORMATS } from "../lib/report/formats.ts";
import { formatAbout, formatVerdict, isRight } from "../lib/report/report.ts";
import { PROFILES } from "../lib/suite/profiles.ts";
import type { Scope } from "../lib/report/scope.ts";
import {
  complain,
  formatKnownFailures,
  isEmpty,
  type KnownFailure,
  parseKnownFailures,
  type Result,
} from "../lib/suite/results.ts";
import { diagnose } from "../lib/suite/diagnosis.ts";
import type { Wording } from "../lib/suite/reasons.ts";
import { cutGolden } from "../lib/suite/corpus.ts";
import { selectTests } from "../lib/suite/select.ts";
import type { Test } from "../lib/suite/verdict.ts";
import { listFiles } from "./child/ask_directory.ts";
import { killAllOnSignal } from "./child/child.ts";
import { CommandError, runCommand } from "./command.ts";
import { type Options, readOptions, USAGE } from "./conform/options.ts";
import { runAll } from "./conform/run.ts";
import { readTextBounded } from "./read_bounded.ts";
import { refuseUnwritable, replaceFiles } from "./replace_files.ts";

const { version } = deno;

/** Bytes that a file of known failures may have: as many as a document. */
const MOST_BYTES = 1 << 22;
/** Names that are listed of files which no case has. */
const SHOWN_STRANGERS = 10;

await runCommand(main);
// A process left by a child may keep a pipe of ours open, and with it this process.
Deno.exit(Deno.exitCode);

async function main(argv: string[]): Promise<number> {
  const options = readOptions(argv);
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const known = options["expect-failures"]
    ? parseKnownFailures(
      readText(options["expect-failures"]),
      options["expect-failures"],
    )
    : [];
  if (options["write-failures"]) refuseExisting(options["write-failures"]);
  refuseOutputs(options);
  // A wrong option fails before the corpus is read.
  const { CORPUS } = await import("../golden/mod.ts");
  const cut = cutGolden(CORPUS);
  if (cut !== undefined) {
    throw new CommandError(
      `Cannot read golden/${cut}.bin: must be whole: it is cut off`,
    );
  }
  const all = PROFILES[options.profile].tests(CORPUS);
  const tests = select(all, options);
  if (options.list) {
    for (const { id, level, title } of tests) {
      console.log(`${id}  ${level}  ${title}`);
    }
    return 0;
  }
  killAllOnSignal();
  const results = await runAll(tests, options, known);
  const report = {
    profile: options.profile,
    implementation: options.dir ??
      (options.command.join(" ") || "the built-in reference"),
    results,
    causes: diagnose(results, wordingOf(options)),
    suite: `${version} of ${new Date().toISOString().slice(0, 10)}`,
    scope: scopeOf(options, all, known, results),
    verbose: options.verbose,
    complaints: [
      ...complain(
        results,
        known,
        new Set(all.map(({ id }) => id)),
        options["expect-failures"] ?? "",
      ),
      ...options.dir === undefined ? [] : complainOfStrangers(
        options.dir,
        PROFILES[options.profile].answer,
        all,
      ),
    ],
  };
  if (options.output.length > 0) {
    replaceFiles(
      options.output.map(([path, format]) => [path, FORMATS[format](report)]),
    );
    console.log(`${formatAbout(report)}\n${formatVerdict(report)}`);
  } else {
    const text = FORMATS[options.format](report);
    await Deno.stdout.write(new TextEncoder().encode(text));
  }
  if (options["write-failures"]) {
    replaceFiles([[
      options["write-failures"],
      formatKnownFailures(results, known),
    ]]);
  }
  if (isRight(report)) return 0;
  return isEmpty(results) ? 2 : 1;
}

/** Wording of the requests; requests of bytes have one wording only. */
function wordingOf(
  { profile, protocol, command }: Options,
): Wording | undefined {
  const { requests } = PROFILES[profile];
  return command.length > 0 && requests.length > 1 ? protocol : undefined;
}

/** Selection of the run, and the known failures that it could not see. */
function scopeOf(
  options: Options,
  all: readonly Test[],
  known: readonly KnownFailure[],
  results: readonly Result[],
): Scope {
  const file = options["expect-failures"];
  const there = new Set(all.map(({ id }) => id));
  const asked = new Set(results.map(({ test }) => test.id));
  const unasked = known.map((entry) => entry.case)
    .filter((id) => there.has(id) && !asked.has(id));
  return {
    cases: all.length,
    selection: options,
    requestVersion: options["request-version"],
    knownFailures: file === undefined
      ? undefined
      : { file, entries: known.length, unasked },
  };
}

/** Files of a directory that belong to no case: who misnames an answer wants to know. */
function complainOfStrangers(
  dir: string,
  ending: string,
  all: readonly Test[],
): string[] {
  const wanted = new Set(
    all.flatMap(({ id }) => [`${id}${ending}`, `${id}.refused`]),
  );
  const strangers = listFiles(dir).filter((name) => !wanted.has(name));
  if (strangers.length === 0) return [];
  const shown = strangers.slice(0, SHOWN_STRANGERS).join(", ");
  const more = strangers.length - SHOWN_STRANGERS;
  return [
    `${strangers.length} files of ${dir} are no answer to a case: ${shown}${
      more > 0 ? ` and ${more} more` : ""
    }`,
  ];
}

/** Before the run: a report that cannot be written would be lost with it. */
function refuseOutputs(options: Options): void {
  const seen = new Set<string>();
  const failures = options["write-failures"];
  const paths = options.output.map(([path]) => path);
  paths.forEach(refuseFolder);
  for (const path of failures === undefined ? paths : [...paths, failures]) {
    refuseUnwritable(path);
    const place = placeOf(path);
    if (seen.has(place)) {
      throw new CommandError(
        `--output and --write-failures must name a file each: ${path} is named twice`,
      );
    }
    seen.add(place);
  }
}

/** Resolves the place of a file that exists or will exist. */
function placeOf(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    const name = path.slice(folder.length);
    return `${Deno.realPathSync(folder || ".")}/${name}`;
  }
}

function refuseFolder(path: string): void {
  let isFolder = false;
  try {
    isFolder = Deno.statSync(path).isDirectory;
  } catch { /* it is not there yet, or may not be looked at */ }
  if (isFolder) {
    throw new CommandError(`--output must name a file: ${path} is a folder`);
  }
}

/** Files that people wrote there are not overwritten. */
function refuseExisting(path: string): void {
  try {
    Deno.lstatSync(path);
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory
    ) return;
    throw error;
  }
  throw new CommandError(
    `--write-failures must name a new file: ${path} is there`,
  );
}

function select(all: readonly Test[], options: Options): Test[] {
  try {
    return selectTests(all, options);
  } catch (error) {
    if (error instanceof RangeError) throw new CommandError(error.message);
    throw error;
  }
}

function readText(path: string): string {
  try {
    return readTextBounded(path, MOST_BYTES);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`Cannot read ${path}: ${(error as Error).message}`);
  }
}
