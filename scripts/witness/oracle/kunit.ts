/**
 * The table for the kernel's own test, run against a kernel's own function.
 *
 * @module
 */

import { holds } from "../../../lib/spec/rules.ts";
import { removeIfThere, runTool } from "../debian/tool.ts";
import { kunitTable } from "../../release/kunit.ts";
import { type Built, compile } from "./build.ts";

/** Compiles the table with what was cut for an oracle, and runs it. */
export async function runKunit(
  { program, release, arch }: Built,
): Promise<{ line: string; agrees: boolean }> {
  const name = `${release} ${arch}`;
  if (holds("R67", release, arch)) {
    return { line: `${name}: its cuts stop at the first range`, agrees: true };
  }
  const cut = program.slice(0, program.lastIndexOf("/"));
  const work = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${work}/crash_core_vectors.h`, kunitTable());
    const objects = [...Deno.readDirSync(cut)].map(({ name }) => name)
      .filter((name) => name.endsWith(".c.o") && name !== "oracle.c.o")
      .map((name) => `${cut}/${name}`);
    // oracle.c has what the cut files call; its main() must not be ours.
    const oracle = `${work}/oracle.o`;
    const main = `${cut}/oracle.c`;
    await compile(work, ["-Dmain=unused", "-c", main, "-o", oracle], release);
    const test = `${import.meta.dirname}/kunit.c`;
    const sources = [test, oracle, ...objects];
    await compile(
      work,
      [`-I${cut}`, `-I${work}`, ...sources, "-o", "kunit"],
      release,
    );
    const { code, stdout } = await runTool([`${work}/kunit`], {
      timeout: 60,
      failing: true,
    });
    return { line: `${name}: ${stdout.trimEnd()}`, agrees: code === 0 };
  } finally {
    removeIfThere(work);
  }
}
