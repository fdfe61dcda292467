/**
 * A panic as a case of the crash path.
 *
 * @module
 */

import { equals, includesNeedle } from "@std/bytes";
import { EHDR, PHDR, SIZEOF_EHDR } from "../../../lib/elf/elf64.ts";
import { isPrstatus, walkNotes } from "../../../lib/elf/notes.ts";
import {
  buildCrashNotes,
  readPrstatus,
} from "../../../lib/kernel/crash_notes.ts";
import { viewDump } from "../../../lib/model/dump.ts";
import {
  captureKernel,
  piecesOf,
  readPieces,
} from "../../../lib/model/old_memory.ts";
import { makeVmcore } from "../../../lib/model/vmcore.ts";
import type { Captured } from "../../../lib/spec/head.ts";
import {
  formatVmcoreCase,
  type OldMemory,
  type VmcoreCase,
} from "../../../lib/spec/vmcore.ts";
import { differing, type SpecFile, type Words } from "./case_files.ts";
import type { Machine } from "./machine.ts";
import type { Panic } from "./panic.ts";
import type { Session } from "./session.ts";

/** Traces of a panic. */
export function vmcoreFile(
  panic: Panic,
  { moments }: Session,
  words: Words,
  captured: Captured,
  header: { readonly name: string; readonly bytes: Uint8Array },
): SpecFile {
  const { machine } = moments.at(-1)!;
  const id = `vmcore/${machine.arch}-${words.name}`;
  const saved = [...panic.notes].filter(([, bytes]) =>
    walkNotes(bytes).some(isPrstatus)
  );
  const isDumped = ([, bytes]: readonly [number, Uint8Array]) => {
    const [{ offset, size }] = walkNotes(bytes);
    return includesNeedle(panic.head, bytes.subarray(offset, offset + size));
  };
  const cpus = (notes: typeof saved) => notes.map(([cpu]) => cpu);
  const view = new DataView(panic.head.buffer, panic.head.byteOffset);
  const first = (field: { at: number }) =>
    view.getBigUint64(SIZEOF_EHDR + field.at, true);
  const [info] = walkNotes(panic.vmcoreinfo);
  const text = new TextDecoder().decode(info.desc);
  const { name: _, tags: __, ...head_words } = words;
  const spec: VmcoreCase = {
    ...head_words,
    golden_from: "captured",
    captured,
    header: header.name,
    release: panic.release,
    page_size: machine.page_size,
    online: panic.online,
    ...panic.shown.length > 0 ? { shown: [...panic.shown] } : {},
    memory: [
      ...saved.map(([cpu, bytes]) => ({
        cpu,
        paddr: machine.crash_notes.get(cpu)!,
        ...savedBy(machine, bytes),
      })),
      { paddr: machine.vmcoreinfo.paddr, vmcoreinfo: text },
    ],
    expect: {
      notes_size: Number(first(PHDR.p_filesz)),
      e_phnum: view.getUint16(EHDR.e_phnum.at, true),
      nr_cpus: panic.nr_cpus,
      dumped: cpus(saved.filter(isDumped)),
      lost: cpus(saved.filter((note) => !isDumped(note))),
    },
  };
  const ours = makeVmcore(
    header.bytes,
    readPieces(piecesOf(spec, header.bytes)),
    captureKernel(spec, header.bytes),
  );
  const { nr_cpus } = viewDump(panic.head);
  return {
    id,
    yaml: formatVmcoreCase(
      spec,
      panic.nr_cpus === undefined
        ? "Captured by scripts/capture.ts."
        : `Captured by scripts/capture.ts; nr_cpus is what ${panic.makedumpfile} wrote.`,
    ),
    goldens: new Map([[id, panic.head]]),
    wrong: [
      ...differing(panic.head, ours.head),
      ...nr_cpus === (panic.nr_cpus ?? nr_cpus) ? [] : [
        `nr_cpus must be ${nr_cpus} by the notes: makedumpfile wrote ${panic.nr_cpus}`,
      ],
    ],
  };
}

/** Registers where they make the whole note, else its bytes. */
function savedBy(
  { arch }: Machine,
  bytes: Uint8Array,
): Pick<OldMemory, "pid" | "regs" | "raw"> {
  const [{ desc }] = walkNotes(bytes);
  const { pid, regs } = readPrstatus(desc);
  return equals(buildCrashNotes(arch, { pid, regs }), bytes)
    ? { pid, regs: regs!.toHex().replace(/(?:00)+$/, "") }
    : { raw: bytes.toHex() };
}
