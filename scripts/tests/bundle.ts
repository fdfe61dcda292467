import { assertEquals, assertThrows } from "@std/assert";
import { describeHost } from "../host/describe.ts";
import { parseCase } from "../../lib/spec/case.ts";
import {
  collectBundles,
  type Loaded,
  type Row,
  rowsNamed,
} from "../witness/capture/collect.ts";
import type { Qemu } from "../witness/capture/qemu.ts";
import { parseRecipe, splitRecipe } from "../witness/capture/recipe.ts";
import { CommandError } from "../command.ts";
import { HEADER_AT, LAYOUTS } from "./host_machine.ts";
import { test } from "./run.ts";
import { collect, HEADER, machine, textOf } from "./run_collect.ts";

Deno.test("each row of the captures of bundles is a recipe, and no other name is one", () => {
  for (const { recipe } of Object.values(rowsNamed("all"))) {
    assertEquals(parseRecipe(splitRecipe(recipe)).rest, []);
  }
  assertEquals(Object.keys(rowsNamed("x61-file,x73-file")).length, 2);
  assertThrows(() => rowsNamed("x61-file,x5"), CommandError, '"x5"');
});

test("describe-host reads a bundle of collect.sh, its kcore.head included", async () => {
  const bundle = await collect("dash", machine().root);
  const { yaml } = describeHost(
    (path) => textOf(bundle, path),
    (path) => bundle.files.get(path),
  );
  const { release, cpus, crash_notes, memory, address } = parseCase(yaml);
  assertEquals([release, cpus.possible], ["6.12.118", [0, 1]]);
  assertEquals(
    [...(crash_notes as Map<number, bigint>).values()],
    [0x3d03d800n, 0x3d03d801n],
  );
  assertEquals(memory.crashkernel?.start, LAYOUTS[0].crash);
  assertEquals(address.page_offset, LAYOUTS[0].linear);
});

test("a bundle of a guest is compared with its memory: header, size and notes", async () => {
  const [{ crash, linear }] = LAYOUTS;
  const { folder } = await collect("dash", machine().root);
  const archive = Deno.readFileSync(`${folder}/out/b.tar.gz`);
  const memory = new Uint8Array(0x2000);
  memory.set(HEADER);
  const notes = (cpu: bigint) => 0x3d03d800n + 0x80000n * cpu;
  // The guest as far as it is asked.
  const vm = {
    ask: (line: string) =>
      Promise.resolve({
        lines: line.startsWith("hex ") ? [archive.toHex()] : [],
        errno: 0,
      }),
    readMemory: (_: bigint, size: number) =>
      Promise.resolve(memory.slice(0, size)),
    translate: (vaddr: bigint) => Promise.resolve(vaddr - linear),
  } as unknown as Qemu;
  const loaded = {
    segment: { paddr: crash + HEADER_AT, memsz: 0x2000 },
    machine: {
      cpus: { possible: [0, 1] },
      crash_notes: new Map([[0, notes(0n)], [1, notes(1n)]]),
    },
  } as unknown as Loaded;
  const wrongOf = async (header: Row["header"]) => {
    const row = { recipe: "", header };
    const [{ wrong }] = await collectBundles(vm, row, loaded);
    return wrong.map((line) => line.split(" must be ")[0]);
  };
  assertEquals(await wrongOf("kimage"), []);
  memory[100] ^= 1;
  loaded.machine.crash_notes.set(1, 0n);
  assertEquals(await wrongOf("kimage"), [
    "the first byte that differs",
    "the notes of CPU 1",
  ]);
  assertEquals(await wrongOf("none"), [
    "header",
    "a header in the bundle",
    "the first byte that differs",
  ]);
});
