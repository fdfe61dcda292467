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
 * @param folders Where its archives were unpacked, each in its own.
 * @param parts The new one, an archive each.
 * @returns A line a change, and how many ids are gone, which none may be.
 */
export function changesSince(
  folders: readonly string[],
  parts: readonly ReleaseFiles[],
): { lines: string[]; gone: number } {
  const before = new Map(folders.flatMap((folder) => {
    const read = (path: string) => readOlder(`${folder}/${path}`);
    return olderEntries(read("index.json")).map((
      entry,
    ) => [keyOf(entry), { entry, read }] as const);
  }));
  const now = new Map(parts.flatMap((files) => {
    const read = (path: string) => files.get(path)!;
    return entriesOf(read("index.json")).map((
      entry,
    ) => [keyOf(entry), { entry, read }] as const);
  }));
  const lines: string[] = [];
  let gone = 0;
  for (const [key, { entry: old, read: readOld }] of before) {
    const found = now.get(key);
    if (!found) {
      gone += 1;
      lines.push(`gone       ${key}`);
      continue;
    }
    const { entry, read } = found;
    if (old.expected?.sha256 !== entry.expected?.sha256) {
      const what = correction(
        old,
        old.expected && readOld(old.expected.file),
        entry.expected && read(entry.expected.file),
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

function readOlder(path: string): Uint8Array {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    throw new CommandError(
      `--since must be an unpacked release: ${(error as Error).message}`,
    );
  }
}

/** What lies in a folder may be anything. */
function olderEntries(json: Uint8Array): Entry[] {
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

function entriesOf(json: Uint8Array): Entry[] {
  const entries: Entry[] = JSON.parse(new TextDecoder().decode(json));
  entries.forEach(keyOf); // throws at what is no entry
  return entries;
}

function keyOf({ profile, id }: Entry): string {
  return `${profile} ${id}`;
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
