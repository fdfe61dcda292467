/**
 * Wrong writers of headers of fadump, each as the answers that it gives.
 *
 * @module
 */

import { fadumpInput } from "../../lib/model/fadump.ts";
import { FADUMP_MISTAKES } from "../../lib/mutants/fadump.ts";
import { parseFadumpCase } from "../../lib/spec/fadump.ts";
import type { Corpus } from "../../lib/suite/corpus.ts";
import { fadumpTests } from "../../lib/suite/fadump.ts";
import { type Mutant, mutant, written } from "./mutant.ts";

/** Makes all wrong writers of headers of fadump. */
export function fadumpMutants(corpus: Corpus): Mutant[] {
  const inputs = new Map(
    corpus.fadumps.filter(({ goldens }) => goldens.elfcorehdr).map((
      { id, yaml },
    ) => [id, fadumpInput(parseFadumpCase(yaml))]),
  );
  const tests = fadumpTests(corpus).filter(({ id }) => inputs.has(id));
  return FADUMP_MISTAKES.map(({ name, what, write }) =>
    mutant(
      "fadump",
      name,
      what,
      tests,
      ({ id }) => written(() => write(inputs.get(id)!)),
    )
  );
}
