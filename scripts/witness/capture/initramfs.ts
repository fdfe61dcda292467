/**
 * The initramfs of a guest: files in, a cpio archive of the kernel's format out.
 *
 * @module
 */

/** A file, or a symbolic link. */
export interface Entry {
  /** Path in the guest, without a leading slash. */
  readonly path: string;
  /** Content; of a link, where it points. */
  readonly content: Uint8Array<ArrayBuffer>;
  /** True if it is a symbolic link. */
  readonly link?: boolean;
}

const S_IFDIR = 0o040755;
const S_IFREG = 0o100755;
const S_IFLNK = 0o120777;

/**
 * Packs files, with the folders that they lie in.
 *
 * @see Documentation/driver-api/early-userspace/buffer-format.rst
 */
export function packInitramfs(
  entries: readonly Entry[],
): Uint8Array<ArrayBuffer> {
  const nothing = new Uint8Array();
  const folders = new Set(
    entries.flatMap(({ path }) =>
      [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index))
    ),
  );
  const members = [
    ...[...folders].sort().map((path) => member(path, S_IFDIR, nothing)),
    ...entries.map(({ path, content, link }) =>
      member(path, link ? S_IFLNK : S_IFREG, content)
    ),
    member("TRAILER!!!", 0, nothing),
  ].flat();
  const size = members.reduce((sum, part) => sum + part.length, 0);
  const archive = new Uint8Array(size);
  let at = 0;
  for (const part of members) {
    archive.set(part, at);
    at += part.length;
  }
  return archive;
}

let inode = 1;

/** A header of hex numbers, the name and the content, each padded to 4 bytes. */
function member(
  path: string,
  mode: number,
  content: Uint8Array,
): Uint8Array[] {
  const name = new TextEncoder().encode(`${path}\0`);
  // inode, mode, uid, gid, links, mtime, size, four device numbers, name, sum
  const numbers = [
    inode++,
    mode,
    0,
    0,
    1,
    0,
    content.length,
    0,
    0,
    0,
    0,
    name.length,
    0,
  ]; // deno-fmt-ignore
  const header = new TextEncoder().encode(
    "070701" +
      numbers.map((n) => n.toString(16).padStart(8, "0")).join(""),
  );
  const head = new Uint8Array((header.length + name.length + 3) & ~3);
  head.set(header);
  head.set(name, header.length);
  const body = new Uint8Array((content.length + 3) & ~3);
  body.set(content);
  return [head, body];
}
