/**
 * QMP, the monitor of a machine in qemu.
 *
 * @module
 */

import { type Child, killTree } from "../../child/child.ts";
import { CommandError } from "../../command.ts";

/** Milliseconds for a line that only reads something. */
export const PATIENCE = 120_000;

/** The QMP connection: one command at a time, events passed over. */
export class Monitor {
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
