import { assertEquals } from "@std/assert";
import type { Place } from "./relation.ts";
import { relationsOf } from "./relations.ts";

/** A value apart from any header. */
const place = (right: bigint): Place => ({
  asked: { bytes: new Uint8Array(), rows: [], top: {}, inputs: new Map() },
  field: "p_flags",
  bytes: 4,
  right,
});

Deno.test("relationsOf() finds bits that are set, and bits that are lost", () => {
  const bits = (right: bigint, wrong: bigint) =>
    relationsOf(place(right), wrong).filter(({ what }) => /^with/.test(what));
  assertEquals(bits(3n, 7n).map(({ what }) => what), ["with 0x4 set"]);
  assertEquals(bits(7n, 5n).map(({ what }) => what), ["without 0x2"]);
  assertEquals(bits(6n, 5n), []);
  assertEquals(bits(0n, 4n)[0].value(place(7n)), 7n);
});
