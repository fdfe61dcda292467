/**
 * Spec files in, the goldens that belong to them out: captured ones as they
 * lie there, worked ones as their case lays them out, derived ones written.
 *
 * @module
 */

import { SpecError } from "../lib/spec/document.ts";
import { isCut } from "../lib/suite/corpus.ts";
import { folderOf, KINDS, type Known } from "../lib/suite/kinds.ts";
import { CommandError } from "./command.ts";

/** Source of the texts of spec files and of captured bytes. */
export interface Tree {
  /** Ids of all spec files, sorted. */
  readonly ids: readonly string[];
  /** Text of the spec file with this id. */
  readonly readSpec: (id: string) => string;
  /** Bytes of a golden that is there, by its name below golden/ without ending. */
  readonly readGolden: (name: string) => Uint8Array | undefined;
}

/** The folders below spec/ that hold spec files. */
export const FOLDERS = KINDS.flatMap(({ folders }) => folders);

/**
 * Makes all goldens.
 *
 * @returns Bytes by name below golden/, without the ending.
 * @throws {SpecError | CommandError} If a spec is malformed or a captured golden missing.
 */
export function makeGoldens(tree: Tree): Map<string, Uint8Array> {
  const known: Known = {
    text: (id) => tree.readSpec(id),
    captured: (name) => {
      const bytes = tree.readGolden(name);
      if (bytes && !isLfsPointer(bytes) && !isCut(name, bytes)) return bytes;
      throw new CommandError(
        `Cannot regenerate golden/${name}.bin: captured bytes must be there: ${
          bytes === undefined
            ? "no such file"
            : isLfsPointer(bytes)
            ? "it is a pointer of Git LFS. Run:\n  git lfs pull"
            : `it is cut off after ${bytes.length} bytes`
        }`,
      );
    },
    goldens: new Map(),
    machines: new Map(),
  };
  for (const { folders, make } of KINDS) {
    for (const id of tree.ids.filter((id) => folders.includes(folderOf(id)))) {
      const file = `spec/${id}.yaml`;
      named(file, () => make(id, file, known));
    }
  }
  return known.goldens;
}

/** Returns true for the pointer that a clone without Git LFS has in the place of a file. */
function isLfsPointer(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 42));
  return start === "version https://git-lfs.github.com/spec/v1";
}

/** Puts the file's name before what is wrong with making its bytes. */
function named(file: string, make: () => void): void {
  try {
    make();
  } catch (error) {
    if (
      error instanceof RangeError ||
      error instanceof SyntaxError && !(error instanceof SpecError)
    ) {
      throw new CommandError(`${file}: ${error.message}`);
    }
    throw error;
  }
}
