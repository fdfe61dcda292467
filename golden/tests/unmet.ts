import { assertEquals, assertThrows } from "@std/assert";
import { parseCase } from "../../lib/spec/case.ts";
import { SpecError } from "../../lib/spec/document.ts";
import { KINDS } from "../../lib/suite/kinds.ts";
import { CORPUS } from "../mod.ts";

// The goldens of a file are made as regen makes them, after an edit of its text.

const MACHINES = new Map(
  CORPUS.cases.filter(({ id }) => id.startsWith("x86_64/6.1-smp2of8"))
    .map(({ id, yaml }) => [id, parseCase(yaml, id)]),
);

/** Returns the fault of an edited file of spec/. */
function refusal(id: string, from: string | RegExp, to: string): string {
  const kind = KINDS.find(({ folders }) => folders.includes(id.split("/")[0]))!;
  const yaml = new Map(
    Object.values(CORPUS).flat().map((file) => [file.id, file.yaml]),
  );
  const edited = yaml.get(id)!.replace(from, to);
  const goldens = new Map<string, Uint8Array>([
    ...[...CORPUS.cases, ...CORPUS.vmcores].flatMap(({ id, golden }) =>
      golden ? [[id, golden] as const] : []
    ),
    ...CORPUS.scenarios.flatMap(({ id, goldens }) =>
      Object.entries(goldens).map(([name, bytes]) =>
        [`${id}/${name}`, bytes] as const
      )
    ),
  ]);
  const file = `spec/${id}.yaml`;
  const make = (text: string) =>
    kind.make(id, file, {
      text: (name) => name === id ? text : yaml.get(name)!,
      captured: (name) => goldens.get(name)!,
      goldens: new Map(goldens),
      machines: MACHINES,
    });
  make(yaml.get(id)!);
  return assertThrows(() => make(edited), SpecError).message;
}

for (
  const [id, from, to, message] of [
    [
      "vmcore/x86_64-6.12-crash-2of4",
      "nr_cpus: 2",
      "nr_cpus: 7",
      "expect.nr_cpus: must be what comes of the panic, 2: current value is 7",
    ],
    [
      "vmcore/x86_64-6.12-crash-2of4",
      'dumped: "0-1", lost: ""',
      'dumped: "0", lost: ""',
      'expect.dumped: must be what comes of the panic, "0-1": current value is "0"',
    ],
    [
      "vmcore/x86_64-6.12-crash-2of4",
      'lost: ""',
      'lost: "3"',
      'expect.lost: must be what comes of the panic, "": current value is "3"',
    ],
    [
      "vmcore/8192-possible-4-saved",
      "head: 8192",
      "head: 4096",
      "expect.head: must be what comes of the panic, 8192: current value is 4096",
    ],
    [
      "vmcore/x86_64-6.12-crash-2of4",
      "e_phnum: 4",
      "e_phnum: 3",
      "expect.e_phnum: must be what comes of the panic, 4: current value is 3",
    ],
    [
      "vmcore/x86_64-6.12-crash-2of4",
      "notes_size: 4008",
      "notes_size: 1",
      "expect.notes_size: must be what comes of the panic, 4008: current value is 1",
    ],
    [
      "vmcore/refused-class-32",
      "refused: class",
      "e_phnum: 3",
      "expect.refused: must be what comes of the panic, class: current value is nothing",
    ],
    [
      "vmcore/refused-class-32",
      "refused: class",
      "refused: magic",
      "expect.refused: must be what comes of the panic, class: current value is magic",
    ],
    [
      "vmcore/x86_64-6.12-crash-2of4",
      /expect: .*/,
      "twin: vmcore/all-saved\nexpect: { refused: magic }",
      "expect.refused: must be what comes of the panic, nothing: there is a /proc/vmcore: current value is magic",
    ],
    [
      "scenario/x86_64-6.1-cpu-add",
      "writes: 1",
      "writes: 5",
      "events[2].writes: must be what the events give, 1: current value is 5",
    ],
    [
      "scenario/x86_64-6.1-cpu-add",
      "loaded: { golden: load, e_phnum: 6",
      "loaded: { golden: load, e_phnum: 7",
      "loaded.e_phnum: must be what the events give, 6: current value is 7",
    ],
    [
      "scenario/x86_64-6.1-cpu-add",
      "because: no-handler",
      "because: not-allowed",
      'events[1].because: must be what the events give, "no-handler": current value is "not-allowed"',
    ],
  ] as const
) {
  Deno.test(`regen refuses ${id} with ${to.split("\n").at(-1)}`, () => {
    assertEquals(
      refusal(id, from, to),
      `Cannot read spec/${id}.yaml at ${message}`,
    );
  });
}
