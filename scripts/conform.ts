/**
 * Checks an implementation against the suite: `deno task conform -- ./writer`.
 *
 * @module
 */

import { CORPUS } from "../golden/mod.ts";
import deno from "../deno.json" with { type: "json" };
import { FormatError } from "../lib/kernel/read_header.ts";
import { FORMATS } from "../lib/report/formats.ts";
import { conforms, formatAbout, formatVerdict } from "../lib/report/report.ts";
import { formatFailure } from "../lib/report/text.ts";
import { PROFILES } from "../lib/suite/profiles.ts";
import {
  complain,
  formatKnownFailures,
  isWrong,
  type KnownFailure,
  parseKnownFailures,
  type Result,
  resultOf,
} from "../lib/suite/results.ts";
import { selectTests } from "../lib/suite/select.ts";
import type { Test } from "../lib/suite/verdict.ts";
import {
  type Answered,
  type Ask,
  askDirectory,
  askJsonl,
  askProcess,
  askReference,
  listFiles,
} from "./child/ask.ts";
import { killAll, killAllOnSignal } from "./child/child.ts";
import { CommandError, runCommand } from "./command.ts";
import { type Options, readOptions, USAGE } from "./conform/options.ts";
import { replaceFiles } from "./replace_files.ts";

const { version } = deno;

/** Bytes of output beyond which a process is no writer of headers. */
const MAX_OUTPUT = 64 * 1024 * 1024;

/** Names that are listed of files which no case has. */
const SHOWN_STRANGERS = 10;

/** So many answers of a program that is kept alive, and not one in time. */
const SILENT = 10;
const SILENCE =
  "with --protocol jsonl one process reads a line and answers with a line at once: is its output flushed after each, and does it read without waiting for the end?";

/** Milliseconds between two lines of progress where there is no terminal. */
const PATIENCE = 10_000;

await runCommand(main);
// What a child left behind may hold a pipe of ours, and with it this process.
Deno.exit(Deno.exitCode);

