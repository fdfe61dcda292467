/**
 * A run: each test asked of the implementation, and its answer judged.
 *
 * @module
 */

import { FormatError } from "../../lib/kernel/read_header.ts";
import type { Answer } from "../../lib/suite/answer.ts";
import { formatFailure } from "../../lib/report/text.ts";
import { PROFILES } from "../../lib/suite/profiles.ts";
import {
  isWrong,
  type KnownFailure,
  type Result,
  resultOf,
} from "../../lib/suite/results.ts";
import type { Test } from "../../lib/suite/verdict.ts";
import {
  type Answered,
  type Ask,
  askProcess,
  askReference,
} from "../child/ask.ts";
import { askDirectory } from "../child/ask_directory.ts";
import { askJsonl } from "../child/ask_jsonl.ts";
import { killAll } from "../child/child.ts";
import { CommandError } from "../command.ts";
import type { Options } from "./options.ts";

/** Bytes of output beyond which a process is no writer of headers. */
const MAX_OUTPUT = 64 * 1024 * 1024;

/** So many answers of a program that is kept alive, and not one in time. */
const SILENT = 10;
const SILENCE =
  "with --protocol jsonl one process reads a line and answers with a line at once: is its output flushed after each, and does it read without waiting for the end?";

const CANNOT_RUN = "Cannot run";

/** Milliseconds between two lines of progress where there is no terminal. */
const PATIENCE = 10_000;

/**
 * As many askers as jobs, each with a test of its own, then all answers are
 * judged: judging takes its time, and must not take that of an answer.
 */
export async function runAll(
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
    refuseNoProgram(next, asked);
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

/** A program that was never there ends the run; one that went away is broken from then on. */
function refuseNoProgram(
  next: number,
  asked: readonly { readonly answer: Answer }[],
): void {
  const [{ answer }] = asked;
  const isMissing = ({ answer }: { answer: Answer }) =>
    answer.kind === "broken" && answer.reason.startsWith(CANNOT_RUN);
  if (next === 0 && answer.kind === "broken" && asked.every(isMissing)) {
    throw new CommandError(answer.reason);
  }
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
  const mostOf = (test: Test) =>
    PROFILES[profile].answer === ".json"
      ? Math.min(MAX_OUTPUT, roomFor(test))
      : MAX_OUTPUT;
  if (dir !== undefined) {
    try {
      return askDirectory(
        dir,
        PROFILES[profile].answer,
        mostOf,
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
    output: mostOf(test),
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
        const reason = `${CANNOT_RUN} ${command[0]}: ${error.message}`;
        return { answer: { kind: "broken", reason }, stderr: "" };
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
