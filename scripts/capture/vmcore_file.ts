/**
 * A panic as a case of the crash path.
 *
 * @module
 */

import {
  type Captured,
  formatCaptured,
  formatHead,
} from "../../lib/spec/parts.ts";
import {
  captureKernel,
  piecesOf,
  readPieces,
} from "../../lib/model/old_memory.ts";
import { isPrstatus, walkNotes } from "../../lib/elf/notes.ts";
import { equals } from "@std/bytes";
import { formatCpulist } from "../../lib/kernel/cpumask.ts";
import { buildCrashNotes, readPrstatus } from "../../lib/kernel/crash_notes.ts";
import { viewDump } from "../../lib/model/dump.ts";
import { EHDR, PHDR, SIZEOF_EHDR } from "../../lib/elf/elf64.ts";
import { hex } from "../../lib/spec/shape.ts";
import { makeVmcore } from "../../lib/model/vmcore.ts";
import { parseVmcoreCase } from "../../lib/spec/vmcore.ts";
import { differing, type SpecFile, type Words } from "./case_files.ts";
import type { Machine } from "./machine.ts";
import type { Panic } from "./panic.ts";
import type { Session } from "./session.ts";

/** What a panic left. */
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
  const head = panic.head.toHex();
  const isDumped = ([, bytes]: readonly [number, Uint8Array]) => {
    const [{ offset, size }] = walkNotes(bytes);
    return head.includes(bytes.subarray(offset, offset + size).toHex());
  };
  const cpus = (notes: typeof saved) =>
    formatCpulist(notes.map(([cpu]) => cpu));
  const view = new DataView(panic.head.buffer, panic.head.byteOffset);
  const first = (field: { at: number }) =>
    view.getBigUint64(SIZEOF_EHDR + field.at, true);
  const [info] = walkNotes(panic.vmcoreinfo);
  const text = new TextDecoder().decode(info.desc);
  const yaml = [
    "# yaml-language-server: $schema=../vmcore.schema.json",
    panic.nr_cpus === undefined
      ? "# Captured by scripts/capture.ts."
      : `# Captured by scripts/capture.ts; nr_cpus is what ${panic.makedumpfile} wrote.`,
    ...formatHead({ ...words, tags: undefined }),
    "golden_from: captured",
    formatCaptured(captured),
    `header: ${header.name}`,
    `release: "${panic.release}"`,
    `page_size: ${machine.page_size}`,
    `online: "${formatCpulist(panic.online)}"`,
    "memory:",
    ...saved.map(([cpu, bytes]) =>
      `  - { cpu: ${cpu}, paddr: "${hex(machine.crash_notes.get(cpu)!)}", ${
        formatNotes(machine, bytes)
      } }`
    ),
    `  - paddr: "${hex(machine.vmcoreinfo.paddr)}"`,
    "    vmcoreinfo: |",
    ...text.trimEnd().split("\n").map((line) => `      ${line}`),
    `expect: { notes_size: ${first(PHDR.p_filesz)}, e_phnum: ${
      view.getUint16(EHDR.e_phnum.at, true)
    }${
      panic.nr_cpus === undefined ? "" : `, nr_cpus: ${panic.nr_cpus}`
    }, dumped: "${cpus(saved.filter(isDumped))}", lost: "${
      cpus(saved.filter((note) => !isDumped(note)))
    }" }`,
    "",
  ].join("\n");
  const spec = parseVmcoreCase(yaml, `spec/${id}.yaml`);
  const ours = makeVmcore(
    header.bytes,
    readPieces(piecesOf(spec, header.bytes)),
    captureKernel(spec, header.bytes),
  );
  const { nr_cpus } = viewDump(panic.head);
  return {
    id,
    yaml,
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
function formatNotes({ arch }: Machine, bytes: Uint8Array): string {
  const [{ desc }] = walkNotes(bytes);
  const { pid, regs } = readPrstatus(desc);
  return equals(buildCrashNotes(arch, { pid, regs }), bytes)
    ? `pid: ${pid}, regs: "${regs!.toHex().replace(/(?:00)+$/, "")}"`
    : `raw: "${bytes.toHex()}"`;
}
