/**
 * A dump beside the bundle of the machine that panicked: whether it is of the
 * same boot, and what it lacks.
 *
 * @module
 */

import { startsWith } from "@std/bytes";
import {
  type Elf64Phdr,
  ELFMAG,
  PT_LOAD,
  PT_NOTE,
  viewOf,
} from "../../lib/elf/elf64.ts";
import { isPrstatus, isVmcoreinfo, wholeNotes } from "../../lib/elf/notes.ts";
import { parseCpulist } from "../../lib/kernel/cpumask.ts";
import { decodeElfcorehdr } from "../../lib/kernel/read_header.ts";
import { type Range, sizeOf } from "../../lib/kernel/range.ts";
import { readFacts } from "./facts.ts";
import type { ReadHead, ReadHost } from "./read_host.ts";
import { readKcore } from "./kcore.ts";
import { wrongLoads } from "./defects.ts";
import { missingRam, wantedRam } from "./losses.ts";

/** The beginning of a dump. */
interface DumpHead {
  /** Text of vmcoreinfo. */
  readonly vmcoreinfo?: string;
  /** Count of CPUs whose registers it has. */
  readonly cpus: number;
  /** PT_LOADs; undefined where it has none, but a bitmap. */
  readonly loads?: readonly Elf64Phdr[];
}

/** A dump beside its machine. */
export interface DumpJudgement {
  /** Names in vmcoreinfo whose values differ: another boot. Empty for the same. */
  readonly differs: readonly string[];
  /** CPUs whose registers it has. */
  readonly cpus: number;
  /** CPUs that were online when the bundle was made. */
  readonly online: number;
  /** RAM that it lacks; undefined where that cannot be seen. */
  readonly missing?: readonly Range[];
  /** Bytes of RAM that it is to have. */
  readonly ram: bigint;
  /** Defects that leave its memory unreadable, a sentence each. */
  readonly wrong: readonly string[];
}

/** Lines of vmcoreinfo that name a boot. */
const BOOT = [
  "OSRELEASE",
  "BUILD-ID",
  "NUMBER(phys_base)",
  "KERNELOFFSET",
  "NUMBER(kimage_voffset)",
] as const;

/**
 * Compares a dump with its machine.
 *
 * @param dump Its first 16 MiB: /proc/vmcore or an ELF dump, or a compressed one.
 * @throws {RangeError} If it is neither.
 */
export function judgeDump(
  read: ReadHost,
  head: ReadHead,
  dump: Uint8Array,
): DumpJudgement {
  const facts = readFacts(read, head);
  const { vmcoreinfo, cpus, loads } = readDump(dump);
  const wanted = wantedRam(facts);
  const here = readKcore(head, read)?.vmcoreinfo ?? read("vmcoreinfo.txt");
  const own = here ?? `OSRELEASE=${facts.uname}\n`;
  return {
    differs: BOOT.filter((name) => {
      const [one, other] = [own, vmcoreinfo].map((text) => lineOf(text, name));
      return one !== undefined && other !== undefined && one !== other;
    }),
    cpus,
    online: parseCpulist(facts.cpus.online).length,
    ...loads && wanted
      ? { missing: missingRam(loads, wanted, facts.page_size ?? 4096) }
      : {},
    ram: sizeOf(wanted ?? []),
    wrong: loads ? wrongLoads(loads, facts) : [],
  };
}

function lineOf(text: string | undefined, name: string): string | undefined {
  return text?.split("\n").find((line) => line.startsWith(`${name}=`));
}

function readDump(bytes: Uint8Array): DumpHead {
  if (startsWith(bytes, Uint8Array.from(ELFMAG))) return readElf(bytes);
  const signature = new TextDecoder().decode(bytes.subarray(0, 12));
  if (signature.startsWith("KDUMP   ")) return readCompressed(bytes);
  throw new RangeError(
    `Cannot read the dump: must begin as an ELF file or a compressed kdump: it begins with ${
      JSON.stringify(signature)
    }${
      signature === "makedumpfile"
        ? ", a flattened dump; `makedumpfile -R` turns it into one that can be read"
        : ""
    }`,
  );
}

function readElf(bytes: Uint8Array): DumpHead {
  const { phdrs } = decodeElfcorehdr(bytes);
  const note = phdrs.find(({ p_type }) => p_type === PT_NOTE);
  return {
    ...readNotes(
      bytes,
      Number(note?.p_offset ?? 0),
      Number(note?.p_filesz ?? 0),
    ),
    loads: phdrs.filter(({ p_type, p_memsz }) =>
      p_type === PT_LOAD && p_memsz > 0n
    ),
  };
}

function readNotes(
  bytes: Uint8Array,
  offset: number,
  size: number,
): Pick<DumpHead, "vmcoreinfo" | "cpus"> {
  if (offset + size > bytes.length) {
    throw new RangeError(
      `Cannot read the dump: its notes must end within the first ${bytes.length} bytes: they have ${size} bytes at byte ${offset}`,
    );
  }
  const notes = [...wholeNotes(bytes.subarray(offset, offset + size))];
  const text = notes.find(isVmcoreinfo)?.desc;
  return {
    vmcoreinfo: text && new TextDecoder().decode(text),
    cpus: notes.filter(isPrstatus).length,
  };
}

/** Offsets in `struct disk_dump_header` and `struct kdump_sub_header` of 64-bit makedumpfile. */
const DISK_DUMP = { block_size: 428, sub: { offset_note: 48, size_note: 56 } };

/** A compressed dump has its notes behind the sub header, and a bitmap in the place of PT_LOADs. */
function readCompressed(bytes: Uint8Array): DumpHead {
  const view = viewOf(bytes);
  const sub = bytes.length < 4096
    ? 0
    : view.getInt32(DISK_DUMP.block_size, true);
  if (sub < 512 || sub + 64 > bytes.length) {
    throw new RangeError(
      `Cannot read the dump: block_size of a compressed kdump must be 512 or more, and its sub header present: current value is ${sub}`,
    );
  }
  const at = (field: number) => Number(view.getBigUint64(sub + field, true));
  return readNotes(
    bytes,
    at(DISK_DUMP.sub.offset_note),
    at(DISK_DUMP.sub.size_note),
  );
}
