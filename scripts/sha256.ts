/**
 * The sum that names a file of a release, a golden, and what a cache keeps.
 *
 * @module
 */

/** SHA-256 of bytes, or of a text in UTF-8, in hex. */
export async function sha256(content: Uint8Array | string): Promise<string> {
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
  const sum = await crypto.subtle.digest("SHA-256", bytes as BufferSource);
  return new Uint8Array(sum).toHex();
}

/** Its first 48 bits: the key of a thing in a cache. */
export async function cacheKey(content: Uint8Array | string): Promise<string> {
  return (await sha256(content)).slice(0, 12);
}
