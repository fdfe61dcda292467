/**
 * Answers of one process that is kept alive: a request a line, an answer a line.
 *
 * @module
 */

import { type Answer, frameAnswer } from "../../lib/suite/answer.ts";
import type { RequestVersion } from "../../lib/suite/request.ts";
import type { Test } from "../../lib/suite/verdict.ts";
import type { Ask } from "./ask.ts";
import { type Child, killTree, type Limits, spawn } from "./child.ts";

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
  /** Output on stderr since the last question. */
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
