/**
 * A file that someone names, read as far as anything of use here reaches.
 *
 * @module
 */

import { CommandError } from "./command.ts";

/**
 * Reads a plain file.
 *
 * @param most Bytes that it may have.
 * @throws {CommandError} If it is a folder, a device or a pipe, or larger.
 * @throws {Error} As Deno does, where there is no such file.
 */
export function readBounded(path: string, most: number): Uint8Array {
  const { isFile, isDirectory, size } = Deno.statSync(path);
  if (!isFile) {
    throw new CommandError(
      `Cannot read ${path}: must be a plain file: it is ${
        isDirectory ? "a folder" : "a device or a pipe"
      }`,
    );
  }
  if (size > most) {
    throw new CommandError(
      `Cannot read ${path}: must have at most ${most} bytes: it has ${size}`,
    );
  }
  return Deno.readFileSync(path);
}
