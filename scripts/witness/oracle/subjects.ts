/**
 * The questions to a kernel: a header, the life of a loaded one, the head
 * of /proc/vmcore. Of each, the questions, and how the answers are held
 * against what the reference says.
 *
 * @module
 */

import { ARCHES } from "../../../lib/kernel/arch.ts";
import { vmcoreinfoNoteSize } from "../../../lib/kernel/crash_notes.ts";
import {
  DEFAULT_CONFIG,
  sysfsElfcorehdrSize,
} from "../../../lib/kernel/segment.ts";
import { encodeElfcorehdr } from "../../../lib/kernel/write_header.ts";
import { playScenario } from "../../../lib/model/hotplug.ts";
import type { Moment } from "../../../lib/model/moment.ts";
import { ChangingMachine } from "../../../lib/model/notifications.ts";
import { type Piece, readPieces } from "../../../lib/model/old_memory.ts";
import { resolveCase } from "../../../lib/model/resolve.ts";
import {
  type CaptureKernel,
  makeVmcore,
  type Vmcore,
  VmcoreError,
} from "../../../lib/model/vmcore.ts";
import type { Case } from "../../../lib/spec/case.ts";
import { holdsAt } from "../../../lib/spec/rules.ts";
import type { Scenario } from "../../../lib/spec/scenario.ts";
import { explainFirst } from "./explain.ts";
import type { Answer } from "./kernel.ts";
import { hardwareOf } from "./hardware.ts";
import { MemoryEvents } from "./memory_events.ts";
import {
  after,
  askConstants,
  askEvent,
  askLoad,
  askLoadedByUtility,
  askVmcore,
  askWrite,
  boot,
  type Happening,
  type Question,
} from "./questions.ts";

/** Questions, and what of their answers is not as the reference has it. */
export interface Inquiry {
  /** In the order in which they are asked. */
  readonly questions: readonly Question[];
  /** Differences of the kernel; empty where it agrees. */
  readonly differences: (answers: readonly Answer[]) => string[];
}

/** The header of a machine, whose release is the kernel's. */
export function inquireHeader(spec: Case): Inquiry {
  const { removed, ...memory } = spec.memory;
  const ours = headerOrNot(spec);
  const booted = boot(spec.page_size, hardwareOf(memory, []));
  return {
    // A block that goes offline is an event.
    questions: removed
      ? [
        after([booted], askLoad({ ...spec, memory })),
        askEvent({ ...spec, memory }, "memory_remove", removed),
      ]
      : [after([booted], askWrite(spec))],
    differences: (answers) =>
      differencesFrom(
        ours,
        answers.at(-1)!.error,
        headerWritten(spec, answers)!,
      ),
  };
}

/** Where a kernel's header differs from that of a machine whose memory it did not show before. */
export function differencesOfHeader(
  spec: Case,
  { error, bytes }: Answer,
): string[] {
  return differencesFrom(headerOrNot(spec), error, bytes);
}

/** Where a kernel's header differs from bytes or a refusal of ours. */
export function differencesFrom(
  ours: Uint8Array | RangeError,
  error: number,
  theirs: Uint8Array,
): string[] {
  return ours instanceof Uint8Array ? explainFirst(ours, error, theirs) : [
    `the kernel wrote ${theirs.length} bytes, we refuse: ${ours.message}`,
  ];
}

function headerOrNot(spec: Case): Uint8Array | RangeError {
  try {
    return encodeElfcorehdr(resolveCase(spec));
  } catch (error) {
    if (error instanceof RangeError) return error;
    throw error;
  }
}

/** The header that the kernel wrote; nothing where it does not write at an event. */
export function headerWritten(
  { memory }: Case,
  answers: readonly Answer[],
): Uint8Array | undefined {
  const { bytes, numbers } = answers.at(-1)!;
  const [, size, writes] = numbers;
  if (memory.removed === undefined) return bytes;
  return writes > 0n ? bytes.subarray(0, Number(size)) : undefined;
}

/** The sizes that a kernel's structs and macros come to, on a machine of its release. */
export function inquireSizes(machine: Case): Inquiry {
  const { arch, page_size, release, cpus } = machine;
  const sysfs = sysfsElfcorehdrSize(
    arch,
    holdsAt(release, arch),
    DEFAULT_CONFIG,
    cpus.possible.length,
  );
  const ours: readonly [string, bigint][] = [
    ["sizeof(note_buf_t)", BigInt(ARCHES[arch].crash_notes_size)],
    ["crash_elfcorehdr_size", BigInt(sysfs ?? 0)],
    ["VMCOREINFO_NOTE_SIZE", vmcoreinfoNoteSize(page_size)],
  ];
  return {
    questions: [askConstants(machine)],
    differences: ([{ numbers }]) =>
      ours.flatMap(([name, value], i) =>
        value === numbers[i]
          ? []
          : [`${name}: the kernel has ${numbers[i]}, we ${value}`]
      ),
  };
}

/** One moment of a life, as a kernel has it. */
export interface KernelMoment {
  /** The segment, as far as it is shown. */
  readonly segment: Uint8Array;
  /** 0, or why there is no segment. */
  readonly error: number;
  /** Bytes reserved. */
  readonly memsz: number;
  /** How often the header was written. */
  readonly writes: number;
}

