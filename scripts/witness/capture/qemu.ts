/**
 * A machine in qemu, under software emulation: its console, and what QMP
 * reaches from outside: guest memory, page tables, devices.
 *
 * @module
 */

import { type Child, killTree, spawn } from "../../child/child.ts";
import { CommandError } from "../../command.ts";
import { Monitor, PATIENCE } from "./monitor.ts";
import { during, lastLine } from "./progress.ts";

/** Output of a command in the guest, and its errno. */
export interface Answer {
  /** Lines of output. */
  readonly lines: string[];
  /** 0 where it worked. */
  readonly errno: number;
}

/** A running machine. */
export class Qemu {
  readonly #child: Child;
  readonly #folder: string;
  readonly #log: Deno.FsFile;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #monitor: Monitor;
  /** Console output that no one has asked for yet. */
  #unread = "";
  #ended = false;
  #wake = () => {};
  readonly #listening: Promise<void>;
  /** The end of what the emulator complained of. */
  #complaint = "";

  private constructor(
    child: Child,
    folder: string,
    log: Deno.FsFile,
    monitor: Monitor,
  ) {
    this.#child = child;
    this.#folder = folder;
    this.#log = log;
    this.#monitor = monitor;
    this.#writer = child.process.stdin.getWriter();
    this.#listening = this.#listen();
    this.#overhear();
  }

  /**
   * Starts a machine; it is stopped by `stop()`, or with this process.
   *
   * @param command The program and its arguments; console and monitor are added.
   * @param folder Where serial.log and the monitor's socket come to lie.
   */
  static async start(
    command: readonly string[],
    folder: string,
  ): Promise<Qemu> {
    const socket = `${folder}/qmp.sock`;
    const log = Deno.openSync(`${folder}/serial.log`, {
      create: true,
      write: true,
      truncate: true,
    });
    const child = spawn([
      ...command,
      "-nodefaults",
      "-display",
      "none",
      "-serial",
      "stdio",
      "-qmp",
      `unix:${socket},server=on,wait=off`,
    ]);
    try {
      return new Qemu(child, folder, log, await Monitor.connect(socket, child));
    } catch (error) {
      killTree(child);
      log.close();
      throw error;
    }
  }

  async #listen(): Promise<void> {
    const decoder = new TextDecoder("latin1");
    for await (const chunk of this.#child.process.stdout) {
      this.#log.writeSync(chunk);
      this.#unread += decoder.decode(chunk).replaceAll("\r", "");
      this.#wake();
    }
    this.#ended = true;
    this.#wake();
  }

  async #overhear(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.process.stderr) {
      this.#complaint = (this.#complaint + decoder.decode(chunk)).slice(-4096);
    }
  }

  /**
   * Waits until the console has printed a whole line that matches.
   *
   * @returns What came before it, and the match.
   */
  async #until(
    pattern: RegExp,
    what: string,
    timeout: number,
  ): Promise<[before: string, match: RegExpExecArray]> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const match = pattern.exec(this.#unread);
      if (match) {
        const before = this.#unread.slice(0, match.index);
        this.#unread = this.#unread.slice(match.index + match[0].length);
        return [before, match];
      }
      const left = deadline - Date.now();
      if (this.#ended || left <= 0) {
        const why = this.#ended
          ? `qemu ended${this.#complaint && `: ${this.#complaint.trim()}`}`
          : `not done after ${timeout / 1000} s; its last line: ${
            lastLine(this.#unread)
          }`;
        throw new CommandError(`Cannot go on with the guest: ${what}: ${why}`);
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(resolve, left);
      await promise;
      clearTimeout(timer);
    }
  }

  /** Waits for /init of a kernel that boots, the capture kernel after a panic included. */
  async ready(timeout: number): Promise<void> {
    await during(
      this.#until(/^@ready\n/m, "boot", timeout),
      () => lastLine(this.#unread),
    );
  }

  /** Sends a line without waiting for what it does; for the panic. */
  async send(line: string): Promise<void> {
    try {
      await this.#writer.write(new TextEncoder().encode(`${line}\n`));
    } catch {
      throw new CommandError(
        `Cannot go on with the guest: qemu ended: ${this.#complaint.trim()}`,
      );
    }
  }

  /** Has the guest do something; see guest.c for what it can. */
  async ask(line: string, timeout = PATIENCE): Promise<Answer> {
    await this.send(line);
    const [output, match] = await this.#until(
      /^@done (\d+)\n/m,
      line.slice(0, 60),
      timeout,
    );
    // The guest ends its output with an empty line, whatever came before.
    const text = output.replace(/\n?\n$/, "");
    const lines = text === "" ? [] : text.split("\n");
    return { lines, errno: Number(match[1]) };
  }

  /** Runs a command of the monitor. */
  qmp(execute: string, args: object = {}): Promise<unknown> {
    return this.#monitor.execute(execute, args);
  }

  /** Reads guest-physical memory, from outside. */
  async readMemory(paddr: bigint, size: number): Promise<Uint8Array> {
    const filename = `${this.#folder}/memory.bin`;
    await this.#monitor.execute(
      "pmemsave",
      `{"val":${paddr},"size":${size},"filename":${JSON.stringify(filename)}}`,
    );
    const bytes = Deno.readFileSync(filename);
    Deno.removeSync(filename);
    return bytes;
  }

  /** Walks the page tables of CPU 0; `undefined` where nothing is mapped. */
  async translate(vaddr: bigint): Promise<bigint | undefined> {
    const text = await this.qmp("human-monitor-command", {
      "command-line": `gva2gpa 0x${vaddr.toString(16)}`,
    }) as string;
    const match = /gpa: (0x[0-9a-f]+)/.exec(text);
    return match ? BigInt(match[1]) : undefined;
  }

  /** Ends the machine. */
  async stop(): Promise<void> {
    killTree(this.#child);
    await this.#child.process.status;
    await this.#listening;
    this.#monitor.close();
    this.#log.close();
  }
}
