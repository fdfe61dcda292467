/**
 * A machine with an image loaded, while events change it and the kernel answers
 * them or does not.
 *
 * @module
 */

import { phdrOffset, readEhdr, readPhdr, viewOf } from "../elf/elf64.ts";
import { ARCHES, type ArchName } from "../kernel/arch.ts";
import type { Range } from "../kernel/range.ts";
import type { Holds } from "../kernel/release.ts";
import {
  DEFAULT_CONFIG,
  segmentMemsz,
  sysfsElfcorehdrSize,
  updatesInPlace,
} from "../kernel/segment.ts";
import { encodeElfcorehdr } from "../kernel/write_header.ts";
import type { Case } from "../spec/case.ts";
import type { Because } from "../spec/because.ts";
import { holdsAt } from "../spec/rules.ts";
import {
  changeOf,
  type LifeEvent,
  type LoadCall,
  type Scenario,
} from "../spec/scenario.ts";
import { hex } from "../spec/shape.ts";
import {
  encodeKexecTools,
  kexecToolsInput,
  kexecToolsMemsz,
} from "./kexec_tools.ts";
import type { Moment } from "./moment.ts";
import { ChangingMachine, type Notification } from "./notifications.ts";
import { cutPages, joinPages } from "./pages.ts";
import type { MakeRam } from "./ram.ts";
import { resolveBy } from "./resolve.ts";

/** Reasons for which a handler writes nothing at a CPU event; the others may. */
const IGNORES_CPUS: Readonly<Record<ArchName, Because | undefined>> = {
  x86_64: undefined,
  arm64: "memory-events-only",
  ppc64le: "device-tree-only",
  riscv64: undefined,
  loongarch64: undefined,
};

/** Answer of the kernel to a load or an event. */
type Answer = Pick<Moment, "writes" | "because" | "written">;

/** Models that a life is played with. Defaults are the release's rules and a kernel's list of RAM. */
export interface LifeParts {
  /** Rules of the kernel. */
  readonly holds?: Holds;
  /** How its list of RAM is kept. */
  readonly ram?: MakeRam;
}

/** A machine with an image loaded. */
export class Life {
  readonly #machine: ChangingMachine;
  readonly #scenario: Scenario;
  readonly #arch: ArchName;
  readonly #holds: Holds;
  #memsz = 0;
  #segment = new Uint8Array();
  /** The same, as moments keep it. */
  #pages: readonly Uint8Array[] = [];
  #header = new Uint8Array();
  #call: LoadCall = "kexec_file_load";
  /** Start of the backup region as the kernel has it, if the architecture has one. */
  #backup?: bigint;
  /** `image->elfcorehdr_updated`: set by the first event, even one that failed. */
  #updated = false;

  constructor(
    machine: Case,
    scenario: Scenario,
    { holds = holdsAt(scenario.release, machine.arch), ram }: LifeParts,
  ) {
    this.#machine = new ChangingMachine(machine, scenario, ram);
    this.#scenario = scenario;
    this.#arch = machine.arch;
    this.#holds = holds;
  }

