/**
 * A recipe: which kernel, on which machine, loaded how, and what happens to it
 * then; read from the arguments of `deno task capture` or from a case that
 * keeps them.
 *
 * @module
 */

import { ARCH_NAMES, type ArchName } from "../../../lib/kernel/arch.ts";
import { parseArgs } from "@std/cli/parse-args";
import type { LoadCall } from "../../../lib/spec/scenario.ts";
import { holdsAt } from "../../../lib/spec/rules.ts";
import { CommandError } from "../../command.ts";

/** Steps of a capture. */
export interface Recipe {
  /** Architecture. */
  readonly arch: ArchName;
  /** The beginning of the kernel's release, or newest. */
  readonly kernel: string;
  /** A kernel that is at hand; the one that boots, and the one that is loaded, where they differ. */
  readonly images: readonly string[];
  /** Lines added to the configuration of a kernel that is built. */
  readonly config: readonly string[];
  /** qemu's -smp. */
  readonly smp: string;
  /** qemu's -m. */
  readonly memory: string;
  /** The kernel's command line, behind the console. */
  readonly append: string;
  /** Changes of the device tree, each the arguments of fdtput. */
  readonly fdtput: readonly string[];
  /** Further arguments of qemu, as one string. */
  readonly qemu: string;
  /** Modules that the guest loads before anything is read, by name. */
  readonly modules: readonly string[];
  /** How the image is loaded. */
  readonly load: LoadCall;
  /** True if firmware assists the dump: nothing is loaded, and it ends in a crash. */
  readonly fadump: boolean;
  /** Events after the load or the registration, in order. */
  readonly after: readonly string[];
  /** True if it ends in a panic. */
  readonly panic: boolean;
  /** The CPU that panics; left to the kernel, if absent. */
  readonly panic_on?: number;
}

const NAMES = [
  "arch",
  "kernel",
  "kernel-image",
  "config",
  "smp",
  "memory",
  "append",
  "fdtput",
  "qemu",
  "module",
  "load",
  "after",
  "panic-on",
] as const;
const LISTS = ["kernel-image", "config", "fdtput", "module"] as const;

/** Names of the events that `--after` takes, each with what may follow `=`. */
export const EVENTS: Readonly<Record<string, RegExp>> = {
  "cpu-add": /^(?:\d+)?$/,
  "cpu-remove": /^\d+$/,
  "cpu-online": /^\d+$/,
  "cpu-offline": /^\d+$/,
  "memory-add": /^(?:\d+[MG](?:@0x[0-9a-f]+)?)?$/,
  "memory-remove": /^(?:0x[0-9a-f]+)?$/,
  "memory-online": /^0x[0-9a-f]+$/,
  "memory-offline": /^0x[0-9a-f]+$/,
  "reload": /^$/,
};

/**
 * Reads a recipe from arguments; those that are none of its own are left over.
 *
 * @throws {CommandError} If a value is not one that it takes.
 */
