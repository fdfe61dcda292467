/**
 * The loader of packages of a newer Debian: their programs need its C library.
 *
 * @module
 */

/**
 * Returns the words before a program of unpacked packages.
 *
 * @param root The folder that they are unpacked in.
 */
export function loaderOf(root: string): string[] {
  return [
    `${root}/usr/lib64/ld-linux-x86-64.so.2`,
    "--library-path",
    `${root}/usr/lib/x86_64-linux-gnu`,
  ];
}
