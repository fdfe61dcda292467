/**
 * A machine in qemu, under software emulation: its console, and what QMP
 * reaches from outside: guest memory, page tables, devices.
 *
 * @module
 */

import { type Child, killTree, spawn } from "../child.ts";
import { CommandError } from "../command.ts";
import { during, lastLine } from "./progress.ts";

/** Milliseconds for a line that only reads something. */
const PATIENCE = 120_000;

/** What a command of the guest printed, and its errno. */
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
      "-no-reboot",
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

/** The QMP connection: one command at a time, events passed over. */
class Monitor {
  readonly #connection: Deno.Conn;
  readonly #decoder = new TextDecoder();
  #unread = "";

  private constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  static async connect(path: string, child: Child): Promise<Monitor> {
    let ended = false;
    child.process.status.then(() => ended = true);
    for (let tries = 0; tries < 200 && !ended; tries++) {
      try {
        const connection = await Deno.connect({ transport: "unix", path });
        const monitor = new Monitor(connection);
        await monitor.#line();
        await monitor.execute("qmp_capabilities", {});
        return monitor;
      } catch (error) {
        if (error instanceof CommandError) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    killTree(child);
    const stderr = await new Response(child.process.stderr).text();
    throw new CommandError(
      `Cannot start qemu: ${stderr.trim() || "its monitor does not answer"}`,
    );
  }

  /** @param args An object, or JSON where a number exceeds 2^53. */
  async execute(execute: string, args: object | string): Promise<unknown> {
    const json = typeof args === "string" ? args : JSON.stringify(args);
    await this.#write(`{"execute":"${execute}","arguments":${json}}\n`);
    for (;;) {
      const answer = JSON.parse(await this.#line());
      if ("return" in answer) return answer.return;
      if ("error" in answer) {
        throw new CommandError(
          `Cannot ${execute} in qemu: ${answer.error.desc}`,
        );
      }
    }
  }

  async #write(text: string): Promise<void> {
    let bytes = new TextEncoder().encode(text);
    try {
      while (bytes.length > 0) {
        bytes = bytes.subarray(await this.#connection.write(bytes));
      }
    } catch {
      throw new CommandError("Cannot talk to qemu: it has ended");
    }
  }

  async #line(): Promise<string> {
    const room = new Uint8Array(65536);
    while (!this.#unread.includes("\n")) {
      const { promise, reject } = Promise.withResolvers<null>();
      const timer = setTimeout(() => {
        reject(
          new CommandError(
            `Cannot talk to qemu: no answer for ${PATIENCE / 1000} s`,
          ),
        );
      }, PATIENCE);
      const n = await Promise.race([this.#connection.read(room), promise])
        .finally(() => clearTimeout(timer));
      if (n === null) {
        throw new CommandError("Cannot talk to qemu: it has ended");
      }
      this.#unread += this.#decoder.decode(room.subarray(0, n), {
        stream: true,
      });
    }
    const end = this.#unread.indexOf("\n");
    const line = this.#unread.slice(0, end);
    this.#unread = this.#unread.slice(end + 1);
    return line;
  }

  close(): void {
    try {
      this.#connection.close();
    } catch { /* it went with the process */ }
  }
}
