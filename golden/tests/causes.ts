import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  EHDR,
  PHDR,
  phdrOffset,
  PT_LOAD,
  PT_NOTE,
} from "../../lib/elf/elf64.ts";
import { formatCause } from "../../lib/report/cause.ts";
import { FORMATS } from "../../lib/report/formats.ts";
import { diagnose } from "../../lib/suite/diagnosis.ts";
import { answerWriter } from "../../lib/suite/reference.ts";
import type { WriterRequest } from "../../lib/suite/request.ts";
import { Refusal, runFunction } from "../../lib/suite/run_function.ts";
import { writerTests } from "../../lib/suite/writer.ts";
import { CORPUS } from "../mod.ts";

const tests = writerTests({
  ...CORPUS,
  cases: CORPUS.cases.filter(({ id }) =>
    /^(?:riscv64\/6|x86_64\/6\.12-smp2of8|x86_64\/6\.12-5G|ppc64le\/boundary-removed)/
      .test(id)
  ),
  rejects: [],
  scenarios: [],
});

type Writer = (request: WriterRequest) => Uint8Array;

function right(request: WriterRequest): Uint8Array<ArrayBuffer> {
  const answer = answerWriter(request);
  if (answer.kind !== "bytes") throw new Refusal("no machine");
  return Uint8Array.from(answer.bytes);
}

function run(write: Writer, some = tests) {
  return runFunction(some, (request) => write(request as never));
}

/** One program header, by its fields. */
interface Slot {
  index: number;
  type: number;
  get: (key: keyof typeof PHDR) => bigint;
  set: (key: keyof typeof PHDR, value: bigint) => void;
}

/** Changes each program header. */
function each(change: (slot: Slot, request: WriterRequest) => void): Writer {
  return (request) => {
    const bytes = right(request);
    const view = new DataView(bytes.buffer);
    const count = view.getUint16(EHDR.e_phnum.at, true);
    for (let index = 0; index < count; index++) {
      const at = phdrOffset(index);
      change({
        index,
        type: view.getUint32(at, true),
        get: (key) => view.getBigUint64(at + PHDR[key].at, true),
        set: (key, value) => view.setBigUint64(at + PHDR[key].at, value, true),
      }, request);
    }
    return bytes;
  };
}

/** Changes the list of program headers; e_phnum follows. */
function slots(
  change: (list: Uint8Array[], request: WriterRequest) => Uint8Array[],
): Writer {
  return (request) => {
    const bytes = right(request);
    const view = new DataView(bytes.buffer);
    const list = Array.from(
      { length: view.getUint16(EHDR.e_phnum.at, true) },
      (_, i) => bytes.slice(phdrOffset(i), phdrOffset(i + 1)),
    );
    const changed = change(list, request);
    bytes.fill(0, phdrOffset(0));
    for (const [i, slot] of changed.entries()) bytes.set(slot, phdrOffset(i));
    view.setUint16(EHDR.e_phnum.at, changed.length, true);
    return bytes;
  };
}

function bytes(
  change: (view: DataView, request: WriterRequest) => void,
): Writer {
  return (request) => {
    const written = right(request);
    change(new DataView(written.buffer), request);
    return written;
  };
}

const isRam = ({ type, index }: Slot, { notes, kernel }: WriterRequest) =>
  type === PT_LOAD && index > notes.length + (kernel ? 1 : 0);

