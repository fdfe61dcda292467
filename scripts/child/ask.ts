/**
 * The ways to get an answer: the built-in reference, one process a case, one
 * process for all, a directory of files.
 *
 * @module
 */

import { type Answer, frameAnswer } from "../../lib/suite/answer.ts";
import type { RequestVersion } from "../../lib/suite/request.ts";
import type { Protocol, Test } from "../../lib/suite/verdict.ts";
import {
  type Child,
  type Exit,
  killTree,
  type Limits,
  run,
  spawn,
} from "./child.ts";

/** An answer with what came along. */
export interface Answered {
  /** The answer. */
  readonly answer: Answer;
  /** What was written to stderr. */
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

/** What interpreters print when they die, which leaves exit 1 too: Python, Node, Deno, Java, Ruby. */
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

/**
 * One process for all cases: a request a line, an answer a line. It is started
 * again after whatever it should not have done.
 */
export function askJsonl(
  command: readonly string[],
  limitsOf: (test: Test) => Limits,
  version?: RequestVersion,
): Ask {
  let peer: Peer | undefined;
  const ask: Ask = async (test) => {
    const limits = limitsOf(test);
    peer ??= new Peer(command, limits);
    const line = await peer.exchange(
      JSON.stringify(test.frame(version)),
      limits,
    );
    const answer = typeof line === "string" ? frameAnswer(test.id, line) : line;
    const { stderr } = peer;
    if (answer.kind === "broken") {
      peer.close();
      peer = undefined;
    } else peer.stderr = "";
    return { answer, stderr };
  };
  ask.close = () => peer?.close();
  return ask;
}

/** A process that answers lines with lines. */
class Peer {
  /** What it wrote to stderr since it was last asked. */
  stderr = "";
  readonly #child: Child;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #complaints: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array();

  constructor(command: readonly string[], { environment }: Limits) {
    this.#child = spawn(command, environment);
    this.#writer = this.#child.process.stdin.getWriter();
    this.#reader = this.#child.process.stdout.getReader();
    this.#complaints = this.#child.process.stderr.getReader();
    this.#listen();
  }

  async #listen(): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for (;;) {
        const { done, value } = await this.#complaints.read();
        if (done) return;
        if (this.stderr.length < 4096) {
          this.stderr += decoder.decode(value.subarray(0, 4096));
        }
      }
    } catch { /* the pipe broke with the process */ }
  }

  /** Sends a line and reads one; or says why there is none. */
  async exchange(line: string, limits: Limits): Promise<string | Answer> {
    let late = false;
    // A write to a pipe that someone else holds may never end.
    const { promise: abandoned, resolve: abandon } = Promise.withResolvers<
      false
    >();
    const timer = setTimeout(() => {
      late = true;
      this.close();
      abandon(false);
    }, limits.timeout);
    const sent = this.#writer.write(new TextEncoder().encode(`${line}\n`))
      .then(() => true, () => false);
    const answer = await this.#readLine(limits.output);
    const read = typeof answer !== "string" ||
      await Promise.race([sent, abandoned]);
    clearTimeout(timer);
    if (late) {
      return {
        kind: "broken",
        reason: `no answer, or not all of the request read, within ${
          limits.timeout / 1000
        } s`,
      };
    }
    return read
      ? answer
      : { kind: "broken", reason: "did not read its request" };
  }

  async #readLine(cap: number): Promise<string | Answer> {
    const chunks = [this.#rest];
    let size = this.#rest.length;
    for (let last = this.#rest;;) {
      const end = last.indexOf(0x0a);
      if (end >= 0) {
        chunks[chunks.length - 1] = last.subarray(0, end);
        this.#rest = last.subarray(end + 1);
        return decode(chunks);
      }
      if (size > cap) {
        return {
          kind: "broken",
          reason: `more than ${cap} bytes without a line end`,
        };
      }
      const { done, value } = await this.#reader.read().catch(() => ({
        done: true,
        value: undefined,
      }));
      if (done || value === undefined) {
        const { code, signal } = await this.#child.process.status;
        return {
          kind: "broken",
          reason: `ended by ${signal ?? `exit ${code}`} before it answered`,
        };
      }
      chunks.push(value);
      size += value.length;
      last = value;
    }
  }

  close(): void {
    killTree(this.#child);
    this.#writer.abort().catch(() => {});
    this.#reader.cancel().catch(() => {});
    this.#complaints.cancel().catch(() => {});
  }
}

function decode(chunks: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join(
    "",
  ) +
    decoder.decode();
}

/**
 * Files named by case id; `<id>.refused` refuses, the reason in it. A link that
 * leads out of the directory is not followed, nor is a file read that is
 * larger than any answer.
 *
 * @param partial Whether a file that is missing is only unsupported.
 */
export function askDirectory(
  folder: string,
  ending: string,
  most: number,
  partial: boolean,
): Ask {
  const root = Deno.realPathSync(folder);
  // Throws where it is no directory.
  Deno.readDirSync(root)[Symbol.iterator]().next();
  return ({ id }) => {
    const answer = readAnswer(root, `${id}${ending}`, most) ??
      refusalOf(readAnswer(root, `${id}.refused`, most)) ??
      {
        kind: partial ? "unsupported" : "missing",
        reason: `there is no ${id}${ending}, and no ${id}.refused`,
      };
    return Promise.resolve({ answer, stderr: "" });
  };
}

function refusalOf(answer: Answer | undefined): Answer | undefined {
  return answer?.kind === "bytes"
    ? { kind: "refused", reason: new TextDecoder().decode(answer.bytes).trim() }
    : answer;
}

/** Nothing where there is no such file. */
function readAnswer(
  root: string,
  name: string,
  most: number,
): Answer | undefined {
  try {
    const path = Deno.realPathSync(`${root}/${name}`);
    const { isFile, size } = Deno.statSync(path);
    if (!isFile) return { kind: "broken", reason: `${name} is no file` };
    if (!path.startsWith(`${root}/`) && !path.startsWith(`${root}\\`)) {
      return { kind: "broken", reason: `${name} leads out of the directory` };
    }
    if (size > most) {
      return {
        kind: "broken",
        reason: `${name} has ${size} bytes: an answer has at most ${most}`,
      };
    }
    return { kind: "bytes", bytes: Deno.readFileSync(path) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    return { kind: "broken", reason: `${name}: ${(error as Error).message}` };
  }
}

/** Paths of all files below a folder, with slashes; links are not followed. */
export function listFiles(folder: string): string[] {
  const found: string[] = [];
  const walk = (path: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(`${folder}/${path}`)) {
      if (isDirectory) walk(`${path}${name}/`);
      else found.push(path + name);
    }
  };
  walk("");
  return found.sort();
}
