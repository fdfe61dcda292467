/**
 * A session in, finished spec files and their goldens out: a case for each
 * header that the kernel wrote, one for the utility's, a scenario of all that
 * happened, and the crash path where it ended in a panic.
 *
 * @module
 */

import { equals } from "@std/bytes";
import type { Captured, Case } from "../../lib/case.ts";
import {
  formatCaptured,
  formatCase,
  formatExpect,
  formatHead,
  formatRange,
} from "../../lib/case_yaml.ts";
import {
  buildCrashNotes,
  readPrstatus,
  walkNotes,
} from "../../lib/crash_notes.ts";
import { formatCpulist } from "../../lib/cpumask.ts";
import { diffElfcorehdr, formatDifferences } from "../../lib/diff.ts";
import { isPrstatus } from "../../lib/dump_tools.ts";
import {
  ELF_CORE_HEADER_ALIGN,
  encodeElfcorehdr,
  sizeofElfcorehdr,
} from "../../lib/elfcorehdr.ts";
import { EHDR, PHDR, SIZEOF_EHDR } from "../../lib/elf64.ts";
import { encodeKexecTools } from "../../lib/kexec_tools.ts";
import {
  kexecToolsInput,
  type UtilityView,
} from "../../lib/kexec_tools_case.ts";
import type { Range } from "../../lib/range.ts";
import { checkMoments, playScenario } from "../../lib/scenario.ts";
import {
  changeOf,
  type Event,
  parseScenario,
} from "../../lib/scenario_case.ts";
import { hex } from "../../lib/shape.ts";
import { resolveCase } from "../../lib/topology.ts";
import { makeVmcore } from "../../lib/vmcore.ts";
import {
  captureKernel,
  parseVmcoreCase,
  piecesOf,
  readPieces,
} from "../../lib/vmcore_case.ts";
import { CommandError } from "../command.ts";
import type { Machine } from "./machine.ts";
import type { Panic } from "./panic.ts";
import type { Recipe } from "./recipe.ts";
import type { Moment, Session } from "./session.ts";
import type { Segment } from "./load.ts";

/** The words of a case, which no machine can give. */
export interface Words {
  /** Name of the case, without architecture. */
  readonly name: string;
  /** What it is, in a line. */
  readonly title: string;
  /** Why it exists. */
  readonly why: string;
  /** Rules that it is there for. */
  readonly rules: string[];
  /** Words to select by. */
  readonly tags?: string[];
}

/** One spec file with its goldens. */
export interface SpecFile {
  /** Its id. */
  readonly id: string;
  /** Its text. */
  readonly yaml: string;
  /** Captured bytes by golden's name below golden/, without the ending. */
  readonly goldens: ReadonlyMap<string, Uint8Array>;
  /** What the writer of this suite would write otherwise, a line each; nothing, where all is well. */
  readonly wrong: readonly string[];
}

/** Makes all files of a session. */
export function specFiles(
  session: Session,
  recipe: Recipe,
  words: Words,
  recipeText: string,
): SpecFile[] {
  const captured: Captured = {
    kernel: session.moments[0].machine.release,
    how: describe(recipe, session),
    recipe: recipeText,
  };
  const cases = caseFiles(session, words, captured);
  const [machine] = cases;
  if (machine === undefined) {
    throw new CommandError(
      "Cannot make a case: the kernel must write the header once: give an event that has it do so, as --after memory-add",
    );
  }
  const { moments, written, panic } = session;
  return [
    ...cases,
    ...written ? [utilityFile(session, words, captured, machine)] : [],
    ...moments.length > 1
      ? [scenarioFile(session, words, captured, machine)]
      : [],
    ...panic
      ? [vmcoreFile(panic, session, words, captured, cases.at(-1)!)]
      : [],
  ];
}

/** How the bytes came to be, in words. */
function describe(
  { load, smp, memory, append, after, panic }: Recipe,
  session: Session,
): string {
  return [
    session.written ? `${load} by ${session.written.version}` : load,
    `qemu -smp ${smp} -m ${memory}`,
    append,
    ...after.length > 0 ? [`then ${after.join(", ")}`] : [],
    ...panic ? ["then a panic"] : [],
    session.origin,
  ].join("; ");
}

/** A case that the kernel's bytes are held to. */
interface CaseFile extends SpecFile {
  readonly spec: Case;
  /** The moment that it is of. */
  readonly moment: Moment;
}

