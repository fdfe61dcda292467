/**
 * The random inputs of the differential: machines that can be, machines that cannot,
 * lives and panics; how each is made smaller, and shown.
 *
 * @module
 */

import type { Random } from "../../../lib/cost/random.ts";
import {
  readPhdrs,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
  viewOf,
} from "../../../lib/elf/elf64.ts";
import type { ArchName } from "../../../lib/kernel/arch.ts";
import { ARCHES } from "../../../lib/kernel/arch.ts";
import type { Range } from "../../../lib/kernel/range.ts";
import type { Case } from "../../../lib/spec/case.ts";
import { formatMasks, formatRange, quoted } from "../../../lib/spec/parts.ts";
import { changeOf, type LifeEvent } from "../../../lib/spec/scenario.ts";
import { headerOf, randomCrash } from "./crashes.ts";
import type { Answer } from "./kernel.ts";
import { type RandomLife, randomLife } from "./lives.ts";
import { impossibleMachine, possibleMachine } from "./machines.ts";
import { inquireLayout, type Layout, randomLayout } from "./layouts.ts";
import {
  type Crash,
  headerWritten,
  inquireHeader,
  inquireLife,
  inquireVmcore,
  type Inquiry,
} from "./subjects.ts";

/** A kind of thing that is drawn. */
export interface Kind<T> {
  /** Description, in the plural. */
  readonly name: string;
  /** How many are drawn for each machine that is. */
  readonly share: number;
  /** The architectures that have it; all without. */
  readonly arches?: readonly ArchName[];
  /** Draws one. */
  readonly make: (random: Random, arch: ArchName, release: string) => T;
  /** Question to a kernel; nothing where it cannot be asked. */
  readonly inquire: (drawn: T) => Inquiry | undefined;
  /** True if the kernel's answer says nothing of its rules. */
  readonly excused?: (drawn: T, answers: readonly Answer[]) => boolean;
  /** The same with less in it, what saves most first. */
  readonly smaller: (drawn: T) => Generator<T>;
  /** Lines of YAML. */
  readonly show: (drawn: T) => string[];
}

/** Machines that a real one could be. */
export const POSSIBLE: Kind<Case> = {
  name: "machines that can be",
  share: 1,
  make: possibleMachine,
  inquire: inquireHeader,
  smaller: smallerMachines,
  show: showMachine,
};

/**
 * Machines that none could be. A kernel's list may have no room for a split
 * then, and the order in which it sorts ranges that begin at one address is an
 * accident.
 */
export const IMPOSSIBLE: Kind<Case> = {
  ...POSSIBLE,
  name: "machines that cannot be",
  make: impossibleMachine,
  excused: (spec, answers) => {
    if (answers.at(-1)!.error !== 0) return true;
    if (spec.arch !== "ppc64le") return false;
    const view = viewOf(headerWritten(spec, answers)!);
    const phdrs = readPhdrs(
      view,
      Math.floor((view.byteLength - SIZEOF_EHDR) / SIZEOF_PHDR),
    ).filter(({ p_type }) => p_type === 1);
    return new Set(phdrs.map(({ p_paddr }) => p_paddr)).size < phdrs.length;
  },
};