/** Wrong writers, and the one cause that each has. */
const WRITERS: Record<string, Writer> = {
  "p_vaddr of RAM: that of p_paddr": each((slot, request) => {
    if (isRam(slot, request)) slot.set("p_vaddr", slot.get("p_paddr"));
  }),
  "p_vaddr of notes: that of p_paddr": each((slot) => {
    if (slot.type === PT_NOTE) slot.set("p_vaddr", slot.get("p_paddr"));
  }),
  "p_vaddr of notes: p_paddr + 0x1000": each((slot) => {
    if (slot.type === PT_NOTE) slot.set("p_vaddr", slot.get("p_paddr") + 4096n);
  }),
  "p_vaddr of CPU notes: notes[i].cpu of the request": each(
    (slot, { notes }) => {
      const cpu = notes[slot.index]?.cpu;
      if (cpu !== undefined) slot.set("p_vaddr", BigInt(cpu));
    },
  ),
  "p_offset of all program headers: the end of the one before: a running offset, as in a file":
    (request) => {
      let at = 0x1000n;
      return each((slot) => {
        slot.set("p_offset", at);
        at += slot.get("p_filesz");
      })(request);
    },
  "p_filesz and p_memsz of RAM: cut to 20 bits": each((slot, request) => {
    if (!isRam(slot, request)) return;
    slot.set("p_filesz", BigInt.asUintN(20, slot.get("p_filesz")));
    slot.set("p_memsz", BigInt.asUintN(20, slot.get("p_memsz")));
  }),
  "p_filesz and p_memsz of PT_LOADs: in pages, not in bytes": each(
    (slot, { page_size }) => {
      if (slot.type !== PT_LOAD) return;
      const pages = slot.get("p_filesz") / BigInt(page_size);
      slot.set("p_filesz", pages);
      slot.set("p_memsz", pages);
    },
  ),
  "p_filesz of all program headers: rounded up to 0x10000": each((slot) =>
    slot.set("p_filesz", (slot.get("p_filesz") + 0xffffn) & -0x10000n)
  ),
  "p_offset and p_paddr of CPU notes: in steps of 0x200": each(
    (slot, { notes }) => {
      if (slot.index >= notes.length) return;
      const at = BigInt(notes[0].paddr) + 0x200n * BigInt(slot.index);
      slot.set("p_offset", at);
      slot.set("p_paddr", at);
    },
  ),
  "p_paddr of all program headers: its bytes in the other order": each(
    (slot) => {
      const view = new DataView(new ArrayBuffer(8));
      view.setBigUint64(0, slot.get("p_paddr"));
      slot.set("p_paddr", view.getBigUint64(0, true));
    },
  ),
  "e_phnum: its bytes in the other order": bytes((view) =>
    view.setUint16(
      EHDR.e_phnum.at,
      view.getUint16(EHDR.e_phnum.at, true),
    )
  ),
  "e_phnum: the count of ranges of the request": bytes((view, { ranges }) =>
    view.setUint16(EHDR.e_phnum.at, ranges.length, true)
  ),
  "CPU notes: number 2 is there twice": slots((list, { notes }) =>
    notes.length > 1 ? list.toSpliced(1, 0, list[1]) : list
  ),
  "RAM: the first comes last": slots((list, { ranges }) => {
    const ram = list.length - ranges.length;
    return ranges.length > 2 ? [...list.toSpliced(ram, 1), list[ram]] : list;
  }),
};

for (const [what, write] of Object.entries(WRITERS)) {
  Deno.test(`a wrong writer has one cause, ${what}`, () => {
    const causes = diagnose(run(write));
    assertEquals(causes.map(({ what }) => what), [what]);
    assertEquals(causes[0].against, 0);
  });
}

Deno.test("who drops empty ranges is taken neither for one who drops the last, nor small ones", () => {
  const some = writerTests(CORPUS).filter(({ id }) =>
    /^(?:ppc64le\/boundary-removed|x86_64\/(?:6\.12-smp2of8|memory-))/.test(id)
  );
  const [{ id, against }] = diagnose(run((request) =>
    right({
      ...request,
      ranges: request.ranges.filter(([start, end]) =>
        BigInt(end) >= BigInt(start)
      ),
    }), some));
  assertEquals([id, against], ["ranges-empty-dropped", 0]);
});

