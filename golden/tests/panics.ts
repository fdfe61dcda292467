import { assertEquals } from "@std/assert";
import { playPanic, unmetPanic } from "../../lib/compare/panic.ts";
import { attributeByPosition, viewDump } from "../../lib/model/dump.ts";
import {
  captureKernel,
  piecesOf,
  readPieces,
  survivors,
} from "../../lib/model/old_memory.ts";
import { makeVmcore } from "../../lib/model/vmcore.ts";
import { parseCase } from "../../lib/spec/case.ts";
import { parseVmcoreCase } from "../../lib/spec/vmcore.ts";
import { headerNamed } from "../../lib/suite/corpus.ts";
import { CASES, CORPUS, VMCORES } from "../mod.ts";

function play(id: string) {
  const { yaml, golden } = VMCORES.find((test) => test.id === id)!;
  const spec = parseVmcoreCase(yaml, `spec/${id}.yaml`);
  const header = headerNamed(CORPUS, spec.header);
  const pieces = piecesOf(spec, header);
  const make = () =>
    makeVmcore(header, readPieces(pieces), captureKernel(spec, header));
  return { spec, golden, header, pieces, make };
}

for (const { id } of VMCORES) {
  Deno.test(`${id}: the head of /proc/vmcore is as it should be`, () => {
    const { spec, golden, header, make } = play(id);
    const panic = playPanic(spec, header);
    assertEquals(unmetPanic(spec, header, panic, golden), []);
    if (golden) {
      assertEquals(firstDifference(make().head, golden), undefined);
    }
  });
}

for (const { id } of VMCORES) {
  const { spec, pieces, make } = play(id);
  const { shown, online } = spec;
  if (!shown) continue;

  // Here all present CPUs are online, and crash goes by position.
  Deno.test(`${id}: crash shows what the notes have, drgn what was saved`, () => {
    const { dumped, lost } = survivors(spec, pieces, make());
    const saved = [...dumped, ...lost].sort((a, b) => a - b);
    const { possible } = parseCase(
      CASES.find((test) => test.id === spec.header)!.yaml,
    ).cpus;
    const attributed = attributeByPosition(dumped, online);
    const [crash, drgn, ...others] = shown.map((row) => ({
      other: [],
      ...row,
    }));
    assertEquals(crash, {
      reader: "crash 9.0.2",
      own: attributed.flatMap(({ cpu, taken_for }) =>
        cpu === taken_for ? [cpu] : []
      ),
      other: attributed.flatMap(({ cpu, taken_for }) =>
        cpu === taken_for ? [] : [{ cpu: taken_for!, of: cpu }]
      ),
      none: online.slice(dumped.length),
    });
    assertEquals(drgn, {
      reader: "drgn 0.3.0",
      own: saved,
      other: [],
      none: possible.filter((cpu) => !saved.includes(cpu)),
    });
    assertEquals(others, []);
  });
}

/** Offset of the first byte in which two differ, with both. */
function firstDifference(
  got: Uint8Array,
  expected: Uint8Array,
): string | undefined {
  for (let at = 0; at < Math.max(got.length, expected.length); at++) {
    if (got[at] !== expected[at]) {
      return `byte 0x${at.toString(16)}: expected ${expected[at]}, got ${
        got[at]
      }`;
    }
  }
}

Deno.test("CPUs added after the load are lost under present and kept under possible", () => {
  const dumped = (id: string) => {
    const { spec, pieces, make } = play(id);
    const vmcore = make();
    return {
      nr_cpus: viewDump(vmcore.head).nr_cpus,
      ...survivors(spec, pieces, vmcore),
    };
  };
  assertEquals(dumped("vmcore/x86_64-6.1-crash-2added-after-load"), {
    nr_cpus: 2,
    dumped: [0, 1],
    lost: [2, 3],
  });
  assertEquals(dumped("vmcore/x86_64-6.12-crash-2added-after-load"), {
    nr_cpus: 4,
    dumped: [0, 1, 2, 3],
    lost: [],
  });
});

Deno.test("the registers of a panicking CPU that was added are lost under present", () => {
  const { spec, pieces, make } = play(
    "vmcore/x86_64-6.1-crash-added-cpu-panics",
  );
  const { lost } = survivors(spec, pieces, make());
  assertEquals(lost, [2]);
});

Deno.test("a reader by position takes CPU 3's registers for CPU 2's", () => {
  const { spec, pieces, make } = play("vmcore/x86_64-6.1-crash-readded-cpu2");
  const { dumped } = survivors(spec, pieces, make());
  assertEquals(attributeByPosition(dumped, spec.online), [
    { cpu: 0, taken_for: 0 },
    { cpu: 1, taken_for: 1 },
    { cpu: 3, taken_for: 2 },
  ]);
  const after = play("vmcore/x86_64-6.12-crash-readded-cpu2");
  const right = survivors(after.spec, after.pieces, after.make()).dumped;
  assertEquals(
    attributeByPosition(right, after.spec.online).every(({ cpu, taken_for }) =>
      cpu === taken_for
    ),
    true,
  );
});

Deno.test("readPieces() reads what overlaps, begins before and ends behind a read", () => {
  const read = readPieces([
    { paddr: 0x1000n, bytes: new Uint8Array(8).fill(1) },
    { paddr: 0x2004n, bytes: new Uint8Array(2).fill(2) },
    { paddr: 0x0ffen, bytes: new Uint8Array(4).fill(3) },
    { paddr: 0x1004n, bytes: new Uint8Array(1).fill(4) },
    { paddr: (1n << 64n) - 1n, bytes: new Uint8Array(1).fill(5) },
  ]);
  const found = [[0x1000n, 6], [0xffcn, 4], [0x2005n, 2], [
    0x1008n,
    4,
  ]] as const;
  assertEquals(
    [...found, [(1n << 64n) - 2n, 2] as const].map(([paddr, size]) =>
      read(paddr, size).toHex()
    ),
    ["030301010401", "00000303", "0200", "00000000", "0005"],
  );
});
