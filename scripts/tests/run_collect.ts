/** Shared parts of the tests of collect.sh: a made-up machine, and a run on it. */

import { CASES } from "../../golden/mod.ts";
import { lay, layMachine, LAYOUTS, type Machine } from "./host_machine.ts";
import { ROOT } from "./run.ts";

export const COLLECT = `${ROOT}scripts/host/collect.sh`;
export const HEADER =
  CASES.find(({ id }) => id === "x86_64/6.12-smp2of8-hotadd")!
    .golden;
/** Every program that collect.sh may start. */
const PROGRAMS =
  "dd od grep ls tar gzip mkdir rm uname getconf kexec cat sed awk tr find"
    .split(" ");

/** Shells, and the words that start their programs: busybox has its own. */
export const SHELLS: Readonly<Record<string, string[]>> = {
  dash: [],
  bash: [],
  "busybox sh": ["busybox"],
};

export interface Collected {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Files of the bundle, by path. */
  readonly files: Map<string, Uint8Array>;
  /** Programs that were started. */
  readonly started: string[];
  readonly folder: string;
}

/**
 * Runs collect.sh on a tree.
 *
 * @param before Shell lines that dd runs first; if given, programs are counted.
 */
export async function collect(
  shell: string,
  root: string,
  { before, uid }: { before?: string; uid?: number } = {},
): Promise<Collected> {
  const folder = Deno.makeTempDirSync();
  const [program, ...words] = shell.split(" ");
  const wrapped = before !== undefined || SHELLS[shell].length > 0;
  if (wrapped) layWrappers(folder, SHELLS[shell], before);
  Deno.copyFileSync(COLLECT, `${folder}/collect.sh`);
  Deno.mkdirSync(`${folder}/out`);
  if (uid !== undefined) {
    for (const path of [folder, `${folder}/out`]) Deno.chmodSync(path, 0o777);
  }
  const child = new Deno.Command(program, {
    args: [...words, `${folder}/collect.sh`, "--root", root, "out/b"],
    cwd: folder,
    uid,
    env: { PATH: `${folder}/bin:${Deno.env.get("PATH")}` },
  });
  const { code, stdout, stderr } = await child.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return {
    code,
    stdout: decode(stdout),
    stderr: decode(stderr),
    files: filesBelow(`${folder}/out/b`),
    started: wrapped ? readText(`${folder}/started`).trim().split("\n") : [],
    folder,
  };
}

function layWrappers(
  folder: string,
  words: readonly string[],
  before = "",
): void {
  lay(`${folder}/started`, "");
  for (const name of PROGRAMS) {
    const path = `${folder}/bin/${name}`;
    const real = `PATH=\${PATH#*:} exec ${[...words, name].join(" ")} "$@"`;
    const first = name === "dd" ? before : "";
    lay(
      path,
      `#!/bin/sh\necho ${name} >>${folder}/started\n${first}\n${real}\n`,
    );
    Deno.chmodSync(path, 0o755);
  }
}

export function filesBelow(root: string, below = ""): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const { name, isDirectory } of Deno.readDirSync(`${root}/${below}`)) {
    const path = `${below}${name}`;
    if (isDirectory) {
      for (const [inner, bytes] of filesBelow(root, `${path}/`)) {
        files.set(inner, bytes);
      }
    } else files.set(path, Deno.readFileSync(`${root}/${path}`));
  }
  return files;
}

export function readText(path: string): string {
  return Deno.readTextFileSync(path);
}

/** Lays a machine in a folder of its own. */
export function machine(layout = LAYOUTS[0], cpus = 2): Machine {
  return layMachine(Deno.makeTempDirSync(), layout, cpus, HEADER);
}

export function textOf({ files }: Collected, path: string): string | undefined {
  const bytes = files.get(path);
  return bytes && new TextDecoder().decode(bytes);
}
