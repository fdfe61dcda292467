/**
 * A whole /proc/vmcore in a file: its head as the guest read it, and the old
 * kernel's memory as it lies, read from outside.
 *
 * @module
 */

import { PT_LOAD } from "../../../lib/elf/elf64.ts";
import { decodeElfcorehdr } from "../../../lib/kernel/read_header.ts";
import type { Qemu } from "./qemu.ts";

/** Writes the file. */
export async function writeDump(
  vm: Qemu,
  head: Uint8Array,
  path: string,
): Promise<void> {
  using file = Deno.openSync(path, { create: true, write: true });
  const write = (bytes: Uint8Array) => {
    for (let done = 0; done < bytes.length;) {
      done += file.writeSync(bytes.subarray(done));
    }
  };
  write(head);
  for (const phdr of decodeElfcorehdr(head).phdrs) {
    if (phdr.p_type !== PT_LOAD) continue;
    const memory = await vm.readMemory(phdr.p_paddr, Number(phdr.p_filesz));
    file.seekSync(phdr.p_offset, Deno.SeekMode.Start);
    write(memory);
  }
}