  load(call: LoadCall): Moment {
    const machine = this.#machine.now;
    const { page_size, arch, cpus } = machine;
    this.#call = call;
    this.#updated = false;
    const topology = resolveBy(machine, this.#holds);
    const byKernel = call === "kexec_file_load" ||
      this.#hotplug && this.#holds("R75");
    this.#header = byKernel ? encodeElfcorehdr(topology) : encodeKexecTools(
      kexecToolsInput(this.#machine.shown, this.#scenario.load),
    );
    this.#backup = call === "kexec_file_load"
      ? machine.backup?.start
      : machine.backup && backupIn(this.#header);
    const sysfs = this.#hotplug
      ? sysfsElfcorehdrSize(
        arch,
        this.#holds,
        DEFAULT_CONFIG,
        cpus.possible.length,
      )
      : undefined;
    const memsz = call === "kexec_file_load"
      ? segmentMemsz(
        arch,
        this.#holds,
        DEFAULT_CONFIG,
        {
          bufsz: this.#header.length,
          nr_ranges: topology.ranges.length,
          nr_possible: cpus.possible.length,
        },
        page_size,
      )
      : this.#scenario.load.memsz ??
        kexecToolsMemsz(arch, this.#header.length, page_size, sysfs);
    if (memsz < this.#header.length) {
      throw new RangeError(
        `Cannot load: load.memsz must hold the header of ${this.#header.length} bytes: current value is ${memsz}`,
      );
    }
    this.#memsz = memsz;
    this.#segment = this.#header;
    this.#pages = cutPages(this.#segment, this.#pages);
    return this.#moment(call, {
      writes: 1,
      because: byKernel ? "kernel-wrote" : "utility-wrote",
      written: byKernel ? machine : undefined,
    });
  }

  applyEvent(event: LifeEvent): Moment {
    const [name, value] = changeOf(event);
    if (name === "reload") return this.load(value);
    const what = typeof value === "string"
      ? `${name} ${value}`
      : `${name} ${hex(value.start)}-${hex(value.end)}`;
    const idle = this.#whyNot();
    let writes = 0;
    let because: Because = "presence-only";
    let written: Case | undefined;
    for (const notification of this.#machine.happen(event)) {
      const answer = idle
        ? { writes: 0, because: idle, written: undefined }
        : this.#answer(notification);
      writes += answer.writes;
      because = answer.because;
      written = answer.written ?? written;
    }
    if (
      name === "memory_remove" && this.#arch === "x86_64" &&
      because === "rewritten"
    ) because = "rewritten-before-removal";
    return this.#moment(what, { writes, because, written });
  }

  /** Returns the kernel's answer to a notification that it handles. */
  #answer(
    { action, block, machine }: Notification,
  ): Answer {
    if (block) {
      return this.#rewrite(
        machine,
        action === "memory_remove" ? block : undefined,
      );
    }
    const ignores = IGNORES_CPUS[this.#arch];
    if (ignores) return { writes: 0, because: ignores };
    if (
      this.#call === "kexec_file_load" || this.#updated || this.#holds("R75")
    ) {
      return { writes: 0, because: "all-cpus-listed" };
    }
    return this.#rewrite(machine);
  }

  /** Writes the header again; a block that goes offline is still in memblock, and is cut out. */
  #rewrite(machine: Case, removed?: Range): Answer {
    const cut = removed && ARCHES[this.#arch].memory.includes("removed");
    const memory = cut ? { ...machine.memory, removed } : machine.memory;
    const backup = this.#backup === undefined
      ? {}
      : { backup: { start: this.#backup } };
    const written = { ...machine, memory, ...backup };
    const header = encodeElfcorehdr(resolveBy(written, this.#holds));
    this.#updated = true;
    if (header.length > this.#memsz) {
      return { writes: 0, because: "too-large" };
    }
    const segment = new Uint8Array(
      Math.max(this.#segment.length, header.length),
    );
    segment.set(this.#segment);
    segment.set(header);
    this.#segment = segment;
    this.#pages = cutPages(segment, this.#pages);
    this.#header = header;
    return { writes: 1, because: "rewritten", written };
  }

  #whyNot(): Because | undefined {
    if (!updatesInPlace(this.#holds)) return "no-handler";
    return this.#call === "kexec_load" && !this.#hotplug
      ? "not-allowed"
      : undefined;
  }

  get #hotplug(): boolean {
    return this.#scenario.load.hotplug === "true";
  }

  #moment(event: string, answer: Answer): Moment {
    const segment = this.#segment;
    const pages = this.#pages;
    const behind =
      segment.subarray(this.#header.length).findLastIndex((byte) =>
        byte !== 0
      ) + 1;
    return {
      event,
      ...answer,
      memsz: this.#memsz,
      get segment() {
        return joinPages(pages);
      },
      size: this.#header.length,
      e_phnum: readEhdr(viewOf(segment)).e_phnum,
      stale: behind,
    };
  }
}

/**
 * Reads the address of the backup region from the utility's header: p_offset of
 * what has p_paddr 0.
 *
 * @see `sync_backup_region_phdr()`, arch/powerpc/kexec/crash.c
 */
function backupIn(header: Uint8Array): bigint {
  const view = viewOf(header);
  const { e_phnum } = readEhdr(view);
  for (let index = 0; index < e_phnum; index++) {
    const { p_paddr, p_offset } = readPhdr(view, phdrOffset(index));
    if (p_paddr === 0n) return p_offset;
  }
  return 0n;
}
