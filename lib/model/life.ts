/**
 * A machine with an image loaded, while events change it and the kernel answers
 * them or does not.
 *
 * @module
 */

import { readEhdr, viewOf } from "../elf/elf64.ts";
import { parseCpulist } from "../kernel/cpumask.ts";
import type { Range } from "../kernel/range.ts";
import { type Holds, NEXT } from "../kernel/release.ts";
import {
  DEFAULT_CONFIG,
  segmentMemsz,
  sysfsElfcorehdrSize,
  updatesInPlace,
} from "../kernel/segment.ts";
import { encodeElfcorehdr } from "../kernel/write_header.ts";
import type { Case } from "../spec/case.ts";
import { holdsAt, sinceOf } from "../spec/rules.ts";
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
import { blocksOf, Ram } from "./ram.ts";
import { resolveCase } from "./resolve.ts";

/** A machine with an image loaded; the only thing here that changes. */
export class Life {
  readonly #machine: Case;
  readonly #scenario: Scenario;
  readonly #holds: Holds;
  readonly #ram: Ram;
  #memsz = 0;
  #segment = new Uint8Array();
  #header = new Uint8Array();
  #call: LoadCall = "kexec_file_load";
  /** `image->elfcorehdr_updated`: set by the first event, even one that failed. */
  #updated = false;
  constructor(machine: Case, scenario: Scenario) {
    const { removed: _, ...memory } = machine.memory;
    const { release } = scenario;
    this.#machine = { ...machine, memory, release };
    this.#scenario = scenario;
    this.#holds = holdsAt(release, machine.arch);
    this.#ram = new Ram(machine.arch, memory.system_ram ?? []);
  }

  load(call: LoadCall): Moment {
    const machine = this.#now();
    const { page_size, arch, cpus } = machine;
    this.#call = call;
    this.#updated = false;
    const topology = resolveCase(machine);
    const byKernel = call === "kexec_file_load" ||
      this.#hotplug && this.#holds("R75");
    this.#header = byKernel ? encodeElfcorehdr(topology) : encodeKexecTools(
      kexecToolsInput(machine, this.#scenario.load),
    );
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
        this.#header.length,
        topology.ranges.length,
        page_size,
      )
      : this.#scenario.load.memsz ??
        kexecToolsMemsz(arch, this.#header.length, page_size, sysfs);
    this.#memsz = memsz;
    this.#segment = this.#header;
    const author = byKernel ? "the kernel" : "the kexec utility";
    return this.#moment(call, 1, `${author} wrote it`);
  }

  applyEvent(event: LifeEvent): Moment {
    const [name, value] = changeOf(event);
    if (name === "reload") return this.load(value);
    const what = typeof value === "string"
      ? `${name} ${value}`
      : `${name} ${hex(value.start)}-${hex(value.end)}`;
    const times = typeof value === "string"
      ? this.#changeCpus(name, parseCpulist(value))
      : this.#changeMemory(name, value);
    return this.#moment(what, times.writes, times.because);
  }

