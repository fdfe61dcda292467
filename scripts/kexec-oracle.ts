/**
 * Has the real kexec utility write the headers of its cases, and of random
 * machines: `deno task kexec-oracle --help`.
 *
 * @module
 */

import { equals } from "@std/bytes";
import { parseArgs } from "@std/cli/parse-args";
import { diffElfcorehdr, formatDifferences } from "../lib/compare/diff.ts";
import { Random } from "../lib/cost/random.ts";
import { PT_LOAD } from "../lib/elf/elf64.ts";
import { ARCH_NAMES, type ArchName } from "../lib/kernel/arch.ts";
import { decodeElfcorehdr } from "../lib/kernel/read_header.ts";
import { encodeKexecTools, kexecToolsInput } from "../lib/model/kexec_tools.ts";
import { ChangingMachine } from "../lib/model/notifications.ts";
import { utilityMemory } from "../lib/model/utility_memory.ts";
import { type Case, formatCase, parseCase } from "../lib/spec/case.ts";
import {
  formatKexecToolsCase,
  formatView,
  parseKexecToolsCase,
  type UtilityView,
} from "../lib/spec/kexec_tools.ts";
import { holds } from "../lib/spec/rules.ts";
import { formatScenario, parseScenario } from "../lib/spec/scenario.ts";
import { killAllOnSignal } from "./child/child.ts";
import {
  CommandError,
  oneOf,
  refuseArgument,
  runCommand,
  wholeNumber,
} from "./command.ts";
import { openCache } from "./witness/debian/cache.ts";
import { examine, FETCHING } from "./witness/debian/doctor.ts";
import { utilityMachine } from "./witness/kexec/machines.ts";
import { needsOfUtility, versionsOf } from "./witness/kexec/foreign.ts";
import { Utility } from "./witness/kexec/utility.ts";
import { replaceBelow } from "./replace_files.ts";
import { sealWitnesses } from "./witnesses.ts";

const ROOT = `${import.meta.dirname}/..`;
const USAGE = `Usage: deno task kexec-oracle [options]

  --utility <version>  2.0.25 or newest (any number of times); by default all
                       that Debian has of the architecture
  --program <file>     your own, for x86_64, instead: what it writes otherwise
  --arch <arch>        one of ${
  ARCH_NAMES.join(", ")
} (any number of times); all by default
  --machines <count>   random machines, too
  --seed <number>      what they begin with; 1 by default
  --write              make what the utility wrote the goldens of its cases
  --doctor             what has to be installed
  --cache <folder>     ~/.cache/elfcorehdr by default`;

await runCommand(main);