export function parseRecipe(
  argv: readonly string[],
): { recipe: Recipe; rest: string[] } {
  const rest: string[] = [];
  const args = parseArgs(joinValues(argv), {
    string: [...NAMES],
    boolean: ["panic", "fadump"],
    collect: [...LISTS],
    unknown: (arg, key, value) => {
      rest.push(
        key !== undefined && typeof value === "string" && !arg.includes("=")
          ? `${arg}=${value}`
          : arg,
      );
      return false;
    },
  });
  for (const name of NAMES) {
    const value = args[name];
    const values = [value ?? []].flat();
    if (values.includes("")) refuse(name, "followed by a value", '""');
    const quoted = values.find((text) => text.includes("'"));
    if (quoted) refuse(name, "without single quotes", JSON.stringify(quoted));
  }
  const odd = args.module.find((name) => !/^[a-z0-9_]+$/.test(name));
  if (odd) refuse("module", "a module's name, as virtio_mem", odd);
  const arch = oneOf("arch", ARCH_NAMES, args.arch ?? "x86_64");
  const after: string[] = args.after?.split(",") ?? [];
  for (const event of after) {
    const [name, value = ""] = event.split(/=(.*)/s);
    if (!EVENTS[name]?.test(value)) {
      refuse(
        "after",
        `a list of ${
          Object.keys(EVENTS).join(", ")
        }, each with its number or address behind "="`,
        JSON.stringify(event),
      );
    }
  }
  const panic_on = args["panic-on"];
  if (panic_on !== undefined) {
    const smp = args.smp ?? "2";
    const [, possible] = /\bmaxcpus=(\d+)/.exec(smp) ??
      /^(?:cpus=)?(\d+)/.exec(smp) ?? [];
    if (!/^\d{1,4}$/.test(panic_on) || Number(panic_on) >= Number(possible)) {
      refuse(
        "panic-on",
        `the number of a CPU, below ${possible}`,
        JSON.stringify(panic_on),
      );
    }
  }
  if (args.fadump) refuseImpossibleDump(arch, args, after);
  refuseImpossible(arch, args, after);
  const grows = after.some((event) => event.startsWith("memory-add"));
  return {
    rest,
    recipe: {
      arch,
      kernel: args.kernel ?? "newest",
      images: args["kernel-image"],
      config: args.config,
      smp: args.smp ?? "2",
      memory: args.memory ??
        `${args.fadump ? "3G" : "1G"}${grows ? ",slots=8,maxmem=8G" : ""}`,
      append: args.append ??
        (args.fadump ? "fadump=on crashkernel=640M" : "crashkernel=192M"),
      fdtput: args.fdtput,
      qemu: args.qemu ?? "",
      modules: args.module,
      load: oneOf(
        "load",
        ["kexec_file_load", "kexec_load"] as const,
        args.load ?? "kexec_file_load",
      ),
      fadump: args.fadump,
      after,
      panic: !args.fadump && (args.panic || panic_on !== undefined),
      ...panic_on === undefined ? {} : { panic_on: Number(panic_on) },
    },
  };
}

/** Refuses options that would fail only after a boot, or be recorded and not done. */
function refuseImpossible(
  arch: ArchName,
  args: Readonly<Record<string, unknown>>,
  after: readonly string[],
): void {
  const hasTree = arch === "arm64" || arch === "riscv64";
  const fdtput = args.fdtput as string[];
  if (fdtput.length > 0 && !hasTree) {
    refuse("fdtput", `absent: ${arch} takes no device tree`, fdtput[0]);
  }
  const nodeless = fdtput.find((words) => !/(?:^| )\//.test(words));
  if (nodeless) refuse("fdtput", "such that it names a /node", nodeless);
  if (args.load === "kexec_load" && hasTree) {
    refuse(
      "load",
      `kexec_file_load: kernels of ${arch} never write over the utility's header`,
      "kexec_load",
    );
  }
  if (arch !== "ppc64le") return;
  if (after.includes("memory-remove")) {
    refuse("after", "memory-remove=<address> on ppc64le", "memory-remove");
  }
  if (
    args.load === "kexec_load" &&
    !after.some((event) => event.startsWith("memory-"))
  ) {
    refuse(
      "after",
      "a memory event: only that has stock kernels of ppc64le write a header",
      after.join(","),
    );
  }
}

const FADUMP_EVENTS = ["memory-add", "cpu-add", "cpu-offline"];

/** Refuses a dump that firmware in qemu cannot give, before the boot. */
function refuseImpossibleDump(
  arch: ArchName,
  args: Readonly<Record<string, unknown>>,
  after: readonly string[],
): void {
  const given = (name: string) => args[name] as string | undefined;
  if (arch !== "ppc64le") {
    refuse("fadump", "absent but for --arch ppc64le", `--arch ${arch}`);
  }
  for (const name of ["load", "panic"]) {
    if (!args[name]) continue;
    refuse(name, "absent with --fadump: nothing is loaded", `${args[name]}`);
  }
  if (!/\bfadump=on\b/.test(given("append") ?? "fadump=on")) {
    refuse("append", "such that it has fadump=on", given("append")!);
  }
  if (/\bpowernv/.test(given("qemu") ?? "")) {
    refuse(
      "qemu",
      "without powernv: its firmware saves nothing",
      args.qemu as string,
    );
  }
  const odd = after.find((step) => !FADUMP_EVENTS.includes(step.split("=")[0]));
  if (odd) refuse("after", `of ${FADUMP_EVENTS.join(", ")}`, odd);
  const smp = given("smp") ?? "2";
  if (/\bthreads=(?!1\b)/.test(smp)) {
    refuse("smp", "of one thread a core with --fadump", smp);
  }
  const number = (pattern: RegExp) => Number(pattern.exec(smp)?.[1]);
  const cpus = number(/^(?:cpus=)?(\d+)/);
  const added = after.filter((step) => step.startsWith("cpu-add")).length;
  if (cpus + added >= (number(/\bmaxcpus=(\d+)/) || cpus)) return;
  const [release = "7.0"] = /^\d+\.\d+/.exec(given("kernel") ?? "") ?? [];
  if (holdsAt(release, "ppc64le")("R102")) {
    refuse(
      "smp",
      "such that all CPUs up to maxcpus are there at the crash, from 6.10 on",
      smp,
    );
  }
}

/** The values of these two begin with a dash, which parseArgs would read as the next option. */
function joinValues(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of argv) {
    if (/^--(?:qemu|fdtput)$/.test(joined.at(-1) ?? "")) {
      joined.push(`${joined.pop()}=${arg}`);
    } else joined.push(arg);
  }
  return joined;
}

