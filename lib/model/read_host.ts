/**
 * How a file of a machine is read, and what of it is an address.
 *
 * @module
 */

/** Reads a file below the root, or tells that it is not there or not readable. */
export type ReadHost = (path: string) => string | undefined;

/** sysfs prints addresses in hex, with 0x or without; 0 is what it shows to others. */
export function addressOf(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^(?:0x)?[0-9a-f]{1,16}$/.test(text)) {
    return undefined;
  }
  return BigInt(`0x${text.replace(/^0x/, "")}`) || undefined;
}