/** Lives of a loaded header. */
export const LIVES: Kind<RandomLife> = {
  name: "lives",
  share: 0.1,
  make: randomLife,
  inquire: ({ scenario, machine }) => {
    try {
      return inquireLife(scenario, machine);
    } catch (error) {
      // A segment of kexec_load that is too small for the header.
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  },
  *smaller({ machine, scenario }) {
    for (const [i] of scenario.events.entries()) {
      const events = scenario.events.toSpliced(i, 1);
      yield { machine, scenario: { ...scenario, events } };
    }
    for (const less of smallerMachines(machine)) {
      yield { machine: less, scenario };
    }
  },
  show: ({ machine, scenario }) => [
    ...showMachine(machine),
    `load: ${JSON.stringify(scenario.load)}`,
    ...scenario.events.map((event) => `- ${showEvent(event)}`),
  ],
};

/** Panics. */
export const CRASHES: Kind<Crash> = {
  name: "panics",
  share: 0.1,
  make: randomCrash,
  inquire: inquireVmcore,
  *smaller(crash) {
    const { header, memory, kernel } = crash;
    const view = viewOf(header);
    const count = (header.length - SIZEOF_EHDR) / SIZEOF_PHDR;
    const phdrs = readPhdrs(view, count);
    for (const [i] of phdrs.entries()) {
      const less = headerOf(phdrs.toSpliced(i, 1), kernel.e_machine);
      // Whatever was damaged in the ELF header stays damaged.
      less.set(header.subarray(0, 56));
      yield { ...crash, header: less };
    }
    for (const [i] of memory.entries()) {
      yield { ...crash, memory: memory.toSpliced(i, 1) };
    }
    const { device_dumps = [] } = kernel;
    for (const [i] of device_dumps.entries()) {
      const fewer = device_dumps.toSpliced(i, 1);
      yield { ...crash, kernel: { ...kernel, device_dumps: fewer } };
    }
  },
  show: ({ header, memory, kernel }) => [
    `page_size: ${kernel.page_size}`,
    ...(kernel.device_dumps ?? []).map(({ name, bytes }) =>
      `- { name: "${name}", raw: "${bytes.toHex()}" }`
    ),
    `header: "${header.toHex()}"`,
    ...memory.map(({ paddr, bytes }) =>
      `- { paddr: ${quoted(paddr)}, raw: "${bytes.toHex()}" }`
    ),
  ],
};

/** Layouts of memory. */
export const LAYOUTS: Kind<Layout> = {
  name: "layouts of memory",
  share: 0.5,
  make: randomLayout,
  inquire: inquireLayout,
  // No RAM at all, or cuts across its borders.
  excused: ({ machine }, answers) => IMPOSSIBLE.excused!(machine, answers),
  *smaller({ machine, hardware }) {
    for (const i of hardware.keys()) {
      if (hardware.length === 1) break;
      yield { machine, hardware: hardware.toSpliced(i, 1) };
    }
    for (const less of smallerMachines(machine)) {
      yield { machine: less, hardware };
    }
  },
  show: ({ machine, hardware }) => [
    ...showMachine(machine),
    ...hardware.map(({ start, end, kind, node }) =>
      `- { ${kind}: ${formatRange({ start, end })}, node: ${node} }`
    ),
  ],
};

/** Fewer CPUs and ranges, then plain numbers. */
function* smallerMachines(spec: Case): Generator<Case> {
  const { cpus, memory, arch } = spec;
  const [first] = cpus.possible;
  if (cpus.possible.length > 1) {
    const one = [first];
    yield { ...spec, cpus: { possible: one, present: one, online: one } };
    const { length } = cpus.possible;
    for (
      const kept of [cpus.possible.slice(0, length >> 1), [
        first,
        cpus.possible[1],
      ]]
    ) {
      if (kept.length === length) continue;
      const present = cpus.present.filter((cpu) => kept.includes(cpu));
      if (present.length === 0) continue;
      yield { ...spec, cpus: { possible: kept, present, online: present } };
    }
  }
  for (const key of ["system_ram", "ranges", "crashkernel_cma"] as const) {
    for (const i of (memory[key] ?? []).keys()) {
      const less = memory[key]!.toSpliced(i, 1);
      if (less.length === 0 && key === "system_ram") continue;
      yield { ...spec, memory: { ...memory, [key]: less } };
    }
  }
  for (
    const key of [
      "crashkernel_low",
      "crashkernel_cma",
      "rtas",
      "opal",
      "removed",
    ] as const
  ) {
    if (memory[key] === undefined) continue;
    const { [key]: _, ...less } = memory;
    yield { ...spec, memory: less };
  }
  const plain: Partial<Case> = {
    crash_notes: { base: 0x1000000n, stride: 0x1000n },
    vmcoreinfo: { paddr: 0x2000000n },
    page_size: ARCHES[arch].page_sizes[0],
    address: {
      page_offset: ARCHES[arch].page_offset,
      ...spec.address.phys_offset === undefined ? {} : { phys_offset: 0n },
    },
    ...spec.kernel
      ? {
        kernel: {
          text: 0xffffffff81000000n,
          end: 0xffffffff82000000n,
          text_paddr: 0x1000000n,
        },
      }
      : {},
    ...spec.backup ? { backup: { start: 0x8000000n } } : {},
  };
  for (const [key, value] of Object.entries(plain)) {
    if (show(spec[key as keyof Case]) === show(value)) continue;
    yield { ...spec, [key]: value };
  }
}

function show(value: unknown): string {
  return JSON.stringify(
    value instanceof Map ? [...value] : value,
    (_, inner) => typeof inner === "bigint" ? `${inner}` : inner,
  );
}

/** Body of a case's spec file, in few lines. */
function showMachine(spec: Case): string[] {
  const { crash_notes, memory, kernel, backup } = spec;
  const flow = (values: object) =>
    `{ ${
      Object.entries(values).map(([key, value]) =>
        `${key}: ${
          typeof value === "bigint"
            ? quoted(value)
            : Array.isArray(value)
            ? `[${value.map(formatRange).join(", ")}]`
            : formatRange(value as Range)
        }`
      ).join(", ")
    } }`;
  return [
    `arch: ${spec.arch}`,
    `page_size: ${spec.page_size}`,
    `release: "${spec.release}"`,
    formatMasks(spec.cpus),
    `crash_notes: ${
      crash_notes instanceof Map
        ? `{ ${
          [...crash_notes].map(([cpu, paddr]) => `${cpu}: ${quoted(paddr)}`)
            .join(", ")
        } }`
        : flow(crash_notes)
    }`,
    `vmcoreinfo: ${flow(spec.vmcoreinfo)}`,
    ...kernel ? [`kernel: ${flow(kernel)}`] : [],
    `address: ${flow(spec.address)}`,
    `memory: ${flow(memory)}`,
    ...backup ? [`backup: ${flow(backup)}`] : [],
  ];
}

function showEvent(event: LifeEvent): string {
  const [name, value] = changeOf(event);
  return `{ ${name}: ${
    typeof value === "string" ? JSON.stringify(value) : formatRange(value)
  } }`;
}
