/**
 * The right bytes in another form: what a writer prints that takes stdout for
 * a place for people.
 *
 * @module
 */

import { equals } from "@std/bytes";
import { ELFMAG } from "../elf/elf64.ts";
import type { Named } from "../mutants/mod.ts";
import { foreignKind } from "../compare/foreign_kind.ts";
import { isElf } from "./rows.ts";

/** Tells in which form the right bytes came, where that is what is wrong. */
export function formOf(golden: Uint8Array, got: Uint8Array): Named | undefined {
  const form = (name: string, what: string) => ({ name, what });
  if (got.length > golden.length && got.length <= golden.length + 2) {
    const behind = new TextDecoder().decode(got.subarray(golden.length));
    if (/^\r?\n$/.test(behind) && equals(got.slice(0, golden.length), golden)) {
      return form("line-end", "the right bytes, and a line end behind them");
    }
  }
  const before = textBefore(got);
  if (before !== undefined) {
    return form(
      "text-before",
      `${before.length} bytes before the header, which must be all that is on stdout: ${
        JSON.stringify(before.slice(0, 60))
      }`,
    );
  }
  const lost = golden.length - got.length;
  if (lost > 0 && got.length > 0 && equals(golden.subarray(lost), got)) {
    return form("start-lost", `the right bytes without the first ${lost}`);
  }
  if (equals(got, withCarriageReturns(golden))) {
    return form(
      "crlf",
      "the right bytes, written to a stream in text mode: each 0x0a became 0x0d 0x0a",
    );
  }
  const kind = foreignKind(got);
  if (kind !== undefined && got.some((byte) => byte > 0x7e)) {
    return form("foreign", `${kind}, where an ELF file is wanted`);
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
      `${foreignKind(got) ?? "text"}, where bytes are wanted: ${
        JSON.stringify(text.slice(0, 60))
      }`,
    )
    : undefined;
}

/** Text in front of the first bytes of an ELF file. */
function textBefore(got: Uint8Array): string | undefined {
  if (isElf(got)) return undefined;
  const at = ELFMAG.reduce(
    (at, byte, i) => at < 0 || got[at + i] !== byte ? -1 : at,
    got.indexOf(ELFMAG[0]),
  );
  if (at <= 0) return undefined;
  const text = new TextDecoder().decode(got.subarray(0, at));
  return /^[\x20-\x7e\s]*$/.test(text) ? text : undefined;
}

function withCarriageReturns(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (const byte of bytes) {
    if (byte === 0x0a) out.push(0x0d);
    out.push(byte);
  }
  return Uint8Array.from(out);
}
