import { assertEquals } from "@std/assert";
import { type FadumpInput, reservedEnd } from "./fadump.ts";

Deno.test("reservedEnd() counts a cpumask in whole longs", () => {
  const end = (nr_cpus: number) =>
    reservedEnd({
      writer: "second",
      reserved: { start: 0n },
      firmware: { cpu_state_size: 0, hpte_size: 0 },
      second_page_size: 4096,
      boot_memory: { size: 0n },
      nr_cpus,
    } as unknown as FadumpInput);
  assertEquals([1, 64, 65, 2048].map((count) => end(count) - 424n), [
    8n,
    8n,
    16n,
    256n,
  ]);
});