async function main(argv: string[]): Promise<number> {
  const args = parseArgs(argv, {
    string: ["utility", "program", "arch", "machines", "seed", "cache"],
    collect: ["utility", "arch"],
    boolean: ["write", "doctor", "help"],
    unknown: refuseArgument(USAGE),
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  const { program } = args;
  if (program !== undefined && args.write) {
    throw new CommandError("--program and --write exclude each other");
  }
  if (program !== undefined && args.arch.some((arch) => arch !== "x86_64")) {
    throw new CommandError(
      "--program is for x86_64 alone, and so is its --arch",
    );
  }
  const arches = program !== undefined
    ? ["x86_64" as const]
    : args.arch.length > 0
    ? args.arch.map((arch) => oneOf("arch", arch, ARCH_NAMES))
    : ARCH_NAMES;
  const count = wholeNumber("machines", args.machines ?? "0", 7);
  const seed = wholeNumber("seed", args.seed ?? "1", 7);
  const { lines, healthy } = examine(
    new Map(arches.map((arch) => [
      arch,
      [...FETCHING, ...needsOfUtility(arch)],
    ])),
  );
  if (args.doctor) {
    console.log(lines.join("\n"));
    return healthy ? 0 : 1;
  }
  if (!healthy) throw new CommandError(`Cannot ask: ${lines.join("\n")}`);
  killAllOnSignal();
  const cache = openCache(args.cache);
  let agree = true;
  for (const arch of arches) {
    const utilities: Utility[] = [];
    if (program !== undefined) utilities.push(await Utility.at(program, cache));
    const wishes = args.utility.length > 0 ? args.utility : versionsOf(arch);
    for (const wish of program === undefined ? wishes : []) {
      utilities.push(await Utility.open(arch, wish, cache));
    }
    agree = await askCases(arch, utilities, args.write) && agree;
    agree = await askLives(arch, utilities, args.write) && agree;
    for (const utility of count > 0 ? utilities : []) {
      agree = await askMachines(arch, utility, count, seed) && agree;
    }
  }
  return agree ? 0 : 1;
}

/** Ids of all spec files of a folder; from the files, since a new one is in no index yet. */
function listSpecs(folder: string): string[] {
  return [...Deno.readDirSync(`${ROOT}/spec/${folder}`)]
    .map(({ name }) => `${folder}/${name.replace(/\.yaml$/, "")}`).sort();
}

function readSpec(id: string): string {
  return Deno.readTextFileSync(`${ROOT}/spec/${id}.yaml`);
}

/** Has every version write each case of an architecture that was not captured. */
async function askCases(
  arch: ArchName,
  utilities: readonly Utility[],
  write: boolean,
): Promise<boolean> {
  let agree = true;
  let asked = 0;
  for (const id of listSpecs("kexec-tools")) {
    const yaml = readSpec(id);
    const spec = parseKexecToolsCase(yaml, id);
    const machine = parseCase(readSpec(spec.machine), spec.machine);
    if (machine.arch !== arch || spec.golden_from === "captured") continue;
    asked++;
    const headers: Uint8Array[] = [];
    for (const utility of utilities) {
      headers.push(await utility.write(machine, spec));
    }
    const [golden] = headers;
    const other = headers.findIndex((header) => !equals(header, golden));
    if (other >= 0) {
      throw new CommandError(
        `Cannot take ${id}: its versions must write the same: ${
          utilities[0].version
        } and ${utilities[other].version} do not`,
      );
    }
    const found = differences(machine, spec, golden);
    agree &&= found.length === 0;
    if (found.length === 0) {
      console.log(`${id}: as the model has it, ${spec.rules.join(", ")}`);
    }
    for (const line of found) console.log(`${id}: ${line}`);
    if (!write) continue;
    const fresh = {
      ...spec,
      golden_from: "program" as const,
      written_by: utilities.map(({ version }) => version),
      backup: copyIn(machine, spec, golden),
    };
    replaceBelow(ROOT, [
      [`golden/${id}.bin`, golden],
      [
        `spec/${id}.yaml`,
        await sealWitnesses(
          id,
          formatKexecToolsCase(fresh, commentOf(yaml)),
          { text: readSpec, goldens: new Map([[id, golden]]) },
        ),
      ],
    ]);
  }
  console.log(
    `${arch}: kexec ${
      utilities.map(({ version }) => version).join(", ")
    }: ${asked} cases${agree ? ", all as the model has them" : ""}`,
  );
  return agree;
}

/** Has every version make each load of a life that begins or goes on with kexec_load. */
async function askLives(
  arch: ArchName,
  utilities: readonly Utility[],
  write: boolean,
): Promise<boolean> {
  let loads = 0;
  let agree = true;
  for (const id of listSpecs("scenario")) {
    const yaml = readSpec(id);
    const scenario = parseScenario(yaml, id);
    const machine = parseCase(readSpec(scenario.machine), scenario.machine);
    if (machine.arch !== arch || scenario.golden_from === "captured") continue;
    const kexec_loads = [{ reload: scenario.load.call }, ...scenario.events]
      .some(({ reload }) => reload === "kexec_load");
    if (!kexec_loads) continue;
    if (machine.memory.crashkernel === undefined) {
      console.log(`${id}: not asked, since its machine has no crashkernel`);
      continue;
    }
    const before = JSON.stringify(scenario.load.backup, textOfBigints);
    const life = new ChangingMachine(machine, scenario);
    for (const event of [{ reload: scenario.load.call }, ...scenario.events]) {
      if (event.reload === undefined) {
        for (const _ of life.happen(event)) { /* what it does is enough */ }
        continue;
      }
      const byKernel = event.reload === "kexec_file_load" ||
        scenario.load.hotplug === "true" &&
          holds("R75", scenario.release, arch);
      for (const utility of byKernel ? [] : utilities) {
        const real = await utility.write(life.shown, scenario.load);
        const backup = copyIn(life.shown, scenario.load, real);
        if (write) scenario.load = { ...scenario.load, backup };
        const input = kexecToolsInput(life.shown, scenario.load);
        const ours = encodeKexecTools(input);
        const found = formatDifferences(diffElfcorehdr(real, ours));
        for (const line of found.slice(0, 3)) console.log(`${id}: ${line}`);
        agree &&= found.length === 0;
        loads++;
      }
    }
    if (JSON.stringify(scenario.load.backup, textOfBigints) === before) {
      continue;
    }
    const fresh = formatScenario(scenario, commentOf(yaml));
    replaceBelow(ROOT, [[`spec/${id}.yaml`, fresh]]);
  }
  console.log(`${arch}: ${loads} loads of lives${agree ? ", all alike" : ""}`);
  return agree;
}

function textOfBigints(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}

/** The comment that a spec file begins with. */
function commentOf(yaml: string): string | undefined {
  return /^# (?!yaml-language-server)(.*)$/m.exec(yaml)?.[1];
}

/** Differences of the model from the utility's header; the place of the copy is the utility's. */
function differences(
  machine: Case,
  view: UtilityView,
  real: Uint8Array,
): string[] {
  const input = kexecToolsInput(machine, {
    ...view,
    backup: copyIn(machine, view, real),
  });
  const ours = encodeKexecTools(input);
  return formatDifferences(diffElfcorehdr(real, ours)).slice(0, 3);
}

/** The copy of low memory, as a header has it. */
function copyIn(
  machine: Case,
  view: UtilityView,
  header: Uint8Array,
): UtilityView["backup"] {
  const { ranges, backup_src } = utilityMemory(machine, view);
  const src = ranges.find(({ start, end }) =>
    start === backup_src?.start && end === backup_src.end
  );
  if (src === undefined) return undefined;
  const copied = decodeElfcorehdr(header).phdrs.find((
    { p_type, p_paddr, p_memsz },
  ) =>
    p_type === PT_LOAD && p_paddr === src.start &&
    p_memsz === src.end - src.start + 1n
  );
  return copied && { src, start: copied.p_offset };
}

/** Has the utility write the headers of random machines. */
async function askMachines(
  arch: ArchName,
  utility: Utility,
  count: number,
  seed: number,
): Promise<boolean> {
  const random = new Random(seed);
  const begin = performance.now();
  let differing = 0;
  for (let asked = 0; asked < count; asked++) {
    const { machine, view } = utilityMachine(random, arch);
    const real = await utility.write(machine, view);
    const found = differences(machine, view, real);
    if (found.length === 0) continue;
    if (differing++ > 0) continue;
    console.log(`${arch}: kexec ${utility.version} differs on this machine:`);
    console.log(formatCase(machine).replace(/^/gm, "    "));
    for (const line of formatView(view, "    ")) console.log(line);
    for (const line of found) console.log(`  ${line}`);
  }
  const rate = Math.round(count / (performance.now() - begin) * 1000);
  console.log(
    `${arch}: kexec ${utility.version}: ${count} random machines, ${differing} differ, ${rate} a second`,
  );
  return differing === 0;
}
