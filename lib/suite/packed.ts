/**
 * A corpus as one text, for registries that take no binary files: an index as
 * a line of JSON, then all goldens, compressed, in base64.
 *
 * @module
 */

import { concat } from "@std/bytes";
import type { Corpus } from "./corpus.ts";

/** Packs a corpus. */
export async function packCorpus(corpus: Corpus): Promise<string> {
  const goldens: Uint8Array[] = [];
  const index = JSON.stringify(corpus, (_, value) => {
    if (!(value instanceof Uint8Array)) return value;
    goldens.push(value);
    return { golden_of: value.length };
  });
  const bytes = concat([new TextEncoder().encode(`${index}\n`), ...goldens]);
  const packed = await pipe(bytes, new CompressionStream("gzip"));
  return packed.toBase64();
}

/**
 * Unpacks a corpus.
 *
 * @param text What `packCorpus()` made, trusted.
 */
export async function unpackCorpus(text: string): Promise<Corpus> {
  const bytes = await pipe(
    Uint8Array.fromBase64(text),
    new DecompressionStream("gzip"),
  );
  let at = bytes.indexOf("\n".charCodeAt(0)) + 1;
  const index = new TextDecoder().decode(bytes.subarray(0, at));
  return JSON.parse(index, (_, value) => {
    if (value?.golden_of === undefined) return value;
    at += value.golden_of;
    return bytes.slice(at - value.golden_of, at);
  });
}

async function pipe(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const out = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(out).arrayBuffer());
}
