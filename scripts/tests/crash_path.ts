import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { CORPUS, VMCORES } from "../../golden/mod.ts";
import { PT_LOAD, readEhdr, readPhdrs, viewOf } from "../../lib/elf/elf64.ts";
import { viewDump } from "../../lib/model/dump.ts";
import {
  captureKernel,
  piecesOf,
  readPieces,
} from "../../lib/model/old_memory.ts";
import { makeVmcore } from "../../lib/model/vmcore.ts";
import { parseVmcoreCase } from "../../lib/spec/vmcore.ts";
import { headerNamed } from "../../lib/suite/corpus.ts";
import { granted, run } from "./run.ts";

// A whole /proc/vmcore, its RAM a hole in a file, for tools that nobody here
// wrote. They are skipped where they are not installed, but not in CI.

function installed(program: string, ...args: string[]): boolean {
  if (!granted) return false;
  if (Deno.env.get("CI") === "true") return true;
  try {
    const { success } = new Deno.Command(program, { args }).outputSync();
    return success || program === "makedumpfile";
  } catch {
    return false;
  }
}

function ask(program: string, ...args: string[]) {
  return run(program, args, { env: { LC_ALL: "C" } });
}

/** Writes /proc/vmcore of a case to a sparse file. */
async function dump(id: string): Promise<{ path: string; head: Uint8Array }> {
  const spec = parseVmcoreCase(VMCORES.find((test) => test.id === id)!.yaml);
  const header = headerNamed(CORPUS, spec.header);
  const read = readPieces(piecesOf(spec, header));
  const { head, size } = makeVmcore(header, read, captureKernel(spec, header));
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, head);
  await Deno.truncate(path, Number(size));
  return { path, head };
}

const IDS = [
  "vmcore/never-online-in-the-middle",
  "vmcore/x86_64-6.1-crash-2added-after-load",
  "vmcore/x86_64-6.12-crash-2added-after-load",
  "vmcore/arm64-6.12-4k-panic-hole3-spin5",
  "vmcore/ppc64le-backup",
  "vmcore/8192-possible-4-saved",
];

Deno.test({
  name: "readelf -n lists exactly the saved CPUs",
  ignore: !installed("readelf", "--version"),
  fn: async () => {
    for (const id of IDS) {
      const { path, head } = await dump(id);
      const { code, stdout } = await ask("readelf", "-n", path);
      assertEquals(code, 0);
      assertEquals([id, stdout.match(/NT_PRSTATUS/g)?.length ?? 0], [
        id,
        viewDump(head).nr_cpus,
      ]);
      assertStringIncludes(stdout, "VMCOREINFO");
    }
  },
});

Deno.test({
  name: "eu-readelf -n lists exactly the saved CPUs, by what they ran",
  ignore: !installed("eu-readelf", "--version"),
  fn: async () => {
    for (const id of IDS) {
      const { path, head } = await dump(id);
      const { code, stdout } = await ask("eu-readelf", "-n", path);
      assertEquals(code, 0);
      const seen = [...stdout.matchAll(/^ +pid: (\d+),/gm)].map(([, pid]) =>
        Number(pid)
      );
      assertEquals([id, seen], [id, viewDump(head).pids]);
    }
  },
});

const KDUMPFILE = `import sys, kdumpfile
for path in sys.argv[1:]:
    attr = kdumpfile.kdumpfile(path).attr
    print(attr["file.format"], attr["cpu.number"])`;

Deno.test({
  name: "libkdumpfile opens the dump and counts the saved CPUs",
  ignore: !installed("/usr/bin/python3", "-c", "import kdumpfile"),
  fn: async () => {
    for (const id of IDS) {
      const { path, head } = await dump(id);
      const { stdout, stderr } = await ask(
        "/usr/bin/python3",
        "-c",
        KDUMPFILE,
        path,
      );
      const { nr_cpus } = viewDump(head);
      assertEquals([id, stdout.trim(), stderr], [id, `elf ${nr_cpus}`, ""]);
    }
  },
});

Deno.test({
  // With -D it lists its LOADs, before it wants the kernel's memory. The nr_cpus
  // that it writes is a captured fact, and asked for in `deno task readers`.
  name: "makedumpfile takes each head's memory where its PT_LOADs say",
  ignore: !installed("makedumpfile", "-v"),
  fn: async () => {
    const heads = VMCORES.filter(({ golden }) => golden !== undefined);
    assert(heads.length > 50);
    for (const { id } of heads) {
      const { path, head } = await dump(id);
      const { stdout, stderr } = await ask(
        "makedumpfile",
        ...["-D", "-d", "31", path, `${path}.kdump`],
      );
      const rows = (stdout + stderr).matchAll(
        /^LOAD\[ *\d+\] +([0-9a-f ]+)$/gm,
      );
      const got = [...rows].map(([, numbers]) => numbers.split(/ +/));
      const view = viewOf(head);
      const { e_phnum } = readEhdr(view);
      const loads = readPhdrs(view, e_phnum).filter(({ p_type }) =>
        p_type === PT_LOAD
      );
      const expected = loads.map(({ p_paddr, p_vaddr, p_memsz }) =>
        [p_paddr, p_paddr + p_memsz, p_vaddr, p_vaddr + p_memsz]
          .map((address) => BigInt.asUintN(64, address).toString(16))
      );
      assertEquals([id, got], [id, expected]);
      await Deno.remove(path);
    }
  },
});