/** The life of a loaded header, on the release of its scenario. */
export function inquireLife(scenario: Scenario, machine: Case): Inquiry & {
  readonly moments: (answers: readonly Answer[]) => KernelMoment[];
} {
  const ours = playScenario(scenario, machine);
  const { questions, ends } = questionsOfLife(scenario, machine, ours);
  const moments = (answers: readonly Answer[]) =>
    ends.map((end, i) => {
      const { bytes, error, numbers } = answers[end - 1];
      const writes = answers.slice(ends[i - 1] ?? 0, end)
        .reduce((sum, { numbers }) => sum + Number(numbers[2]), 0);
      return { segment: bytes, error, memsz: Number(numbers[0]), writes };
    });
  return {
    questions,
    moments,
    differences: (answers) => differencesOfLife(ours, moments(answers)),
  };
}

/** Where the moments of a life differ from those of a kernel. */
export function differencesOfLife(
  ours: readonly Moment[],
  theirs: readonly KernelMoment[],
): string[] {
  return theirs.flatMap((moment, i) =>
    differencesOfMoment(ours[i], moment).map((line) =>
      `moment ${i}, ${ours[i].event}: ${line}`
    )
  );
}

/**
 * The questions of a life, and how many are asked by the end of each moment.
 * CPUs and notifications are the reference's; what becomes of memory is the
 * kernel's.
 */
function questionsOfLife(
  scenario: Scenario,
  machine: Case,
  ours: readonly Moment[],
): { questions: Question[]; ends: number[] } {
  const life = new ChangingMachine(machine, scenario);
  const memory = new MemoryEvents(machine, scenario);
  const load = (call: string, { segment, size, memsz }: Moment) =>
    call === "kexec_file_load" ? askLoad(life.now) : askLoadedByUtility(
      life.now,
      segment.subarray(0, size),
      memsz,
      scenario.load.hotplug === "true",
    );
  const questions = [after([memory.boot], load(scenario.load.call, ours[0]))];
  const ends = [questions.length];
  // Calls since the last question.
  let happened: Happening[] = [];
  const ask = (question: Question) => {
    questions.push(after(happened, question));
    happened = [];
  };
  for (const [i, event] of scenario.events.entries()) {
    if (event.reload !== undefined) {
      ask(load(event.reload, ours[i + 1]));
    } else {
      const before = questions.length;
      happened.push(...memory.before(event));
      for (const { machine, action, block } of life.happen(event)) {
        happened.push(...memory.beforeBlock(event, block));
        ask(askEvent(machine, action, block));
        happened.push(...memory.behindBlock(event, block));
      }
      happened.push(...memory.behind(event));
      // A change that is no event to the kernel is asked as a load without changes.
      if (questions.length === before) ask(askEvent(life.now));
    }
    ends.push(questions.length);
  }
  return { questions, ends };
}

function differencesOfMoment(ours: Moment, theirs: KernelMoment): string[] {
  const segment = new Uint8Array(theirs.segment.length);
  segment.set(ours.segment.subarray(0, segment.length));
  const numbers = (["memsz", "writes"] as const).filter((name) =>
    ours[name] !== theirs[name]
  );
  return [
    ...explainFirst(segment, theirs.error, theirs.segment),
    ...numbers.map((name) =>
      `${name}: the kernel has ${theirs[name]}, we ${ours[name]}`
    ),
  ];
}

/** A panic: the header in memory, what else is there, and who captures. */
export interface Crash {
  /** The header. */
  readonly header: Uint8Array;
  /** The rest of memory. */
  readonly memory: readonly Piece[];
  /** The kernel that captures. */
  readonly kernel: CaptureKernel;
}

/**
 * The head of /proc/vmcore.
 *
 * @returns Nothing where the header is cut short: a file has an end, a
 * kernel's memory has none.
 */
export function inquireVmcore(
  { header, memory, kernel }: Crash,
): Inquiry | undefined {
  const ours = vmcoreOrNot(() =>
    makeVmcore(header, readPieces(memory), kernel)
  );
  if (ours instanceof VmcoreError && ours.refusal === "size") return undefined;
  return {
    questions: [askVmcore(header, memory, kernel)],
    differences: ([answer]) => differencesOfVmcore(ours, answer),
  };
}

function vmcoreOrNot(make: () => Vmcore): Vmcore | VmcoreError {
  try {
    return make();
  } catch (error) {
    if (error instanceof VmcoreError) return error;
    throw error;
  }
}

function differencesOfVmcore(
  ours: Vmcore | VmcoreError,
  { error, bytes, numbers }: Answer,
): string[] {
  if (ours instanceof VmcoreError) {
    return error !== 0 ? [] : [
      `the kernel makes ${bytes.length} bytes, we refuse: ${ours.message}`,
    ];
  }
  if (error !== 0) return explainFirst(ours.head, error, bytes);
  const [size, notes_size] = numbers;
  return [
    ...explainFirst(ours.head, error, bytes),
    ...size === ours.size
      ? []
      : [`size: the kernel has ${size}, we ${ours.size}`],
    ...Number(notes_size) === ours.notes_size
      ? []
      : [`notes_size: the kernel has ${notes_size}, we ${ours.notes_size}`],
  ];
}
