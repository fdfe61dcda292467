/**
 * A file that someone names, or standard input, read as far as anything of use
 * here reaches.
 *
 * @module
 */

import { concat } from "@std/bytes";
import { CommandError } from "./command.ts";
import { readFirst } from "./host/files.ts";

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
  if (size > most) throw tooLarge(path, most, `${size}`);
  // Files of /proc have size 0, and other files grow.
  const bytes = readFirst(path, most + 1);
  if (bytes.length > most) throw tooLarge(path, most, "more");
  return bytes;
}

/**
 * Reads a plain file as text.
 *
 * @param most Bytes that it may have.
 * @throws {CommandError} If it is none, or larger, or no UTF-8.
 * @throws {Error} As Deno does, where there is no such file.
 */
export function readTextBounded(path: string, most: number): string {
  return decodeText(readBounded(path, most), path);
}

/** Decodes a text; what is not UTF-8 would be read as something else. */
export function decodeText(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new CommandError(
      `Cannot read ${name}: must be UTF-8: it has bytes that are not`,
    );
  }
}

/**
 * Reads the beginning of a plain file.
 *
 * @param most Bytes to read at most.
 * @returns What was read, and how many bytes the file has.
 * @throws {CommandError} If it is a folder, a device or a pipe.
 */
export function readHead(
  path: string,
  most: number,
): { bytes: Uint8Array; size: number } {
  const { size } = Deno.statSync(path);
  if (size <= most) return { bytes: readBounded(path, most), size };
  return { bytes: readFirst(path, most), size };
}

function tooLarge(path: string, most: number, size: string): CommandError {
  return new CommandError(
    `Cannot read ${path}: must have at most ${most} bytes: it has ${size}`,
  );
}

/**
 * Reads standard input to its end.
 *
 * @param most Bytes that it may have.
 * @throws {CommandError} If it has more.
 */
export function readStandardInput(most: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  const chunk = new Uint8Array(65536);
  let size = 0;
  for (
    let n = Deno.stdin.readSync(chunk);
    n !== null;
    n = Deno.stdin.readSync(chunk)
  ) {
    size += n;
    if (size > most) {
      throw new CommandError(
        `Cannot read standard input: must have at most ${most} bytes: it has more`,
      );
    }
    chunks.push(chunk.slice(0, n));
  }
  return concat(chunks);
}
