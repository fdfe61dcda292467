/**
 * text/: each header of a release as a text, for review.
 *
 * @module
 */

import { formatText } from "../text/format.ts";

/** Profiles whose files are headers, or begin with one. */
const HEADERS_REGEXP =
  /^((?:writer|reader|vmcore|kexec-tools|fadump)\/.*?)(?:\.expected)?\.bin$/;

/** Adds the text of each header, by the path of its bytes. */
export function addTexts(files: Map<string, Uint8Array>): void {
  for (const [path, bytes] of [...files]) {
    const [, name] = HEADERS_REGEXP.exec(path) ?? [];
    if (name === undefined) continue;
    files.set(
      `text/${name}.txt`,
      new TextEncoder().encode(formatText(bytes)),
    );
  }
}
