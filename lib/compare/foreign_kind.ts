/**
 * Kinds of files that are no ELF file, by their first bytes or by what a text
 * is made of.
 *
 * @module
 */

/** Signatures of files that lie about where dumps are kept. */
const SIGNATURES: readonly (readonly [first: string, kind: string])[] = [
  ["\x1f\x8b", "a gzip file"],
  ["\xfd7zXZ\0", "an xz file"],
  ["\x28\xb5\x2f\xfd", "a zstd file"],
  ["BZh", "a bzip2 file"],
  ["PK\x03\x04", "a zip file"],
  ["MZ", "a kernel image or a program of Windows"],
  ["KDUMP   ", "a dump in kdump-compressed format, by makedumpfile"],
  ["DISKDUMP", "a dump of diskdump"],
  ["makedumpfile\0", "a flattened dump of makedumpfile (see makedumpfile -R)"],
  ["!<arch>\n", "an archive of ar"],
];

/** Beginnings of texts, or of each of their lines. */
const TEXTS: readonly (readonly [pattern: RegExp, kind: string])[] = [
  [
    /^(?:Elf file type is|ELF Header:|There are \d+ program headers)|^\s*Program Headers:$/m,
    "the output of readelf",
  ],
  [/^\S+:\s+file format elf/m, "the output of objdump"],
  [
    /^[0-9a-f]{8}: (?:[0-9a-f]{2,4} ){2}/,
    "a dump by xxd; xxd -r makes bytes of it",
  ],
  [/^[0-9a-f]{7,8} {1,2}[0-9a-f]{2,4} /, "a dump by hexdump or od"],
  [/^(?:0x[0-9a-f]{1,2},?\s*)+$/i, "bytes as a list for C"],
  [/^[0-9a-f\s]+$/i, "hex digits; xxd -r -p makes bytes of them"],
  [/^\s*[[{]/, "JSON"],
  [/^[A-Za-z0-9+/\s]{64,}=*\s*$/, "base64"],
];

/** Bytes that are looked at. */
const HEAD = 4096;

/** Says what a file is, where it is known to be no ELF file: text, or an archive. */
export function foreignKind(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, HEAD));
  const known = SIGNATURES.find(([first]) => head.startsWith(first));
  if (known) return known[1];
  if (head === "" || !/^[\t\n\r\x20-\x7e]*$/.test(head)) return undefined;
  const text = TEXTS.find(([pattern]) => pattern.test(head.trimEnd()));
  return text ? text[1] : "text";
}
