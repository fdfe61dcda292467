/**
 * The shape of a judgement as JSON, for its JSON schema; tests read judgements
 * by it.
 *
 * @module
 */

import { ARCH_NAMES } from "../../lib/kernel/arch.ts";
import {
  anyText,
  boolean,
  hexValue,
  integer,
} from "../../lib/spec/json_shape.ts";
import {
  described,
  list,
  oneOf,
  optional,
  record,
  type Shape,
} from "../../lib/spec/shape.ts";
import { VERDICTS } from "./judge.ts";
import { EXIT_CODES } from "./report.ts";

const cpus = list(integer());
const texts = list(anyText);
const ranges = list(record({
  start: described(hexValue, "First byte."),
  end: described(hexValue, "Last byte."),
}));

const losses = record({
  online: described(cpus, "Online CPUs whose registers a dump would lack."),
  present: described(
    cpus,
    "Present CPUs whose registers it would lack once they are online.",
  ),
  unseen: described(cpus, "CPUs whose notes were not seen."),
  uncounted: described(
    integer(),
    "Further present CPUs whose notes were not seen.",
  ),
  missing: described(ranges, "RAM that it would lack."),
  gone: described(ranges, "RAM that is listed and is not there."),
  ram: described(hexValue, "Bytes of RAM that a dump is to have."),
  wrong: described(texts, "Defects of the header, a sentence each."),
});

const dump = record({
  differs: described(
    texts,
    "Names in vmcoreinfo whose values differ: another boot.",
  ),
  cpus: described(integer(), "CPUs whose registers it has."),
  online: described(integer(), "CPUs that were online at the collection."),
  missing: optional(ranges, "RAM that it lacks, where that can be seen."),
  ram: described(hexValue, "Bytes of RAM that it is to have."),
  wrong: described(texts, "Defects that leave its memory unreadable."),
  whole: described(boolean, "The same boot, and nothing lacks."),
});

/** The shape of what `toJson()` writes. */
export const judgementShape: Shape<unknown> = record({
  verdict: described(oneOf(VERDICTS), "The verdict."),
  reason: described(anyText, "The reason, in a sentence."),
  next: optional(anyText, "The next step of an administrator."),
  release: described(anyText, "Release of the kernel."),
  arch: described(oneOf(ARCH_NAMES), "Architecture."),
  call: optional(
    oneOf(["kexec_file_load", "kexec_load"]),
    "System call of the load, where it was seen.",
  ),
  writer: optional(
    oneOf(["kernel", "kexec-tools"]),
    "The writer that makes these bytes of the machine now.",
  ),
  losses: optional(losses, "What a dump would lack."),
  predictions: described(
    texts,
    "Known defects that a panic of this machine would show.",
  ),
  exit_code: described(
    oneOf([...new Set(Object.values(EXIT_CODES))]),
    "Exit code of the command.",
  ),
  dump: optional(dump, "A dump beside its machine."),
});
