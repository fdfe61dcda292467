import { assert, assertEquals } from "@std/assert";
import sourcesYaml from "../../spec/sources.yaml" with { type: "text" };
import { type ArchName, archOf } from "../../lib/kernel/arch.ts";
import { compareReleases, NEXT } from "../../lib/kernel/release.ts";
import { machineOfHeader } from "../../lib/model/old_memory.ts";
import { parseCase } from "../../lib/spec/case.ts";
import { parseFadumpCase } from "../../lib/spec/fadump.ts";
import { parseKexecToolsCase } from "../../lib/spec/kexec_tools.ts";
import { sameRules } from "../../lib/spec/rules.ts";
import { parseScenario } from "../../lib/spec/scenario.ts";
import { parseVmcoreCase } from "../../lib/spec/vmcore.ts";
import { goldensOf, headerNamed } from "../../lib/suite/corpus.ts";
import {
  blobId,
  formatSources,
  parseSources,
} from "../../scripts/witness/oracle/sources.ts";
import { witnessDigest } from "../../lib/suite/witness.ts";
import {
  CASES,
  CORPUS,
  FADUMPS,
  IMAGES,
  KEXEC_TOOLS,
  REJECTS,
  SCENARIOS,
  VMCORES,
} from "../mod.ts";

/** A golden, and who vouches for it. */
interface Golden {
  readonly id: string;
  readonly arch: ArchName;
  readonly release: string;
  readonly captured: boolean;
  readonly confirmed: readonly string[];
  readonly confirmed_source: readonly string[];
}

const machines = new Map(CASES.map(({ id, yaml }) => [id, parseCase(yaml)]));

const goldens: Golden[] = [
  ...CASES.map(({ id }) => {
    const spec = machines.get(id)!;
    return golden(id, spec, spec.arch);
  }),
  ...FADUMPS.flatMap(({ id, yaml, goldens }) => {
    const spec = parseFadumpCase(yaml);
    const { release } = spec.first;
    return goldens.elfcorehdr
      ? [golden(id, { ...spec, release }, "ppc64le")]
      : [];
  }),
  ...SCENARIOS.map(({ id, yaml }) => {
    const spec = parseScenario(yaml);
    return golden(id, spec, machines.get(spec.machine)!.arch);
  }),
  ...VMCORES.flatMap(({ id, yaml }) => {
    const spec = parseVmcoreCase(yaml);
    const header = headerNamed(CORPUS, spec.header);
    const machine = archOf(spec.e_machine ?? machineOfHeader(header));
    return machine ? [golden(id, spec, machine.name)] : [];
  }),
];

function golden(
  id: string,
  { release, golden_from, confirmed = [], confirmed_source = [] }: {
    release: string;
    golden_from: string;
    confirmed?: readonly string[];
    confirmed_source?: readonly string[];
  },
  arch: ArchName,
): Golden {
  return {
    id,
    arch,
    release,
    captured: golden_from === "captured",
    confirmed: [...confirmed, ...confirmed_source],
    confirmed_source,
  };
}

/** Goldens without a foreign witness, by kind, with the reason. */
const EXCEPTIONS: readonly {
  readonly reason: string;
  readonly holds: (golden: Golden) => boolean;
}[] = [
  {
    reason: "no released kernel has these rules",
    holds: ({ release }) => release === NEXT,
  },
  {
    reason:
      "a file of a header has an end; the memory that a kernel reads has none",
    holds: ({ id }) => /^vmcore\/refused-(?:truncated|ends-in-ehdr)$/.test(id),
  },
];

Deno.test("each golden was written by a real kernel, or by the code of one with the same rules", () => {
  const alone = goldens.filter((golden) =>
    !golden.captured &&
    !golden.confirmed.some((release) =>
      sameRules(release, golden.release, golden.arch)
    ) &&
    !EXCEPTIONS.some(({ holds }) => holds(golden))
  );
  assertEquals(
    alone.map(({ id }) => id),
    [],
    "Ask the kernels' own code, which writes its name into the cases: `deno task oracle --confirm`. A machine of your own needs no witness in spec/local",
  );
});

Deno.test("spec/sources.yaml has the files of each source that is named, and no other", () => {
  const named = new Set(goldens.flatMap((golden) => golden.confirmed_source));
  assertEquals(
    [...named].sort(compareReleases),
    [...parseSources(sourcesYaml).keys()],
    "`deno task oracle --source <folder> --confirm` writes both",
  );
});

Deno.test("a source is written as it is read, with the names that git has", async () => {
  assertEquals(formatSources(parseSources(sourcesYaml)), sourcesYaml);
  assertEquals(
    await blobId(new TextEncoder().encode("hello\n")),
    "ce013625030ba8dba906f756967f9e9ca394464a",
  );
});

Deno.test("each exception is needed", () => {
  for (const { reason, holds } of EXCEPTIONS) {
    const excused = goldens.filter((golden) =>
      !golden.captured && holds(golden)
    );
    assertEquals([reason, excused.length > 0], [reason, true]);
  }
});

Deno.test("the utility's headers were all written by the program, the rest has no golden", () => {
  assertEquals([...IMAGES, ...REJECTS].some((file) => "golden" in file), false);
  const alone = KEXEC_TOOLS.filter(({ yaml }) => {
    const { golden_from, written_by = [] } = parseKexecToolsCase(yaml);
    return golden_from === "program" && written_by.length === 0;
  });
  assertEquals(
    alone.map(({ id }) => id),
    [],
    "Have the real program write them: `deno task kexec-oracle --write`",
  );
});

Deno.test("the witnesses of each golden confirmed this machine and these bytes", async () => {
  const texts = new Map(
    Object.values(CORPUS).flat().map(({ id, yaml }) => [id, yaml]),
  );
  const files = {
    text: (id: string) => texts.get(id)!,
    goldens: goldensOf(CORPUS),
  };
  const stale: string[] = [];
  for (const [id, yaml] of texts) {
    if (!/^["']?(?:confirmed(?:_source)?|written_by)["']?[ \t]*:/m.test(yaml)) {
      continue;
    }
    const digest = /^witnessed: "(.*)"$/m.exec(yaml)?.[1];
    if (digest !== await witnessDigest(id, files)) stale.push(id);
  }
  assertEquals(
    stale,
    [],
    "Run `deno task regen`, which removes stale witnesses, then ask new ones: `deno task oracle --confirm`, `deno task kexec-oracle --write`",
  );
});

Deno.test("a witness is stale once the machine or the bytes change, not once the words do", async () => {
  const id = "x86_64/cut-nothing";
  const { yaml, golden } = CASES.find((test) => test.id === id)!;
  const digest = (text: string, bytes: Uint8Array) =>
    witnessDigest(id, { text: () => text, goldens: new Map([[id, bytes]]) });
  const before = await digest(yaml, golden);
  const words = yaml.replace(/^why: .*$/m, "why: Other words.");
  assertEquals(await digest(words, golden), before);
  const machine = yaml.replace('present: "0-1"', 'present: "0"')
    .replace('online: "0-1"', 'online: "0"');
  assert(await digest(machine, golden) !== before);
  assert(await digest(yaml, golden.with(0x40, 0)) !== before);
});
