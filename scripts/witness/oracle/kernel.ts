/**
 * An oracle at work: questions in, what the kernel's own code makes of them out.
 *
 * @module
 */

import { type Child, killTree, spawn } from "../../child/child.ts";
import { CommandError } from "../../command.ts";
import type { Built } from "./build.ts";
import { OP, type Question } from "./questions.ts";
import { Words } from "./words.ts";

/** Answer of the kernel. */
export interface Answer {
  /** 0, an errno, or `OOPS`. */
  readonly error: number;
  /** Header, segment, or head of /proc/vmcore. */
  readonly bytes: Uint8Array;
  /** Three numbers that depend on the question. */
  readonly numbers: readonly [bigint, bigint, bigint];
}

/** The error of code that faults, where a kernel would oops. */
export const OOPS = 999;

const HEAD_BYTES = 40;

/** The process of an oracle. */
export class Oracle {
  /** Source that it was built of. */
  readonly built: Built;
  readonly #child: Child;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #words = new Words();
  #unread = new Uint8Array();

  /** Starts it. */
  constructor(built: Built) {
    this.built = built;
    this.#child = spawn([built.program]);
    this.#writer = this.#child.process.stdin.getWriter();
    this.#reader = this.#child.process.stdout.getReader();
  }

  /**
   * Asks many questions at once.
   *
   * @returns The answers in the order of the questions.
   */
  async ask(questions: readonly Question[]): Promise<Answer[]> {
    this.#words.clear();
    for (const question of questions) question(this.#words);
    this.#words.push(OP.FLUSH);
    const written = this.#writer.write(this.#words.bytes());
    const answers: Answer[] = [];
    let at = 0;
    const need = async (size: number) => {
      if (this.#unread.length - at >= size) return;
      await this.#read(at, size);
      at = 0;
    };
    for (const _ of questions) {
      await need(HEAD_BYTES);
      const view = new DataView(this.#unread.buffer, this.#unread.byteOffset);
      const number = (i: number) => view.getBigUint64(at + 8 * i, true);
      const size = Number(number(1));
      const error = Number(number(0));
      const numbers: Answer["numbers"] = [number(2), number(3), number(4)];
      const padded = (size + 7) & ~7;
      await need(HEAD_BYTES + padded);
      const from = at + HEAD_BYTES;
      answers.push({
        error,
        bytes: this.#unread.subarray(from, from + size),
        numbers,
      });
      at = from + padded;
    }
    this.#unread = this.#unread.subarray(at);
    await written;
    return answers;
  }

  /** Reads until that many bytes are there, from the place on. */
  async #read(at: number, size: number): Promise<void> {
    const chunks: Uint8Array[] = [this.#unread.subarray(at)];
    let length = chunks[0].length;
    while (length < size) {
      const { value, done } = await this.#reader.read();
      if (done) {
        const { release, arch } = this.built;
        throw new CommandError(
          `Cannot go on: the oracle of ${release} on ${arch} ended`,
        );
      }
      chunks.push(value);
      length += value.length;
    }
    const whole = new Uint8Array(length);
    let to = 0;
    for (const chunk of chunks) {
      whole.set(chunk, to);
      to += chunk.length;
    }
    this.#unread = whole;
  }

  /** Ends it. */
  async stop(): Promise<void> {
    killTree(this.#child);
    await this.#writer.abort().catch(() => {});
    await this.#reader.cancel();
    await this.#child.process.stderr.cancel();
    await this.#child.process.status;
  }
}
