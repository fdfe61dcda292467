/**
 * Mistakes that nobody thought of: systematic changes of each header, and of
 * what goes into it, which must be found and blamed on the right field and
 * rule.
 *
 * @module
 */

import { equals } from "@std/bytes";
import {
  diffElfcorehdr,
  type Difference,
  partsOf,
} from "../../lib/compare/diff.ts";
import { EHDR, PHDR, phdrOffset, SIZEOF_PHDR } from "../../lib/elf/elf64.ts";
import { decodeElfcorehdr } from "../../lib/kernel/read_header.ts";
import type { Topology } from "../../lib/kernel/topology.ts";
import { encodeElfcorehdr } from "../../lib/kernel/write_header.ts";
import { resolveCase } from "../../lib/model/resolve.ts";
import { parseCase } from "../../lib/spec/case.ts";
import { ruleOf } from "../../lib/spec/rules.ts";
import type { Corpus } from "../../lib/suite/corpus.ts";

/** Result of all generated changes. */
export interface Generated {
  /** Changes made that changed a byte. */
  readonly made: number;
  /** Changes that changed none: a field that was 0 set to 0, two equal neighbours exchanged. */
  readonly without_effect: number;
  /** Changes that were not found, or blamed on another field or rule. */
  readonly missed: readonly string[];
}

/** Bytes of the headers that are changed; the larger ones repeat what these show. */
const MOST_BYTES = 8192;

/** Makes every change to every case and looks what the diff says. */
export function generateMutants({ cases }: Corpus): Generated {
  const missed: string[] = [];
  let made = 0;
  let without_effect = 0;
  const tell = (
    what: string,
    golden: Uint8Array,
    wrong: Uint8Array,
    blames: (all: Difference[]) => boolean,
  ) => {
    if (equals(golden, wrong)) {
      without_effect++;
      return;
    }
    made++;
    if (!blames(diffElfcorehdr(golden, wrong))) missed.push(what);
  };
  for (const { id, yaml, golden } of cases) {
    if (golden.length > MOST_BYTES) continue;
    const topology = resolveCase(parseCase(yaml));
    for (
      const { what, wrong, blames } of [
        ...fieldChanges(golden, topology),
        ...slotChanges(golden),
        ...inputChanges(topology),
      ]
    ) {
      tell(`${id}: ${what}`, golden, wrong, blames);
    }
  }
  return { made, without_effect, missed };
}

interface Change {
  readonly what: string;
  readonly wrong: Uint8Array;
  readonly blames: (all: Difference[]) => boolean;
}

/** Each field of the ELF header, and of the first program header of each part. */
function* fieldChanges(
  golden: Uint8Array,
  { arch }: Topology,
): Generator<Change> {
  const { ehdr, phdrs } = decodeElfcorehdr(golden);
  const parts = partsOf(ehdr, phdrs);
  const rows = [...new Set(parts)].map((part) =>
    [
      phdrOffset(parts.indexOf(part)),
      `phdr[${parts.indexOf(part)}]`,
      part,
      PHDR,
    ] as const
  );
  for (
    const [base, row, part, fields] of [
      [0, "ehdr", "ehdr", EHDR] as const,
      ...rows,
    ]
  ) {
    const list = Object.entries(fields);
    for (const [i, [name, { at, size }]] of list.entries()) {
      const blame = (all: Difference[], count: number) =>
        all.length === count &&
        all.some(({ field, rule }) =>
          field === `${row}.${name}` &&
          rule === ruleOf(`${part}.${name}`, arch.name)!.id
        );
      const change = (
        what: string,
        edit: (field: Uint8Array, wrong: Uint8Array) => void,
        count = 1,
      ): Change => {
        const wrong = golden.slice();
        edit(wrong.subarray(base + at, base + at + size), wrong);
        return {
          what: `${row}.${name} ${what}`,
          wrong,
          blames: (all) => blame(all, count),
        };
      };
      yield change("+1", (field) => step(field, 1));
      yield change("-1", (field) => step(field, -1));
      yield change("zero", (field) => field.fill(0));
      yield change("byte-swapped", (field) => field.reverse());
      const next = list[i + 1]?.[1];
      if (next?.size !== size) continue;
      yield change("swapped with its neighbour", (field, wrong) => {
        const other = wrong.subarray(base + next.at, base + next.at + size);
        const kept = field.slice();
        field.set(other);
        other.set(kept);
      }, 2);
    }
  }
}

/** Adds 1 or -1 to a little-endian field. */
function step(field: Uint8Array, by: 1 | -1): void {
  for (let i = 0; i < field.length; i++) {
    field[i] = (field[i] + by) & 0xff;
    if (field[i] !== (by === 1 ? 0 : 0xff)) return;
  }
}