/** A case for each header that the kernel wrote and that is unlike the one before. */
function caseFiles(
  { moments, byKernel, written }: Session,
  words: Words,
  captured: Captured,
): CaseFile[] {
  const all = byKernel ? [byKernel, ...moments] : moments;
  const unlike = all.filter((moment, i) =>
    i === 0 ? !written || byKernel : moment.step !== "load" &&
      !equals(moment.segment.bytes, all[i - 1].segment.bytes)
  );
  return unlike.map((moment, i) => {
    const before = all[all.indexOf(moment) - 1] ?? moment;
    const name = i === 0 ? words.name : `${words.name}-${slug(moment.step)}`;
    const id = `${moment.machine.arch}/${name}`;
    const { name: _, ...head } = words;
    const title = i === 0 ? head.title : `${head.title}; then ${moment.step}`;
    const draft: Case = {
      ...head,
      title,
      golden_from: "captured",
      captured,
      ...seenByKernel(moment, before.machine),
    };
    const bytes = moment.segment.bytes.slice(
      0,
      sizeofElfcorehdr(resolveCase(draft)),
    );
    const spec = { ...draft, expect: counted(bytes) };
    return {
      id,
      spec,
      moment,
      yaml: formatCase(spec, "Captured by scripts/capture.ts."),
      goldens: new Map([[id, bytes]]),
      wrong: differing(bytes, encodeElfcorehdr(resolveCase(spec))),
    };
  });
}

/**
 * The machine as the kernel's writer saw it: memory that goes is still there
 * while the header is written, and ppc64le then takes it out by itself.
 */
function seenByKernel(
  { machine, events, segment }: Moment,
  before: Machine,
): Omit<Case, "title" | "why" | "rules" | "golden_from"> {
  const { vmcoreinfo_text: _, iomem: __, release: ___, ...parts } = machine;
  const gone = events.find((event) => event.memory_remove)?.memory_remove;
  const memory = gone === undefined
    ? machine.memory
    : machine.arch === "ppc64le"
    ? { ...before.memory, removed: gone }
    : before.memory;
  return {
    ...parts,
    memory,
    ...segment.backup === undefined
      ? {}
      : { backup: { start: segment.backup } },
  };
}

function counted(bytes: Uint8Array): Map<string, bigint> {
  const e_phnum = new DataView(bytes.buffer, bytes.byteOffset).getUint16(
    EHDR.e_phnum.at,
    true,
  );
  return new Map([
    ["e_phnum", BigInt(e_phnum)],
    ["size", BigInt(bytes.length)],
  ]);
}

function differing(captured: Uint8Array, ours: Uint8Array): string[] {
  return formatDifferences(diffElfcorehdr(captured, ours));
}

/** The utility's header on the machine of a case. */
function utilityFile(
  { moments: [load], written }: Session,
  words: Words,
  captured: Captured,
  machine: CaseFile,
): SpecFile {
  const { arch } = load.machine;
  const id = `kexec-tools/${arch}-${words.name}`;
  const ours = encodeKexecTools(kexecToolsInput(machine.spec, written!.view));
  const bytes = load.segment.bytes.slice(0, ours.length);
  return {
    id,
    yaml: [
      "# yaml-language-server: $schema=../kexec-tools.schema.json",
      "# Captured by scripts/capture.ts.",
      ...formatHead({ ...words, tags: undefined }),
      `machine: ${machine.id}`,
      "golden_from: captured",
      formatCaptured(captured),
      ...formatView(written!.view, ""),
      `expect: ${formatExpect(counted(bytes))}`,
      "",
    ].join("\n"),
    goldens: new Map([[id, bytes]]),
    wrong: differing(bytes, ours),
  };
}

/** What the utility saw, a line a key. */
function formatView(view: UtilityView, indent: string): string[] {
  const { ranges, skipped_ranges, kernel, backup } = view;
  const lines = [
    ...ranges
      ? ["ranges:", ...ranges.map((range) => `  - ${formatRange(range)}`)]
      : [],
    ...skipped_ranges ? [`skipped_ranges: ${skipped_ranges}`] : [],
    ...kernel
      ? [
        `kernel: { text: "${hex(kernel.text)}", end: "${
          hex(kernel.end)
        }", text_paddr: "${hex(kernel.text_paddr)}" }`,
      ]
      : [],
    ...backup
      ? [
        `backup: { src: ${formatRange(backup.src)}, start: "${
          hex(backup.start)
        }" }`,
      ]
      : [],
  ];
  return lines.map((line) => indent + line);
}

