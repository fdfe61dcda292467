/**
 * The files of this machine, of a copied tree, or of a bundle.
 *
 * @module
 */

import type { ReadHead, ReadHost } from "../../lib/model/host/files.ts";
import { CommandError } from "../command.ts";
import { readFirst } from "../read_bounded.ts";

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
      const bytes = read(at(path), MOST_TEXT);
      return bytes && new TextDecoder().decode(bytes);
    },
    head: (path, size) => read(at(path), size),
  };
}

/** Reads a file; nothing where it is absent, no plain file, or for root alone. */
function read(path: string, most: number): Uint8Array | undefined {
  try {
    return readFirst(path, most);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) return undefined;
    throw new CommandError(
      `Cannot read ${path}: must be allowed to; for /proc and /sys Deno wants --allow-all and nothing less:\n  deno run --allow-all scripts/describe-host.ts`,
    );
  }
}
