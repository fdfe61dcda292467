/**
 * Checks an implementation against the suite: `deno task conform -- ./writer`.
 *
 * @module
 */

import { CORPUS } from "../golden/mod.ts";
import { FORMATS } from "../lib/report/formats.ts";
import { conforms } from "../lib/report/report.ts";
import { PROFILES } from "../lib/suite/profiles.ts";
import {
  complain,
  formatKnownFailures,
  type KnownFailure,
  parseKnownFailures,
  type Result,
  resultOf,
} from "../lib/suite/results.ts";
import { selectTests } from "../lib/suite/select.ts";
import type { Test } from "../lib/suite/verdict.ts";
import {
  type Ask,
  askDirectory,
  askJsonl,
  askProcess,
  askReference,
} from "./child/ask.ts";
import { killAll, killAllOnSignal } from "./child/child.ts";
import { CommandError, runCommand } from "./command.ts";
import { type Options, readOptions, USAGE } from "./conform/options.ts";
import { replaceFiles } from "./replace_files.ts";

/** Bytes of output beyond which a process is no writer of headers. */
const MAX_OUTPUT = 64 * 1024 * 1024;

await runCommand(main);

async function main(argv: string[]): Promise<number> {
  const options = readOptions(argv);
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const all = PROFILES[options.profile].tests(CORPUS);
  const tests = select(all, options);
  const known = options["expect-failures"]
    ? parseKnownFailures(
      readText(options["expect-failures"]),
      options["expect-failures"],
    )
    : [];
  if (options["write-failures"]) refuseExisting(options["write-failures"]);
  killAllOnSignal();
  const results = await runAll(tests, options, known);
  const report = {
    profile: options.profile,
    implementation: options.dir ??
      (options.command.join(" ") || "the built-in reference"),
    results,
    complaints: complain(
      results,
      known,
      new Set(all.map(({ id }) => id)),
      options["expect-failures"] ?? "",
    ),
  };
  const text = FORMATS[options.format](report);
  if (options.output) replaceFiles([[options.output, text]]);
  else await Deno.stdout.write(new TextEncoder().encode(text));
  if (options["write-failures"]) {
    replaceFiles([[options["write-failures"], formatKnownFailures(results)]]);
  }
  return conforms(report) ? 0 : 1;
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

/** As many workers as jobs; each takes the next test. Results keep the suite's order. */
async function runAll(
  tests: readonly Test[],
  options: Options,
  known: readonly KnownFailure[],
): Promise<Result[]> {
  const results: Result[] = new Array(tests.length);
  const progress = startProgress(tests.length);
  let next = 0;
  const work = async (ask: Ask) => {
    while (next < tests.length) {
      const index = next++;
      const start = performance.now();
      const answered = await ask(tests[index]);
      const ms = performance.now() - start;
      results[index] = resultOf(tests[index], { ...answered, ms }, known);
      progress();
    }
    ask.close?.();
  };
  const workers = options.command.length > 0
    ? Math.min(options.jobs, tests.length)
    : 1;
  await Promise.all(
    Array.from({ length: workers }, () => work(askOf(options))),
  );
  killAll();
  return results;
}

function askOf(options: Options): Ask {
  const { command, protocol, timeout, dir, profile } = options;
  const version = options["request-version"];
  if (dir !== undefined) {
    try {
      return askDirectory(dir, PROFILES[profile].answer);
    } catch (error) {
      throw new CommandError(
        `Cannot read --dir ${dir}: ${(error as Error).message}`,
      );
    }
  }
  if (command.length === 0) return askReference;
  const limits = { timeout, output: MAX_OUTPUT };
  const ask = protocol === "jsonl"
    ? askJsonl(command, limits, version)
    : askProcess(command, protocol, limits, version);
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

/** A counter on a terminal, nothing in a pipe. */
function startProgress(total: number): () => void {
  let done = 0;
  if (!Deno.stderr.isTerminal()) return () => {};
  const encoder = new TextEncoder();
  return () => {
    done++;
    const text = done === total ? "\r\x1b[K" : `\r${done}/${total}`;
    Deno.stderr.writeSync(encoder.encode(text));
  };
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new CommandError(`Cannot read ${path}: ${(error as Error).message}`);
  }
}
