/**
 * A bundle of collect.sh, as a folder or as its archive, which is read in memory
 * and never unpacked.
 *
 * @module
 */

import * as fs from "node:fs";
import { concat } from "@std/bytes";
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
export async function openBundle(path: string): Promise<HostFiles> {
  if (fs.statSync(path).isDirectory()) return filesOf(path);
  const bytes = readFirst(path, MOST);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    throw new RangeError(
      `Cannot read ${path}: must be a folder or a tar.gz of collect.sh: it is no gzip file`,
    );
  }
  return filesIn(readTar(await gunzip(bytes, path), path));
}

/** Decompresses gzip, at most 64 MiB of it. */
export async function gunzip(
  bytes: Uint8Array,
  path: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stream = new Blob([bytes as BlobPart]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  try {
    for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MOST) throw new Error(`more than ${MOST} bytes inside`);
    }
  } catch (error) {
    throw new RangeError(
      `Cannot read ${path}: must be a whole gzip file: ${
        (error as Error).message
      }`,
    );
  }
  return concat(chunks);
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
  let at = 0;
  while (at + BLOCK <= bytes.length && bytes[at] !== 0) {
    const header = bytes.subarray(at, at + BLOCK);
    const name = field(header, 345, 155) + field(header, 0, 100);
    const size = parseInt(field(header, 124, 12), 8);
    const type = String.fromCharCode(header[156]);
    if (!Number.isSafeInteger(size) || at + BLOCK + size > bytes.length) {
      fail(`${JSON.stringify(name)} must be whole: the archive is cut off`);
    }
    if (type !== "5" && type !== "0" && type !== "\0") {
      fail(`${JSON.stringify(name)} must be a plain file or a folder`);
    }
    const parts = name.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) fail(`${JSON.stringify(name)} leads outside`);
    if (type !== "5") {
      const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
      files.set(parts.slice(1).join("/"), content);
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files.size > 0 ? files : fail("the archive has no files");
}

/** A text of a tar header, up to its first zero. */
function field(header: Uint8Array, at: number, size: number): string {
  const text = new TextDecoder().decode(header.subarray(at, at + size));
  return text.split("\0", 1)[0].trim();
}