/** The first program header of each part dropped, doubled, exchanged with its successor. */
function* slotChanges(golden: Uint8Array): Generator<Change> {
  const { ehdr, phdrs } = decodeElfcorehdr(golden);
  const parts = partsOf(ehdr, phdrs);
  const end = phdrOffset(phdrs.length);
  const counted = (all: Difference[]) =>
    all.some(({ field, rule }) => field === "ehdr.e_phnum" && rule === "R06");
  for (const part of new Set(parts)) {
    const index = parts.indexOf(part);
    const at = phdrOffset(index);
    const dropped = golden.slice();
    dropped.set(golden.subarray(at + SIZEOF_PHDR, end), at);
    dropped.fill(0, end - SIZEOF_PHDR, end);
    step(dropped.subarray(EHDR.e_phnum.at, EHDR.e_phnum.at + 2), -1);
    yield { what: `phdr[${index}] dropped`, wrong: dropped, blames: counted };
    if (end + SIZEOF_PHDR <= golden.length) {
      const doubled = golden.slice();
      doubled.set(golden.subarray(at, end), at + SIZEOF_PHDR);
      step(doubled.subarray(EHDR.e_phnum.at, EHDR.e_phnum.at + 2), 1);
      yield { what: `phdr[${index}] doubled`, wrong: doubled, blames: counted };
    }
    if (index + 1 < phdrs.length) {
      const exchanged = golden.slice();
      exchanged.set(
        golden.subarray(at + SIZEOF_PHDR, at + 2 * SIZEOF_PHDR),
        at,
      );
      exchanged.set(golden.subarray(at, at + SIZEOF_PHDR), at + SIZEOF_PHDR);
      yield {
        what: `phdr[${index}] exchanged with the next`,
        wrong: exchanged,
        blames: (all) =>
          all.length > 0 &&
          all.every(({ field }) =>
            field.startsWith(`phdr[${index}].`) ||
            field.startsWith(`phdr[${index + 1}].`)
          ),
      };
    }
  }
}

/** Inputs of the writer, one value at a time. */
function* inputChanges(topology: Topology): Generator<Change> {
  const { vmcoreinfo, kernel, ranges, backup, crash_notes, page_offset } =
    topology;
  const first = topology.cpus.length + 1;
  const only = (
    what: string,
    change: Partial<Topology>,
    fields: RegExp,
  ): Change => ({
    what,
    wrong: encodeElfcorehdr({ ...topology, ...change }),
    blames: (all) =>
      all.length > 0 && all.every(({ field }) => fields.test(field)),
  });
  for (const by of [1n, -1n]) {
    if (crash_notes.length > 0) {
      yield only(`crash_notes ${by}`, {
        crash_notes: crash_notes.with(0, crash_notes[0] + by),
      }, /^phdr\[0\]\.p_(?:offset|paddr)$|p_offset$/);
    }
    yield only(`vmcoreinfo.paddr ${by}`, {
      vmcoreinfo: { ...vmcoreinfo, paddr: vmcoreinfo.paddr + by },
    }, new RegExp(`^phdr\\[${first - 1}\\]\\.p_(?:offset|paddr)$`));
    yield only(`vmcoreinfo.size ${by}`, {
      vmcoreinfo: { ...vmcoreinfo, size: vmcoreinfo.size + by },
    }, new RegExp(`^phdr\\[${first - 1}\\]\\.p_(?:filesz|memsz)$`));
    if (kernel) {
      yield only(`kernel.vaddr ${by}`, {
        kernel: { ...kernel, vaddr: kernel.vaddr + by },
      }, new RegExp(`^phdr\\[${first}\\]\\.p_vaddr$`));
      yield only(`kernel.size ${by}`, {
        kernel: { ...kernel, size: kernel.size + by },
      }, new RegExp(`^phdr\\[${first}\\]\\.p_(?:filesz|memsz)$`));
    }
    yield only(
      `page_offset ${by}`,
      { page_offset: page_offset + by },
      /p_vaddr$/,
    );
    if (backup !== undefined) {
      yield only(`backup ${by}`, { backup: backup + by }, /p_offset$/);
    }
    const [range, ...others] = ranges;
    if (range === undefined) continue;
    yield only(`ranges[0].end ${by}`, {
      ranges: [{ ...range, end: range.end + by }, ...others],
    }, /p_(?:filesz|memsz)$/);
    // Fewer possible CPUs than notes is no machine.
    if (topology.nr_possible + Number(by) < topology.cpus.length) continue;
    yield only(`nr_possible ${by}`, {
      nr_possible: topology.nr_possible + Number(by),
    }, /^size$|^phdr\[\d+\]/);
  }
}