async function main(argv: string[]): Promise<number> {
  const options = readOptions(argv);
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const all = PROFILES[options.profile].tests(CORPUS);
  const tests = select(all, options);
  if (options.list) {
    for (const { id, level, title } of tests) {
      console.log(`${id}  ${level}  ${title}`);
    }
    return 0;
  }
  const known = options["expect-failures"]
    ? parseKnownFailures(
      readText(options["expect-failures"]),
      options["expect-failures"],
    )
    : [];
  if (options["write-failures"]) refuseExisting(options["write-failures"]);
  for (const [path] of options.output) refuseFolder(path);
  killAllOnSignal();
  const results = await runAll(tests, options, known);
  const report = {
    profile: options.profile,
    implementation: options.dir ??
      (options.command.join(" ") || "the built-in reference"),
    results,
    suite: `suite ${version} of ${new Date().toISOString().slice(0, 10)}`,
    releases: options.release,
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
  return conforms(report) ? 0 : 1;
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
function refuseFolder(path: string): void {
  let isFolder = false;
  try {
    isFolder = Deno.statSync(path).isDirectory;
  } catch { /* it is not there yet, or may not be looked at */ }
  if (isFolder) {
    throw new CommandError(`--output must name a file: ${path} is a folder`);
  }
}

/** What people wrote there is not overwritten. */
function refuseExisting(path: string): void {
  try {
    Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
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

/**
 * As many askers as jobs, each with a test of its own, then all answers are
 * judged: judging takes its time, and must not take that of an answer.
 */
async function runAll(
  tests: readonly Test[],
  options: Options,
  known: readonly KnownFailure[],
): Promise<Result[]> {
  const results: Result[] = [];
  const progress = startProgress(tests.length);
  const jobs = options.command.length > 0
    ? Math.min(options.jobs, tests.length)
    : 1;
  const askers = Array.from({ length: jobs }, () => askOf(options));
  const twins = new Map<string, Promise<Answered>>();
  const askTwin = (ask: Ask, twin: Test) => {
    const asked = twins.get(twin.id) ?? answerTo(ask, twin);
    twins.set(twin.id, asked);
    return asked;
  };
  for (let next = 0; next < tests.length; next += jobs) {
    const round = tests.slice(next, next + jobs);
    const asked = await Promise.all(round.map(async (test, i) => {
      const start = performance.now();
      const answered = await answerTo(askers[i], test);
      const ms = performance.now() - start;
      const twin = test.twin && answered.answer.kind === "refused"
        ? (await askTwin(askers[i], test.twin)).answer
        : undefined;
      return { ...answered, ms, twin };
    }));
    for (const [i, test] of round.entries()) {
      const result = resultOf(test, asked[i], known);
      results.push(result);
      progress();
      if (options.verbose && isWrong(result.status)) {
        console.error(formatFailure(result).join("\n"));
      }
    }
    if (options["fail-fast"] && results.some(({ status }) => isWrong(status))) {
      break;
    }
    if (isSilent(results, options)) {
      throw new CommandError(
        `Cannot go on: the first ${SILENT} answers timed out; ${SILENCE}`,
      );
    }
  }
  askers.forEach((ask) => ask.close?.());
  killAll();
  return results;
}

function isSilent(
  results: readonly Result[],
  { protocol, command }: Options,
): boolean {
  return protocol === "jsonl" && command.length > 0 &&
    results.length >= SILENT &&
    results.every(({ status, reason }) =>
      status === "broken" && reason?.startsWith("no answer")
    );
}

/** An answer, or why there can be none: no case ends a run. */
async function answerTo(ask: Ask, test: Test): Promise<Answered> {
  try {
    return await ask(test);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof FormatError)) {
      throw error;
    }
    const reason = `cannot be asked: ${error.message}`;
    return { answer: { kind: "broken", reason }, stderr: "" };
  }
}

/** Bytes of an answer of JSON: what is far beyond the right one takes minutes to read. */
function roomFor(test: Test): number {
  const right = test.reference();
  return (1 << 20) + (right.kind === "bytes" ? 8 * right.bytes.length : 0);
}

function askOf(options: Options): Ask {
  const { command, protocol, timeout, dir, profile, environment } = options;
  const version = options["request-version"];
  if (dir !== undefined) {
    try {
      return askDirectory(
        dir,
        PROFILES[profile].answer,
        MAX_OUTPUT,
        options.partial,
      );
    } catch (error) {
      throw new CommandError(
        `Cannot read --dir ${dir}: ${(error as Error).message}`,
      );
    }
  }
  if (command.length === 0) return askReference;
  const limitsOf = (test: Test) => ({
    timeout,
    output: PROFILES[profile].answer === ".json"
      ? Math.min(MAX_OUTPUT, roomFor(test))
      : MAX_OUTPUT,
    environment,
  });
  const ask = protocol === "jsonl"
    ? askJsonl(command, limitsOf, version)
    : askProcess(command, protocol, limitsOf, version);
  const checked: Ask = async (test) => {
    try {
      return await ask(test);
    } catch (error) {
      if (
        error instanceof Deno.errors.NotFound ||
        error instanceof Deno.errors.PermissionDenied
      ) {
        throw new CommandError(`Cannot run ${command[0]}: ${error.message}`);
      }
      throw error;
    }
  };
  checked.close = () => ask.close?.();
  return checked;
}

/** A counter on a terminal; in a pipe a line now and then. */
function startProgress(total: number): () => void {
  let done = 0;
  let said = performance.now();
  const isTerminal = Deno.stderr.isTerminal();
  const encoder = new TextEncoder();
  return () => {
    done++;
    if (isTerminal) {
      const text = done === total ? "\r\x1b[K" : `\r${done}/${total}`;
      Deno.stderr.writeSync(encoder.encode(text));
    } else if (performance.now() - said > PATIENCE) {
      said = performance.now();
      console.error(`${done} of ${total}`);
    }
  };
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new CommandError(`Cannot read ${path}: ${(error as Error).message}`);
  }
}