  /** The machine with the memory that it has by now. */
  #now(): Case {
    const { memory } = this.#machine;
    return memory.ranges !== undefined ? this.#machine : {
      ...this.#machine,
      memory: { ...memory, system_ram: this.#ram.ranges },
    };
  }

  /** The header that the kernel would write now; a block that goes offline is still in memblock. */
  #rewrite(removed?: Range): { writes: number; because: string } {
    const machine = this.#now();
    const going = machine.arch === "ppc64le" && removed
      ? { ...machine.memory, removed }
      : machine.memory;
    const header = encodeElfcorehdr(resolveCase({ ...machine, memory: going }));
    this.#updated = true;
    if (header.length > this.#memsz) {
      return {
        writes: 0,
        because:
          `the kernel reports that ${header.length} bytes do not fit into ${this.#memsz}; the old bytes stay`,
      };
    }
    const segment = new Uint8Array(
      Math.max(this.#segment.length, header.length),
    );
    segment.set(this.#segment);
    segment.set(header);
    this.#segment = segment;
    this.#header = header;
    return { writes: 1, because: "the kernel rewrote it in place" };
  }

  /** Only coming online and going offline reach the kernel's handler. */
  #changeCpus(
    name: string,
    changed: number[],
  ): { writes: number; because: string } {
    const { cpus, arch } = this.#machine;
    const mask = name === "cpu_add" || name === "cpu_remove"
      ? "present"
      : "online";
    const leaves = name === "cpu_remove" || name === "cpu_offline";
    const left = cpus[mask].filter((cpu) => !changed.includes(cpu));
    cpus[mask] = leaves ? left : [...left, ...changed].sort((a, b) => a - b);
    if (name === "cpu_remove") {
      cpus.online = cpus.online.filter((cpu) => !changed.includes(cpu));
    }
    if (mask === "present") {
      return {
        writes: 0,
        because: "presence alone is no event to the kernel's handler",
      };
    }
    const idle = this.#whyNot();
    if (idle) return { writes: 0, because: idle };
    if (arch === "arm64") {
      return { writes: 0, because: "arm64 rewrites it on memory events alone" };
    }
    if (arch === "ppc64le") {
      return {
        writes: 0,
        because: "ppc64le patches the device tree, not the header",
      };
    }
    if (
      this.#call === "kexec_file_load" || this.#updated || this.#holds("R75")
    ) {
      return { writes: 0, because: "all possible CPUs are in it already" };
    }
    return this.#rewrite();
  }

  /** One event a block. x86_64 drops a resource only behind the last of them. */
  #changeMemory(
    name: string,
    changed: Range,
  ): { writes: number; because: string } {
    const { arch } = this.#machine;
    const leaves = name === "memory_remove" || name === "memory_offline";
    if (this.#machine.memory.ranges !== undefined) {
      throw new RangeError(
        `Cannot play ${name}: the machine must have memory.system_ram, from which events add and take: it has final ranges`,
      );
    }
    const blocks = blocksOf(
      changed,
      this.#scenario.memory_block ?? (arch === "ppc64le" ? 1 << 28 : 1 << 27),
    );
    const idle = this.#whyNot();
    if (name === "memory_add" && arch !== "ppc64le") this.#ram.add(changed);
    let writes = 0;
    let because = idle ?? "";
    for (const block of blocks) {
      if (name === "memory_add" && arch === "ppc64le") this.#ram.add(block);
      if (name === "memory_merge") this.#ram.merge(block);
      if (!idle) {
        const done = this.#rewrite(leaves ? block : undefined);
        writes += done.writes;
        because = done.because;
      }
      if (name === "memory_remove" && arch === "ppc64le") {
        this.#ram.remove(block);
      }
    }
    if (name === "memory_remove" && arch !== "ppc64le") {
      this.#ram.remove(changed);
      if (!idle) {
        because +=
          ", when the range was still there: it lists it until the next event";
      }
    }
    return { writes, because };
  }

  #whyNot(): string | undefined {
    const { arch } = this.#machine;
    if (!updatesInPlace(this.#holds)) {
      const since = sinceOf("R47", arch);
      return since === undefined || since === NEXT
        ? `${arch} has no update in the kernel; it has to be loaded again`
        : `kernels before ${since} never rewrite it; it has to be loaded again`;
    }
    if (this.#call === "kexec_load" && !this.#hotplug) {
      return "kexec_load did not allow updates";
    }
    return undefined;
  }

  get #hotplug(): boolean {
    return this.#scenario.load.hotplug === "true";
  }

  #moment(event: string, writes: number, because: string): Moment {
    const segment = this.#segment;
    const behind =
      segment.subarray(this.#header.length).findLastIndex((byte) =>
        byte !== 0
      ) + 1;
    return {
      event,
      writes,
      because,
      memsz: this.#memsz,
      segment,
      size: this.#header.length,
      e_phnum: readEhdr(viewOf(segment)).e_phnum,
      stale: behind,
    };
  }
}