/** All that happened, with the segment's first bytes wherever they are new. */
function scenarioFile(
  { moments, written }: Session,
  words: Words,
  captured: Captured,
  machine: CaseFile,
): SpecFile {
  const [{ machine: { arch, policy } }] = moments;
  const id = `scenario/${arch}-${words.name}`;
  const goldens = new Map<string, Uint8Array>();
  const rows = moments.map((moment) => {
    const { step, segment } = moment;
    const events = moment === machine.moment
      ? moment.events.map(alreadyThere)
      : moment.events;
    const byUtility = written &&
      equals(segment.bytes, moments[0].segment.bytes);
    const bytes = used(segment, byUtility ? 1024 : ELF_CORE_HEADER_ALIGN);
    const known = [...goldens].find(([, golden]) => equals(golden, bytes));
    const name = known?.[0] ?? `${id}/${slug(step)}`;
    goldens.set(name, bytes);
    const e_phnum = counted(bytes).get("e_phnum");
    const expected = `golden: ${
      name.slice(id.length + 1)
    }, e_phnum: ${e_phnum}`;
    return { events, expected };
  });
  const [{ expected }, ...later] = rows;
  const { memsz } = moments[0].segment;
  const loaded = memsz === undefined
    ? expected
    : `${expected}, memsz: ${memsz}`;
  const yaml = [
    "# yaml-language-server: $schema=../scenario.schema.json",
    "# Captured by scripts/capture.ts.",
    ...formatHead({ ...words, tags: undefined }),
    "golden_from: captured",
    formatCaptured(captured),
    `machine: ${machine.id}`,
    `release: "${policy === "present" ? "6.1" : "6.12"}"`,
    ...written
      ? [
        "load:",
        "  call: kexec_load",
        ...written.hotplug ? ["  hotplug: true"] : [],
        ...formatView(written.view, "  "),
      ]
      : ["load: { call: kexec_file_load }"],
    `loaded: { ${loaded} }`,
    "events:",
    ...later.flatMap(({ events, expected }) =>
      events.map((event, i) =>
        `  - { ${formatEvent(event)}${
          i === events.length - 1 ? `, ${expected}` : ""
        } }`
      )
    ),
    "",
  ].join("\n");
  const scenario = parseScenario(yaml, `spec/${id}.yaml`);
  const wrong = checkMoments(
    scenario,
    playScenario(scenario, machine.spec),
    Object.fromEntries(
      [...goldens].map(([name, bytes]) => [name.slice(id.length + 1), bytes]),
    ),
  );
  return { id, yaml, goldens, wrong };
}

/**
 * Where the kernel's first header is that of an event, the machine of the
 * scenario has the memory which that event brought.
 */
function alreadyThere(event: Event): Event {
  const { memory_add, ...others } = event;
  return memory_add ? { ...others, memory_online: memory_add } : event;
}

function formatEvent(event: Event): string {
  const [name, value] = changeOf(event) as [string, string | Range];
  const text = typeof value !== "string"
    ? formatRange(value)
    : name === "reload"
    ? value
    : `"${value}"`;
  return `${name}: ${text}`;
}

/** A segment up to the last byte that any header left in it, in whole blocks. */
function used({ bytes, memsz }: Segment, block: number): Uint8Array {
  const segment = bytes.subarray(0, memsz);
  const last = segment.findLastIndex((byte) => byte !== 0);
  return segment.slice(0, Math.ceil((last + 1) / block) * block);
}

/** What a panic left. */
function vmcoreFile(
  panic: Panic,
  { moments }: Session,
  words: Words,
  captured: Captured,
  header: CaseFile,
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
  const info = new DataView(panic.vmcoreinfo.buffer).getUint32(4, true);
  const text = new TextDecoder().decode(
    panic.vmcoreinfo.subarray(24, 24 + info),
  );
  const yaml = [
    "# yaml-language-server: $schema=../vmcore.schema.json",
    `# Captured by scripts/capture.ts; nr_cpus is what ${panic.makedumpfile} wrote.`,
    ...formatHead({ ...words, tags: undefined }),
    "golden_from: captured",
    formatCaptured(captured),
    `header: ${header.id}`,
    `note_align: ${first(PHDR.p_align)}`,
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
    }, nr_cpus: ${panic.nr_cpus}, dumped: "${
      cpus(saved.filter(isDumped))
    }", lost: "${cpus(saved.filter((note) => !isDumped(note)))}" }`,
    "",
  ].join("\n");
  const spec = parseVmcoreCase(yaml, `spec/${id}.yaml`);
  const bytes = header.goldens.get(header.id)!;
  const ours = makeVmcore(
    bytes,
    readPieces(piecesOf(spec, bytes)),
    captureKernel(spec, bytes),
  );
  const at = ours.head.findIndex((byte, i) => byte !== panic.head[i]);
  return {
    id,
    yaml,
    goldens: new Map([[id, panic.head]]),
    wrong: equals(ours.head, panic.head)
      ? []
      : [`/proc/vmcore differs, first at byte ${hex(BigInt(at))}`],
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

/** An event's name as part of an id. */
function slug(step: string): string {
  return step.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/-$/, "");
}
