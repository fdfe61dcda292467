/**
 * Turns captured headers into cases: `deno task import ../shared/captures`.
 *
 * A capture is a folder with the bytes and machine.json, what the machine
 * itself reported. Inputs are transcribed from there; title, reason and rules
 * are ours, from captures.yaml beside this script. Folders with the same
 * inputs and bytes make one case, named after the one that has an entry there.
 *
 * @module
 */

import { equals } from "@std/bytes";
import { parse } from "@std/yaml";
import type { Case } from "../lib/case.ts";
import { formatCase } from "../lib/case_yaml.ts";
import { type Cpumask, parseCpulist } from "../lib/cpumask.ts";
import { decodeElfcorehdr } from "../lib/elfcorehdr.ts";
import type { Range } from "../lib/range.ts";
import { CommandError, runCommand } from "./command.ts";
import { recipe } from "./import_recipe.ts";
import { replaceFiles } from "./replace_files.ts";
import words from "./captures.yaml" with { type: "text" };

type Words = Pick<Case, "title" | "why" | "rules" | "tags">;
type Inputs = Omit<Case, keyof Words | "golden_from">;

const COMMENT =
  "Transcribed by scripts/import-captures.ts; title, why, rules and tags come from captures.yaml there.";
const NO_WORDS: Words = { title: "", why: "", rules: [] };

// deno-lint-ignore no-explicit-any -- the two capture tools wrote what they liked
type Machine = any;

await runCommand(main);

/** A capture is read whole before anything is written, and is never replaced by another. */
function main(argv: string[]): number {
  const [folder] = argv;
  if (argv.length !== 1 || !folder || folder.startsWith("-")) {
    throw new CommandError("Usage: deno task import <folder of captures>");
  }
  const files: [path: string, content: string | Uint8Array][] = [];
  const table = parse(words, { schema: "failsafe" }) as Record<string, Words>;
  const names = [...Deno.readDirSync(folder)]
    .filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => name)
    .sort((a, b) =>
      Number(b in table) - Number(a in table) || (a < b ? -1 : 1)
    );
  const seen = new Map<string, string>();
  for (const name of names) {
    const { inputs, bytes, id } = readCapture(folder, name);
    const yaml = (words: Words) =>
      formatCase({ ...words, golden_from: "captured", ...inputs }, COMMENT);
    const key = `${yaml(NO_WORDS)}\n${bytes.toHex()}`;
    const twin = seen.get(key);
    if (twin !== undefined) {
      console.log(`${name}: same inputs and bytes as ${twin}`);
      continue;
    }
    seen.set(key, name);
    if (table[name] === undefined) {
      throw new CommandError(
        `Cannot import ${name}: must have an entry in captures.yaml`,
      );
    }
    refuseOther(name, `golden/${id}.bin`, bytes);
    files.push([`spec/${id}.yaml`, yaml(table[name])]);
    files.push([`golden/${id}.bin`, bytes]);
  }
  replaceFiles(files);
  console.log(`${files.length / 2} cases written`);
  return 0;
}

/** A folder that is not a capture is told by its name. */
function readCapture(folder: string, name: string): Capture {
  try {
    const capture = importCapture(folder, name);
    decodeElfcorehdr(capture.bytes);
    return capture;
  } catch (error) {
    throw new CommandError(
      `Cannot import ${folder}/${name}: must be a capture with a readable machine.json and elfcorehdr.bin: ${
        (error as Error).message
      }`,
    );
  }
}

