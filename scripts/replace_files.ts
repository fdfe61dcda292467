/**
 * Replaces files whole, or leaves them as they are.
 *
 * @module
 */

import { CommandError } from "./command.ts";

type Content = string | Uint8Array;

/**
 * Writes files below a folder that someone named, or that is our own: no link
 * below it is followed, since a tree that was fetched may have any.
 *
 * @param files Paths from the folder.
 * @throws {CommandError} If one cannot be written; no temporary file stays.
 */
export function replaceBelow(
  folder: string,
  files: readonly (readonly [path: string, content: Content])[],
): void {
  for (const [path] of files) refuseLinks(folder, path);
  replaceFiles(
    files.map(([path, content]) => [`${folder}/${path}`, content] as const),
  );
}

function refuseLinks(folder: string, path: string): void {
  const names = path.split("/");
  for (const [i] of names.entries()) {
    const part = `${folder}/${names.slice(0, i + 1).join("/")}`;
    const isLast = i === names.length - 1;
    const found = lookAt(part);
    if (found === undefined) return;
    if (isLast ? found.isFile : found.isDirectory) continue;
    throw new CommandError(
      `Cannot write ${part}: must be a plain ${isLast ? "file" : "folder"}: ${
        found.isSymlink ? "it is a link" : "it is something else"
      }`,
    );
  }
}

/**
 * Writes all files that a user named, each by a rename; folders are made as needed. All temporary
 * files come first, with fresh names, and their data are on the disk before the
 * first rename: what can fail fails before. What is there and is no plain file,
 * as a device or a link, is written in place, for a rename would replace it.
 *
 * @throws {CommandError} If one cannot be written; no temporary file stays.
 */
export function replaceFiles(
  files: readonly (readonly [path: string, content: Content])[],
): void {
  const renames: [from: string, to: string][] = [];
  let at = "";
  try {
    for (const [path, content] of files) {
      at = path;
      const folder = path.slice(0, path.lastIndexOf("/") + 1);
      if (folder) Deno.mkdirSync(folder, { recursive: true });
      if (!isReplaceable(path)) continue;
      clearLeftovers(folder, path.slice(folder.length));
      const fresh = `${path}.${crypto.randomUUID()}.new`;
      renames.push([fresh, path]);
      writeNew(fresh, content);
    }
    for (const [from, to] of renames) {
      at = to;
      Deno.renameSync(from, to);
    }
    for (const [path, content] of files) {
      at = path;
      if (!isReplaceable(path)) writeInPlace(path, content);
    }
  } catch (error) {
    for (const [from] of renames) {
      try {
        Deno.removeSync(from);
      } catch { /* renamed, or never written */ }
    }
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new CommandError(`Cannot write ${at}: ${(error as Error).message}`);
  }
}

/**
 * Refuses a file that cannot be written, before the work that is to end in it.
 * Folders are made as needed; what is there stays as it is.
 *
 * @throws {CommandError} If it cannot be written.
 */
export function refuseUnwritable(path: string): void {
  try {
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    if (folder) Deno.mkdirSync(folder, { recursive: true });
    if (isReplaceable(path)) {
      const fresh = `${path}.${crypto.randomUUID()}.new`;
      writeNew(fresh, "");
      Deno.removeSync(fresh);
    } else if (Deno.statSync(path).isFile) {
      Deno.openSync(path, { write: true }).close();
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new CommandError(`Cannot write ${path}: ${(error as Error).message}`);
  }
}

const LEFTOVER = /^\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.new$/;

/** Removes what an interrupted run left of a file. */
function clearLeftovers(folder: string, name: string): void {
  for (const entry of Deno.readDirSync(folder || ".")) {
    if (
      entry.name.startsWith(name) &&
      LEFTOVER.test(entry.name.slice(name.length))
    ) Deno.removeSync(folder + entry.name);
  }
}

/** Returns true if nothing is there, or a plain file. */
function isReplaceable(path: string): boolean {
  return lookAt(path)?.isFile ?? true;
}

/** Nothing where there is nothing. */
function lookAt(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function writeNew(path: string, content: Content): void {
  using file = Deno.openSync(path, { write: true, createNew: true });
  writeAll(file, content);
  file.syncDataSync();
}

function writeInPlace(path: string, content: Content): void {
  using file = Deno.openSync(path, { write: true, truncate: true });
  writeAll(file, content);
}

function writeAll(file: Deno.FsFile, content: Content): void {
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
  for (let at = 0; at < bytes.length;) {
    at += file.writeSync(bytes.subarray(at));
  }
}
