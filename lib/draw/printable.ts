/**
 * Foreign text without the characters that a terminal or XML obeys.
 *
 * @module
 */

/**
 * Makes foreign text harmless on a terminal and in XML: control characters
 * but line ends and tabs become `\x1b` and the like, in so many letters.
 */
export function printable(text: string): string {
  return [...text].map((char) => {
    const code = char.codePointAt(0)!;
    const control = code < 0x20 && char !== "\n" && char !== "\t" ||
      code >= 0x7f && code < 0xa0 || code >= 0xd800 && code < 0xe000 ||
      code === 0xfffe || code === 0xffff || code >= 0x2028 && code < 0x202f ||
      code >= 0x2066 && code < 0x206a || code === 0x200e || code === 0x200f ||
      code === 0x61c;
    return control ? `\\x${code.toString(16).padStart(2, "0")}` : char;
  }).join("");
}