function refuseOther(name: string, path: string, bytes: Uint8Array): void {
  let there: Uint8Array;
  try {
    there = Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  if (equals(there, bytes)) return;
  throw new CommandError(
    `Cannot import ${name}: must equal ${path}, a capture that is there; to replace it, remove it first`,
  );
}

interface Capture {
  readonly id: string;
  readonly inputs: Inputs;
  readonly bytes: Uint8Array;
}

function importCapture(
  folder: string,
  name: string,
): Capture {
  const at = (file: string) => `${folder}/${name}/${file}`;
  const entries = [...Deno.readDirSync(at(""))].map((entry) => entry.name);
  const step = entries.includes("elfcorehdr-at-load.bin") ? "-at-load" : "";
  const machine = JSON.parse(Deno.readTextFileSync(at(`machine${step}.json`)));
  const last = JSON.parse(Deno.readTextFileSync(at("machine.json")));
  const bytes = Deno.readFileSync(at(`elfcorehdr${step}.bin`));
  const arch = machine.arch === "aarch64" ? "arm64" : machine.arch;
  return {
    id: name.replace(/^([a-z0-9]+(?:_64)?)-/, "$1/"),
    inputs: arch === "ppc64le" ? ppc64le(machine) : other(arch, machine, last),
    bytes,
  };
}

function other(
  arch: "x86_64" | "arm64",
  machine: Machine,
  last: Machine,
): Inputs {
  const { raw } = machine;
  const args: string[] = machine.qemu_args ?? last.qemu_args;
  const { crashk_res, crashk_low_res, memstart_addr } = raw.kread;
  const page_offset = BigInt(machine.va_minus_pa) +
    BigInt(memstart_addr ?? 0);
  return {
    arch,
    captured: {
      kernel: raw.uname_r,
      how: how("kexec_file_load", args, raw.cmdline),
      ...arch === "x86_64" && hasHole(parseCpulist(raw.present))
        ? {}
        : recipe(arch, args, raw.cmdline, raw.uname_r, machine.page_size),
    },
    page_size: machine.page_size,
    policy: machine.note_policy,
    cpus: masks(...[raw.possible, raw.present, raw.online].map(parseCpulist)),
    crash_notes: crashNotes(machine.crash_notes, machine.possible),
    vmcoreinfo: { paddr: BigInt(machine.vmcoreinfo_paddr) },
    kernel: {
      text: BigInt(machine.text_va),
      end: BigInt(machine.end_va),
      text_paddr: BigInt(machine.text_pa),
    },
    address: {
      page_offset: BigInt.asUintN(64, page_offset),
      ...arch === "arm64" ? { phys_offset: BigInt(memstart_addr) } : {},
    },
    memory: {
      system_ram: machine.ram_ranges.map(range),
      crashkernel: range(crashk_res),
      ...BigInt(crashk_low_res[1]) === 0n
        ? {}
        : { crashkernel_low: range(crashk_low_res) },
    },
    ...expect(machine.phnum, machine.total_len),
  };
}

function ppc64le(machine: Machine): Inputs {
  const { cpu, rtas, opal, crashk_res } = machine;
  const note = machine.doctored ? `; ${machine.doctored}` : "";
  const route = machine.route.startsWith("kexec_file_load")
    ? "kexec_file_load"
    : "kexec_load with a seed header, rewritten by the kernel";
  const event = machine.event && machine.inputs_at === undefined
    ? `; after: ${
      typeof machine.event === "string" ? machine.event : machine.event.event
    }`
    : "";
  const { system_ram, removed } = memblock(machine);
  return {
    arch: "ppc64le",
    captured: {
      kernel: machine.kernel_release,
      how: how(route, machine.qemu_args, machine.cmdline) + event + note,
      ...event || note || route !== "kexec_file_load" || machine.pre_events
        ? {}
        : recipe(
          "ppc64le",
          machine.qemu_args,
          machine.cmdline,
          machine.kernel_release,
          Number(machine.page_size),
        ),
    },
    page_size: Number(machine.page_size),
    policy: machine.note_cpu_set,
    cpus: masks(cpu.possible, cpu.present, cpu.online),
    crash_notes: crashNotes(machine.crash_notes, cpu.possible),
    vmcoreinfo: { paddr: BigInt(machine.vmcoreinfo.addr) },
    address: { page_offset: 0xc000000000000000n },
    memory: {
      system_ram,
      crashkernel: range([crashk_res.start, crashk_res.end]),
      ...rtas ? { rtas: sized(rtas) } : {},
      ...opal ? { opal: sized(opal) } : {},
      ...removed ? { removed } : {},
    },
    backup: { start: BigInt(machine.backup.start) },
    ...expect(machine.elfcorehdr.phnum, Number(machine.elfcorehdr.size)),
  };
}

/**
 * memblock as the writer saw it. When a block goes offline memblock still
 * contains it, so the reading from before the event counts.
 */
function memblock(machine: Machine): { system_ram: Range[]; removed?: Range } {
  const after: Range[] = machine.memblock_memory.map(range);
  if (machine.removed_range) {
    return { system_ram: after, removed: range(machine.removed_range) };
  }
  const [before] = machine.memblock_before_event ?? [];
  const match = before && /0x([0-9a-f]+)\.\.0x([0-9a-f]+)/.exec(before);
  if (!match || after.length !== 1) return { system_ram: after };
  const end = BigInt(`0x${match[2]}`);
  const [left] = after;
  return left.end === end ? { system_ram: after } : {
    system_ram: [{ start: left.start, end }],
    removed: { start: left.end + 1n, end },
  };
}

function how(route: string, args: string[], cmdline: string): string {
  const smp = args[args.indexOf("-smp") + 1];
  const line = cmdline.replace(/^console=\w+ (?:loglevel=4 )?/, "");
  return `${route}; qemu -smp ${smp}; ${line}`;
}

/** On x86_64 something then happened before the load, which arguments do not tell. */
function hasHole(present: Cpumask): boolean {
  return present.some((cpu, i) => cpu !== i);
}

function masks(...[possible, present, online]: Cpumask[]): Case["cpus"] {
  return { possible, present, online };
}

/** A doctored machine reports notes of CPUs that its mask no longer has. */
function crashNotes(
  notes: Record<string, string>,
  possible: number[],
): Map<number, bigint> {
  return new Map(possible.map((cpu) => [cpu, BigInt(notes[cpu])]));
}

function range([start, end]: string[]): Range {
  return { start: BigInt(start), end: BigInt(end) };
}

function sized({ base, size }: { base: string; size: string }): Range {
  return { start: BigInt(base), end: BigInt(base) + BigInt(size) - 1n };
}

function expect(e_phnum?: number, size?: number): Pick<Case, "expect"> {
  return e_phnum === undefined || size === undefined ? {} : {
    expect: new Map([["e_phnum", BigInt(e_phnum)], ["size", BigInt(size)]]),
  };
}
