/**
 * How an implementation is asked, and two ways to get an answer: the built-in
 * reference, and one process a case.
 *
 * @module
 */

import type { Answer } from "../../lib/suite/answer.ts";
import type { RequestVersion } from "../../lib/suite/request.ts";
import type { Protocol, Test } from "../../lib/suite/verdict.ts";
import { type Exit, type Limits, run } from "./child.ts";

/** An answer with what came along. */
export interface Answered {
  /** The answer. */
  readonly answer: Answer;
  /** Output on stderr. */
  readonly stderr: string;
}

/** Puts tests to an implementation. */
export interface Ask {
  (test: Test): Promise<Answered>;
  /** Ends what was kept alive between tests. */
  close?: () => void;
}

/** The reference, in this process. */
export const askReference: Ask = (test) =>
  Promise.resolve({ answer: test.reference(), stderr: "" });

/** One process a case: the input on stdin, the bytes on stdout, the exit code says what they are. */
export function askProcess(
  command: readonly string[],
  protocol: Protocol,
  limitsOf: (test: Test) => Limits,
  version?: RequestVersion,
): Ask {
  return async (test) => {
    const limits = limitsOf(test);
    const exit = await run(command, test.input(protocol, version), limits);
    return { answer: answerOf(exit, limits), stderr: exit.stderr };
  };
}

/** Output of interpreters that die of an exception, with exit code 1 too: Python, Node, Deno, Java, Ruby. */
const TRACE_REGEXP =
  /^Traceback \(most recent call last\):|^ {4}at .*[(/].*:\d+:\d+\)?$|^Exception in thread "|^\S+\.rb:\d+:in [`']/m;

function answerOf(exit: Exit, limits: Limits): Answer {
  const { code, signal, stdout, stderr, ended } = exit;
  const reason = stderr.trim().split("\n")[0];
  if (ended === "timeout") {
    return {
      kind: "broken",
      reason: `no answer within ${limits.timeout / 1000} s`,
    };
  }
  if (ended === "output") {
    return {
      kind: "broken",
      reason: `more than ${limits.output} bytes of output`,
    };
  }
  if (signal !== null) return { kind: "broken", reason: `ended by ${signal}` };
  switch (code) {
    case 0:
      return stdout.length > 0
        ? { kind: "bytes", bytes: stdout }
        : { kind: "broken", reason: "exit 0 without any output" };
    case 1:
      return TRACE_REGEXP.test(stderr)
        ? {
          kind: "broken",
          reason: "exit 1 with a stack trace: it died, it did not refuse",
        }
        : { kind: "refused", reason };
    case 3:
      return { kind: "unsupported", reason };
    default:
      return {
        kind: "broken",
        reason: `exit ${code}, where 0, 1 and 3 have a meaning`,
      };
  }
}
