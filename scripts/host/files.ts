/**
 * The files of this machine, of a copied tree, or of a bundle, under Deno or
 * Node.js.
 *
 * @module
 */

import * as fs from "node:fs";
import { concat } from "@std/bytes";
import type { ReadHead, ReadHost } from "./read_host.ts";

/** Bytes beyond which no text file of interest goes; /proc/kallsyms has some 12 MiB. */
const MOST_TEXT = 64 << 20;

/** Readers of files below a root. */
export interface HostFiles {
  /** Reads a text file whole. */
  readonly text: ReadHost;
  /** Reads the first bytes of a binary file. */
  readonly head: ReadHead;
}

/** Returns readers of the files below a root; a pipe or a device counts as absent. */
export function filesOf(root: string): HostFiles {
  const at = (path: string) => `${root.replace(/\/$/, "")}/${path}`;
  return {
    text: (path) => {
      const bytes = readIfThere(at(path), MOST_TEXT + 1);
      if (bytes && bytes.length > MOST_TEXT) {
        throw new RangeError(
          `Cannot read ${
            at(path)
          }: must have at most ${MOST_TEXT} bytes: it has more`,
        );
      }
      return bytes && new TextDecoder().decode(bytes);
    },
    head: (path, size) => readIfThere(at(path), size),
  };
}

/** Returns readers of files that are in memory, by path. */
export function filesIn(
  files: ReadonlyMap<string, Uint8Array>,
): HostFiles {
  return {
    text: (path) => {
      const bytes = files.get(path);
      return bytes && new TextDecoder().decode(bytes);
    },
    head: (path, size) => files.get(path)?.subarray(0, size),
  };
}

/**
 * Reads the first bytes of a plain file, whatever size it claims: files of
 * procfs have size 0 and a content all the same.
 *
 * @throws As node:fs does, and a RangeError for a pipe, a device or a folder.
 */
export function readFirst(path: string, most: number): Uint8Array {
  if (!fs.statSync(path).isFile()) {
    throw new RangeError(
      `Cannot read ${path}: must be a plain file: it is a folder, a device or a pipe`,
    );
  }
  const file = fs.openSync(path, "r");
  try {
    const chunks: Uint8Array[] = [];
    let size = 0;
    while (size < most) {
      const chunk = new Uint8Array(Math.min(1 << 16, most - size));
      const n = fs.readSync(file, chunk);
      if (n === 0) break;
      chunks.push(chunk.subarray(0, n));
      size += n;
    }
    return concat(chunks);
  } finally {
    fs.closeSync(file);
  }
}

/** Reads a file; nothing where it is absent, no plain file, or for root alone. */
function readIfThere(path: string, most: number): Uint8Array | undefined {
  try {
    return readFirst(path, most);
  } catch (error) {
    if ((error as Error).name !== "NotCapable") return undefined;
    throw new RangeError(
      `Cannot read ${path}: must be allowed to; for /proc and /sys Deno wants --allow-all and nothing less:\n  deno run --allow-all scripts/describe-host.ts`,
    );
  }
}
