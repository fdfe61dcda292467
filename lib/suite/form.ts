/**
 * The right bytes in another form: what a writer prints that takes stdout for
 * a place for people.
 *
 * @module
 */

import { equals } from "@std/bytes";
import type { Named } from "../mutants/mod.ts";

/** Tells in which form the right bytes came, where that is what is wrong. */
export function formOf(golden: Uint8Array, got: Uint8Array): Named | undefined {
  const form = (name: string, what: string) => ({ name, what });
  if (got.length > golden.length && got.length <= golden.length + 2) {
    const behind = new TextDecoder().decode(got.subarray(golden.length));
    if (/^\r?\n$/.test(behind) && equals(got.slice(0, golden.length), golden)) {
      return form("line-end", "the right bytes, and a line end behind them");
    }
  }
  if (equals(got, withCarriageReturns(golden))) {
    return form(
      "crlf",
      "the right bytes, written to a stream in text mode: each 0x0a became 0x0d 0x0a",
    );
  }
  // Whatever is no text is none of the forms below.
  if (got.length > 8 * golden.length || got.some((byte) => byte > 0x7e)) {
    return undefined;
  }
  const text = new TextDecoder().decode(got).trim();
  const digits = text.replace(/0x|[\s,:]/g, "").toLowerCase();
  if (digits === golden.toHex()) {
    return form(
      "hex",
      "the right bytes as hex digits; the bytes themselves are wanted",
    );
  }
  if (
    text.replace(/\s/g, "").replace(/=+$/, "") ===
      golden.toBase64().replace(/=+$/, "")
  ) {
    return form(
      "base64",
      "the right bytes in base64; the bytes themselves are wanted",
    );
  }
  return got.length > 0
    ? form(
      "text",
      `text, where bytes are wanted: ${JSON.stringify(text.slice(0, 60))}`,
    )
    : undefined;
}

function withCarriageReturns(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (const byte of bytes) {
    if (byte === 0x0a) out.push(0x0d);
    out.push(byte);
  }
  return Uint8Array.from(out);
}