Deno.test("text in front of a header is quoted", () => {
  const text = new TextEncoder().encode("writing notes\n");
  const [{ id, what }] = diagnose(
    run((request) => new Uint8Array([...text, ...right(request)])),
  );
  assertEquals(id, "text-before");
  assertStringIncludes(what, JSON.stringify("writing notes\n"));
});

Deno.test("a cause of several fields counts what it does not show", () => {
  const both = each((slot) => {
    slot.set("p_align", 8n);
    if (slot.index === 0) slot.set("p_vaddr", slot.get("p_paddr"));
  });
  const causes = diagnose(run(both));
  assertEquals(
    causes.map(({ what }) => what),
    [
      "p_vaddr of CPU notes: that of p_paddr",
      "p_align of all program headers: always 0x8",
    ].toSorted((a, b) => Number(a > b) - Number(a < b)).toReversed(),
    "both",
  );
  assertStringIncludes(
    formatCause(causes[1]).join("\n"),
    "more by another cause",
  );
});

Deno.test("a request that is not understood is one cause, and says how it was asked", () => {
  const results = run((request) => {
    throw new Refusal(`no version line: {"id":"${request.id}"`);
  });
  const [cause, ...others] = diagnose(results, "json");
  assertEquals(others, []);
  assertEquals(cause.results.length, results.length);
  assertStringIncludes(cause.what, "every request is refused");
  assertStringIncludes(cause.what, "--protocol lines");
});

Deno.test("a refusal that fails because of its twin follows from it", () => {
  const some = writerTests(CORPUS).filter(({ id, twin }) =>
    id === "x86_64/6.12-smp2of8-hotadd" ||
    twin?.id === "x86_64/6.12-smp2of8-hotadd"
  );
  const results = run(
    each((slot) => slot.index === 0 && slot.set("p_align", 5n)),
    some,
  );
  const causes = diagnose(results);
  assertEquals(causes.length, 1);
  assertStringIncludes(
    formatCause(causes[0]).at(-1)!,
    "11 more follow from x86_64/6.12-smp2of8-hotadd",
  );
});

Deno.test("reasons that differ in numbers are one cause, with the example's", () => {
  const causes = diagnose(run((request) => {
    const cpus = request.notes.length;
    if (cpus > 3) throw new Error(`exit ${cpus} of ${request.id}`);
    return right(request);
  }));
  assertEquals(causes.length, 1);
  const [{ what, results: [example] }] = causes;
  assertEquals(what, example.reason);
});

Deno.test("a relation that right answers contradict is no cause", () => {
  // Right answers contradict that p_align is always 0x1000, but not this one.
  const one = tests[0].id;
  const causes = diagnose(
    run((request) =>
      request.id === one
        ? each((slot) => slot.type === PT_LOAD && slot.set("p_align", 4096n))(
          request,
        )
        : right(request)
    ),
  );
  assertEquals(causes.map(({ id }) => id), [
    "p_align-of-ram-all-off-by-the-same-in-each-case-by-another",
  ]);
});

Deno.test("every format for people begins with the causes, once each", () => {
  const results = run(WRITERS["p_vaddr of RAM: that of p_paddr"]);
  const report = {
    profile: "writer",
    implementation: "mine",
    results,
    complaints: [],
    scope: { cases: results.length },
  };
  for (const name of ["text", "markdown", "html", "annotations"] as const) {
    const text = FORMATS[name](report);
    const at = text.indexOf("p_vaddr of RAM: that of p_paddr");
    // There is one annotation, which names its example.
    const second = name === "annotations"
      ? Infinity
      : text.indexOf(results[1].test.id);
    assertEquals([name, at >= 0 && at < second], [name, true]);
  }
  const errors = FORMATS.annotations(report).match(/^::error title=[^e]/gm);
  assertEquals(errors?.length, 1);
  const { causes } = JSON.parse(FORMATS.json(report));
  assertEquals(causes.map(({ id }: { id: string }) => id), [
    "p_vaddr-of-ram-that-of-p_paddr",
  ]);
});
