/**
 * The changes between two releases, by id.
 *
 * @module
 */

import { diffElfcorehdr } from "../../lib/compare/diff.ts";
import { CommandError } from "../command.ts";
import { readBounded } from "../read_bounded.ts";
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

/**
 * Checks that an older release can be compared with.
 *
 * @param folders Where its archives were unpacked, each in its own.
 * @throws {CommandError} If one has no index, or another.
 */
export function checkOlder(folders: readonly string[]): void {
  for (const folder of folders) {
    olderEntries(readOlder(`${folder}/index.json`));
  }
}

/** Bytes of a file of a release; the largest has a tenth of it. */
const MOST_BYTES = 1 << 26;

function readOlder(path: string): Uint8Array {
  try {
    return readBounded(path, MOST_BYTES);
  } catch (error) {
    throw new CommandError(
      `--since must be an unpacked release: ${(error as Error).message}`,
    );
  }
}

/** A folder may contain anything. */
function olderEntries(json: Uint8Array): Entry[] {
  const refuse = (why: string) =>
    new CommandError(
      `--since must be an unpacked release: its index.json is none: ${why}`,
    );
  let entries: unknown;
  try {
    entries = JSON.parse(new TextDecoder().decode(json));
  } catch (error) {
    throw refuse((error as Error).message);
  }
  if (!Array.isArray(entries)) throw refuse("it is no list");
  if (entries.length === 0) throw refuse("it has no entry");
  const bad = entries.findIndex((entry) => !isEntry(entry));
  if (bad < 0) return entries;
  throw refuse(
    `entry ${bad} must have profile, id, expect, input and expected`,
  );
}

/** Returns true if all is there that is compared here, and no file is outside. */
function isEntry(entry: unknown): boolean {
  const { profile, id, expect, input, expected } = Object(entry);
  return [profile, id, expect].every((word) => typeof word === "string") &&
    Array.isArray(input) && input.every(isSum) &&
    (expected === null || isSum(expected));
}

function isSum(sum: unknown): boolean {
  const { file, sha256 } = Object(sum);
  return typeof file === "string" && typeof sha256 === "string" &&
    !file.split("/").includes("..");
}

function entriesOf(json: Uint8Array): Entry[] {
  return JSON.parse(new TextDecoder().decode(json));
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
