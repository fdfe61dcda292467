/**
 * What changed between two releases, by id.
 *
 * @module
 */

import { diffElfcorehdr } from "../../lib/compare/diff.ts";
import { CommandError } from "../command.ts";
import type { Entry, ReleaseFiles } from "./vectors.ts";

/**
 * Compares with an older release.
 *
 * @param folder Where it was unpacked.
 * @returns A line a change, and how many ids are gone, which none may be.
 */
export function changesSince(
  folder: string,
  files: ReleaseFiles,
): { lines: string[]; gone: number } {
  const read = (path: string) => {
    try {
      return Deno.readFileSync(`${folder}/${path}`);
    } catch (error) {
      throw new CommandError(
        `--since must be an unpacked release: ${(error as Error).message}`,
      );
    }
  };
  const before = olderEntries(read("index.json"));
  const now = entriesOf(files.get("index.json")!);
  const lines: string[] = [];
  let gone = 0;
  for (const [key, old] of before) {
    const entry = now.get(key);
    if (!entry) {
      gone += 1;
      lines.push(`gone       ${key}`);
    } else if (old.expected?.sha256 !== entry.expected?.sha256) {
      const what = correction(
        old,
        old.expected && read(old.expected.file),
        entry.expected && files.get(entry.expected.file)!,
      );
      lines.push(`corrected  ${key}: ${what}`);
    } else if (old.expect !== entry.expect) {
      lines.push(`corrected  ${key}: ${old.expect} is now ${entry.expect}`);
    } else if (
      old.input.some(({ sha256 }, i) => sha256 !== entry.input[i]?.sha256)
    ) {
      lines.push(
        `reworded   ${key}: the question differs, the answer does not`,
      );
    }
  }
  for (const key of now.keys()) {
    if (!before.has(key)) lines.push(`added      ${key}`);
  }
  return {
    lines: lines.length > 0 ? lines.sort() : ["nothing changed"],
    gone,
  };
}

/** What lies in a folder may be anything. */
function olderEntries(json: Uint8Array): Map<string, Entry> {
  try {
    return entriesOf(json);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) {
      throw error;
    }
    throw new CommandError(
      `--since must be an unpacked release: its index.json is none: ${error.message}`,
    );
  }
}

function entriesOf(json: Uint8Array): Map<string, Entry> {
  const entries: Entry[] = JSON.parse(new TextDecoder().decode(json));
  return new Map(entries.map((entry) => [
    `${entry.profile} ${entry.id}`,
    entry,
  ]));
}

function correction(
  { profile }: Entry,
  old: Uint8Array | null,
  now: Uint8Array | null,
): string {
  if (!old) return "was refused, is now answered";
  if (!now) return "was answered, is now refused";
  if (profile !== "writer") return "another answer";
  const [{ field, expected, got, rule }] = diffElfcorehdr(now, old);
  return `${field} was ${got}, is ${expected} (${rule})`;
}
