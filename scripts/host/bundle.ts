/**
 * A bundle of collect.sh, as a folder or as its archive, which is read in memory
 * and never unpacked.
 *
 * @module
 */

import * as fs from "node:fs";
import { gunzipSync } from "node:zlib";
import { filesIn, filesOf, type HostFiles, readFirst } from "./files.ts";

/** Bytes that an archive may have, and may have inside. */
const MOST = 64 << 20;
/** Bytes of a header and a block of tar. */
const BLOCK = 512;

/**
 * Opens a bundle.
 *
 * @throws {RangeError} If it is neither a folder nor an archive of plain files.
 */
export function openBundle(path: string): HostFiles {
  const files = fs.statSync(path).isDirectory()
    ? filesOf(path)
    : openArchive(path);
  if (files.text("proc/sys/kernel/arch") !== undefined) return files;
  throw new RangeError(
    `Cannot read ${path}: must be a bundle of collect.sh: it has no proc/sys/kernel/arch`,
  );
}

function openArchive(path: string): HostFiles {
  const bytes = readFirst(path, MOST);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    throw new RangeError(
      `Cannot read ${path}: must be a folder or a tar.gz of collect.sh: it is no gzip file`,
    );
  }
  return filesIn(readTar(gunzip(bytes, path), path));
}

/** Decompresses gzip, at most 64 MiB of it. */
export function gunzip(bytes: Uint8Array, path: string): Uint8Array {
  try {
    return Uint8Array.from(gunzipSync(bytes, { maxOutputLength: MOST }));
  } catch (error) {
    throw new RangeError(
      `Cannot read ${path}: must be a whole gzip file of at most ${MOST} bytes inside: ${
        (error as Error).message
      }`,
    );
  }
}

/**
 * Reads the plain files of a tar, by their paths below its one folder.
 *
 * @throws {RangeError} If it is cut off, has a link or a device, or leads outside.
 */
export function readTar(
  bytes: Uint8Array,
  path: string,
): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const fail = (what: string): never => {
    throw new RangeError(`Cannot read ${path}: ${what}`);
  };
  let longName: string | undefined;
  let at = 0;
  while (at + BLOCK <= bytes.length && bytes[at] !== 0) {
    const header = bytes.subarray(at, at + BLOCK);
    const name = longName || nameOf(header);
    const octal = field(header, 124, 12);
    const size = /^[0-7]{1,11}$/.test(octal) ? parseInt(octal, 8) : NaN;
    const type = String.fromCharCode(header[156]);
    if (Number.isNaN(size) || at + BLOCK + size > bytes.length) {
      fail(`${JSON.stringify(name)} must be whole: the archive is cut off`);
    }
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    longName = longNameIn(type, content);
    if (longName !== undefined || type === "5" || type === "g") continue;
    if (type !== "0" && type !== "\0") {
      fail(`${JSON.stringify(name)} must be a plain file or a folder`);
    }
    const parts = name.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) fail(`${JSON.stringify(name)} leads outside`);
    files.set(parts.slice(1).join("/"), content);
  }
  return files.size > 0 ? files : fail("the archive has no files");
}

/** The name in a header of tar, with the prefix of ustar. */
function nameOf(header: Uint8Array): string {
  const prefix = field(header, 345, 155);
  const name = field(header, 0, 100);
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** The name of the next file, where an entry has it: of GNU tar, or of pax. */
function longNameIn(type: string, content: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(content.subarray(0, 1 << 16));
  if (type === "L") return text.split("\0", 1)[0];
  return type === "x" ? /^\d+ path=(.*)$/m.exec(text)?.[1] ?? "" : undefined;
}

/** A text of a tar header, up to its first zero. */
function field(header: Uint8Array, at: number, size: number): string {
  const text = new TextDecoder().decode(header.subarray(at, at + size));
  return text.split("\0", 1)[0].trim();
}
