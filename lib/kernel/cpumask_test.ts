import { assertEquals, assertThrows } from "@std/assert";
import { formatCpulist, NR_CPUS, parseCpulist } from "./cpumask.ts";

for (
  const [text, cpus] of [
    ["", []],
    ["0", [0]],
    ["8191", [8191]],
    ["0-3,8", [0, 1, 2, 3, 8]],
    ["0-31:2/4", [0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29]],
    ["1-6:1/3", [1, 4]],
    ["0-3:0/2,7", [7]],
    ["8190-N", [8190, 8191]],
    ["0,,2\n", [0, 2]],
  ] as const
) {
  Deno.test(`parseCpulist() reads ${JSON.stringify(text)}`, () => {
    assertEquals(parseCpulist(text), [...cpus]);
  });
}

Deno.test("parseCpulist() takes all for every CPU there can be", () => {
  assertEquals(parseCpulist("all").length, NR_CPUS);
});

for (
  const [text, wanted] of [
    ["0-", "first-last:used/group"],
    ["3:1/2", "first-last:used/group"],
    ["-1", "first-last:used/group"],
    ["0x3", "first-last:used/group"],
    ["3-0", "first <= last"],
    ["0-8192", "CPUs below 8192"],
    ["0-4294967296", "first-last:used/group"],
    ["0-3:1/0", "used <= group"],
    ["0-3:3/2", "used <= group"],
    ["0-3,3", "entries that ascend without overlap"],
    ["4,0", "entries that ascend without overlap"],
  ] as const
) {
  Deno.test(`parseCpulist() refuses ${JSON.stringify(text)}`, () => {
    assertThrows(() => parseCpulist(text), SyntaxError, `must be ${wanted}: `);
  });
}

Deno.test("formatCpulist() writes what parseCpulist() reads, in its shortest form", () => {
  for (const text of ["", "0", "0-3,8", "0-1,4-5,8191", "2-7"]) {
    assertEquals(formatCpulist(parseCpulist(text)), text);
  }
  assertEquals(formatCpulist(parseCpulist("0-7:1/2")), "0,2,4,6");
  assertEquals(formatCpulist(parseCpulist("0,1,2")), "0-2");
});
