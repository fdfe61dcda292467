/**
 * How files of a machine are read, and which of their texts are addresses.
 *
 * @module
 */

/** Reads the text of a file below the root; undefined where it is absent or not readable. */
export type ReadHost = (path: string) => string | undefined;

/** Reads the first bytes of a file, at most `size`; undefined where it is absent or not readable. */
export type ReadHead = (path: string, size: number) => Uint8Array | undefined;

/** Parses an address of sysfs, in hex with 0x or without; 0 is what it shows to others than root. */
export function addressOf(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^(?:0x)?[0-9a-f]{1,16}$/.test(text)) {
    return undefined;
  }
  return BigInt(`0x${text.replace(/^0x/, "")}`) || undefined;
}

/** Finds the address of a symbol in /proc/kallsyms. */
export function symbolOf(read: ReadHost, name: string): bigint | undefined {
  const line = new RegExp(`^([0-9a-f]+) \\w ${name}$`, "m");
  return addressOf(line.exec(read("proc/kallsyms") ?? "")?.[1]);
}