/** Names of steps as parts of ids; one that comes again has a number. */
export function stepNames(after: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return after.map((step) => {
    const name = step.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(
      /-$/,
      "",
    );
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}-${count}`;
  });
}

/** Formats a recipe so that a shell, or `splitRecipe()`, takes it back. */
export function formatRecipe(recipe: Recipe): string {
  const { arch, kernel, images, config, smp, memory, append, fdtput } = recipe;
  const { qemu, modules, load, after, panic, panic_on } = recipe;
  const given: [name: string, value: string][] = [
    ["arch", arch],
    ...images.length === 0 ? [["kernel", kernel] as [string, string]] : [],
    ...images.map((file): [string, string] => ["kernel-image", file]),
    ...config.map((line): [string, string] => ["config", line]),
    ["smp", smp],
    ["memory", memory],
    ["append", append],
    ...fdtput.map((words): [string, string] => ["fdtput", words]),
    ["qemu", qemu],
    ...modules.map((name): [string, string] => ["module", name]),
    ["load", recipe.fadump ? "" : load],
    ["after", after.join(",")],
  ];
  const words = given.filter(([, value]) => value !== "").flatMap((
    [name, value],
  ) => [`--${name}`, /^[\w,.=:+@/-]+$/.test(value) ? value : `'${value}'`]);
  const end = panic_on === undefined
    ? panic ? ["--panic"] : []
    : ["--panic-on", `${panic_on}`];
  return [...words, ...recipe.fadump ? ["--fadump"] : [], ...end].join(" ");
}

/** Splits what `formatRecipe()` made into arguments. */
export function splitRecipe(text: string): string[] {
  return [...text.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) =>
    quoted ?? word
  );
}

function oneOf<T extends string>(
  name: string,
  values: readonly T[],
  value: string,
): T {
  const found = values.find((known) => known === value);
  return found ?? refuse(name, values.join(" or "), JSON.stringify(value));
}

function refuse(name: string, wanted: string, found: string): never {
  throw new CommandError(
    `Cannot capture: --${name} must be ${wanted}: current value is ${found}`,
  );
}
